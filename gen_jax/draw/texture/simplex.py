"""Simplex noise: random slopes at the points of a triangular lattice, each felt in a small disc around it."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.hashing import at
from gen_jax.draw.texture.field import Lattice
from gen_jax.draw.texture.lattice import direction, wrapped

_ROW = np.float32(np.sqrt(0.75))
"""Distance of two rows of triangles whose sides are 1."""


def simplex(lattice: Lattice, seed: Array) -> Array:
    """Return simplex noise, float32 [b, h, w] in [-1, 1], mean 0, 0 at the lattice points.

    The triangles have sides of one cell. Where the lattice repeats, an even number of rows of them fills its height,
    the nearest to equal sides (two at least): so the picture is a little stretched, less the more cells there are.

    Source: K. Perlin, "Noise hardware", 2001; rows as in S. Gustavson and I. McEwan, "Tiling simplex noise and flow
    noise in two and three dimensions", JCGT 11 (2022).
    """
    rows, column, row = None, lattice.x, lattice.y / _ROW
    if lattice.period_y is not None:
        rows = 2.0 * jnp.maximum(jnp.round(lattice.period_y / (2.0 * _ROW)), 1.0)
        row = lattice.y * (rows / lattice.period_y)
    j0 = jnp.floor(row)
    total = jnp.zeros((), jnp.float32)
    for step in (0.0, 1.0):
        j = j0 + step
        dy = (row - j) * _ROW
        i0 = jnp.floor(column + 0.5 * j)
        for side in (0.0, 1.0):
            i = i0 + side
            dx = column + 0.5 * j - i
            bits = at(seed, *_wrapped_point(i, j, lattice.period_x, rows))
            slope_x, slope_y = direction(bits)
            near = jnp.maximum(0.75 - dx * dx - dy * dy, 0.0) ** 2
            total = total + near * near * (slope_x * dx + slope_y * dy)
    return _SCALE * total


_SCALE = np.float32(15.3)


def _wrapped_point(i: Array, j: Array, period_x: Array | None, rows: Array | None) -> tuple[Array, Array]:
    """Return the indices of a point within the period; a row starts half a cell to the left of the row above."""
    if rows is not None:
        turns = jnp.floor(j / rows)
        i, j = i - 0.5 * turns * rows, j - turns * rows
    return wrapped(i, period_x), wrapped(j, None)
