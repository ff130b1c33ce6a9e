"""The sum of outer products ``sum_i x_i x_i^T`` of many rows, added up in float64, fast on CPU and accelerator alike.

Only tiles on and right of the diagonal are computed, each a product of two strips of the transposed rows: operands of
that size and layout reach on a CPU twice the speed of one large symmetric product, which this sum is mostly made of.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from typing import TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import DTypeLike

Value = TypeVar("Value")

_BLOCK_VALUES = 1 << 22
"""float64 values of one block of rows: 32 MiB."""
_LEAST_STRIP = 128
"""Features that a strip has at least, where there are so many."""
_MOST_STRIPS = 8


class SquareSum:
    """Adds up outer products of rows; holds one half of the matrix on the device."""

    def __init__(self, width: int, *, products: DTypeLike = np.float64) -> None:
        """Begin with nothing.

        Args:
          width: features.
          products: type of the products of a block; float32 is faster, and rounds each by 1e-7 or so.
        """
        self.width = width
        self._products = np.dtype(products)
        strips = max(1, min(_MOST_STRIPS, width // _LEAST_STRIP))
        self._edges = tuple(width * strip // strips for strip in range(strips + 1))
        with jax.enable_x64(True):
            self._tiles = [jnp.zeros((rows, columns), jnp.float64) for rows, columns in _pairs(np.diff(self._edges))]
            self._strips = [jnp.zeros((rows, self.block), self._products) for rows in np.diff(self._edges)]

    @property
    def block(self) -> int:
        """How many rows ``add`` takes at once."""
        return block_rows(self.width)

    def add(self, rows: np.ndarray) -> None:
        """Add the outer products of up to ``block`` rows, float32 or float64 [n, width]."""
        self._add(rows, np.zeros(self.width), np.zeros(self.width))

    def add_around_mean(self, rows: np.ndarray, *, count: int, mean: np.ndarray) -> np.ndarray:
        """Add rows to a sum around the mean of ``count`` rows; make it the sum around the mean of all, and return that.

        Args:
          rows: up to ``block``, float32 or float64 [n, width].
          count: rows that the sum holds.
          mean: of these, float64 [width].
        """
        with jax.enable_x64(True):
            apart = np.asarray(_mean(self._padded(rows), np.float64(len(rows)))) - mean
        share = len(rows) / (count + len(rows))
        self._add(rows, mean + apart, apart * np.sqrt(count * share))
        return mean + apart * share

    def _add(self, rows: np.ndarray, center: np.ndarray, also: np.ndarray) -> None:
        """Add rows less a center, and one vector more."""
        parts = [also[span] for span in _spans(self._edges)]
        with jax.enable_x64(True):
            jax.block_until_ready(self._tiles)
            self._strips = _strips(self._strips, self._padded(rows), np.int64(len(rows)), center, edges=self._edges)
            self._tiles = _added(self._tiles, self._strips, parts)

    def _padded(self, rows: np.ndarray) -> np.ndarray:
        missing = self.block - len(rows)
        return np.pad(rows, ((0, missing), (0, 0))) if missing else rows

    def total(self) -> np.ndarray:
        """Return the sum so far, float64 [width, width]."""
        whole = np.empty((self.width, self.width))
        for (rows, columns), tile in zip(_pairs(_spans(self._edges)), self._tiles, strict=True):
            whole[rows, columns] = tile
            whole[columns, rows] = whole[rows, columns].T
        return whole


def block_rows(width: int) -> int:
    """Return how many rows of so many features are added at once."""
    return max(512, min(1 << 13, _BLOCK_VALUES // width))


def _spans(edges: Iterable[int]) -> list[slice]:
    return [slice(start, stop) for start, stop in itertools.pairwise(edges)]


def _pairs(values: Iterable[Value]) -> list[tuple[Value, Value]]:
    """Return the pairs (a, b) with b at a or after it, in the order of the tiles."""
    return list(itertools.combinations_with_replacement(values, 2))


@jax.jit
def _mean(rows: Array, count: Array) -> Array:
    """Return the mean of ``count`` rows that are followed by zeros, float64."""
    return jnp.sum(rows.astype(jnp.float64), axis=0) / count


# The strips of the block before are given up for their memory: fresh pages for each block cost as much as a product.
@functools.partial(jax.jit, static_argnames="edges", donate_argnums=0, keep_unused=True)
def _strips(used: list[Array], rows: Array, count: Array, center: Array, *, edges: tuple[int, ...]) -> list[Array]:
    """Return the rows around a center, transposed and cut into strips of the old one's type; padding is 0."""
    real = (jnp.arange(rows.shape[0]) < count)[None, :]
    around = (rows[:, span].T.astype(jnp.float64) - center[span, None] for span in _spans(edges))
    return [jnp.where(real, strip, 0.0).astype(old.dtype) for strip, old in zip(around, used, strict=True)]


# A program of its own: what feeds a product is then never computed again inside it.
@functools.partial(jax.jit, donate_argnums=0)
def _added(tiles: list[Array], strips: list[Array], parts: list[Array]) -> list[Array]:
    """Return the tiles with the products of the strips, and of the parts of one vector, added."""
    products = [jnp.dot(a, b.T, precision=jax.lax.Precision.HIGHEST) for a, b in _pairs(strips)]
    outer = [a[:, None] * b[None, :] for a, b in _pairs(parts)]
    return [tile + product.astype(jnp.float64) + one for tile, product, one in zip(tiles, products, outer, strict=True)]
