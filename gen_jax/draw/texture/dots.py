"""Dots in rows: discs, rings, squares and diamonds, in square or in hexagonal packing."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.texture.antialias import coverage, length, steps, supersampled
from gen_jax.draw.texture.cells import bits_of, four_of, whole_lattice
from gen_jax.draw.texture.field import Field, Lattice
from gen_jax.draw.texture.kind import Choice, Layers, Number, texture
from gen_jax.draw.texture.once import settled

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


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class _Dot:
    """The dot whose edge is the nearest to a pixel, float32 [b, h, w] each."""

    distance: Array
    """To its edge, in units, negative inside."""
    radius: Array
    """In units."""
    chance: Array
    """A number in (0, 1) of its own."""


def _nearest(grid: Lattice, field: Field, draw: Callable[[Array, Array, Array, Array], _Dot], *, shift: float) -> _Dot:
    """Return the nearest of the nine dots about each pixel; others cannot reach it, as a radius is at most 0.7.

    Args:
      grid: a dot a cell.
      field: of the pixels.
      draw: ``draw(x, y, column, row)``: a dot as the pixels see it, whose place is (x, y) from the middle of its cell.
      shift: by what share of a cell every other row is moved.
    """

    def nearer(best: _Dot, step: Array) -> tuple[_Dot, None]:
        row = jnp.floor(grid.y) + step[0]
        moved = shift * (row - 2.0 * jnp.floor(0.5 * row))
        column = jnp.floor(grid.x - moved) + step[1]
        found = settled(draw(grid.x - moved - column - 0.5, grid.y - row - 0.5, column, row))
        closer = found.distance < best.distance
        return jax.tree.map(lambda new, old: jnp.where(closer, new, old), found, best), None

    blank = jnp.zeros((field.seed.shape[0], field.height, field.width), jnp.float32)
    around = jnp.array(list(itertools.product((-1.0, 0.0, 1.0), repeat=2)), jnp.float32)
    return jax.lax.scan(nearer, _Dot(blank + 1e3, blank + 1.0, blank), around)[0]


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

    def draw(x: Array, y: Array, column: Array, row: Array) -> _Dot:
        across, below, bulk, chance = four_of(bits_of(field.seed_of(0), column, row, grid))
        size = radius * spacing * (1.0 - size_variation * bulk)
        x, y = x - jitter * (across - 0.5), y - jitter * (below - 0.5)
        return _Dot(_outline(x * wide, y * tall, size, shape), size, chance)

    dot = _nearest(grid, field, draw, shift=0.5 if hexagonal else 0.0)
    mask = coverage(dot.distance, jnp.maximum(softness * spacing, field.pixel))
    depth = jnp.clip(-dot.distance / dot.radius, 0.0, 1.0)
    dome = jnp.sqrt(depth * (2.0 - depth) + 1e-6)
    tone = 1.0 - tone_variation * dot.chance
    height = jnp.minimum(mask * (1.0 + bulge * (dome - 1.0)), 1.0)
    return Layers(height, tone=tone, mask=mask, cover=mask)
