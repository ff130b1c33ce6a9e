"""Families of marks: each a dataclass of its own parameters that draws itself in shapes about (0, 0)."""
