"""Sliced Wasserstein distance (MIND): compares whole distributions, not two moments, along random directions.

``3 d mean_u W2^2(u.x, u.y)`` over directions u of length 1. W2 between samples on a line is the distance of their
sorted values. The factor 3 d is that of MIND (Berthet et al., arXiv 2605.06797): a mean shifted by s gives 3 |s|^2.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.metrics.arrays import as_features, same_width
from gen_jax.metrics.options import whole_number
from gen_jax.metrics.result import Measured

_ROWS = 4096
"""Rows that are projected at once."""
_DIRECTIONS = 256
"""Directions that are projected, sorted and compared at once."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SlicedDistance(Measured):
    """The distance, and what it is made of."""

    distance: float
    """``3 d wasserstein^2``, MIND; 0 or more, lower is better. It falls with the number of samples."""
    standard_error: float
    """Of the distance, over the random directions; not over the samples."""
    wasserstein: float
    """Sliced 2-Wasserstein distance: root of the mean over directions of W2^2; in units of the features."""
    projections: int
    count: int
    """Rows of the features."""
    reference_count: int
    """Rows of the reference."""


def sliced_distance(features: Any, reference: Any, *, projections: int = 1000, seed: int = 0) -> SlicedDistance:
    """Return the sliced Wasserstein distance between two sets of features.

    Sets of different sizes are compared by their quantile functions, exactly: no sample is left out.

    Args:
      features: [n, d].
      reference: [m, d].
      projections: number of random directions, 2 or more.
      seed: of ``numpy.random.Generator(Philox(seed))``, which draws the directions, uniform on the sphere.

    Raises:
      UserError: see ``as_features``; the widths differ; too few projections.

    Source: Bonneel et al., 2015, eq. 8 (sliced Wasserstein); Berthet et al., arXiv 2605.06797 (the factor, for images).
    """
    ours, theirs = as_features(features, name="features"), as_features(reference, name="reference")
    same_width(ours, theirs)
    projections = whole_number(projections, name="projections", least=2)
    width = ours.shape[1]
    # A common shift changes no distance and leaves float32 its digits for the differences.
    center = theirs[:_ROWS].mean(axis=0)
    directions = _directions(projections, width, seed)
    pairs = _quantile_pairs(len(ours), len(theirs))
    squares = []
    for start in range(0, projections, _DIRECTIONS):
        some = directions[start : start + _DIRECTIONS]
        squares.append(_squared_distances(_sorted_on(ours, some, center), _sorted_on(theirs, some, center), pairs))
    each = np.concatenate(squares)[:projections]
    factor = 3.0 * width
    return SlicedDistance(
        distance=factor * float(each.mean()),
        standard_error=factor * float(each.std(ddof=1)) / projections**0.5,
        wasserstein=float(each.mean()) ** 0.5,
        projections=projections,
        count=len(ours),
        reference_count=len(theirs),
    )


def _directions(projections: int, width: int, seed: int) -> np.ndarray:
    """Return float32 [p, d], p rounded up to whole blocks, rows of length 1."""
    blocks = -(-projections // _DIRECTIONS)
    values = np.random.Generator(np.random.Philox(seed)).standard_normal((blocks * _DIRECTIONS, width))
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def _sorted_on(rows: np.ndarray, directions: np.ndarray, center: np.ndarray) -> np.ndarray:
    """Return the projections of all rows, sorted, float32 [p, n]."""
    values = np.empty((len(directions), len(rows)), np.float32)
    for start in range(0, len(rows), _ROWS):
        part = (rows[start : start + _ROWS] - center).astype(np.float32, copy=False)
        padded = part if len(part) == _ROWS else np.pad(part, ((0, _ROWS - len(part)), (0, 0)))
        values[:, start : start + len(part)] = np.asarray(_project(directions, padded))[:, : len(part)]
    # NumPy's vectorised sort: XLA's on the CPU takes a hundred times as long.
    values.sort(axis=1)
    return values


@jax.jit
def _project(directions: Array, rows: Array) -> Array:
    return jnp.dot(directions, rows.T, precision=jax.lax.Precision.HIGHEST)


def _quantile_pairs(count: int, other: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for each step of the two quantile functions the sorted value of either, and the step's length.

    The functions step at i / count and j / other; between two steps both are constant.
    """
    if count == other:
        same = np.arange(count)
        return same, same, np.full(count, 1.0 / count)
    ends = np.union1d(np.arange(1, count + 1) * other, np.arange(1, other + 1) * count)
    lengths = np.diff(ends, prepend=0) / (count * other)
    return (ends - 1) // other, (ends - 1) // count, lengths


def _squared_distances(
    ours: np.ndarray, theirs: np.ndarray, pairs: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> np.ndarray:
    """Return W2^2 of each row, float64 [p]."""
    first, second, lengths = pairs
    return np.array(
        [np.square((a[first] - b[second]).astype(np.float64)) @ lengths for a, b in zip(ours, theirs, strict=True)]
    )
