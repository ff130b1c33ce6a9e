"""Cells: how far the nearest and the second nearest of randomly placed points are, and which one is nearest."""

from __future__ import annotations

import dataclasses
from typing import Literal

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.hashing import at, mix, unit
from gen_jax.draw.texture.field import Lattice
from gen_jax.draw.texture.lattice import wrapped

Metric = Literal["euclidean", "manhattan", "chebyshev"]


@dataclasses.dataclass(frozen=True)
class Cells:
    """What a place knows of the points around it; [b, h, w] each."""

    f1: Array
    """float32: distance to the nearest point, in cells."""
    f2: Array
    """float32: distance to the second nearest, at least ``f1``."""
    cell: Array
    """uint32: random bits of the nearest point."""


def worley(lattice: Lattice, seed: Array, *, metric: Metric, jitter: Array) -> Cells:
    """Return the distances to the nearest two points, of which every cell holds one.

    Args:
      lattice: the cells.
      seed: uint32 [b, 1, 1].
      metric: how distance is measured.
      jitter: [b, 1, 1] in [0, 1]: the share of a cell in which its point may lie, about the middle.

    Source: S. Worley, "A cellular texture basis function", SIGGRAPH 1996; one point a cell.
    """
    x0, y0 = jnp.floor(lattice.x), jnp.floor(lattice.y)
    dx, dy = lattice.x - x0, lattice.y - y0
    f1 = f2 = jnp.full((), 1e9, jnp.float32)
    cell = jnp.zeros((), jnp.uint32)
    for step in range(-2, 3):
        for side in range(-2, 3):
            bits = at(seed, wrapped(x0 + side, lattice.period_x), wrapped(y0 + step, lattice.period_y))
            off_x = (unit(bits) - 0.5) * jitter + (side + 0.5) - dx
            off_y = (unit(mix(bits)) - 0.5) * jitter + (step + 0.5) - dy
            far = _distance(off_x, off_y, metric)
            f2 = jnp.minimum(f2, jnp.maximum(f1, far))
            cell = jnp.where(far < f1, bits, cell)
            f1 = jnp.minimum(f1, far)
    if metric == "euclidean":
        f1, f2 = (jnp.sqrt(jnp.maximum(f, np.float32(1e-12))) for f in (f1, f2))
    return Cells(f1, f2, cell)


def _distance(x: Array, y: Array, metric: Metric) -> Array:
    """Return the distance; the square of the Euclidean one."""
    if metric == "euclidean":
        return x * x + y * y
    if metric == "manhattan":
        return jnp.abs(x) + jnp.abs(y)
    return jnp.maximum(jnp.abs(x), jnp.abs(y))
