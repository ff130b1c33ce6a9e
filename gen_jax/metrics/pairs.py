"""Distances between the rows of two sets: all of them on the device with a known error, a few of them exactly.

A measure that asks "which is nearer" needs the products of all pairs but the digits of only a few. So float32 matrix
products give every squared distance between two bounds, and where the bounds leave a question open, the direct
difference in float64 answers it. What a measure decides is then what float64 would have decided.
"""

from __future__ import annotations

import dataclasses
from functools import cached_property
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

# Sizes of tiles are multiples of this, so that few programs are compiled whatever the number of rows.
TILE_STEP = 256
# Numbers that one block of direct differences holds: it stays in a processor's cache.
BLOCK_NUMBERS = 1 << 18
# Beyond so many pairs, looking for repeated rows first costs less than it saves (a generator that collapsed).
MANY_PAIRS = 1 << 17


class Side(NamedTuple):
    """One of the two sets on the device: tiles of ``t`` rows, of which the last is filled up with rows at infinity."""

    tiles: list[Array]
    """Rows less the mean of the reference, times ``Pairs.scale``; float32 [t, d] each."""
    low: list[Array]
    """Squared norms less their part of the error, float32 [t] each."""
    high: list[Array]
    """Squared norms with their part of the error, float32 [t] each."""
    norms: np.ndarray
    """Squared norms of the rows, float64 [n]."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Pairs:
    """Two sets, ready for products on the device and for direct differences on the host.

    With ``p`` the product of two rows on the device, ``row.low + column.low - 2 p`` is never above the squared
    distance of the rows times ``scale^2``, and ``row.high + column.high - 2 p`` never below it.
    """

    features: np.ndarray
    reference: np.ndarray
    mean: np.ndarray
    """Of the reference, float64 [d]: distances do not change and products lose fewer digits."""
    scale: float
    """A power of two that brings the largest number to 1, so that no square over- or underflows."""
    rows: Side
    """Of the features."""
    columns: Side
    """Of the reference."""

    @property
    def slack(self) -> float:
        """Error of a squared distance in units of the sum of the two squared norms, in float32."""
        return relative_error(self.reference.shape[1], 2.0**-24)

    @cached_property
    def first_rows(self) -> np.ndarray:
        """For each row of the features, a row that equals it, the same one for all that are equal."""
        return _first_equal(self.features)

    @cached_property
    def first_columns(self) -> np.ndarray:
        """For each row of the reference, a row that equals it, the same one for all that are equal."""
        return self.first_rows if self.reference is self.features else _first_equal(self.reference)


def relative_error(width: int, unit: float) -> float:
    """Return c with ``|computed - true| <= c (|x|^2 + |y|^2)`` for ``|x|^2 + |y|^2 - 2 x.y`` of rounded x and y.

    The product of ``width`` terms in any order is within ``width unit |x| |y|`` to first order (Higham, Accuracy and
    Stability of Numerical Algorithms, eq. 3.5), twice that is at most ``width unit (|x|^2 + |y|^2)``. Rounding x and y
    adds 4 units, the norms, the two sums and a comparison with a rounded number the rest.
    """
    return 1.01 * (width + 32) * unit


def absolute_error(width: int) -> float:
    """Return what products too small for float32 add to the error, where the largest number is 1."""
    return width * 2.0**-120


def prepare(features: np.ndarray, reference: np.ndarray, *, least: int = 1) -> Pairs:
    """Return the two sets ready for products; ``least`` is the smallest size of a tile of the reference."""
    mean = reference.mean(axis=0, dtype=np.float64)
    largest = max(_largest(features, mean), _largest(reference, mean))
    scale = float(np.ldexp(1.0, -int(np.frexp(largest)[1]))) if largest > 0 else 1.0
    columns = _side(reference, mean, scale, least)
    rows = columns if features is reference else _side(features, mean, scale, 1)
    return Pairs(features=features, reference=reference, mean=mean, scale=scale, rows=rows, columns=columns)


def products(rows: Array, columns: Array) -> Array:
    """Return the products of all rows of both, [t, d] and [s, d] to [t, s], in true float32 also on a GPU."""
    return jax.lax.dot_general(rows, columns, (((1,), (1,)), ((), ())), precision=jax.lax.Precision.HIGHEST)


def squared_distances(pairs: Pairs, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return ``|x - y|^2`` of some pairs by direct differences, float64 [p]; exactly 0 for equal rows.

    Args:
      pairs: the two sets.
      rows: indices into the features, [p].
      columns: indices into the reference, [p].
    """
    if rows.size <= MANY_PAIRS:
        return _direct(pairs, rows, columns)
    width = len(pairs.reference)
    keys = pairs.first_rows[rows].astype(np.int64) * width + pairs.first_columns[columns]
    keys, inverse = np.unique(keys, return_inverse=True)
    return _direct(pairs, keys // width, keys % width)[inverse]


def double_bounds(pairs: Pairs, rows: np.ndarray, columns: slice) -> tuple[np.ndarray, np.ndarray]:
    """Return bounds below and above the squared distances of some rows of both, from products in float64 on the host.

    For what float32 cannot tell apart: samples far closer to each other than to the mean.
    """
    x = pairs.features[rows] - pairs.mean
    y = pairs.reference[columns] - pairs.mean
    norms = np.sum(np.square(x), axis=1)[:, None] + np.sum(np.square(y), axis=1)
    distances = norms - 2.0 * (x @ y.T)
    norms *= relative_error(x.shape[1], 2.0**-53)
    return distances - norms, distances + norms


def _side(values: np.ndarray, mean: np.ndarray, scale: float, least: int) -> Side:
    size = _tile_size(len(values), least)
    slack, tiny = relative_error(values.shape[1], 2.0**-24), absolute_error(values.shape[1])
    side = Side(tiles=[], low=[], high=[], norms=np.zeros(len(values)))
    for first in range(0, len(values), size):
        block = ((values[first : first + size] - mean) * scale).astype(np.float32)
        norms = np.einsum("nd,nd->n", block, block, dtype=np.float64)
        side.norms[first : first + size] = norms
        missing = size - len(block)
        side.tiles.append(jnp.asarray(np.pad(block, ((0, missing), (0, 0)))))
        for bounds, sign in ((side.low, -1.0), (side.high, 1.0)):
            bound = norms * (1.0 + sign * slack) + sign * tiny
            bounds.append(jnp.asarray(np.pad(bound, (0, missing), constant_values=np.inf), jnp.float32))
    return side


def _tile_size(count: int, least: int) -> int:
    # On a processor a tile of products should stay in the cache; a GPU wants fewer and larger ones.
    most = max(2048 if jax.default_backend() == "cpu" else 4096, least)
    tiles = -(-count // most)
    return max(-(-count // tiles), least, 1) + -max(-(-count // tiles), least, 1) % TILE_STEP


def _largest(values: np.ndarray, mean: np.ndarray) -> float:
    return float(max(np.max(values.max(axis=0) - mean), np.max(mean - values.min(axis=0))))


def _direct(pairs: Pairs, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    # Each row is summed by itself along memory, so that equal pairs get equal sums wherever they stand.
    sums = np.empty(len(rows))
    size = max(BLOCK_NUMBERS // pairs.features.shape[1], 1)
    for first in range(0, len(rows), size):
        part = slice(first, first + size)
        difference = np.subtract(pairs.features[rows[part]], pairs.reference[columns[part]], dtype=np.float64)
        sums[part] = np.sum(np.square(difference, out=difference), axis=1)
    return sums


def _first_equal(values: np.ndarray) -> np.ndarray:
    values = np.ascontiguousarray(values)
    whole = values.view(np.dtype((np.void, values.dtype.itemsize * values.shape[1])))[:, 0]
    _, first, inverse = np.unique(whole, return_index=True, return_inverse=True)
    return first[inverse]
