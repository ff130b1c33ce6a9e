"""Read images between their pixels as Pillow does: nearest, bilinear or bicubic, at places of any shape.

uint8 bilinear is integer arithmetic: weights of 12 bits an axis, sums of 32 bits, the result cut off as
Pillow's is. Everything else is float32 in a form that leaves constant images exactly as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.geometry.grid import Place, limits

RESAMPLES = ("nearest", "bilinear", "bicubic")
WEIGHT_BITS = 12


def pixels(images: jax.Array, column: jax.Array, row: jax.Array) -> jax.Array:
    """Return the pixels [b, h', w', c] at columns and rows [b or 1, h', w'] that lie inside the array.

    One gather an image, so that a batch that is spread over devices stays where it is.
    """
    _, height, width, channels = images.shape
    index = row * width + column
    shared = index.shape[0] == 1

    def read(image: jax.Array, index: jax.Array) -> jax.Array:
        return image.reshape(height * width, channels).at[index].get(mode="promise_in_bounds")

    return jax.vmap(read, in_axes=(0, None if shared else 0))(images, index[0] if shared else index)


def sample(images: jax.Array, place: Place, entered: Canvas, resample: str, *, fine: bool = False) -> jax.Array:
    """Return images [b, h, w, c] at places of the same [h', w']; what is outside the image repeats its edge.

    The places of "nearest" are the pixels themselves, those of the others the upper left of four centres.
    Alpha is a channel like any other here. With ``fine``, uint8 is computed to some 2**-23 of a level, so that
    what will be divided by a small alpha equals Pillow's before it is.
    """
    width, height = limits(entered)
    offsets = {"nearest": (0,), "bilinear": (0, 1), "bicubic": (-1, 0, 1, 2)}[resample]
    columns = [jnp.clip(place.column + offset, 0, width - 1) for offset in offsets]
    rows = [jnp.clip(place.row + offset, 0, height - 1) for offset in offsets]
    if resample == "nearest":
        return pixels(images, columns[0], rows[0])
    if resample == "bilinear" and images.dtype == jnp.uint8:
        bilinear = _bilinear_fine if fine else _bilinear_levels
        return bilinear(images, columns, rows, place)
    across, down = _share(place.across)[..., None], _share(place.down)[..., None]
    mix = _linear if resample == "bilinear" else _cubic
    if images.dtype != jnp.uint8 or not fine:
        levels = mix([mix([_real(pixels(images, i, j)) for i in columns], across) for j in rows], down)
        return jnp.clip(levels, 0.0, 255.0).astype(jnp.uint8) if images.dtype == jnp.uint8 else levels
    # In levels above the one at the corner, a small fraction is not lost beside it, and is cut off rightly.
    corner = _real(pixels(images, columns[1], rows[1]))
    above = mix([mix([_real(pixels(images, i, j)) - corner for i in columns], across) for j in rows], down)
    return jnp.clip(corner + jnp.floor(above), 0.0, 255.0).astype(jnp.uint8)


def _bilinear_levels(
    images: jax.Array, columns: Sequence[jax.Array], rows: Sequence[jax.Array], place: Place
) -> jax.Array:
    one = jnp.uint32(1 << WEIGHT_BITS)
    across, down = _weight(place.across)[..., None], _weight(place.down)[..., None]
    upper, lower = (
        pixels(images, columns[0], row).astype(jnp.uint32) * (one - across)
        + pixels(images, columns[1], row).astype(jnp.uint32) * across
        for row in rows
    )
    return ((upper * (one - down) + lower * down) >> (2 * WEIGHT_BITS)).astype(jnp.uint8)


def _bilinear_fine(
    images: jax.Array, columns: Sequence[jax.Array], rows: Sequence[jax.Array], place: Place
) -> jax.Array:
    """Bilinear with 32 bits a weight and 24 bits below the level between the axes."""
    across, down = _whole(place.across)[..., None], _whole(place.down)[..., None]
    upper, lower = (_mixed_24(pixels(images, columns[0], row), pixels(images, columns[1], row), across) for row in rows)
    rises = lower > upper
    step = jnp.where(rises, lower - upper, upper - lower)
    distance, rest = _high_product(step, down), (step * down != 0).astype(jnp.uint32)
    return (jnp.where(rises, upper + distance, upper - distance - rest) >> 24).astype(jnp.uint8)


def _mixed_24(first: jax.Array, second: jax.Array, at: jax.Array) -> jax.Array:
    """Return the floor of ``2**24 (first + at (second - first))`` of levels, ``at`` in units of 2**-32."""
    first, second = first.astype(jnp.uint32), second.astype(jnp.uint32)
    rises = second > first
    step = jnp.where(rises, second - first, first - second)
    lower = step * (at & 0xFFFF)
    distance, rest = ((step * (at >> 16)) << 8) + (lower >> 8), ((lower & 0xFF) != 0).astype(jnp.uint32)
    return jnp.where(rises, (first << 24) + distance, (first << 24) - distance - rest)


def _high_product(left: jax.Array, right: jax.Array) -> jax.Array:
    """Return the upper 32 bits of the product of two 32-bit numbers."""
    low, high, other_low, other_high = left & 0xFFFF, left >> 16, right & 0xFFFF, right >> 16
    middle = high * other_low + ((low * other_low) >> 16)
    crossed = low * other_high + (middle & 0xFFFF)
    return high * other_high + (middle >> 16) + (crossed >> 16)


def _whole(fraction: jax.Array) -> jax.Array:
    """Return a fraction in units of 2**-32, uint32."""
    if fraction.dtype == jnp.uint32:
        return fraction
    return (fraction * (1 << 24)).astype(jnp.uint32) << 8


def _weight(fraction: jax.Array) -> jax.Array:
    """Return a fraction in units of 2**-12, rounded, uint32."""
    if fraction.dtype == jnp.uint32:
        return ((fraction >> (31 - WEIGHT_BITS)) + 1) >> 1
    return jnp.round(fraction * (1 << WEIGHT_BITS)).astype(jnp.uint32)


def _share(fraction: jax.Array) -> jax.Array:
    """Return a fraction in float32."""
    if fraction.dtype == jnp.uint32:
        return (fraction >> 8).astype(jnp.int32).astype(jnp.float32) * np.float32(2.0**-24)
    return fraction


def _real(levels: jax.Array) -> jax.Array:
    return levels.astype(jnp.float32)


def _linear(taps: Sequence[jax.Array], at: jax.Array) -> jax.Array:
    return taps[0] + at * (taps[1] - taps[0])


def _cubic(taps: Sequence[jax.Array], at: jax.Array) -> jax.Array:
    """Keys's cubic with a = -1, as a polynomial in ``at`` (Pillow, Geometry.c)."""
    before, first, second, after = taps
    cube = first - second + after - before
    square = 2.0 * (before - first) + second - after
    return first + at * (second - before + at * (square + at * cube))


def premultiplied(images: jax.Array) -> jax.Array:
    """Return colour times alpha and alpha: ``round(c a / 255)`` for uint8 (Pillow, modes La and RGBa)."""
    alpha = images[..., -1:]
    if images.dtype == jnp.uint8:
        product = images.astype(jnp.uint32) * alpha.astype(jnp.uint32) + 128
        multiplied = ((product + (product >> 8)) >> 8).astype(jnp.uint8)
    else:
        multiplied = images * alpha
    return jnp.where(_is_alpha(images), images, multiplied)


def straight(images: jax.Array) -> jax.Array:
    """Undo ``premultiplied``: colour over alpha, cut off and at most 255 for uint8; where alpha is 0 it stays."""
    alpha = images[..., -1:]
    if images.dtype == jnp.uint8:  # the quotient of whole numbers, by a float division that cannot miss
        divisor = jnp.where(alpha == 0, 255, alpha).astype(jnp.float32)
        divided = (images.astype(jnp.float32) * 255.0 + 0.5) / divisor
        divided = jnp.minimum(divided, 255.0).astype(jnp.uint8)
    else:
        divided = images / jnp.where(alpha == 0.0, 1.0, alpha)
    return jnp.where(_is_alpha(images), images, divided)


def _is_alpha(images: jax.Array) -> np.ndarray:
    channels = images.shape[-1]
    return (np.arange(channels) == channels - 1)[None, None, None]


def fill_levels(fill: ArrayLike, images: jax.Array) -> jax.Array:
    """Return levels in [0, 255] in the dtype and range of the images."""
    fill = jnp.asarray(fill, jnp.float32)
    return jnp.round(fill).astype(jnp.uint8) if images.dtype == jnp.uint8 else fill / 255.0
