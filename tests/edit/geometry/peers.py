"""Images, Pillow's answers as arrays, and numeric gradients, for the tests of sampled geometry."""

import numpy as np
from PIL import Image

RESAMPLES = {"nearest": Image.Resampling.NEAREST, "bilinear": Image.Resampling.BILINEAR}
RESAMPLES["bicubic"] = Image.Resampling.BICUBIC
ALLOWED = {"nearest": 0, "bilinear": 1, "bicubic": 1}
SIZES = [(1, 1), (1, 5), (5, 1), (3, 7), (33, 65)]


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def smooth(batch, height, width, channels=3):
    """Waves of long period, float32 in [0, 1]: what a photograph is between its edges."""
    y, x = np.mgrid[:height, :width]
    waves = [
        np.sin(x / (9.0 + k) + k) + np.cos(y / (11.0 - k) + image) for image in range(batch) for k in range(channels)
    ]
    return (np.stack(waves).reshape(batch, channels, height, width).transpose(0, 2, 3, 1) / 4 + 0.5).astype(np.float32)


def to_pillow(image):
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[image.shape[-1]]
    return Image.frombytes(mode, image.shape[1::-1], np.ascontiguousarray(image).tobytes())


def to_array(picture):
    array = np.asarray(picture)
    return array if array.ndim == 3 else array[..., None]


def largest_difference(image, other):
    assert image.shape == other.shape
    return int(np.abs(np.asarray(image).astype(int) - np.asarray(other).astype(int)).max())


def slope(function, value, step):
    """Return the numeric derivative of a function of one number."""
    return (float(function(value + step)) - float(function(value - step))) / (2 * step)
