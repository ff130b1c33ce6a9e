"""Brightness, contrast, saturation, sharpness: a blend of an image with what is left of it at factor 0.

The definitions are those of Pillow's ImageEnhance: ``rest + factor (image - rest)``, where the rest is black, the
mean grey, the grey image or the smoothed image. 0 gives the rest, 1 the image, above 1 more of it, below 0 its
opposite. Alpha stays.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.color.levels import (
    blend_levels,
    has_color,
    is_levels,
    keep_alpha,
    luma,
    means,
    rounded_mean,
    to_levels,
)
from gen_jax.edit.kernel import kernel
from gen_jax.edit.roles import Parameter, Range


@kernel(factor=Range())
def brightness(images: jax.Array, *, factor: Parameter = 1.0) -> jax.Array:
    """Scale every level: black at 0, the image at 1, brighter above.

    ``factor x``; alpha stays. uint8 equals Pillow's ``ImageEnhance.Brightness``.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      factor: 0 and up, one number or one an image; a negative factor gives black.

    Returns:
      The same shape and dtype; float is not clipped.
    """
    scaled = factor * images.astype(jnp.float32)
    return keep_alpha(to_levels(scaled) if is_levels(images) else scaled, images)


@kernel(factor=Range())
def contrast(images: jax.Array, *, factor: Parameter = 1.0, sizes: jax.Array | np.ndarray | None = None) -> jax.Array:
    """Pull every level to, or push it from, the mean grey of the image.

    ``m + factor (x - m)``, m the mean of the grey image, rounded on uint8; alpha stays. uint8 equals Pillow's
    ``ImageEnhance.Contrast``.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      factor: 0 gives flat grey, 1 the image; one number or one an image.
      sizes: true (height, width) of each image, [b, 2]; None: they fill the array.

    Returns:
      The same shape and dtype; float is not clipped.
    """
    grey = luma(images)
    mean = rounded_mean(grey, sizes) if is_levels(images) else means(grey, sizes)
    return keep_alpha(blend_levels(mean, images, factor), images)


@kernel(factor=Range())
def saturation(images: jax.Array, *, factor: Parameter = 1.0) -> jax.Array:
    """Pull every colour to, or push it from, the grey of its pixel.

    ``g + factor (x - g)``, g the grey of the pixel, rounded on uint8; alpha stays, and so do grey images. uint8
    equals Pillow's ``ImageEnhance.Color``.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      factor: 0 gives grey, 1 the image; one number or one an image.

    Returns:
      The same shape and dtype; float is not clipped.
    """
    if not has_color(images):
        return images
    return keep_alpha(blend_levels(luma(images), images, factor), images)


@kernel(factor=Range())
def sharpness(images: jax.Array, *, factor: Parameter = 1.0, sizes: jax.Array | np.ndarray | None = None) -> jax.Array:
    """Pull every pixel to, or push it from, the mean of its neighbourhood.

    ``s + factor (x - s)``, s the image filtered with [1 1 1; 1 5 1; 1 1 1] / 13 and rounded on uint8; the outermost
    pixels and alpha stay. uint8 equals Pillow's ``ImageEnhance.Sharpness``.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      factor: 0 gives the smoothed image, 1 the image; one number or one an image.
      sizes: true (height, width) of each image, [b, 2]; None: they fill the array.

    Returns:
      The same shape and dtype; float is not clipped.
    """
    _, height, width, _ = images.shape
    if height < 3 or width < 3:
        return images
    sharpened = blend_levels(_smoothed(images), images[:, 1:-1, 1:-1], factor)
    sharpened = jnp.pad(sharpened, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return keep_alpha(jnp.where(_interior(images, sizes), sharpened, images), images)


def _smoothed(images: jax.Array) -> jax.Array:
    """Return the weighted mean of each 3 x 3 neighbourhood, [b, h - 2, w - 2, c]."""
    if not is_levels(images):
        return (_sum_of_three(images) + 4.0 * images[:, 1:-1, 1:-1]) / 13.0
    # A sum of at most 3315 and an odd divisor leave no ties: whole numbers round as Pillow's floats do.
    levels = images.astype(jnp.uint16)
    return (2 * (_sum_of_three(levels) + 4 * levels[:, 1:-1, 1:-1]) + 13) // 26


def _sum_of_three(images: jax.Array) -> jax.Array:
    rows = images[:, :-2] + images[:, 1:-1] + images[:, 2:]
    return rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]


def _interior(images: jax.Array, sizes: jax.Array | np.ndarray | None) -> jax.Array:
    """Return which pixels have a whole 3 x 3 neighbourhood in the picture, [b or 1, h, w, 1]."""
    _, height, width, _ = images.shape
    extent = jnp.asarray(np.array([[height, width]], np.int32) if sizes is None else sizes)
    row = jax.lax.broadcasted_iota(jnp.int32, (1, height, 1, 1), 1)
    column = jax.lax.broadcasted_iota(jnp.int32, (1, 1, width, 1), 2)
    last_row, last_column = ((extent[:, axis] - 1).reshape(-1, 1, 1, 1) for axis in range(2))
    return (row >= 1) & (column >= 1) & (row < last_row) & (column < last_column)
