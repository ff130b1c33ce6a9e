"""Bricks with joints between: walls, paving, parquet."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from gen_jax.draw import hashing
from gen_jax.draw.texture.antialias import box, coverage, supersampled
from gen_jax.draw.texture.bonds import BONDS
from gen_jax.draw.texture.field import Field, lattice
from gen_jax.draw.texture.fractal import fractal
from gen_jax.draw.texture.kind import Choice, Layers, Number, texture
from gen_jax.draw.texture.lattice import perlin
from gen_jax.draw.texture.once import settled


def _noise(field: Field, scale: Array, part: int) -> Array:
    """Return noise of three octaves, in [-1, 1]."""
    three = jnp.full_like(scale, 3.0)
    rough = jnp.full_like(scale, 0.6)
    cells = lattice(field, scale)
    return fractal(perlin, cells, field.seed_of(part), kind="fbm", octaves=three, most_octaves=3, roughness=rough)


@texture(
    scale=Number(8.0, 0.5, 128.0, "courses a unit", vary=0.2),
    aspect=Number(3.0, 0.5, 12.0, "length of a brick over its height; whole for herringbone and basket", vary=0.1),
    mortar=Number(0.12, 0.0, 0.8, "width of the joints, as a share of a course", vary=0.3),
    offset=Number(0.5, 0.0, 1.0, "by what share of a brick every other course is moved (running bond)"),
    bevel=Number(0.15, 0.0, 0.5, "width of the sloping rim of a brick, as a share of a course", vary=0.3),
    corner=Number(0.15, 0.0, 1.0, "how round the corners are, from square to half circles", vary=0.3),
    tone_variation=Number(0.5, 0.0, 1.0, "by what share a brick may be darker"),
    height_variation=Number(0.2, 0.0, 1.0, "by what share a brick may lie lower"),
    wear=Number(0.2, 0.0, 1.0, "how ragged the edges are", vary=0.3),
    roughness=Number(0.3, 0.0, 1.0, "of the surface", vary=0.3),
    bond=Choice("running", tuple(BONDS), "how the bricks are laid"),
)
@supersampled
def brick(
    field: Field,
    *,
    scale: Array,
    aspect: Array,
    mortar: Array,
    offset: Array,
    bevel: Array,
    corner: Array,
    tone_variation: Array,
    height_variation: Array,
    wear: Array,
    roughness: Array,
    bond: str,
) -> Layers:
    """Bricks in one of several bonds, with joints between."""
    bricks = BONDS[bond](field, scale, aspect, offset)
    least = jnp.minimum(bricks.half_width, bricks.half_height)
    course = 2.0 * least
    half_width, half_height = bricks.half_width - mortar * least, bricks.half_height - mortar * least
    radius = corner * jnp.minimum(half_width, half_height)
    distance = box(bricks.x, bricks.y, half_width, half_height, radius)
    distance = settled(distance + wear * course * 0.12 * _noise(field, 1.5 * scale, 0))
    mask = coverage(distance, field.pixel)
    rise = jnp.clip(-distance / (jnp.maximum(bevel, 1e-3) * course), 0.0, 1.0)
    slope = jnp.where(bevel > 1e-3, 0.3 + 0.7 * rise * (2.0 - rise), 1.0)
    grain = settled(_noise(field, 3.0 * scale, 1))
    bits = hashing.at(field.seed_of(2), bricks.column, bricks.row)
    dark, low = (hashing.unit(hashing.fold(bits, part)) for part in (0, 1))
    top = (1.0 - 0.6 * height_variation * low) * (1.0 - roughness * (0.3 - 0.3 * grain))
    joint = 0.12 * (1.0 + roughness * grain)
    light = (1.0 - 0.75 * tone_variation * dark) * (1.0 + roughness * (0.35 * grain - 0.1))
    height = mask * slope * top + (1.0 - mask) * joint
    return Layers(jnp.clip(height, 0.0, 1.0), tone=jnp.clip(light, 0.0, 1.0), mask=mask, cover=mask)
