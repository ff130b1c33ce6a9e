"""Dots in rows: discs, rings, squares and diamonds, in square or in hexagonal packing."""

from __future__ import annotations

from collections.abc import Iterator

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.texture.antialias import coverage, length, steps, supersampled
from gen_jax.draw.texture.cells import bits_of, four_of, whole_lattice
from gen_jax.draw.texture.field import Field, Lattice
from gen_jax.draw.texture.kind import Choice, Layers, Number, texture

_ROW = float(np.sqrt(0.75))
"""Height of a row in hexagonal packing, in dots."""


def _outline(x: Array, y: Array, radius: Array, shape: str) -> Array:
    """Return the signed distance to the edge of a dot at (0, 0)."""
    match shape:
        case "disc":
            return length(x, y) - radius
        case "ring":
            return jnp.abs(length(x, y) - 0.75 * radius) - 0.25 * radius
        case "square":
            return jnp.maximum(jnp.abs(x), jnp.abs(y)) - radius
        case _:
            return (jnp.abs(x) + jnp.abs(y) - radius) * np.float32(np.sqrt(0.5))


def _around(grid: Lattice, seed: Array, *, shift: float, jitter: Array) -> Iterator[tuple[Array, Array, Array, Array]]:
    """Yield the nine dots about each pixel: the pixel's place seen from the dot's, and two of its random numbers."""
    for row_step in (-1.0, 0.0, 1.0):
        row = jnp.floor(grid.y) + row_step
        moved = shift * (row - 2.0 * jnp.floor(0.5 * row))
        for column_step in (-1.0, 0.0, 1.0):
            column = jnp.floor(grid.x - moved) + column_step
            bits = bits_of(seed, column, row, grid)
            across, below, bulk, light = four_of(bits)
            x = grid.x - moved - column - 0.5 - jitter * (across - 0.5)
            yield x, grid.y - row - 0.5 - jitter * (below - 0.5), bulk, light


@texture(
    scale=Number(8.0, 0.5, 128.0, "dots a unit", vary=0.3),
    radius=Number(0.3, 0.02, 0.7, "of a dot, as a share of the way to the next", vary=0.3),
    jitter=Number(0.0, 0.0, 1.0, "how far a dot may lie from its place, as a share of the way to the next"),
    size_variation=Number(0.0, 0.0, 1.0, "by what share a dot may be smaller"),
    tone_variation=Number(0.0, 0.0, 1.0, "by what share a dot may be darker"),
    softness=Number(0.0, 0.0, 1.0, "width of the edges, as a share of the way to the next"),
    bulge=Number(0.0, 0.0, 1.0, "from flat dots to domes"),
    packing=Choice("square", ("square", "hexagonal"), "how the dots lie"),
    shape=Choice("disc", ("disc", "ring", "square", "diamond"), "of a dot"),
)
@supersampled
def dots(
    field: Field,
    *,
    scale: Array,
    radius: Array,
    jitter: Array,
    size_variation: Array,
    tone_variation: Array,
    softness: Array,
    bulge: Array,
    packing: str,
    shape: str,
) -> Layers:
    """Dots, white on black."""
    hexagonal = packing == "hexagonal"
    row = _ROW if hexagonal else 1.0
    grid = whole_lattice(field, scale, scale / row, multiple_y=2 if hexagonal else 1)
    step_x, step_y = steps(grid)
    wide, tall = field.pixel / step_x, field.pixel / step_y
    spacing = jnp.minimum(wide, tall / row)
    nearest = None
    for x, y, bulk, light in _around(grid, field.seed_of(0), shift=0.5 if hexagonal else 0.0, jitter=jitter):
        size = radius * spacing * (1.0 - size_variation * bulk)
        found = _outline(x * wide, y * tall, size, shape), size, light
        if nearest is None:
            nearest = found
        else:
            closer = found[0] < nearest[0]
            nearest = tuple(jnp.where(closer, new, old) for new, old in zip(found, nearest, strict=True))
    assert nearest is not None
    distance, size, light = nearest
    mask = coverage(distance, jnp.maximum(softness * spacing, field.pixel))
    depth = jnp.clip(-distance / size, 0.0, 1.0)
    dome = jnp.sqrt(depth * (2.0 - depth) + 1e-6)
    tone = 1.0 - tone_variation * light
    height = jnp.minimum(mask * (1.0 + bulge * (dome - 1.0)), 1.0)
    return Layers(height, tone=tone, mask=mask, cover=mask)
