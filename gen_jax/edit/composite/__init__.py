"""Edits that bring something in: another image, a mask, a mark."""
