"""Squares in two tones, and the lines of squared paper: products of waves, so that every pixel is exact."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from gen_jax.draw.texture.antialias import square_wave, steps
from gen_jax.draw.texture.cells import blended, random_of, whole_lattice
from gen_jax.draw.texture.field import Field, lattice
from gen_jax.draw.texture.kind import Layers, Number, texture


@texture(
    scale=Number(8.0, 0.5, 256.0, "squares a unit", vary=0.3),
    softness=Number(0.0, 0.0, 1.0, "width of the edges, as a share of a square"),
    variation=Number(0.0, 0.0, 1.0, "how far the tone of a square moves by chance"),
)
def checker(field: Field, *, scale: Array, softness: Array, variation: Array) -> Layers:
    """Squares of two tones by turns; the top left one is white."""
    grid = whole_lattice(field, scale, scale, multiple_x=2, multiple_y=2)
    wide, tall = (jnp.maximum(step, softness) for step in steps(grid))
    half = jnp.full_like(scale, 0.5)
    across, down = (2.0 * square_wave(0.5 * c, half, 0.5 * s) - 1.0 for c, s in ((grid.x, wide), (grid.y, tall)))
    squares = 0.5 + 0.5 * across * down
    box = jnp.minimum(wide, 1.0), jnp.minimum(tall, 1.0)
    chance = blended(grid, *box, lambda column, row: random_of(field.seed_of(0), column, row, grid))
    return Layers(squares + variation * (chance - squares), mask=squares)


@texture(
    scale=Number(8.0, 0.5, 128.0, "squares a unit", vary=0.3),
    width=Number(0.08, 0.005, 0.9, "of the lines, as a share of a square", vary=0.3),
    softness=Number(0.0, 0.0, 1.0, "width of the edges, as a share of a square"),
    parts=Number(1.0, 1.0, 10.0, "into how many each square is divided by fainter lines", whole=True),
    faint=Number(0.5, 0.0, 1.0, "tone of the fainter lines"),
)
def grid(field: Field, *, scale: Array, width: Array, softness: Array, parts: Array, faint: Array) -> Layers:
    """Lines of squared paper, white on black; with parts above 1, of graph paper."""
    squares = lattice(field, scale)
    step_x, step_y = (jnp.maximum(step, softness) for step in steps(squares))

    def lines(x: Array, y: Array, thick: Array, count: Array | float) -> Array:
        down = square_wave(count * x + 0.5 * thick, thick, count * step_x)
        across = square_wave(count * y + 0.5 * thick, thick, count * step_y)
        return down + across - down * across

    whole = lines(squares.x, squares.y, width, 1.0)
    # A fainter line is half as wide as a whole one, whatever the number of parts, and lies under it.
    fine = lines(squares.x, squares.y, jnp.minimum(0.5 * width * parts, 0.9), parts)
    fainter = jnp.where(parts > 1.5, faint * fine, 0.0)
    return Layers(whole + (1.0 - whole) * fainter, mask=whole)
