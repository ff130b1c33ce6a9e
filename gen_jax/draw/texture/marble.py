"""Marble: a quiet ground with veins, lines along which noise is nought, of several sizes."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from gen_jax.draw.texture.field import Field, Lattice, lattice
from gen_jax.draw.texture.kind import Layers, Number, texture
from gen_jax.draw.texture.shaping import bent, noise, ramp, slanted


def _veins(cells: Lattice, seed: Array, width: Array, octaves: int) -> Array:
    """Return lines of changing width where a noise is nought, [b, h, w] in [0, 1]."""
    strand = noise(cells, seed, octaves, 0.45)
    thin = jnp.abs(strand) / width
    return 1.0 / (1.0 + thin * thin * thin)


@texture(
    scale=Number(2.0, 0.5, 16.0, "large veins along the shorter side", vary=0.2),
    veins=Number(0.6, 0.0, 1.0, "strength of the veins", vary=0.15),
    width=Number(0.06, 0.01, 0.4, "width of the large veins", vary=0.3),
    fine=Number(0.4, 0.0, 1.0, "strength of the fine veins between them", vary=0.2),
    clouds=Number(0.35, 0.0, 1.0, "strength of the soft patches of the ground", vary=0.2),
    warp=Number(0.5, 0.0, 1.5, "how crooked the veins are", vary=0.2),
)
def marble(
    field: Field, *, scale: Array, veins: Array, width: Array, fine: Array, clouds: Array, warp: Array
) -> Layers:
    """Marble: crooked veins, thick and fine, in a cloudy ground."""
    cells = slanted(lattice(field, scale * 0.6, scale * 1.3), 1)
    flow = bent(cells, field.seed_of(1), warp, 4)
    presence = ramp(noise(lattice(field, scale), field.seed_of(2), 2), -0.5, 0.8)
    large = _veins(flow, field.seed_of(3), width * (0.4 + 1.4 * presence), 4) * (0.25 + 0.75 * presence)
    patch = ramp(noise(lattice(field, scale * 1.5), field.seed_of(4), 2), -0.1, 0.9)
    second = _veins(flow.refined(2), field.seed_of(5), width * 0.7, 4) * patch
    third = _veins(flow.refined(5), field.seed_of(6), width * 0.9, 3) * patch * presence
    ground = 0.5 + 0.5 * noise(flow, field.seed_of(7), 5, 0.55)
    halo = ramp(noise(flow, field.seed_of(3), 1), 0.6, 0.0) * presence
    tone = clouds * (0.55 * ramp(ground, 0.1, 1.1) + 0.25 * halo)
    line = jnp.maximum(veins * large, fine * jnp.maximum(second, 0.6 * third))
    return Layers(
        height=jnp.clip(0.6 - 0.2 * line + 0.2 * tone, 0.0, 1.0), tone=jnp.clip(tone + line, 0.0, 1.0), mask=line
    )
