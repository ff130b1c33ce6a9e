"""Rank filters: the median, the least and the greatest level of a square window, as Pillow's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

import jax
import jax.numpy as jnp
import pydantic
from jax import lax

from gen_jax.edit.borders import extend_edges
from gen_jax.edit.filter.network import LARGEST, median_of_square
from gen_jax.edit.kernel import kernel
from gen_jax.errors import UserError


def _odd(size: int) -> int:
    if size % 2 == 0:
        raise ValueError("a window needs an odd size, such as 3")
    return size


Size: TypeAlias = Annotated[int, pydantic.Field(ge=1, le=255), pydantic.AfterValidator(_odd)]
"""The side of a window, odd."""


def _around(images: jax.Array, size: Any, sizes: jax.Array | None, name: str) -> jax.Array:
    """Carry the edges on by half a window."""
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= 255 or size % 2 == 0:
        raise UserError(f"{name}.size is {size!r}; allowed are odd whole numbers from 1 to 255, the same for a batch")
    margin = size // 2
    extended = extend_edges(images, sizes)
    return jnp.pad(extended, ((0, 0), (margin, margin), (margin, margin), (0, 0)), mode="edge")


@kernel()
def median(images: jax.Array, *, size: Size = 3, sizes: jax.Array | None = None) -> jax.Array:
    """Give each pixel the median of the square round it, the edge carried on: takes away specks, keeps edges.

    Each channel by itself, alpha too. uint8 equals Pillow's ``ImageFilter.MedianFilter``. Up to size 7 a fixed
    network of comparisons; above, the bits of the median one after the other, at a cost that grows as size**2.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      size: side of the square, odd, from 1; a static choice.
      sizes: [b, 2], true (height, width) of each image.

    Returns:
      The same shape and dtype. The gradient goes to the pixel that is the median, shared where several are.
    """
    padded = _around(images, size, sizes, "median")
    if size <= LARGEST:
        return images if size == 1 else median_of_square(padded, size, images.shape[1], images.shape[2])
    chosen = _median_by_bits(lax.stop_gradient(padded), size, images.shape)
    if images.dtype == jnp.uint8:
        return chosen
    return _mean_of_equals(padded, chosen, size)


def _sum_over_windows(padded: jax.Array, size: int, shape: tuple[int, ...], term: Callable[..., Any], zero: Any) -> Any:
    """Return the sum of ``term(neighbour)`` over the window, a row of neighbours at a time."""
    batch, height, width, channels = shape

    def row(total: Any, offset: jax.Array) -> tuple[Any, None]:
        line = lax.dynamic_slice(padded, (0, offset, 0, 0), (batch, height, padded.shape[2], channels))
        for column in range(size):
            total = jax.tree.map(jnp.add, total, term(line[:, :, column : column + width]))
        return total, None

    return lax.scan(row, zero, jnp.arange(size))[0]


def _median_by_bits(padded: jax.Array, size: int, shape: tuple[int, ...]) -> jax.Array:
    """Find the greatest value that at most half of the window lies below, from its highest bit down."""
    keys, bits = (padded, 8) if padded.dtype == jnp.uint8 else (_ordered(padded), 32)
    rank = size * size // 2
    count = jnp.zeros(shape, jnp.uint16)

    def bit(index: jax.Array, found: jax.Array) -> jax.Array:
        trial = found | jnp.left_shift(jnp.ones((), keys.dtype), (bits - 1 - index).astype(keys.dtype))
        below = _sum_over_windows(keys, size, shape, lambda level: (level < trial).astype(jnp.uint16), count)
        return jnp.where(below <= rank, trial, found)

    found = lax.fori_loop(0, bits, bit, jnp.zeros(shape, keys.dtype))
    return found if padded.dtype == jnp.uint8 else _unordered(found)


def _ordered(values: jax.Array) -> jax.Array:
    """Return whole numbers in the order of the floats: positive ones above the sign bit, negative ones reversed."""
    bits = lax.bitcast_convert_type(values + 0.0, jnp.uint32)  # -0.0 becomes 0.0
    return jnp.where(bits >> 31 == 1, ~bits, bits | jnp.uint32(1 << 31))


def _unordered(keys: jax.Array) -> jax.Array:
    return lax.bitcast_convert_type(jnp.where(keys >> 31 == 1, keys ^ jnp.uint32(1 << 31), ~keys), jnp.float32)


def _mean_of_equals(padded: jax.Array, chosen: jax.Array, size: int) -> jax.Array:
    """Return the chosen values as the mean of the neighbours equal to them, which is what has a gradient."""

    def term(level: jax.Array) -> tuple[jax.Array, jax.Array]:
        equal = level == chosen
        # Less the value itself, so that a sum of many equals is exactly zero.
        return jnp.where(equal, level - chosen, 0.0), equal.astype(jnp.float32)

    zero = jnp.zeros(chosen.shape, jnp.float32)
    total, count = _sum_over_windows(padded, size, chosen.shape, term, (zero, zero))
    return chosen + total / jnp.maximum(lax.stop_gradient(count), 1.0)


def _extreme(images: jax.Array, size: int, sizes: jax.Array | None, name: str) -> jax.Array:
    """Return the least or the greatest level of each window, along one axis, then along the other, by doubling."""
    pick = jnp.minimum if name == "minimum" else jnp.maximum
    padded = _around(images, size, sizes, name)
    for axis in (2, 1):
        reach, length = 1, padded.shape[axis]
        while reach < size:
            more = min(reach, size - reach)
            length -= more
            low = lax.slice_in_dim(padded, 0, length, axis=axis)
            padded = pick(low, lax.slice_in_dim(padded, more, more + length, axis=axis))
            reach += more
    return padded


@kernel()
def minimum(images: jax.Array, *, size: Size = 3, sizes: jax.Array | None = None) -> jax.Array:
    """Give each pixel the least level of the square round it, the edge carried on: dark shapes grow (erosion).

    Each channel by itself, alpha too. uint8 equals Pillow's ``ImageFilter.MinFilter``.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      size: side of the square, odd, from 1; a static choice.
      sizes: [b, 2], true (height, width) of each image.

    Returns:
      The same shape and dtype.
    """
    return _extreme(images, size, sizes, "minimum")


@kernel()
def maximum(images: jax.Array, *, size: Size = 3, sizes: jax.Array | None = None) -> jax.Array:
    """Give each pixel the greatest level of the square round it, the edge carried on: bright shapes grow (dilation).

    Each channel by itself, alpha too. uint8 equals Pillow's ``ImageFilter.MaxFilter``.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      size: side of the square, odd, from 1; a static choice.
      sizes: [b, 2], true (height, width) of each image.

    Returns:
      The same shape and dtype.
    """
    return _extreme(images, size, sizes, "maximum")
