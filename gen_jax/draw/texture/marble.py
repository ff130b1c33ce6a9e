"""Marble: a quiet ground with veins, lines along which noise is nought, of several sizes."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.texture.field import Field, Lattice, lattice
from gen_jax.draw.texture.kind import Layers, Number, texture
from gen_jax.draw.texture.shading import slopes
from gen_jax.draw.texture.shaping import bent, noise, ramp, slanted


def _veins(cells: Lattice, seed: Array, width: Array, octaves: int, *, tile: bool) -> Array:
    """Return lines where a noise is nought, ``width`` pixels wide, [b, h, w] in [0, 1]."""
    strand = noise(cells, seed, octaves, 0.45)
    right, down = slopes(strand, tile=tile)
    steep = jnp.sqrt(right * right + down * down + np.float32(1e-6))
    far = jnp.abs(strand) / steep
    crisp = 1.0 / (1.0 + (far / width) ** 2)
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
    presence = ramp(noise(lattice(field, scale), field.seed_of(2), 2), -0.5, 0.8)
    pixels = width / field.pixel
    large = _veins(flow, field.seed_of(3), 0.6 + pixels * presence * presence, 5, tile=field.tile) * (
        0.25 + 0.75 * presence
    )
    patch = ramp(noise(lattice(field, scale * 1.5), field.seed_of(4), 2), -0.1, 0.9)
    second = _veins(flow.refined(2), field.seed_of(5), 0.5 + 0.3 * pixels * patch, 4, tile=field.tile) * patch
    third = _veins(flow.refined(5), field.seed_of(6), 0.4 + 0.15 * pixels, 3, tile=field.tile) * patch * presence
    ground = 0.5 + 0.5 * noise(flow, field.seed_of(7), 5, 0.55)
    halo = ramp(noise(flow, field.seed_of(3), 1), 0.6, 0.0) * presence
    tone = clouds * (0.55 * ramp(ground, 0.1, 1.1) + 0.25 * halo)
    line = jnp.maximum(veins * large, fine * jnp.maximum(second, 0.6 * third))
    return Layers(
        height=jnp.clip(0.6 - 0.2 * line + 0.2 * tone, 0.0, 1.0), tone=jnp.clip(tone + line, 0.0, 1.0), mask=line
    )
