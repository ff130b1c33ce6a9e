"""Simplex noise: random slopes at the points of a triangular lattice, each felt in a small disc around it."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from gen_jax.draw.texture.lattice import ROW, Basis, Entries, slopes


def _entries(across: Array, left: Array, right: Array) -> Entries:
    """Return for both points of a row: x of the slope times the way across, y of the slope, 3/4 less the way squared.

    The disc of a point, of radius sqrt(3/4), ends at the far sides of its triangles: no third point of a row is felt.
    """
    parts = []
    for bits, way in ((left, across), (right, across - 1.0)):
        slope_x, slope_y = slopes(bits)
        parts += [slope_x * way, slope_y, 0.75 - way * way]
    return tuple(parts)


def _blend(above: Entries, below: Entries, down: Array) -> Array:
    total = jnp.zeros(())
    for row, way in ((above, down * ROW), (below, (down - 1.0) * ROW)):
        for plane, slope_y, near in (row[:3], row[3:]):
            disc = jnp.maximum(near - way * way, 0.0) ** 2
            total = total + disc * disc * (plane + slope_y * way)
    return 16.0 * total


simplex = Basis(_entries, _blend, triangles=True)
"""Simplex noise in [-1, 1], standard deviation 0.54, 0 at the lattice points, over triangles with sides of one cell.

``16 sum (3/4 - d^2)^4 g.d`` over the three points around a place, slopes g of length 1, ways d from the points. The
greatest value, in the middle of a side whose slopes point there, is 1.

Source: K. Perlin, "Noise hardware", 2001; rows as in S. Gustavson and I. McEwan, "Tiling simplex noise and flow noise
in two and three dimensions", JCGT 11 (2022).
"""
