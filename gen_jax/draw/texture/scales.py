"""Scales and shingles: rows of plates, each row over the one below it."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from gen_jax.draw.texture.antialias import coverage, length, steps, supersampled
from gen_jax.draw.texture.cells import random_of, whole_lattice
from gen_jax.draw.texture.field import Field
from gen_jax.draw.texture.kind import Choice, Layers, Number, texture
from gen_jax.draw.texture.once import settled


def _outline(x: Array, y: Array, spacing: Array, shape: str) -> Array:
    """Return the distance to the edge of a plate of width 1, from the middle of its widest place; endless upwards."""
    low = jnp.maximum(y, 0.0)
    match shape:
        case "round":
            return length(x, low) - 0.5
        case "pointed":
            return length(jnp.abs(x) + 0.25, low) - 0.75
        case _:
            return jnp.maximum(jnp.abs(x) - 0.5, y - spacing)


@texture(
    scale=Number(8.0, 0.5, 64.0, "plates a unit, across", vary=0.2),
    spacing=Number(0.5, 0.3, 0.5, "from row to row, as a share of a plate's width"),
    gap=Number(0.03, 0.0, 0.2, "width of the dark rim, as a share of a plate's width", vary=0.3),
    tilt=Number(0.6, 0.0, 1.0, "how much higher a plate is at its lower end", vary=0.2),
    tone_variation=Number(0.4, 0.0, 1.0, "by what share a plate may be darker"),
    shape=Choice("round", ("round", "pointed", "square"), "of the lower end of a plate"),
)
@supersampled
def scales(
    field: Field, *, scale: Array, spacing: Array, gap: Array, tilt: Array, tone_variation: Array, shape: str
) -> Layers:
    """Plates that hang in rows like the scales of a fish or the shingles of a roof."""
    grid = whole_lattice(field, scale, scale / spacing, multiple_y=2)
    step_x, step_y = steps(grid)
    # What a row really is apart, in widths, after rounding to whole plates.
    apart = step_x / step_y
    height, tone, mask = jnp.zeros(()), jnp.zeros(()), jnp.zeros(())
    for below in (1.0, 0.0, -1.0, -2.0):
        row = jnp.floor(grid.y) + below
        x = grid.x - 0.5 * (row - 2.0 * jnp.floor(0.5 * row))
        column = jnp.floor(x)
        y = (grid.y - row) * apart
        edge = settled(_outline(x - column - 0.5, y, apart, shape))
        cover = jnp.ones_like(edge) if below > 0.0 else coverage(edge, step_x)
        rim = jnp.clip(-edge / (gap + 0.1), 0.0, 1.0)
        rise = (1.0 - tilt * (0.9 - 0.9 * jnp.clip(0.5 + y, 0.0, 1.0))) * (0.6 + 0.4 * rim * (2.0 - rim))
        dark = 1.0 - tone_variation * random_of(field.seed_of(0), column, row, grid)
        inner = jnp.minimum(coverage(edge + gap, step_x), cover)
        height, tone = (old + cover * (new - old) for old, new in ((height, rise), (tone, dark)))
        mask = mask * (1.0 - cover) + inner
    return Layers(jnp.clip(height * (0.3 + 0.7 * mask), 0.0, 1.0), tone=tone, mask=mask, cover=mask)
