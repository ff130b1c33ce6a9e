"""Pairs of pictures with structure at several sizes, from a numpy seed; stored numbers of peers rest on them."""

import numpy as np


def pair(seed, count, height, width, channels, *, noise):
    """Return images and the same with Gaussian noise, float32 [b, h, w, c] in [0, 1]."""
    random = np.random.default_rng(seed)
    coarse = random.random((count, height // 8 + 1, width // 8 + 1, channels))
    coarse = coarse.repeat(8, 1).repeat(8, 2)[:, :height, :width]
    images = (0.8 * coarse + 0.2 * random.random((count, height, width, channels))).astype(np.float32)
    return images, np.clip(images + random.normal(0, noise, images.shape), 0, 1).astype(np.float32)


def levels(images):
    """Return the images as uint8."""
    return np.round(images * 255).astype(np.uint8)
