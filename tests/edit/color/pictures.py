"""Pictures for the colour tests, and Pillow's view of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

SHAPES = [(1, 1), (1, 5), (3, 7), (31, 44)]
CHANNELS = [1, 2, 3, 4]


def pictures(height: int, width: int, channels: int) -> np.ndarray:
    """Return 8 uint8 images: smooth, noise, black, white, grey, two levels, dark and narrow, one odd pixel."""
    generator = np.random.default_rng(height * 100 + width + channels)
    shape = (height, width, channels)
    rows, columns = np.mgrid[0:height, 0:width]
    waves = [120 + 90 * np.sin(rows / 7 + k) * np.cos(columns / (5 + k)) + 20 * k for k in range(channels)]
    flat = [np.full(shape, level, np.uint8) for level in (0, 255, 128)]
    odd = flat[0].copy()
    odd[-1, -1] = 255
    return np.stack(
        [
            np.clip(np.stack(waves, -1), 0, 255).astype(np.uint8),
            generator.integers(0, 256, shape, np.uint8),
            *flat,
            generator.choice(np.array([40, 200], np.uint8), shape),
            np.clip(generator.normal(30, 3, shape), 0, 255).astype(np.uint8),
            odd,
        ]
    )


def pillow(image: np.ndarray) -> Image.Image:
    return Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)


def array(image: Image.Image) -> np.ndarray:
    levels = np.asarray(image)
    return levels[..., None] if levels.ndim == 2 else levels


def by_pillow(images: np.ndarray, edit: Callable[..., Image.Image], *values: Any) -> np.ndarray:
    """Return each image edited by Pillow, each with its own values."""
    return np.stack([array(edit(pillow(image), *given)) for image, *given in zip(images, *values, strict=True)])


def colors_by_pillow(images: np.ndarray, edit: Callable[..., Image.Image], *values: Any) -> np.ndarray:
    """Return each image edited by Pillow where Pillow refuses alpha: the colours alone, alpha kept."""
    if images.shape[-1] in (1, 3):
        return by_pillow(images, edit, *values)
    return np.concatenate([by_pillow(images[..., :-1], edit, *values), images[..., -1:]], axis=-1)
