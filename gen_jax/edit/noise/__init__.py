"""Edits that spoil an image as the world does: grain, dead pixels, compression."""
