"""Edits of color: each pixel from itself, or from itself and a few numbers about its image."""
