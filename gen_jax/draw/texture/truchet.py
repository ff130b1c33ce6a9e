"""Truchet tiles: one small drawing in every square, turned by chance, which joins its neighbours into mazes."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.texture.antialias import coverage, length, steps, supersampled
from gen_jax.draw.texture.cells import bits_of, blended, whole_lattice
from gen_jax.draw.texture.field import Field, Lattice
from gen_jax.draw.texture.kind import Choice, Layers, Number, texture


def _turned(grid: Lattice, seed: Array, column: Array, row: Array) -> Array:
    """Return 1 where a tile is the other way round, else 0."""
    return (bits_of(seed, column, row, grid) >> np.uint32(31)).astype(jnp.float32)


def _arcs(x: Array, y: Array) -> Array:
    """Return the distance to the nearer of two quarter circles about the corners (0, 0) and (1, 1)."""
    near, far = length(x, y), length(1.0 - x, 1.0 - y)
    return jnp.abs(jnp.minimum(near, far) - 0.5)


def _triangle(grid: Lattice, pixel: Array, seed: Array, tile: tuple[Array, Array]) -> Array:
    """Return how much of a pixel lies in the half of a tile that is white."""
    bits = bits_of(seed, *tile, grid)
    x, y = grid.x - tile[0] - 0.5, grid.y - tile[1] - 0.5
    right, down = (jnp.where((bits >> np.uint32(place)) & np.uint32(1), 1.0, -1.0) for place in (30, 31))
    return coverage((right * x + down * y) * np.float32(np.sqrt(0.5)), pixel)


def _diagonals(grid: Lattice, seed: Array) -> Array:
    """Return the distance to the nearest diagonal: strokes of neighbours reach round the corners."""
    column, row = jnp.floor(grid.x), jnp.floor(grid.y)
    best = None
    for right in (-1.0, 0.0, 1.0):
        for down in (-1.0, 0.0, 1.0):
            turned = _turned(grid, seed, column + right, row + down)
            x, y = grid.x - column - right - 0.5, grid.y - row - down - 0.5
            x = jnp.where(turned > 0.5, -x, x)
            along = jnp.clip(0.5 * (x + y), -0.5, 0.5)
            distance = length(x - along, y - along)
            best = distance if best is None else jnp.minimum(best, distance)
    assert best is not None
    return best


@texture(
    scale=Number(8.0, 0.5, 128.0, "tiles a unit", vary=0.3),
    width=Number(0.25, 0.02, 0.9, "of a stroke, as a share of a tile", vary=0.3),
    bulge=Number(0.0, 0.0, 1.0, "from flat strokes to round ones"),
    pattern=Choice("arcs", ("arcs", "fields", "diagonals", "triangles"), "what is drawn on a tile"),
)
@supersampled
def truchet(field: Field, *, scale: Array, width: Array, bulge: Array, pattern: str) -> Layers:
    """Mazes of arcs or diagonals, fields between arcs, or triangles, from tiles that are turned by chance.

    Source: C. S. Smith, "The tiling patterns of Sebastien Truchet and the topology of structural hierarchy", 1987.
    """
    even = 2 if pattern == "fields" else 1
    grid = whole_lattice(field, scale, scale, multiple_x=even, multiple_y=even)
    step_x, step_y = steps(grid)
    pixel = jnp.maximum(step_x, step_y)
    seed = field.seed_of(0)
    column, row = jnp.floor(grid.x), jnp.floor(grid.y)
    x, y = grid.x - column, grid.y - row
    turned = _turned(grid, seed, column, row)
    mirrored = jnp.where(turned > 0.5, 1.0 - x, x)
    match pattern:
        case "fields":
            near, far = length(mirrored, y), length(1.0 - mirrored, 1.0 - y)
            inside = jnp.maximum(0.5 - near, 0.5 - far)
            parity = column + row + turned
            side = jnp.where(parity - 2.0 * jnp.floor(0.5 * parity) > 0.5, -1.0, 1.0)
            edge = side * inside
        case "triangles":
            mask = blended(grid, step_x, step_y, lambda c, r: _triangle(grid, pixel, seed, (c, r)))
            return Layers(mask, mask=mask)
        case "diagonals":
            edge = _diagonals(grid, seed) - 0.5 * width
        case _:
            edge = _arcs(mirrored, y) - 0.5 * width
    mask = coverage(edge, pixel)
    depth = jnp.clip(-2.0 * edge / width, 0.0, 1.0)
    dome = jnp.sqrt(depth * (2.0 - depth) + 1e-6)
    return Layers(jnp.minimum(mask * (1.0 + bulge * (dome - 1.0)), 1.0), mask=mask)
