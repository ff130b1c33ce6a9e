"""Cells: how far the nearest and the second nearest of randomly placed points are, and which one is nearest."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.hashing import at, mix
from gen_jax.draw.texture.field import Lattice
from gen_jax.draw.texture.lattice import wrapped

Metric = Literal["euclidean", "manhattan", "chebyshev"]


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Cells:
    """What a place knows of the points around it; [b, h, w] each."""

    f1: Array
    """float32: distance to the nearest point, in cells."""
    f2: Array
    """float32: distance to the second nearest, at least ``f1``."""
    cell: Array
    """uint32: random bits of the nearest point."""


_MOST_JITTER = np.float32(0.92)
"""Share of a cell over which points are spread at most; so the windows below miss neither F1 nor F2."""


_WINDOWS: dict[Metric, int] = {"euclidean": 4, "chebyshev": 3, "manhattan": 5}
"""Cells that are looked at either way: an even number about the nearest corner of a cell, an odd one about the cell."""


def worley(lattice: Lattice, seed: Array, *, metric: Metric, jitter: Array) -> Cells:
    """Return the distances to the nearest two points, of which every cell holds one.

    Both are exact: no point outside of the cells that are looked at can be nearer than the second nearest within,
    wherever the points lie in their cells. That needs 4 x 4 cells about the nearest corner for the Euclidean distance,
    3 x 3 for the greatest of both ways (chebyshev), and 5 x 5 but its corners for their sum (manhattan).

    Args:
      lattice: the cells.
      seed: uint32 [b, 1, 1].
      metric: how distance is measured.
      jitter: [b, 1, 1] in [0, 1]: how far points stray from the middles of their cells; at 1, over 0.92 of a cell.

    Source: S. Worley, "A cellular texture basis function", SIGGRAPH 1996; one point a cell.
    """
    spread = _MOST_JITTER * jitter
    periods = lattice.period_x, lattice.period_y
    f1, f2, bits = _nearest_two(metric, (lattice.x, lattice.y, spread), seed, periods)
    if metric == "euclidean":
        f1, f2 = (jnp.sqrt(jnp.maximum(each, np.float32(1e-12))) for each in (f1, f2))
    return Cells(f1, f2, mix(bits))


Periods = tuple[Array | None, Array | None]
Spot = tuple[Array, Array, Array]
"""x and y of a place, in cells, and the share of a cell over which points are spread."""


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def _nearest_two(metric: Metric, spot: Spot, seed: Array, periods: Periods) -> tuple[Array, Array, Array]:
    """Return F1 and F2, as ``_distance`` has them, and the bits of the nearest point."""
    return _search(metric, spot, seed, periods)[:3]


@_nearest_two.defjvp
def _slope(metric: Metric, primals: tuple[Spot, Array, Periods], tangents: tuple[Spot, Any, Any]) -> tuple[Any, Any]:
    """Find the two points, and take the slope of the distances to these alone: not of all that were looked at."""
    spot, seed, periods = primals
    _, _, bits, *found = _search(metric, spot, seed, periods)
    width = _WINDOWS[metric]
    slopes = []
    for number in found:
        row = jnp.floor((number + 0.5) / width)
        cells = [first + side for first, side in zip(_first(metric, spot), (number - width * row, row), strict=True)]
        point = at(seed, wrapped(cells[1], periods[1]), wrapped(cells[0], periods[0]))

        def far(x: Array, y: Array, spread: Array, cells: list[Array] = cells, point: Array = point) -> Array:
            right, down = (0.5 + spread * (share - 0.5) for share in _shares(point))
            return _distance(cells[0] + right - x, cells[1] + down - y, metric)

        slopes.append(jax.jvp(far, spot, tangents[0]))
    (f1, slope1), (f2, slope2) = slopes
    return (f1, f2, bits), (slope1, slope2, np.zeros(bits.shape, jax.dtypes.float0))


def _first(metric: Metric, spot: Spot) -> list[Array]:
    """Return column and row of the upper left cell of the window."""
    width = _WINDOWS[metric]
    return [jnp.floor(place + 0.5 * (1 - width % 2)) - (width // 2) for place in spot[:2]]


def _shares(bits: Array) -> tuple[Array, Array]:
    """Return how far across and down its cell's spread a point lies, each in [0, 1) and a multiple of 2^-16."""
    parts = bits & np.uint32(0xFFFF), bits >> np.uint32(16)
    return parts[0].astype(jnp.float32) * np.float32(2.0**-16), parts[1].astype(jnp.float32) * np.float32(2.0**-16)


def _search(metric: Metric, spot: Spot, seed: Array, periods: Periods) -> tuple[Array, Array, Array, Array, Array]:
    """Return F1, F2, the bits of the nearest point, and the cells' numbers in the window of the nearest two."""
    width, spread = _WINDOWS[metric], spot[2]
    ways, indices = [], []
    for place, first, period in zip(spot[:2], _first(metric, spot), periods, strict=True):
        ways.append([first + (side + 0.5) - 0.5 * spread - place for side in range(width)])
        indices.append([wrapped(first + side, period) for side in range(width)])
    f1 = f2 = jnp.full((), np.inf, jnp.float32)
    nearest, one, two = jnp.zeros((), jnp.uint32), jnp.zeros(()), jnp.zeros(())
    for row, column in itertools.product(range(width), repeat=2):
        if width == 5 and {row, column} <= {0, 4}:
            continue
        bits = at(seed, indices[1][row], indices[0][column])
        across, down = _shares(bits)
        far = _distance(ways[0][column] + spread * across, ways[1][row] + spread * down, metric)
        closer, second = far < f1, far < f2
        number = float(row * width + column)
        two = jnp.where(closer, one, jnp.where(second, number, two))
        f2 = jnp.where(closer, f1, jnp.where(second, far, f2))
        one, nearest, f1 = (jnp.where(closer, new, old) for new, old in ((number, one), (bits, nearest), (far, f1)))
    return f1, f2, nearest, one, two


def _distance(right: Array, down: Array, metric: Metric) -> Array:
    """Return the distance; the square of the Euclidean one."""
    if metric == "euclidean":
        return right * right + down * down
    if metric == "manhattan":
        return jnp.abs(right) + jnp.abs(down)
    return jnp.maximum(jnp.abs(right), jnp.abs(down))
