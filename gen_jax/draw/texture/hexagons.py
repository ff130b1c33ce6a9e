"""A honeycomb: hexagons with a point on top, each with a tone and a height of its own."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.texture.antialias import coverage, steps, supersampled
from gen_jax.draw.texture.cells import random_of, whole_lattice
from gen_jax.draw.texture.field import Field, Lattice
from gen_jax.draw.texture.kind import Layers, Number, texture
from gen_jax.draw.texture.once import settled

_ROW = float(np.sqrt(0.75))
"""Height of a row, in widths of a hexagon."""


def _home(grid: Lattice) -> tuple[Array, Array, Array, Array]:
    """Return the hexagon of every pixel: twice its column, its row, and the pixel's place seen from its middle.

    In widths of a hexagon. Middles lie at (column, row * sqrt(3/4)); twice the column is even in even rows.
    """
    x, y = grid.x, grid.y * _ROW
    found = []
    for odd in (0.0, 1.0):
        column = jnp.round(x - 0.5 * odd)
        row = 2.0 * jnp.round(0.5 * (grid.y - odd)) + odd
        found.append((2.0 * column + odd, row, x - column - 0.5 * odd, y - row * _ROW))
    first, second = found
    nearer = first[2] ** 2 + first[3] ** 2 < second[2] ** 2 + second[3] ** 2
    twice, row, dx, dy = (jnp.where(nearer, one, two) for one, two in zip(first, second, strict=True))
    return twice, row, dx, dy


def _border(dx: Array, dy: Array) -> tuple[Array, Array, Array]:
    """Return how near the nearest side is to the middle's 0.5, and the way to the hexagon behind that side."""
    along = [dx, 0.5 * dx + _ROW * dy, -0.5 * dx + _ROW * dy]
    reach = [jnp.abs(part) for part in along]
    most = jnp.maximum(jnp.maximum(reach[0], reach[1]), reach[2])
    sign = [jnp.where(part < 0.0, -1.0, 1.0) for part in along]
    beside, rising = most == reach[0], most == reach[1]
    twice = jnp.where(beside, 2.0 * sign[0], jnp.where(rising, sign[1], -sign[2]))
    row = jnp.where(beside, 0.0, jnp.where(rising, sign[1], sign[2]))
    return most, twice, row


@texture(
    scale=Number(8.0, 0.5, 128.0, "hexagons a unit", vary=0.3),
    gap=Number(0.06, 0.0, 0.9, "between two hexagons, as a share of a hexagon", vary=0.4),
    bevel=Number(0.1, 0.0, 0.5, "width of the sloping rim, as a share of a hexagon", vary=0.3),
    tone_variation=Number(0.4, 0.0, 1.0, "by what share a hexagon may be darker"),
    height_variation=Number(0.2, 0.0, 1.0, "by what share a hexagon may be lower"),
)
@supersampled
def hexagons(
    field: Field, *, scale: Array, gap: Array, bevel: Array, tone_variation: Array, height_variation: Array
) -> Layers:
    """Hexagons side by side; where they tile, they are stretched a little to come out even."""
    grid = whole_lattice(field, scale, scale / _ROW, multiple_y=2)
    step_x, step_y = steps(grid)
    pixel = jnp.maximum(step_x, _ROW * step_y)
    twice, row, dx, dy = settled(_home(grid))
    most, twice_step, row_step = settled(_border(dx, dy))
    home = _share(field, grid, twice, row)
    beyond = _share(field, grid, twice + twice_step, row + row_step)
    edge = 0.5 * (1.0 - gap)
    # Without a gap, a pixel on the border shows both hexagons.
    mask = jnp.minimum(coverage(most - edge, pixel) + coverage(1.0 - most - edge, pixel), 1.0)
    inner = coverage(most - 0.5, pixel)
    tone, high = (inner * one + (1.0 - inner) * two for one, two in zip(home, beyond, strict=True))
    rise = jnp.clip((edge - most) / jnp.maximum(bevel, 1e-3), 0.0, 1.0)
    slope = 0.4 + 0.6 * rise * (2.0 - rise)
    height = mask * (1.0 - height_variation * high) * jnp.where(bevel > 1e-3, slope, 1.0)
    return Layers(height, tone=1.0 - tone_variation * tone, mask=mask, cover=mask)


def _share(field: Field, grid: Lattice, twice: Array, row: Array) -> tuple[Array, Array]:
    """Return two random numbers of a hexagon."""
    odd = row - 2.0 * jnp.floor(0.5 * row)
    column = 0.5 * (twice - odd)
    first, second = (random_of(field.seed_of(part), column, row, grid) for part in (0, 1))
    return first, second
