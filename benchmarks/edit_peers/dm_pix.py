"""dm_pix, compiled, float32 in [0, 1]; it has no resize of its own and points to jax.image."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import dm_pix as pix
import jax
import jax.numpy as jnp
import numpy as np


def version() -> str:
    """Return the version measured."""
    return pix.__version__


def rotate(images: jax.Array) -> jax.Array:
    """Rotate by 30 degrees; it takes one image at a time."""
    return jax.lax.map(lambda image: pix.rotate(image, math.radians(30), order=1, mode="constant"), images)


def resize(images: jax.Array) -> jax.Array:
    """Halve."""
    n, h, w, c = images.shape
    return jax.image.resize(images, (n, h // 2, w // 2, c), "linear", antialias=True)


def color(images: jax.Array) -> jax.Array:
    """Brightness, contrast, saturation, as it defines them."""
    images = pix.adjust_brightness(images, 0.2)
    return pix.adjust_saturation(pix.adjust_contrast(images, 1.3), 1.4)


def programs(images: np.ndarray) -> dict[str, tuple[Callable[[], Any], Callable[[], np.ndarray]]]:
    """Return for each row the work to time, and what gives its result."""
    edits: dict[str, Callable[[jax.Array], jax.Array]] = {
        "flip": pix.flip_left_right,
        "rotate": rotate,
        "resize": resize,
        "color": color,
        "blur": lambda x: pix.gaussian_blur(x, sigma=2.0, kernel_size=13),
        "chain": lambda x: color(resize(rotate(pix.flip_left_right(x)))),
    }
    array = jnp.asarray(images, jnp.float32) / 255.0

    def program(edit: Callable[[jax.Array], jax.Array]) -> tuple[Callable[[], Any], Callable[[], np.ndarray]]:
        compiled = jax.jit(edit)
        return lambda: compiled(array).block_until_ready(), lambda: np.asarray(compiled(array))

    return {row: program(edit) for row, edit in edits.items()}
