"""Logos by rule: a seed becomes parameters, parameters a scene, and a scene a raster image and an SVG file."""
