"""Edits that look at the neighbours of a pixel: blurs, medians, edges."""
