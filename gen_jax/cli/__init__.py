"""The commands: one module each, side effects allowed, errors as one line."""
