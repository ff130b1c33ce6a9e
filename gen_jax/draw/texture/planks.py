"""Boards side by side, each cut from a log of its own: floors and parquet."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from gen_jax.draw.hashing import at, fold, unit
from gen_jax.draw.texture.antialias import box, coverage
from gen_jax.draw.texture.bonds import BONDS, Bricks
from gen_jax.draw.texture.field import Field, Lattice, lattice
from gen_jax.draw.texture.kind import Choice, Layers, Number, texture
from gen_jax.draw.texture.lattice import wrapped
from gen_jax.draw.texture.once import settled
from gen_jax.draw.texture.wood import GRAIN, grain

_ZOOM = 0.3
"""How wide a board is, in shorter sides of a picture of plain wood."""


def _staggered(field: Field, scale: Array, aspect: Array) -> Bricks:
    """Lay boards in rows, each of which begins somewhere else."""
    grid = lattice(field, scale / aspect, scale)
    row = jnp.floor(grid.y)
    row_index = wrapped(row, grid.period_y)
    x = grid.x + unit(at(field.seed_of(20), jnp.zeros_like(row_index), row_index))
    column = jnp.floor(x)
    width, height = (
        field.extent[side] / period if period is not None else 1.0 / count
        for side, period, count in ((1, grid.period_x, scale / aspect), (0, grid.period_y, scale))
    )
    return Bricks(
        (x - column - 0.5) * width,
        (grid.y - row - 0.5) * height,
        0.5 * width,
        0.5 * height,
        wrapped(column, grid.period_x),
        row_index,
    )


@texture(
    tiles=True,
    bond=Choice("staggered", ("staggered", "herringbone", "basket", "running"), "how the boards are laid"),
    scale=Number(7.0, 1.0, 40.0, "boards along the shorter side", vary=0.1),
    aspect=Number(6.0, 1.0, 12.0, "length of a board over its width; whole for herringbone and basket"),
    gap=Number(0.025, 0.0, 0.3, "width of the gaps, as a share of a board", vary=0.2),
    variety=Number(0.5, 0.0, 1.0, "how unlike the boards are", vary=0.1),
    **GRAIN,
)
def planks(
    field: Field, *, scale: Array, aspect: Array, gap: Array, variety: Array, bond: str, **said: Array
) -> Layers:
    """Boards of wood: a floor or parquet."""
    bricks = (
        _staggered(field, scale, aspect)
        if bond == "staggered"
        else BONDS[bond](field, scale, aspect, 0.5 + 0.0 * scale)
    )
    least = jnp.minimum(bricks.half_width, bricks.half_height)
    edge = box(
        bricks.x, bricks.y, bricks.half_width - gap * least, bricks.half_height - gap * least, 0.15 * gap * least
    )
    mask = coverage(edge, field.pixel)
    lying = bricks.half_width >= bricks.half_height
    bits = settled(at(field.seed_of(21), bricks.column, bricks.row))
    start, side, shade = (unit(fold(bits, part)) for part in range(3))
    zoom = _ZOOM * scale
    along = settled(jnp.where(lying, bricks.x, bricks.y) * zoom + 40.0 * start)
    across = settled(jnp.where(lying, bricks.y, bricks.x) * zoom)
    moved = settled(across + 12.0 * side)

    def cells(per_unit_along: Array, per_unit_across: Array) -> Lattice:
        return Lattice(along * per_unit_along, moved * per_unit_across, None, None)

    middle = across + 0.9 * (unit(fold(bits, 3)) - 0.5)
    dark, pore = grain(cells, lambda down: middle + down, field.seed_of(0), said, pixel=field.pixel * _ZOOM * 7.0)
    tone = jnp.clip(dark + variety * 0.45 * (shade - 0.5), 0.0, 1.0)
    rim = jnp.clip(-edge / (0.06 * least), 0.0, 1.0)
    height = mask * (0.45 + 0.3 * rim + 0.1 * variety * side - 0.08 * dark - 0.1 * pore)
    tone = 0.04 + 0.92 * tone
    return Layers(height=jnp.clip(height, 0.0, 1.0), tone=tone, mask=mask, cover=mask * (0.8 + 0.2 * rim))
