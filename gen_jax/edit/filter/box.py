"""Box passes in 32-bit integers, equal to Pillow's, and in floats: near windows pixel by pixel, far ones by sums.

Three ways to one result. A window that reaches ten pixels or less is read pixel by pixel. A longer one, or
one whose length only the running program knows, costs the same whatever its length: on a CPU a sum that runs
along the axis, gaining a pixel and losing one at every step; elsewhere the difference of two prefix sums.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from gen_jax.edit.borders import extend_columns, extend_rows
from gen_jax.edit.filter.window import Window

STRIP = 256
"""Lines that one running sum takes side by side: 256 of three channels stay in the nearest cache."""

GROUP = 10
"""Pairs of pixels that one compiled loop adds up; with more it runs out of registers."""


def box_passes(images: jax.Array, window: Window, *, axis: int, passes: int, sizes: jax.Array | None) -> jax.Array:
    """Return images after ``passes`` box filters along an axis, clamped at the edge of each image.

    ``(inner sum_{|k| <= whole} x[i+k] + outer (x[i-whole-1] + x[i+whole+1]) + 2**23) >> 24``; uint8 between passes.

    Args:
      images: [b, h, w, c], uint8 or float32.
      window: one window, or one an image.
      axis: 1 down, 2 across.
      passes: how many.
      sizes: [b, 2] or None.
    """
    lengths = None if sizes is None else jnp.asarray(sizes)[:, axis - 1]
    if window.reach is None:
        return _far_passes(images, window, axis=axis, passes=passes, lengths=lengths)
    distance = jnp.arange(window.reach + 1)[:, None]
    inner, outer = (window.inner, window.outer) if _exact(images) else (window.inner_share, window.outer_share)
    whole, inner, outer = jnp.asarray(window.whole)[None], jnp.asarray(inner)[None], jnp.asarray(outer)[None]
    weights = jnp.where(distance <= whole, inner, jnp.where(distance == whole + 1, outer, jnp.zeros_like(inner)))
    for _ in range(passes):
        images = to_levels(weighted(images, weights, axis=axis, lengths=lengths), images)
    return images


def _exact(images: jax.Array) -> bool:
    return images.dtype == jnp.uint8


def to_levels(sums: jax.Array, images: jax.Array) -> jax.Array:
    """Round sums of integer weights to uint8, where the images are; leave floats."""
    return ((sums + jnp.uint32(1 << 23)) >> 24).astype(jnp.uint8) if _exact(images) else sums


def weighted(images: jax.Array, weights: jax.Array, *, axis: int, lengths: jax.Array | None) -> jax.Array:
    """Return ``sum_k weights[|k|] x[i+k]`` along an axis, the edge of each image carried on.

    Args:
      images: [b, h, w, c].
      weights: [reach + 1, b or 1]; uint32 or float32, and so is the result.
      axis: 1 down, 2 across.
      lengths: [b], of the images along that axis, or None.
    """
    if lengths is not None:
        images = (extend_rows if axis == 1 else extend_columns)(images, lengths)
    if weights.dtype == jnp.float32:  # once a pixel, not once a weight
        images = images.astype(jnp.float32)
    batch, height, width, channels = images.shape
    reach, step = len(weights) - 1, 1 if axis == 1 else channels
    lines = images.reshape(batch, height, width * channels)
    # Written once, so that the loop below reads neighbours at fixed distances and finds no edge.
    padded = lax.optimization_barrier(_with_edges(lines, reach * step, step, axis=axis))

    def at(offset: int) -> jax.Array:
        return lax.slice_in_dim(padded, (reach + offset) * step, (reach + offset) * step + lines.shape[axis], axis=axis)

    def pair(offset: int) -> jax.Array:
        if _exact(images):  # two levels fit 16 bits, of which a register holds twice as many
            return (at(-offset).astype(jnp.uint16) + at(offset).astype(jnp.uint16)).astype(weights.dtype)
        return at(-offset) + at(offset)

    total = at(0).astype(weights.dtype) * weights[0][:, None, None]
    for offset in range(1, reach + 1):
        total = total + pair(offset) * weights[offset][:, None, None]
        if offset % GROUP == 0 and offset < reach:
            total = lax.optimization_barrier(total)
    return total.reshape(images.shape)


def _with_edges(lines: jax.Array, margin: int, step: int, *, axis: int) -> jax.Array:
    """Repeat the first and the last ``step`` elements of an axis of [b, m, n] over ``margin`` more on each side."""
    length, repeats = lines.shape[axis], [1, 1, 1]
    repeats[axis] = margin // step
    first = jnp.tile(lax.slice_in_dim(lines, 0, step, axis=axis), repeats)
    last = jnp.tile(lax.slice_in_dim(lines, length - step, length, axis=axis), repeats)
    return jnp.concatenate([first, lines, last], axis=axis)


def _far_passes(images: jax.Array, window: Window, *, axis: int, passes: int, lengths: jax.Array | None) -> jax.Array:
    """Cut the images into strips, [strips, length, lines], filter each, and put them together again."""
    if axis == 2:
        images = images.swapaxes(1, 2)
    batch, length, side, channels = images.shape
    strips = -(-side // STRIP)
    wide = -(-side // strips)
    padded = jnp.pad(images, ((0, 0), (0, 0), (0, strips * wide - side), (0, 0)))
    cut = padded.reshape(batch, length, strips, wide * channels).swapaxes(1, 2).reshape(batch * strips, length, -1)
    lasts = jnp.full(batch, length - 1, jnp.int32) if lengths is None else lengths.astype(jnp.int32) - 1

    def each(leaf: jax.Array) -> jax.Array:
        return jnp.repeat(jnp.broadcast_to(leaf, (batch,)), strips)

    arguments = cut, jax.tree.map(each, window), each(lasts)
    for_all = [_on_cpu(passes), _elsewhere(passes)]
    done = lax.platform_dependent(*arguments, cpu=for_all[0], default=for_all[1])
    joined = done.reshape(batch, strips, length, wide * channels).swapaxes(1, 2)
    whole = joined.reshape(batch, length, strips * wide, channels)[:, :, :side]
    return whole.swapaxes(1, 2) if axis == 2 else whole


def _on_cpu(passes: int) -> Callable[..., jax.Array]:
    """Return the filter of all strips, one after the other; two independent halves run on two cores."""

    def one(arguments: tuple[jax.Array, Window, jax.Array]) -> jax.Array:
        lines, window, last = arguments
        for _ in range(passes):
            lines = running_box(lines, window, last)
        return lines

    def every(*arguments: Any) -> jax.Array:
        half = arguments[0].shape[0] // 2
        parts = [jax.tree.map(lambda leaf: leaf[half:], arguments)]
        if half:
            parts.append(jax.tree.map(lambda leaf: leaf[:half], arguments))
        return jnp.concatenate([lax.map(one, part) for part in reversed(parts)])

    return every


def _elsewhere(passes: int) -> Callable[..., jax.Array]:
    def one(lines: jax.Array, window: Window, last: jax.Array) -> jax.Array:
        for _ in range(passes):
            lines = prefix_box(lines, window, last)
        return lines

    return jax.vmap(one)


def _result(lines: jax.Array, window: Window, total: jax.Array, pair: jax.Array) -> jax.Array:
    if _exact(lines):
        return to_levels(total * window.inner + pair * window.outer, lines)
    return total * window.inner_share + pair * window.outer_share


def running_box(lines: jax.Array, window: Window, last: jax.Array) -> jax.Array:
    """Return one box pass down [length, lines]; the sum at each step is the sum before, one row in, one out.

    Args:
      lines: [length, lines], uint8 or float32.
      window: of scalars.
      last: int32 scalar, the last true row.
    """
    wide = jnp.uint32 if _exact(lines) else jnp.float32
    rows = jnp.arange(lines.shape[0])

    def row(index: jax.Array) -> jax.Array:
        return lax.dynamic_index_in_dim(lines, jnp.clip(index, 0, last), 0, keepdims=False).astype(wide)

    def step(total: jax.Array, index: jax.Array) -> tuple[jax.Array, jax.Array]:
        behind = row(index - window.whole - 1)
        total = total + row(index + window.whole) - behind
        return total, _result(lines, window, total, behind + row(index + window.whole + 1))

    # The window round row -1: row 0 for all that lie before it, then what there is, then the last row.
    inside = (rows < window.whole) & (rows <= last)
    before = row(jnp.int32(0)) * (window.whole + 1).astype(wide)
    there = jnp.sum(jnp.where(inside[:, None], lines, jnp.zeros((), lines.dtype)).astype(wide), axis=0)
    after = row(last) * jnp.maximum(window.whole - last - 1, 0).astype(wide)
    return lax.scan(step, before + there + after, rows)[1]


def prefix_box(lines: jax.Array, window: Window, last: jax.Array) -> jax.Array:
    """Return the same pass from prefix sums: what lies up to the end of a window, less what lies before it."""
    wide = jnp.uint32 if _exact(lines) else jnp.float32
    rows = jnp.arange(lines.shape[0])
    sums = jnp.cumsum(jnp.where((rows <= last)[:, None], lines, jnp.zeros((), lines.dtype)), axis=0, dtype=wide)

    def row(index: jax.Array) -> jax.Array:
        return jnp.take(lines, jnp.clip(index, 0, last), axis=0, mode="clip").astype(wide)

    def up_to(index: jax.Array) -> jax.Array:
        """Sum rows 0 to ``index``; before the first row it is minus what a window there would gain."""
        there = jnp.where((index >= 0)[:, None], jnp.take(sums, jnp.clip(index, 0, last), axis=0, mode="clip"), 0)
        before = jnp.minimum(index + 1, 0)[:, None].astype(wide) * lines[:1].astype(wide)
        after = jnp.maximum(index - last, 0)[:, None].astype(wide) * row(last[None])
        return there.astype(wide) + before + after

    total = up_to(rows + window.whole) - up_to(rows - window.whole - 1)
    return _result(lines, window, total, row(rows - window.whole - 1) + row(rows + window.whole + 1))
