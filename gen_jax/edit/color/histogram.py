"""How often each of the 256 levels occurs in each channel of each image: exact counts.

A scatter takes one sample at a time. Of large images, 32 samples are one here: their bits are gathered into words,
one word a bit of the level; the words' conjunctions say where the upper four bits are h and where the lower four
are l; and the set bits of both are counted, for 16 times 16 pairs (h, l).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

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
    batch, height, width, channels = images.shape
    levels = jax.lax.stop_gradient(images)
    if not is_levels(levels):
        levels = (jnp.clip(levels, 0.0, 1.0) * 255.0 + 0.5).astype(jnp.uint8)
    counted = inside(images.shape, sizes)
    if mask is not None:
        chosen = jnp.broadcast_to(mask != 0, (batch, height, width, 1))
        counted = chosen if counted is None else counted & chosen
    if counted is not None:
        counted = jnp.broadcast_to(counted, levels.shape)
    if height * width < _FEW:
        return _scattered(levels, counted)
    rows = _rows(levels)
    marks = None if counted is None else _rows(counted.astype(jnp.uint8))
    return _counts(rows, marks).reshape(batch, channels, 256)


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


_LANES, _DEPTH, _BLOCKS, _THREADS = 64, 32, 2048, 2
"""On a CPU: words side by side, words summed in one expression, words in flight (what the second cache holds),
and loops that run at the same time."""


def _counts(rows: jax.Array, marks: jax.Array | None) -> jax.Array:
    """Return the counts [r, 256] of uint8 levels [r, n] where ``marks`` [r, n], 0 or 1, are set."""
    count, samples = rows.shape
    lanes = min(_LANES, -(-samples // (32 * _DEPTH)))
    words = lanes * _DEPTH
    together = min(max(1, _BLOCKS // words), -(-count // _THREADS))
    padding = -samples % (32 * words)

    def blocks(values: jax.Array) -> jax.Array:
        values = jnp.pad(values, ((0, 0), (0, padding))).reshape(-1, 32 * words)
        values = jnp.pad(values, ((0, -len(values) % (together * _THREADS)), (0, 0)))
        return jax.lax.bitcast_convert_type(values.reshape(_THREADS, -1, together, 8, words, 4), jnp.uint32)

    streams = (blocks(rows),) if marks is None else (blocks(rows), blocks(marks))
    counts = jax.lax.platform_dependent(*streams, cpu=_count_in_turn, default=_count_at_once)
    parts = -(-samples // (32 * words))
    counts = jnp.sum(counts[: count * parts].reshape(count, parts, 256), axis=1, dtype=jnp.uint32)
    if marks is None and padding:  # what was added is black
        counts = counts - jnp.pad(jnp.full((1, 1), padding, jnp.uint32), ((0, 0), (0, 255)))
    return counts


def _planes(quads: jax.Array) -> list[jax.Array]:
    """Return one word for each bit of the level: of 32 bytes in 8 uint32 [..., 8, w], 8 uint32 [..., w]."""
    byte = np.uint32(0x01010101)
    return [_any((quads[..., k, :] >> bit & byte) << k for k in range(8)) for bit in range(8)]


def _any(words: Iterable[jax.Array]) -> jax.Array:
    return functools.reduce(jnp.bitwise_or, words)


def _nibbles(planes: list[jax.Array], flips: jax.Array) -> jax.Array:
    """Return, for each row of ``flips`` [k, 4], where the four bits are its: [k, ...] of 4 planes [...]."""
    flips = flips.reshape(*flips.shape, *(1,) * planes[0].ndim)
    return functools.reduce(jnp.bitwise_and, (plane[None] ^ flips[:, bit] for bit, plane in enumerate(planes)))


_FLIPS = np.where(np.arange(16)[:, None] >> np.arange(4) & 1, 0, 0xFFFFFFFF).astype(np.uint32)
"""Of each number from 0 to 15, which of its bits are 0."""


def _upper_and_lower(flips: jax.Array, levels: jax.Array, marks: jax.Array | None) -> tuple[jax.Array, jax.Array]:
    planes = _planes(levels)
    upper, lower = _nibbles(planes[4:], flips), _nibbles(planes[:4], flips)
    if marks is not None:
        upper = upper & _any(marks[..., k, :] << k for k in range(8))[None]
    return upper, lower


def _count_in_turn(levels: jax.Array, marks: jax.Array | None = None) -> jax.Array:
    """Return the counts of blocks [threads, turns, blocks, 8, words]: a block at a time, while it is in the cache.

    A loop is the one boundary over which XLA on a CPU does not fuse: without it, each of the 256 sums would find
    its bits again from the levels. And only sums written out become vector instructions, not those over an axis.
    """
    threads, turns, together, _, words = levels.shape
    lanes = words // _DEPTH

    def turn(_: None, block: tuple[jax.Array, jax.Array | None]) -> tuple[None, jax.Array]:
        _, pairs = jax.lax.scan(
            lambda _, flips: (None, _upper_and_lower(flips, *block)), None, jnp.asarray(_FLIPS.reshape(2, 8, 4))
        )
        upper, lower = (nibbles.reshape(16, together, _DEPTH, lanes) for nibbles in pairs)

        def count(_: None, some: jax.Array) -> tuple[None, jax.Array]:
            common = (some[:, None, :, k] & lower[None, :, :, k] for k in range(_DEPTH))
            return None, functools.reduce(jnp.add, (jax.lax.population_count(words) for words in common))

        _, counts = jax.lax.scan(count, None, upper.reshape(4, 4, together, _DEPTH, lanes))
        return None, jnp.sum(counts, axis=-1, dtype=jnp.uint32).reshape(256, together).T

    parts = [
        jax.lax.scan(turn, None, (levels[thread], None if marks is None else marks[thread]))[1]
        for thread in range(threads)
    ]
    return jnp.stack(parts).reshape(threads * turns * together, 256)


def _count_at_once(levels: jax.Array, marks: jax.Array | None = None) -> jax.Array:
    """Return the same counts as one sum over all words: what a GPU does well."""
    upper, lower = _upper_and_lower(jnp.asarray(_FLIPS), levels, marks)
    common = jax.lax.population_count(upper[:, None] & lower[None])
    return jnp.moveaxis(jnp.sum(common, axis=-1, dtype=jnp.uint32).reshape(256, -1), 0, 1)
