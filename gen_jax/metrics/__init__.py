"""Measures of generated images: arrays in, a small result with named values out."""
