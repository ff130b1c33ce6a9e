"""What the colour edits share: Pillow's grey, its mean, its blend, and the rounding back to levels."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.exact import rounded
from gen_jax.errors import UserError

LUMA = (19595, 38470, 7471)
"""Pillow's weights of red, green and blue in grey (ITU-R 601-2), in 1/65536."""


def is_levels(images: jax.Array) -> bool:
    """Return whether these are uint8 levels, whose result must be Pillow's."""
    return images.dtype == jnp.uint8


def has_alpha(images: jax.Array) -> bool:
    """Return whether the last channel is alpha."""
    return images.shape[-1] in (2, 4)


def has_color(images: jax.Array) -> bool:
    """Return whether there are red, green and blue."""
    return images.shape[-1] >= 3


def full_scale(images: jax.Array) -> float:
    """Return white: 255 of uint8, 1 of float. Thresholds in levels times ``full_scale / 255`` suit the images."""
    return 255.0 if is_levels(images) else 1.0


def to_levels(values: jax.Array) -> jax.Array:
    """Return uint8 of values on the scale of levels: cut to [0, 255], fraction dropped."""
    return jnp.clip(values, 0.0, 255.0).astype(jnp.uint8)


def keep_alpha(edited: jax.Array, images: jax.Array) -> jax.Array:
    """Return the edited images, with the alpha of the images where they have one."""
    if not has_alpha(images):
        return edited
    channel = jax.lax.broadcasted_iota(jnp.int32, (1, 1, 1, images.shape[-1]), 3)
    return jnp.where(channel == images.shape[-1] - 1, images, edited)


def luma(images: jax.Array) -> jax.Array:
    """Return the grey of images, [b, h, w, 1], alpha left out.

    uint8: ``(19595 R + 38470 G + 7471 B + 32768) >> 16``; float: the same weights, not rounded (Pillow, Convert.c).
    """
    if not has_color(images):
        return images[..., :1]
    red, green, blue = (images[..., channel : channel + 1] for channel in range(3))
    if is_levels(images):
        red, green, blue = (plane.astype(jnp.uint32) for plane in (red, green, blue))
        return ((red * LUMA[0] + green * LUMA[1] + blue * LUMA[2] + 0x8000) >> 16).astype(jnp.uint8)
    return red * (LUMA[0] / 65536) + green * (LUMA[1] / 65536) + blue * (LUMA[2] / 65536)


def inside(shape: tuple[int, ...], sizes: jax.Array | np.ndarray | None) -> jax.Array | None:
    """Return which pixels of [b, h, w, c] are picture, [b, h, w, 1] of bool, or None where all are."""
    if sizes is None:
        return None
    sizes = jnp.asarray(sizes)
    row = jax.lax.broadcasted_iota(jnp.int32, (1, shape[1], 1, 1), 1)
    column = jax.lax.broadcasted_iota(jnp.int32, (1, 1, shape[2], 1), 2)
    return (row < sizes[:, 0].reshape(-1, 1, 1, 1)) & (column < sizes[:, 1].reshape(-1, 1, 1, 1))


def means(images: jax.Array, sizes: jax.Array | np.ndarray | None) -> jax.Array:
    """Return the mean of each channel of float images over what is picture, [b, 1, 1, c]."""
    mask = inside(images.shape, sizes)
    if mask is not None:
        images = jnp.where(mask, images, 0.0)
    height, width = _extent(images, sizes)
    # Rows first: the partial sums stay small, and rows are summed side by side.
    rows = jnp.sum(images, axis=2, keepdims=True) / width.astype(jnp.float32)
    return jnp.sum(rows, axis=1, keepdims=True) / height.astype(jnp.float32)


def rounded_mean(levels: jax.Array, sizes: jax.Array | np.ndarray | None) -> jax.Array:
    """Return the mean of uint8 levels [b, h, w, 1] over what is picture, halves rounded up, uint32 [b, 1, 1, 1].

    Exact for images up to 2**24 wide and of 2**31 pixels: a sum of all levels would not fit 32 bits, so each
    row's sum is split into quotient and remainder by the width, and the two are summed on their own.
    """
    mask = inside(levels.shape, sizes)
    if mask is not None:
        levels = jnp.where(mask, levels, jnp.zeros((), jnp.uint8))
    height, width = _extent(levels, sizes)
    rows = jnp.sum(levels.astype(jnp.uint32), axis=2, keepdims=True)
    whole = jnp.sum(rows // width, axis=1, keepdims=True)
    rest = jnp.sum(rows % width, axis=1, keepdims=True)
    # sum / (h w) + 1/2 = (2 (whole + rest // w) + h + 2 (rest % w) / w) / (2 h)
    whole, rest = whole + rest // width, rest % width
    return (2 * whole + height + 2 * rest // width) // (2 * height)


def _extent(images: jax.Array, sizes: jax.Array | np.ndarray | None) -> tuple[jax.Array, jax.Array]:
    """Return the true heights and widths, each uint32 [b or 1, 1, 1, 1]."""
    if sizes is None:
        sizes = np.array([images.shape[1:3]])
    extent = jnp.asarray(sizes).astype(jnp.uint32)
    return extent[:, 0].reshape(-1, 1, 1, 1), extent[:, 1].reshape(-1, 1, 1, 1)


def blend_levels(degenerate: jax.Array, levels: jax.Array, factor: jax.Array) -> jax.Array:
    """Return ``degenerate + factor (levels - degenerate)``; uint8 is cut to [0, 255] and truncated (Blend.c)."""
    if not is_levels(levels):
        return degenerate + factor * (levels - degenerate)
    start = degenerate.astype(jnp.float32)
    return to_levels(start + rounded(factor * (levels.astype(jnp.float32) - start)))


def check_choice(name: str, value: object, allowed: tuple[object, ...]) -> None:
    """Raise UserError where a static choice is none of those allowed."""
    if value not in allowed:
        raise UserError(f"{name} is {value!r}; allowed are {', '.join(repr(choice) for choice in allowed)}")


def straight_through(edited: jax.Array, images: jax.Array) -> jax.Array:
    """Return float ``edited`` with the gradient of ``images``, as if the edit had changed nothing."""
    return images + jax.lax.stop_gradient(edited - images)
