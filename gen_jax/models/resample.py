"""Twice and half the resolution through a low-pass filter: separable, shift and add.

A depthwise convolution would say the same in one call, but XLA differentiates that on a CPU hundreds of times
slower; sums of shifted images have derivatives that are sums of shifted images.

Every function keeps the type of ``x``, treats what lies outside the image as zero, and takes

* ``taps``: the filter along one axis, used along both; normalised to sum 1 here; correlated, not flipped;
* ``pads``: zeros before and after each axis, counted at the resolution that the filter works at. Negative pads crop.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
from jax import Array, lax

BILINEAR = (1.0, 3.0, 3.0, 1.0)
"""``conv([1, 2, 1], [1, 1])``: the filter of StyleGAN2 and R3GAN."""

Pads = tuple[int, int]


def upsample(x: Array, *, taps: Sequence[float] = BILINEAR, pads: Pads | None = None) -> Array:
    """Double the resolution: zeros between the pixels, then the filter with gain 4, which keeps a flat image flat.

    Args:
      x: [b, h, w, c].
      taps: n of them.
      pads: left out, ``up_pads``: those that give ``h' = 2 h`` and move the image least.

    Returns:
      [b, h', w', c] with ``h' = 2 h + before + after - (n - 1)``.
    """
    weights = [2.0 * tap for tap in _normalised(taps)]
    pads = up_pads(len(weights)) if pads is None else pads
    for axis in (1, 2):
        x = _up(x, axis, weights, pads)
    return x


def downsample(x: Array, *, taps: Sequence[float] = BILINEAR, pads: Pads | None = None) -> Array:
    """Halve the resolution: the filter, then every second pixel.

    Args:
      x: [b, h, w, c].
      taps: n of them.
      pads: left out, ``down_pads``: those that give ``h' = h / 2`` and move the image least.

    Returns:
      [b, h', w', c] with ``h' = (h + before + after - n) // 2 + 1``.
    """
    weights = _normalised(taps)
    pads = down_pads(len(weights)) if pads is None else pads
    for axis in (1, 2):
        x = _filter(x, axis, weights, pads, stride=2)
    return x


def blur(x: Array, *, taps: Sequence[float] = BILINEAR, pads: Pads, gain: float = 1.0) -> Array:
    """Filter without a change of resolution, as before a strided convolution and after a transposed one.

    Args:
      x: [b, h, w, c].
      taps: n of them.
      pads: zeros before and after each axis.
      gain: what a flat image is multiplied by; 4 after a transposed convolution.

    Returns:
      [b, h', w', c] with ``h' = h + before + after - (n - 1)``.
    """
    weights = [gain**0.5 * tap for tap in _normalised(taps)]
    for axis in (1, 2):
        x = _filter(x, axis, weights, pads, stride=1)
    return x


def up_pads(n: int) -> Pads:
    """Return the pads of ``upsample`` that double a resolution: (2, 1) for 4 taps."""
    return (n + 1) // 2, (n - 2) // 2


def down_pads(n: int) -> Pads:
    """Return the pads of ``downsample`` that halve a resolution: (1, 1) for 4 taps."""
    return (n - 1) // 2, (n - 2) // 2


def _normalised(taps: Sequence[float]) -> list[float]:
    return [tap / sum(taps) for tap in taps]


def _up(x: Array, axis: int, weights: Sequence[float], pads: Pads) -> Array:
    # Of the taps that meet an output pixel every second falls on an inserted zero: the even and the odd outputs are
    # two filters of half the length each.
    before, after = pads
    length = 2 * x.shape[axis] + before + after - (len(weights) - 1)
    half = -(-length // 2)
    phases = []
    for phase in (0, 1):
        met = [(phase + t - before, weight) for t, weight in enumerate(weights) if (phase + t - before) % 2 == 0]
        phases.append(_sum([weight * _window(x, axis, offset // 2, half) for offset, weight in met]))
    shape = list(x.shape)
    shape[axis] = 2 * half
    return _window(jnp.stack(phases, axis=axis + 1).reshape(shape), axis, 0, length)


def _filter(x: Array, axis: int, weights: Sequence[float], pads: Pads, *, stride: int) -> Array:
    count = (x.shape[axis] + sum(pads) - len(weights)) // stride + 1
    span = stride * (count - 1) + 1
    windows = (_window(x, axis, t - pads[0], span) for t in range(len(weights)))
    every = (lax.slice_in_dim(window, 0, span, stride, axis) for window in windows)
    return _sum([weight * window for weight, window in zip(weights, every, strict=True)])


def _window(x: Array, axis: int, start: int, length: int) -> Array:
    """Return ``x[start : start + length]`` along an axis, zero where that lies outside."""
    edges = [(0, 0, 0)] * x.ndim
    edges[axis] = (-start, start + length - x.shape[axis], 0)
    return lax.pad(x, jnp.zeros((), x.dtype), edges)


def _sum(terms: list[Array]) -> Array:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total
