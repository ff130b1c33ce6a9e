"""The weights of a resize along one axis, as Pillow computes them: on the host in float64, then whole numbers.

``scale`` input pixels make one output pixel. A filter f of radius S is stretched by ``max(scale, 1)``, which
is what antialiases, and put round the centre ``low + (o + 1/2) scale`` of output o; weights sum to 1, at the
borders too, where fewer pixels take part. Source: Pillow 13, Resample.c.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.roles import is_known

Resample: TypeAlias = Literal["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]

BITS = 22
"""Weights are whole multiples of 2**-22, so that uint8 images need 32-bit integers only."""


def _box(xp: Any, x: Any) -> Any:
    return xp.where((x > -0.5) & (x <= 0.5), 1.0, 0.0)


def _bilinear(xp: Any, x: Any) -> Any:
    return xp.maximum(1.0 - xp.abs(x), 0.0)


def _hamming(xp: Any, x: Any) -> Any:
    window = np.float32(0.54) + np.float32(0.46) * xp.cos(np.pi * x)
    return xp.where(xp.abs(x) < 1.0, xp.sinc(x) * window, 0.0)


def _bicubic(xp: Any, x: Any) -> Any:
    x = xp.abs(x)
    near = (1.5 * x - 2.5) * x * x + 1.0
    far = ((x - 5.0) * x + 8.0) * x * -0.5 + 2.0
    return xp.where(x < 1.0, near, xp.where(x < 2.0, far, 0.0))


def _lanczos(xp: Any, x: Any) -> Any:
    return xp.where((x >= -3.0) & (x < 3.0), xp.sinc(x) * xp.sinc(x / 3.0), 0.0)


FILTERS: dict[str, tuple[Callable[[Any, Any], Any], float]] = {
    "box": (_box, 0.5),
    "bilinear": (_bilinear, 1.0),
    "hamming": (_hamming, 1.0),
    "bicubic": (_bicubic, 2.0),
    "lanczos": (_lanczos, 3.0),
}
"""name -> (filter, radius in output pixels)."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Axis:
    """How one axis of each image is resized; every array is [b] or [1], numpy where known."""

    source: np.ndarray | jax.Array
    """True lengths before."""
    target: np.ndarray | jax.Array
    """True lengths after."""
    low: np.ndarray | jax.Array
    """Where the part that is resized begins, in input pixels."""
    high: np.ndarray | jax.Array
    """Where it ends."""
    offset: np.ndarray | jax.Array
    """Where the result begins in the new canvas."""
    canvas_in: int
    canvas_out: int
    whole: bool
    """Whether ``low`` and ``high`` are the whole of one known length, and the result fills the canvas."""

    def known(self) -> bool:
        """Return whether weights can be computed on the host."""
        return is_known((self.source, self.target, self.low, self.high, self.offset))

    def scale(self) -> Any:
        """Return input pixels an output pixel, [b or 1]; the span is a float32 difference, as in Pillow."""
        if not self.known():
            return (jnp.asarray(self.high) - self.low) / jnp.asarray(self.target)
        span = np.asarray(self.high, np.float32) - np.asarray(self.low, np.float32)
        return span.astype(np.float64) / self.target


def taps(axis: Axis, resample: str) -> tuple[Any, Any]:
    """Return where the input pixels of each output begin, int32 [b or 1, o], and their weights, int32 [b or 1, k, o].

    The number k is the least that is enough, rounded up where it may differ between batches of one shape.
    """
    if axis.known() and axis.whole:
        return _whole_taps(int(axis.source[0]), int(axis.target[0]), resample)
    if axis.known():
        first, last = _span(np, axis, resample)[1:]
        count = min(_bucket(int((last - first).max())), axis.canvas_in)
        return _weights(np, axis, resample, count)
    count = math.ceil(FILTERS[resample][1] * max(axis.canvas_in / axis.canvas_out, 1.0)) * 2 + 1
    return _weights(jnp, axis, resample, min(count, axis.canvas_in))


@functools.lru_cache(maxsize=256)
def _whole_taps(source: int, target: int, resample: str) -> tuple[np.ndarray, np.ndarray]:
    ends = {name: np.array([value]) for name, value in (("source", source), ("target", target), ("high", source))}
    zero = np.zeros(1, np.int64)
    axis = Axis(**ends, low=zero, offset=zero, canvas_in=source, canvas_out=target, whole=True)
    first, last = _span(np, axis, resample)[1:]
    start, weights = _weights(np, axis, resample, int((last - first).max()))
    start.setflags(write=False)
    weights.setflags(write=False)
    return start, weights


def _bucket(count: int) -> int:
    """Return the next of 2, 3, 4, 6, 8, 12, 16, 24, ...: few shapes, at most half too many."""
    power = 1 << max(count - 1, 1).bit_length()
    return 3 * power // 4 if count <= 3 * power // 4 else power


def _span(xp: Any, axis: Axis, resample: str) -> tuple[Any, Any, Any]:
    """Return the centre of each output, the first input that takes part, and the one past the last; [b or 1, o]."""
    scale = axis.scale()[:, None]
    support = FILTERS[resample][1] * xp.maximum(scale, 1.0)
    output = np.arange(axis.canvas_out)[None] - xp.asarray(axis.offset)[:, None]
    low = np.asarray(axis.low, np.float32).astype(np.float64) if xp is np else jnp.asarray(axis.low, jnp.float32)
    centre = low[:, None] + (output + 0.5) * scale
    first = xp.maximum(xp.trunc(centre - support + 0.5), 0.0)
    last = xp.minimum(xp.trunc(centre + support + 0.5), xp.asarray(axis.source)[:, None])
    nothing = (output < 0) | (output >= xp.asarray(axis.target)[:, None])
    return centre, first, xp.where(nothing, first, last)


def _weights(xp: Any, axis: Axis, resample: str, count: int) -> tuple[Any, Any]:
    centre, first, last = _span(xp, axis, resample)
    start = xp.minimum(first, axis.canvas_in - count)
    places = start[:, None, :] + np.arange(count)[None, :, None]
    stretch = 1.0 / xp.maximum(axis.scale(), 1.0)[:, None, None]
    weights = FILTERS[resample][0](xp, (places - centre[:, None, :] + 0.5) * stretch)
    weights = xp.where((places >= first[:, None, :]) & (places < last[:, None, :]), weights, 0.0)
    total = xp.sum(weights, axis=1, keepdims=True)
    weights = weights / xp.where(total == 0.0, 1.0, total) * (1 << BITS)
    whole = xp.trunc(weights + xp.where(weights < 0.0, -0.5, 0.5))
    return start.astype(np.int32), whole.astype(np.int32)


def nearest(axis: Axis) -> Any:
    """Return the input pixel that each output copies, int32 [b or 1, o], and -1 for those outside the result.

    Pillow adds up the scale, output by output, in float64; its whole part is the pixel.
    """
    if axis.known():
        scale = axis.scale()[:, None]
        steps = np.broadcast_to(scale, (len(scale), int(axis.target.max()))).copy()
        steps[:, 0] = np.asarray(axis.low, np.float32).astype(np.float64) + 0.5 * scale[:, 0]
        sums = np.add.accumulate(steps, axis=1)
        output = np.arange(axis.canvas_out)[None] - axis.offset[:, None]
        count = max(len(sums), len(output))
        index = np.clip(np.broadcast_to(output, (count, output.shape[1])), 0, sums.shape[1] - 1)
        place = np.take_along_axis(np.broadcast_to(sums, (count, sums.shape[1])), index, axis=1)
        xp: Any = np
    else:
        output = np.arange(axis.canvas_out)[None] - jnp.asarray(axis.offset)[:, None]
        place = jnp.asarray(axis.low)[:, None] + (output + 0.5) * axis.scale()[:, None]
        xp = jnp
    place = xp.clip(xp.floor(place), 0, xp.asarray(axis.source)[:, None] - 1)
    inside = (output >= 0) & (output < xp.asarray(axis.target)[:, None])
    return xp.where(inside, place, -1).astype(np.int32)
