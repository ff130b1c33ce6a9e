"""One example of every operation, for the tests that all of them pass."""

from __future__ import annotations

from typing import Any

import numpy as np

STAMP = np.random.default_rng(7).integers(0, 256, (3, 4, 3), np.uint8)
PICTURE = np.random.default_rng(8).integers(0, 256, (9, 11, 3), np.uint8)

EXAMPLES: dict[str, dict[str, Any]] = {
    "flip_left_right": {},
    "flip_up_down": {},
    "rotate90": {"turns": 1},
    "transpose": {},
    "transverse": {},
    "crop": {"top": 1, "left": 2, "height": 5, "width": 6},
    "center_crop": {"size": (4, 5)},
    "pad": {"widths": (1, 2, 3, 4), "mode": "constant", "fill": 20},
    "resize": {"size": (6, 14)},
    "fit": {"size": (6, 6)},
    "cover": {"size": (6, 6)},
    "contain": {"size": (6, 6)},
    "letterbox": {"size": (6, 6)},
    "rotate": {"degrees": 20.0, "resample": "bilinear"},
    "translate": {"x": 1.25, "y": -0.5, "resample": "bilinear"},
    "scale": {"x": 1.3, "resample": "bilinear"},
    "shear": {"x": 10.0, "y": 3.0, "resample": "bicubic"},
    "affine": {"matrix": (0.9, 0.1, 0.3, -0.1, 1.1, -0.4), "resample": "bilinear"},
    "perspective": {"matrix": (1.0, 0.1, -0.3, 0.05, 0.9, 0.2, 0.003, -0.002), "resample": "bilinear"},
    "elastic": {"alpha": 3.0, "sigma": 2.0, "seed": 3},
    "brightness": {"factor": 1.2},
    "contrast": {"factor": 1.3},
    "saturation": {"factor": 1.4},
    "sharpness": {"factor": 1.5},
    "hue": {"shift": 0.1},
    "gamma": {"gamma": 1.4},
    "exposure": {"stops": 0.3},
    "levels": {"black": 10.0, "white": 240.0, "gamma": 1.2},
    "invert": {},
    "posterize": {"bits": 3},
    "solarize": {"threshold": 100.0},
    "threshold": {"level": 120.0},
    "grayscale": {},
    "sepia": {"amount": 0.8},
    "temperature": {"kelvin": 5000.0},
    "color_matrix": {"matrix": (0.9, 0.1, 0, 3, 0, 1, 0, -4, 0.1, 0.1, 0.7, 0)},
    "autocontrast": {"cutoff": 2.0},
    "equalize": {},
    "match_histogram": {"reference": PICTURE},
    "gaussian_blur": {"radius": 1.5},
    "box_blur": {"radius": 1.3},
    "true_gaussian_blur": {"sigma": 1.2},
    "unsharp_mask": {"radius": 1.5, "percent": 120, "threshold": 2},
    "median": {"size": 3},
    "minimum": {"size": 3},
    "maximum": {"size": 5},
    "motion_blur": {"length": 4.0, "degrees": 30.0},
    "sharpen": {},
    "smooth": {},
    "detail": {},
    "edge_enhance": {},
    "edge_enhance_more": {},
    "smooth_more": {},
    "convolve": {"weights": (0.0, 1.0, 0.0, 1.0, 4.0, -1.0, 0.0, 1.0, 0.0), "scale": 6.0, "offset": 2.0},
    "emboss": {},
    "find_edges": {},
    "contour": {},
    "edges": {},
    "gaussian_noise": {"amount": 10.0, "seed": 1},
    "speckle": {"amount": 0.1, "seed": 1},
    "salt_and_pepper": {"amount": 0.2, "seed": 1},
    "jpeg": {"quality": 60},
    "blend": {"other": PICTURE, "alpha": 0.3},
    "paste": {"image": STAMP, "top": 2, "left": 3},
    "alpha_over": {"overlay": STAMP, "top": 2, "left": 3, "opacity": 0.7},
    "cutout": {"top": 2, "left": 3, "height": 4, "width": 5, "fill": 100},
    "vignette": {"strength": 0.6},
    "watermark": {"text": "jax"},
}

RANDOM = {"gaussian_noise", "speckle", "salt_and_pepper", "elastic"}
"""The chance of an image depends on its place in the batch, unless it is given its own seed."""
LEVELS_APART = {"unsharp_mask": 3}
"""Largest difference between uint8 and rounded float where it is not 1: the rounding between passes is amplified."""
STAND_IN = {"jpeg"}
"""The gradient is not the derivative, which is 0 nearly everywhere, but one to learn by."""
OF_HISTOGRAMS = {"autocontrast", "equalize", "match_histogram"}
"""The gradient takes the histogram for given; a finite step changes it."""
SWITCHING = {"unsharp_mask"}
"""A pixel is changed or not as its difference passes a threshold: a finite step passes some."""
AS_LARGE_AS_THE_IMAGES = {"blend"}
"""Takes a picture of the images' own size, so that there is one size."""
DRAWN_ON_THE_HOST = {("watermark", "margin"), ("watermark", "scale")}
"""Parameters that must be known before the program runs."""
