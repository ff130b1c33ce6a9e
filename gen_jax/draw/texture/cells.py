"""The cells of a pattern: how many there are, and the random numbers that belong to each."""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw import hashing
from gen_jax.draw.texture.field import Field, Lattice, lattice
from gen_jax.draw.texture.lattice import wrapped


def whole_lattice(
    field: Field, scale_x: Array, scale_y: Array, *, multiple_x: Array | int = 1, multiple_y: Array | int = 1
) -> Lattice:
    """Lay cells over a field as ``lattice()`` does, their number along a side a multiple where the field tiles."""
    grid = lattice(field, scale_x / multiple_x, scale_y / multiple_y)
    period_x = None if grid.period_x is None else grid.period_x * multiple_x
    period_y = None if grid.period_y is None else grid.period_y * multiple_y
    return Lattice(grid.x * multiple_x, grid.y * multiple_y, period_x, period_y)


def bits_of(seed: Array, column: Array, row: Array, grid: Lattice) -> Array:
    """Return random bits of a cell, whose column and row are whole numbers as float32."""
    return hashing.at(seed, wrapped(column, grid.period_x), wrapped(row, grid.period_y))


def random_of(seed: Array, column: Array, row: Array, grid: Lattice) -> Array:
    """Return a random number in [0, 1) of a cell, whose column and row are whole numbers as float32."""
    return hashing.unit(bits_of(seed, column, row, grid))


def four_of(bits: Array) -> list[Array]:
    """Return four independent numbers in (0, 1), each of 16 bits, of the random bits of a cell."""
    words = bits, hashing.mix(bits + np.uint32(0x9E3779B9))
    halves = [half for word in words for half in (word >> np.uint32(16), word & np.uint32(0xFFFF))]
    return [(half.astype(jnp.float32) + 0.5) * np.float32(2.0**-16) for half in halves]


def blended(grid: Lattice, width: Array, height: Array, draw: Callable[[Array, Array], Array]) -> Array:
    """Return the mean of what cells show over the box ``width`` x ``height`` (in cells, at most 1) at each place.

    Args:
      grid: the cells.
      width: of the box.
      height: of the box.
      draw: ``draw(column, row)``: what the pixels would show if that cell had no end.
    """
    left, top = jnp.floor(grid.x - 0.5 * width), jnp.floor(grid.y - 0.5 * height)
    right_share = jnp.clip((grid.x + 0.5 * width - left - 1.0) / width, 0.0, 1.0)
    low_share = jnp.clip((grid.y + 0.5 * height - top - 1.0) / height, 0.0, 1.0)

    def along(row: Array) -> Array:
        first, second = draw(left, row), draw(left + 1.0, row)
        return first + right_share * (second - first)

    upper = along(top)
    return upper + low_share * (along(top + 1.0) - upper)
