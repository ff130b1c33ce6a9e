"""How bricks are laid: which brick every pixel lies in, and where in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.texture.antialias import steps
from gen_jax.draw.texture.cells import whole_lattice
from gen_jax.draw.texture.field import Field, Lattice
from gen_jax.draw.texture.lattice import wrapped


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Bricks:
    """The brick of every pixel; lengths in units, a brick with half of the joint about it."""

    x: Array
    """Of the pixel, from the middle of its brick."""
    y: Array
    half_width: Array
    half_height: Array
    column: Array
    """int32; with ``row`` a name that no other brick has."""
    row: Array


def _modulo(number: Array, divisor: Array | float) -> Array:
    return number - divisor * jnp.floor(number / divisor)


def _cell(field: Field, grid: Lattice) -> tuple[Array, Array]:
    """Return the width and height of a cell in units."""
    step_x, step_y = steps(grid)
    return field.pixel / step_x, field.pixel / step_y


def _running(field: Field, scale: Array, aspect: Array, offset: Array) -> Bricks:
    """Lay courses of equal bricks, every other one moved by a share of a brick."""
    grid = whole_lattice(field, scale / aspect, scale, multiple_y=2)
    width, height = _cell(field, grid)
    row = jnp.floor(grid.y)
    x = grid.x - offset * _modulo(row, 2.0)
    column = jnp.floor(x)
    return Bricks(
        (x - column - 0.5) * width,
        (grid.y - row - 0.5) * height,
        0.5 * width,
        0.5 * height,
        wrapped(column, grid.period_x),
        wrapped(row, grid.period_y),
    )


def _stack(field: Field, scale: Array, aspect: Array, offset: Array) -> Bricks:
    """Lay equal bricks in columns; no offset."""
    return _running(field, scale, aspect, jnp.zeros_like(offset))


def _flemish(field: Field, scale: Array, aspect: Array, _: Array) -> Bricks:
    """Lay long and short bricks by turns, a short one in the middle of the long ones above and below."""
    grid = whole_lattice(field, scale / (1.5 * aspect), scale, multiple_y=2)
    width, height = _cell(field, grid)
    row = jnp.floor(grid.y)
    x = grid.x - 0.5 * _modulo(row, 2.0)
    pair = jnp.floor(x)
    place = 1.5 * (x - pair)
    short = place > 1.0
    length = width / 1.5
    return Bricks(
        (place - jnp.where(short, 1.25, 0.5)) * length,
        (grid.y - row - 0.5) * height,
        jnp.where(short, 0.25, 0.5) * length,
        0.5 * height,
        2 * wrapped(pair, grid.period_x) + short,
        wrapped(row, grid.period_y),
    )


def _whole(aspect: Array) -> Array:
    """Return how many bricks side by side are as wide as one is long."""
    return jnp.maximum(jnp.round(aspect), 2.0)


def _herringbone(field: Field, scale: Array, aspect: Array, _: Array) -> Bricks:
    """Lay bricks in a zigzag, at 45 degrees to the picture.

    On squares (i, j) of the turned lattice, those whose i - j is in [0, n) modulo 2n belong to bricks along i, the
    others to bricks along j. A picture's width goes (p, p) squares, its height (q, -q), and q is a multiple of n.
    """
    count = _whole(aspect)
    diagonal = scale * np.float32(np.sqrt(0.5))
    grid = whole_lattice(field, diagonal, diagonal, multiple_x=count, multiple_y=count)
    side = sum(_cell(field, grid)) * np.float32(0.5 * np.sqrt(0.5))
    u, v = grid.x + grid.y, grid.x - grid.y
    i, j = jnp.floor(u), jnp.floor(v)
    place = _modulo(i - j, 2.0 * count)
    along = place < count
    first_i = jnp.where(along, i - place, i)
    first_j = jnp.where(along, j, j - (2.0 * count - 1.0 - place))
    reach_i, reach_j = jnp.where(along, count, 1.0), jnp.where(along, 1.0, count)
    twice_x = None if grid.period_x is None else 2.0 * grid.period_x
    twice_y = None if grid.period_y is None else 2.0 * grid.period_y
    return Bricks(
        (u - first_i - 0.5 * reach_i) * side,
        (v - first_j - 0.5 * reach_j) * side,
        0.5 * reach_i * side,
        0.5 * reach_j * side,
        wrapped(first_i + first_j, twice_x),
        wrapped(first_i - first_j, twice_y),
    )


def _basket(field: Field, scale: Array, aspect: Array, _: Array) -> Bricks:
    """Lay square blocks of bricks side by side, lying and standing by turns."""
    count = _whole(aspect)
    grid = whole_lattice(field, scale, scale, multiple_x=2.0 * count, multiple_y=2.0 * count)
    width, height = _cell(field, grid)
    block_x, block_y = jnp.floor(grid.x / count), jnp.floor(grid.y / count)
    lying = _modulo(block_x + block_y, 2.0) < 0.5
    first_x = jnp.where(lying, block_x * count, jnp.floor(grid.x))
    first_y = jnp.where(lying, jnp.floor(grid.y), block_y * count)
    reach_x, reach_y = jnp.where(lying, count, 1.0), jnp.where(lying, 1.0, count)
    return Bricks(
        (grid.x - first_x - 0.5 * reach_x) * width,
        (grid.y - first_y - 0.5 * reach_y) * height,
        0.5 * reach_x * width,
        0.5 * reach_y * height,
        wrapped(first_x, grid.period_x),
        wrapped(first_y, grid.period_y),
    )


BONDS: dict[str, Callable[[Field, Array, Array, Array], Bricks]] = {
    "running": _running,
    "stack": _stack,
    "flemish": _flemish,
    "herringbone": _herringbone,
    "basket": _basket,
}
"""Name -> ``bond(field, courses a unit, aspect, offset)``; a new one is one line here."""
