"""Cells: how far the nearest and the second nearest of randomly placed points are, and which one is nearest."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Literal

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
    width = _WINDOWS[metric]
    ways, indices = [], []
    spread = _MOST_JITTER * jitter
    for place, period in ((lattice.x, lattice.period_x), (lattice.y, lattice.period_y)):
        first = jnp.floor(place + 0.5 * (1 - width % 2)) - (width // 2)
        ways.append([first + (side + 0.5) - 0.5 * spread - place for side in range(width)])
        indices.append([wrapped(first + side, period) for side in range(width)])
    unit = spread * np.float32(2.0**-16)
    f1 = f2 = jnp.full((), np.inf, jnp.float32)
    nearest = jnp.zeros((), jnp.uint32)
    for row, column in itertools.product(range(width), repeat=2):
        if width == 5 and {row, column} <= {0, 4}:
            continue
        bits = at(seed, indices[1][row], indices[0][column])
        right = ways[0][column] + unit * (bits & np.uint32(0xFFFF)).astype(jnp.float32)
        down = ways[1][row] + unit * (bits >> np.uint32(16)).astype(jnp.float32)
        far = _distance(right, down, metric)
        f2 = jnp.minimum(f2, jnp.maximum(f1, far))
        nearest = jnp.where(far < f1, bits, nearest)
        f1 = jnp.minimum(f1, far)
    if metric == "euclidean":
        f1, f2 = (jnp.sqrt(jnp.maximum(each, np.float32(1e-12))) for each in (f1, f2))
    return Cells(f1, f2, mix(nearest))


def _distance(right: Array, down: Array, metric: Metric) -> Array:
    """Return the distance; the square of the Euclidean one."""
    if metric == "euclidean":
        return right * right + down * down
    if metric == "manhattan":
        return jnp.abs(right) + jnp.abs(down)
    return jnp.maximum(jnp.abs(right), jnp.abs(down))
