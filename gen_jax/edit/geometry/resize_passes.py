"""One axis resized at a time, in the order of memory: whole rows times weights, never a dense matrix.

A pass along the rows of an array [n, r, m] multiplies and adds contiguous rows. Columns are made into rows
first: where the ratio of the lengths is simple, as 2 to 1, each of its phases is an array of its own and the
taps are shifted slices of them; otherwise the image is transposed, resized, and transposed back.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.apart import apart
from gen_jax.edit.geometry.resize_weights import BITS

UNROLLED = 32
"""Taps written out one by one; more run in a loop."""

STRIP = 1 << 21
"""Bytes of a large picture that a CPU resizes at a time, so that what lies between the passes stays in its cache."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Pass:
    """The weights of one axis; a pytree."""

    start: Any
    """int32 [b or 1, o]: the first input of each output."""
    weights: Any
    """int32 [b or 1, k, o], in units of 2**-22."""
    phases: Phases | None
    """The simple ratio, if it is one; ``weights`` then belong to ``bases`` and ``start`` is of no use."""


@dataclasses.dataclass(frozen=True)
class Phases:
    """A period of ``inputs`` pixels makes ``len(bases)`` outputs; output j of period m begins at ``bases[j]`` in it."""

    inputs: int
    bases: tuple[int, ...]


jax.tree_util.register_dataclass(Pass, data_fields=["start", "weights"], meta_fields=["phases"])


def phased(start: np.ndarray, weights: np.ndarray, source: int) -> Pass:
    """Return the pass of one whole axis, by phases if its ratio is simple."""
    (taps, target), shared = weights.shape[1:], math.gcd(source, weights.shape[2])
    inputs, outputs = source // shared, target // shared
    if inputs > 8 or outputs > 4 or taps * outputs > 96 or shared < 8:
        return Pass(start=start, weights=weights, phases=None)
    first = start[0].reshape(shared, outputs) - inputs * np.arange(shared)[:, None]
    bases, reach = first.min(axis=0), int((first - first.min(axis=0)).max()) + taps
    moved = np.zeros((reach, target), np.int32)
    shift = (first - bases).reshape(-1)
    for tap in range(taps):
        moved[shift + tap, np.arange(target)] = weights[0, tap]
    used = np.flatnonzero(moved.any(axis=1))
    low, high = int(used[0]), int(used[-1]) + 1
    chosen = Phases(inputs, tuple(int(base) + low for base in bases))
    return Pass(start=np.zeros((1, 0), np.int32), weights=moved[None, low:high], phases=chosen)


def _finish(total: jax.Array, like: jax.Array) -> jax.Array:
    if like.dtype == jnp.uint8:
        return jnp.clip(total >> BITS, 0, 255).astype(jnp.uint8)
    return total


def _begin(images: jax.Array) -> tuple[jax.Array, Any]:
    """Return what a sum starts from, and the dtype that it is in."""
    if images.dtype == jnp.uint8:
        return jnp.int32(1 << (BITS - 1)), jnp.int32
    return jnp.float32(0.0), jnp.float32


def _factors(weights: Any, dtype: Any) -> jax.Array:
    weights = jnp.asarray(weights)
    return weights if dtype == jnp.int32 else weights.astype(jnp.float32) * np.float32(2.0**-BITS)


def along_rows(rows: jax.Array, start: jax.Array, weights: jax.Array) -> jax.Array:
    """Return [n, o, m], the sums of weighted rows of [n, r, m]; start [n or 1, o], weights [n or 1, k, o]."""
    count, length, width = rows.shape
    total, dtype = _begin(rows)
    weights = _factors(weights, dtype)
    if len(start) == 1:
        flat, place = rows, start[0]
        weights = weights[0][:, :, None]
    else:
        flat = rows.reshape(count * length, width)
        place = start + (np.arange(count, dtype=np.int32) * length)[:, None]
        weights = jnp.moveaxis(weights, 1, 0)[..., None]

    def tap(k: Any) -> jax.Array:
        axis = 1 if len(start) == 1 else 0
        row = flat.at[(slice(None),) * axis + (place + k,)].get(mode="promise_in_bounds").astype(dtype)
        factor = weights[k]
        return row * (factor[None] if axis else factor)

    taps = weights.shape[0]
    looped = 0 if taps <= UNROLLED else taps // 16
    if looped:

        def several(index: Any, total: jax.Array) -> jax.Array:
            return sum((tap(index * 16 + k) for k in range(16)), start=total)

        begin = jnp.full((count, start.shape[1], width), total)
        total = jax.lax.fori_loop(0, looped, several, begin)
    for k in range(looped * 16, taps):
        total = total + tap(k)
    return _finish(total, rows)


def split(images: jax.Array, phases: Phases, taps: int) -> tuple[jax.Array, ...]:
    """Return each phase of the columns of [b, h, w, c] as planes [b, c, h, w / inputs + borders]."""
    left, right = _borders(phases, taps)
    borders = ((0, 0), (0, 0), (0, 0), (left, right))
    return tuple(
        jnp.pad(jnp.transpose(images[:, :, phase :: phases.inputs], (0, 3, 1, 2)), borders)
        for phase in range(phases.inputs)
    )


def _borders(phases: Phases, taps: int) -> tuple[int, int]:
    low = min(phases.bases) // phases.inputs
    high = (max(phases.bases) + taps - 1) // phases.inputs
    return max(-low, 0), max(high, 0)


def along_phases(planes: tuple[jax.Array, ...], weights: jax.Array, phases: Phases) -> tuple[jax.Array, ...]:
    """Return, for each output of a period, planes [b, c, h, periods]."""
    begin, dtype = _begin(planes[0])
    taps = weights.shape[1]
    left, right = _borders(phases, taps)
    periods = planes[0].shape[-1] - left - right
    factors = _factors(weights, dtype)[0]
    results = []
    for output, base in enumerate(phases.bases):
        total = begin
        for tap in range(taps):
            shift, phase = divmod(base + tap, phases.inputs)
            part = jax.lax.slice_in_dim(planes[phase], left + shift, left + shift + periods, axis=-1)
            factor = factors[tap, output :: len(phases.bases)]
            total = total + part.astype(dtype) * factor[None, None, None]
        results.append(_finish(total, planes[0]))
    return tuple(results)


def columns(images: jax.Array, axis: Pass) -> tuple[jax.Array, bool]:
    """Resize the columns of [b, h, w, c].

    Returns:
      The result, and whether it lies in planes [b, c, h, o], else [b, h, o, c].
    """
    batch, height, width, channels = images.shape
    worth = 1 if axis.phases is None else 2  # to transpose wants smaller strips than to take phases
    strip = max(worth * STRIP // (width * channels), 1)
    if images.dtype != jnp.uint8 or (batch > 1 and len(axis.start) > 1) or 4 * strip > batch * height:
        return _columns(images, axis)

    def in_strips(images: jax.Array, axis: Pass) -> jax.Array:
        lines = images.reshape(batch * height, width, channels)
        target = axis.weights.shape[2]
        last = batch * height - strip

        def one(index: Any, result: jax.Array) -> jax.Array:
            first = jnp.minimum(index * strip, last)  # the last strip goes over a part of the one before again
            part, planar = _columns(jax.lax.dynamic_slice_in_dim(lines, first, strip)[None], axis)
            part = jnp.transpose(part, (0, 2, 3, 1)) if planar else part
            return jax.lax.dynamic_update_slice_in_dim(result, part[0], first, axis=0)

        empty = jnp.zeros((batch * height, target, channels), images.dtype)
        result = jax.lax.fori_loop(0, -(-batch * height // strip), one, empty)
        return result.reshape(batch, height, target, channels)

    def at_once(images: jax.Array, axis: Pass) -> jax.Array:
        result, planar = _columns(images, axis)
        return jnp.transpose(result, (0, 2, 3, 1)) if planar else result

    return jax.lax.platform_dependent(images, axis, cpu=in_strips, default=at_once), False


def _columns(images: jax.Array, axis: Pass) -> tuple[jax.Array, bool]:
    batch, height, _, channels = images.shape
    if axis.phases is not None:
        phases = axis.phases
        planes = apart(lambda pixels: split(pixels, phases, axis.weights.shape[1]), images)
        results = apart(lambda parts, weights: along_phases(parts, weights, phases), planes, axis.weights)
        if len(results) == 1:
            return results[0], True
        shape = (*results[0].shape[:-1], len(results) * results[0].shape[-1])
        return apart(lambda parts: jnp.stack(parts, axis=-1).reshape(shape), results), True
    turned = apart(lambda pixels: jnp.swapaxes(pixels, 1, 2), images)
    turned = turned.reshape(batch, images.shape[2], height * channels)
    result = apart(along_rows, turned, axis.start, axis.weights)
    result = result.reshape(batch, -1, height, channels)
    return apart(lambda pixels: jnp.swapaxes(pixels, 1, 2), result), False


def rows(images: jax.Array, axis: Pass, *, planar: bool) -> jax.Array:
    """Resize the rows of [b, h, w, c], or of planes [b, c, h, w], which it lays back into pixels."""
    if not planar:
        batch, height, width, channels = images.shape
        result = along_rows(images.reshape(batch, height, width * channels), axis.start, axis.weights)
        return result.reshape(batch, -1, width, channels)
    batch, channels, height, width = images.shape
    flat = images.reshape(batch * channels, height, width)
    result = apart(along_rows, flat, axis.start, axis.weights)
    return jnp.transpose(result.reshape(batch, channels, -1, width), (0, 2, 3, 1))
