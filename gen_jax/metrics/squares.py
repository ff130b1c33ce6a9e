"""The sum of outer products ``sum_i x_i x_i^T`` of many rows in float64, fast on CPU and accelerator alike.

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

Value = TypeVar("Value")

_BLOCK_VALUES = 1 << 22
"""float64 values of one block of rows: 32 MiB."""
_LEAST_STRIP = 128
"""Features that a strip has at least, where there are so many."""
_MOST_STRIPS = 8


class SquareSum:
    """Adds up outer products of rows; holds one half of the matrix on the device."""

    def __init__(self, width: int) -> None:
        self.width = width
        strips = max(1, min(_MOST_STRIPS, width // _LEAST_STRIP))
        self._edges = [width * strip // strips for strip in range(strips + 1)]
        with jax.enable_x64(True):
            self._tiles = [jnp.zeros((rows, columns), jnp.float64) for rows, columns in _pairs(np.diff(self._edges))]

    @property
    def block(self) -> int:
        """How many rows ``add`` takes at once."""
        return block_rows(self.width)

    def add(self, columns: np.ndarray, *, also: np.ndarray | None = None) -> None:
        """Add the outer products of up to ``block`` rows.

        Args:
          columns: the rows transposed, float64 [width, n].
          also: one vector more, float64 [width].
        """
        padded = np.pad(columns, ((0, 0), (0, self.block - columns.shape[1])))
        vector = np.zeros(self.width) if also is None else also
        strips, parts = ([values[a:b] for a, b in itertools.pairwise(self._edges)] for values in (padded, vector))
        # One block waits at most, so that memory stays bounded.
        jax.block_until_ready(self._tiles)
        with jax.enable_x64(True):
            self._tiles = _added(self._tiles, strips, parts)

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


def _spans(edges: list[int]) -> list[slice]:
    return [slice(start, stop) for start, stop in itertools.pairwise(edges)]


def _pairs(values: Iterable[Value]) -> list[tuple[Value, Value]]:
    """Return the pairs (a, b) with b at a or after it, in the order of the tiles."""
    return list(itertools.combinations_with_replacement(values, 2))


@functools.partial(jax.jit, donate_argnums=0)
def _added(tiles: list[Array], strips: list[Array], parts: list[Array]) -> list[Array]:
    """Return the tiles with the products of the strips, and of the parts of one vector, added."""
    products = [jnp.dot(a, b.T, precision=jax.lax.Precision.HIGHEST) for a, b in _pairs(strips)]
    outer = [a[:, None] * b[None, :] for a, b in _pairs(parts)]
    return [tile + product + one for tile, product, one in zip(tiles, products, outer, strict=True)]
