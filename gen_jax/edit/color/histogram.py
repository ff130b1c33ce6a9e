"""How often each of the 256 levels occurs in each channel of each image: exact counts.

A scatter takes one sample at a time. Of large images, 32 samples are one here: their bits are gathered into words,
one word a bit of the level; the words' conjunctions say where the upper four bits are h and where the lower four
are l; and the set bits of both are counted, for 16 times 16 pairs (h, l).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.color.levels import inside, is_levels


def histogram(
    images: jax.Array, sizes: jax.Array | np.ndarray | None = None, *, mask: jax.Array | None = None
) -> jax.Array:
    """Return how often each level occurs in each channel.

    Args:
      images: [b, h, w, c], uint8, or float32 in [0, 1], which is cut and rounded to levels.
      sizes: true (height, width) of each image, [b, 2]; None: they fill the array.
      mask: [b or 1, h, w, 1]; only pixels where it is not 0 are counted.

    Returns:
      uint32 [b, c, 256]; no gradient flows through it.
    """
    levels, counted = _levels_and_counted(images, sizes, mask)
    if images.shape[1] * images.shape[2] < _FEW:
        return _scattered(levels, counted)
    marks = None if counted is None else _rows(counted.astype(jnp.uint8))
    return _counts(_rows(levels), marks).reshape(images.shape[0], images.shape[3], 256)


def extremes(
    images: jax.Array, sizes: jax.Array | np.ndarray | None = None, *, mask: jax.Array | None = None
) -> tuple[jax.Array, jax.Array]:
    """Return the smallest and the largest level of each channel, without a histogram.

    Args:
      images: as for ``histogram``.
      sizes: as for ``histogram``.
      mask: as for ``histogram``.

    Returns:
      Two int32 [b, c, 1]; 255 and 0 where no pixel is asked.
    """
    levels, counted = _levels_and_counted(images, sizes, mask)
    low = _rows(levels if counted is None else jnp.where(counted, levels, jnp.uint8(255)))
    high = _rows(levels if counted is None else jnp.where(counted, levels, jnp.uint8(0)))
    found = jax.lax.platform_dependent(low, high, cpu=_extremes_in_turn, default=_extremes_at_once)
    smallest, largest = (values.astype(jnp.int32).reshape(images.shape[0], images.shape[3], 1) for values in found)
    return smallest, largest


def _extremes_at_once(low: jax.Array, high: jax.Array) -> tuple[jax.Array, jax.Array]:
    return jnp.min(low, axis=1), jnp.max(high, axis=1)


def _extremes_in_turn(low: jax.Array, high: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Compare stretches of each row with each other first: a CPU has vector instructions for that."""

    def stretches(rows: jax.Array) -> jax.Array:
        padded = jnp.pad(rows, ((0, 0), (0, -rows.shape[1] % 32)), mode="edge")
        return jnp.moveaxis(padded.reshape(len(rows), 32, -1), 1, 0)

    def turn(best: tuple[jax.Array, jax.Array], some: tuple[jax.Array, jax.Array]) -> tuple[Any, None]:
        return (jnp.minimum(best[0], some[0]), jnp.maximum(best[1], some[1])), None

    lows, highs = stretches(low), stretches(high)
    (low, high), _ = jax.lax.scan(turn, (lows[0], highs[0]), (lows[1:], highs[1:]))
    return _extremes_at_once(low, high)


def _levels_and_counted(
    images: jax.Array, sizes: jax.Array | np.ndarray | None, mask: jax.Array | None
) -> tuple[jax.Array, jax.Array | None]:
    """Return uint8 levels, and which of them count, both [b, h, w, c]; None: all."""
    levels = jax.lax.stop_gradient(images)
    if not is_levels(levels):
        levels = (jnp.clip(levels, 0.0, 1.0) * 255.0 + 0.5).astype(jnp.uint8)
    counted = inside(images.shape, sizes)
    if mask is not None:
        counted = mask != 0 if counted is None else counted & (mask != 0)
    return levels, None if counted is None else jnp.broadcast_to(counted, levels.shape)


_FEW = 128 * 128
"""Pixels of an image below which a scatter is as fast, and compiles sooner."""


def _scattered(levels: jax.Array, counted: jax.Array | None) -> jax.Array:
    batch, _, _, channels = levels.shape
    image = jax.lax.broadcasted_iota(jnp.int32, (batch, 1, 1, 1), 0)
    channel = jax.lax.broadcasted_iota(jnp.int32, (1, 1, 1, channels), 3)
    places = levels.astype(jnp.int32) + 256 * (channel + channels * image)
    ones = jnp.ones(levels.shape, jnp.uint32) if counted is None else counted.astype(jnp.uint32)
    counts = jnp.zeros(batch * channels * 256, jnp.uint32)
    counts = counts.at[places.reshape(-1)].add(ones.reshape(-1), mode="promise_in_bounds")
    return counts.reshape(batch, channels, 256)


def _rows(values: jax.Array) -> jax.Array:
    """Return [b c, h w] of [b, h, w, c]."""
    batch, height, width, channels = values.shape
    return jnp.moveaxis(values.reshape(batch, height * width, channels), 2, 1).reshape(batch * channels, -1)


_LANES, _DEPTH, _WORDS = 64, 64, 4096
"""On a CPU: words side by side, words summed in one expression, words in flight (what the second cache holds)."""


def _counts(rows: jax.Array, marks: jax.Array | None) -> jax.Array:
    """Return the counts [r, 256] of uint8 levels [r, n] where ``marks`` [r, n], 0 or 1, are set."""
    count, samples = rows.shape
    lanes = min(_LANES, -(-samples // (32 * _DEPTH)))
    words = lanes * _DEPTH
    together = min(max(1, _WORDS // words), count)
    padding = -samples % (32 * words)

    def blocks(values: jax.Array) -> jax.Array:
        values = jnp.pad(values, ((0, 0), (0, padding))).reshape(-1, 32 * words)
        values = jnp.pad(values, ((0, -len(values) % together), (0, 0)))
        return values.reshape(-1, together, 8, words, 4)

    streams = (blocks(rows),) if marks is None else (blocks(rows), blocks(marks))
    counts = jax.lax.platform_dependent(*streams, cpu=_count_in_turn, default=_count_at_once)
    parts = -(-samples // (32 * words))
    counts = jnp.sum(counts[: count * parts].reshape(count, parts, 256), axis=1, dtype=jnp.uint32)
    if marks is None and padding:  # what was added is black
        counts = counts - jnp.pad(jnp.full((1, 1), padding, jnp.uint32), ((0, 0), (0, 255)))
    return counts


def _planes(levels: jax.Array, marks: jax.Array | None) -> list[jax.Array]:
    """Return one word for each bit of the levels uint8 [..., 8, w, 4]: 8 uint32 [..., w], and one for the marks."""
    quads, byte = jax.lax.bitcast_convert_type(levels, jnp.uint32), np.uint32(0x01010101)
    planes = [_any((quads[..., k, :] >> bit & byte) << k for k in range(8)) for bit in range(8)]
    if marks is not None:
        quads = jax.lax.bitcast_convert_type(marks, jnp.uint32)
        planes.append(_any(quads[..., k, :] << k for k in range(8)))
    return planes


def _any(words: Iterable[jax.Array]) -> jax.Array:
    return functools.reduce(jnp.bitwise_or, words)


_FLIPS = np.where(np.arange(16)[:, None] >> np.arange(4) & 1, 0, 0xFFFFFFFF).astype(np.uint32)
"""Of each number from 0 to 15, which of its bits are 0."""


def _upper_and_lower(planes: list[jax.Array], flips: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return, for each row of ``flips`` [k, 4], where the upper and where the lower four bits are its, [k, ..., w]."""
    flips = flips.reshape(*flips.shape, *(1,) * planes[0].ndim)

    def matches(four: list[jax.Array]) -> jax.Array:
        return functools.reduce(jnp.bitwise_and, (plane[None] ^ flips[:, bit] for bit, plane in enumerate(four)))

    upper, lower = matches(planes[4:8]), matches(planes[:4])
    return (upper & planes[8][None] if len(planes) > 8 else upper), lower


def _count_in_turn(levels: jax.Array, marks: jax.Array | None = None) -> jax.Array:
    """Return the counts of blocks [turns, blocks, 8, words, 4]: a turn at a time, while it is in the cache.

    A loop is the one boundary over which XLA on a CPU does not fuse: without it, each of the 256 sums would find
    its bits again from the levels. And only sums written out become vector instructions, not those over an axis.
    """
    turns, together, _, words, _ = levels.shape
    lanes = words // _DEPTH

    def turn(_: None, index: jax.Array) -> tuple[None, jax.Array]:
        planes = _planes(levels[index], None if marks is None else marks[index])
        _, pairs = jax.lax.scan(
            lambda _, flips: (None, _upper_and_lower(planes, flips)), None, jnp.asarray(_FLIPS.reshape(2, 8, 4))
        )
        upper, lower = (nibbles.reshape(16, together, _DEPTH, lanes) for nibbles in pairs)

        def count(_: None, some: jax.Array) -> tuple[None, jax.Array]:
            common = (some[:, None, :, k] & lower[None, :, :, k] for k in range(_DEPTH))
            return None, functools.reduce(jnp.add, (jax.lax.population_count(words) for words in common))

        _, counts = jax.lax.scan(count, None, upper.reshape(4, 4, together, _DEPTH, lanes))
        # At most 2**17 samples a block: exact in float32, and a product of matrices is a sum in vector instructions.
        lanes_summed = counts.reshape(256 * together, lanes).astype(jnp.float32) @ jnp.ones((lanes, 1), jnp.float32)
        return None, lanes_summed.reshape(256, together).T.astype(jnp.uint32)

    _, counts = jax.lax.scan(turn, None, jnp.arange(turns))
    return counts.reshape(turns * together, 256)


def _count_at_once(levels: jax.Array, marks: jax.Array | None = None) -> jax.Array:
    """Return the same counts as one sum over all words: what a GPU does well."""
    upper, lower = _upper_and_lower(_planes(levels, marks), jnp.asarray(_FLIPS))
    common = jax.lax.population_count(upper[:, None] & lower[None])
    return jnp.moveaxis(jnp.sum(common, axis=-1, dtype=jnp.uint32).reshape(256, -1), 0, 1)
