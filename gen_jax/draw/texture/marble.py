"""Marble: a quiet ground with veins, lines along which noise is nought, of several sizes."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.texture.field import Field, lattice
from gen_jax.draw.texture.kind import Layers, Number, texture
from gen_jax.draw.texture.shading import slopes
from gen_jax.draw.texture.shaping import Strand, bent, noises, ramp, slanted


def _veins(strand: Array, width: Array, *, tile: bool) -> Array:
    """Return lines where a noise is nought, ``width`` pixels wide, [b, h, w] in [0, 1]."""
    right, down = slopes(strand, tile=tile)
    steep = jnp.sqrt(right * right + down * down + np.float32(1e-6))
    crisp = 1.0 / (1.0 + (strand / (steep * width)) ** 2)
    return crisp * crisp


@texture(
    scale=Number(2.4, 0.5, 16.0, "large veins along the shorter side", vary=0.2),
    veins=Number(0.6, 0.0, 1.0, "strength of the veins", vary=0.15),
    width=Number(0.015, 0.001, 0.1, "width of the large veins, in shorter sides of the picture", vary=0.25),
    fine=Number(0.4, 0.0, 1.0, "strength of the fine veins between them", vary=0.2),
    clouds=Number(0.35, 0.0, 1.0, "strength of the soft patches of the ground", vary=0.2),
    warp=Number(0.5, 0.0, 1.5, "how crooked the veins are", vary=0.2),
)
def marble(
    field: Field, *, scale: Array, veins: Array, width: Array, fine: Array, clouds: Array, warp: Array
) -> Layers:
    """Marble: crooked veins, thick and fine, in a cloudy ground."""
    cells = slanted(lattice(field, scale * 0.8, scale * 1.2), 1)
    flow = bent(cells, field.seed_of(1), warp, 4)
    presence, patch = noises(
        Strand(lattice(field, scale), field.seed_of(2), 2), Strand(lattice(field, scale * 1.5), field.seed_of(4), 2)
    )
    presence, patch = ramp(presence, -0.5, 0.8), ramp(patch, -0.1, 0.9)
    *strands, ground, shadow = noises(
        Strand(flow, field.seed_of(3), 5, 0.45),
        Strand(flow.refined(2), field.seed_of(5), 4, 0.45),
        Strand(flow.refined(5), field.seed_of(6), 3, 0.45),
        Strand(flow, field.seed_of(7), 5, 0.55),
        Strand(flow, field.seed_of(3), 1),
    )
    pixels = width / field.pixel
    widths = 0.6 + pixels * presence * presence, 0.5 + 0.3 * pixels * patch, 0.4 + 0.15 * pixels
    large, second, third = (_veins(strand, wide, tile=field.tile) for strand, wide in zip(strands, widths, strict=True))
    large = large * (0.25 + 0.75 * presence)
    second = jnp.maximum(second * patch, 0.6 * third * patch * presence)
    halo = ramp(shadow, 0.6, 0.0) * presence
    tone = clouds * (0.55 * ramp(0.5 + 0.5 * ground, 0.1, 1.1) + 0.25 * halo)
    line = jnp.maximum(veins * large, fine * second)
    height = jnp.clip(0.6 - 0.2 * line + 0.2 * tone, 0.0, 1.0)
    return Layers(height=height, tone=jnp.clip(tone + line, 0.0, 1.0), mask=line)
