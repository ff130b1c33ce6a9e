"""The sky: clouds by day, stars and nebulae by night."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.hashing import fold, unit
from gen_jax.draw.texture.field import Field, lattice
from gen_jax.draw.texture.kind import Layers, Number, texture
from gen_jax.draw.texture.shaping import Strand, apart, bent, nearest, noise, noises, ramp, together
from gen_jax.draw.texture.worley import Cells


@texture(
    scale=Number(3.0, 0.5, 16.0, "large clouds along the shorter side", vary=0.2),
    coverage=Number(0.5, 0.0, 1.0, "share of the sky that they cover", vary=0.2),
    softness=Number(0.6, 0.05, 2.0, "width of their edges", vary=0.2),
    detail=Number(0.56, 0.2, 0.8, "roughness of their edges"),
    warp=Number(0.35, 0.0, 1.5, "how much the wind has torn them", vary=0.2),
)
def clouds(field: Field, *, scale: Array, coverage: Array, softness: Array, detail: Array, warp: Array) -> Layers:
    """Clouds: soft heaps in a clear sky."""
    ones = jnp.ones_like(scale)
    cells = bent(lattice(field, scale, scale * 1.3), field.seed_of(1), warp * 0.6, 2)
    thick = noise(cells, field.seed_of(2), 7, detail) + (coverage - 0.5) * 1.8
    toward_light = (
        noise(cells.shifted(-0.06 * ones, -0.10 * ones), field.seed_of(2), 4, detail) + (coverage - 0.5) * 1.8
    )
    density = ramp(thick, 0.0, softness)
    shade = jnp.clip(0.5 + 0.55 * (thick - toward_light) - 0.12 * jnp.maximum(toward_light - 0.5, 0.0), 0.0, 1.0)
    tone = density * (0.70 + 0.45 * (shade - 0.3))
    return Layers(height=jnp.clip(thick * density, 0.0, 1.0), tone=jnp.clip(tone, 0.0, 1.0), mask=density)


def _light(found: Cells, share: Array, radius: float, *, scale: float, pixel: float) -> Array:
    """Return stars of random brightness, a few pixels wide, [b, h, w] in [0, 1]."""
    bright = unit(fold(found.cell, 1))
    there = jnp.where(unit(fold(found.cell, 2)) < share, 1.0, 0.0)
    reach = jnp.maximum(radius * (0.3 + 0.7 * bright), 1.0 * pixel) * scale
    far = (found.f1 / reach) ** 2
    glow = 0.12 * bright * jnp.exp(-far / 12.0)
    return there * (0.35 + 0.65 * bright) * (jnp.exp(-far) + glow)


@texture(
    scale=Number(2.0, 0.5, 12.0, "nebulae along the shorter side", vary=0.25),
    nebula=Number(0.6, 0.0, 1.0, "strength of the nebula", vary=0.2),
    stars=Number(0.5, 0.0, 1.0, "how many stars there are", vary=0.2),
    dust=Number(0.5, 0.0, 1.0, "strength of the dark dust", vary=0.2),
)
def stars(field: Field, *, scale: Array, nebula: Array, stars: Array, dust: Array) -> Layers:
    """Stars of many sizes, before a nebula with dark dust."""
    ones = jnp.ones_like(scale)
    cells = bent(lattice(field, scale), field.seed_of(1), ones * 0.7, 4)
    gas, lanes = noises(Strand(cells, field.seed_of(2), 6, 0.55), Strand(cells.refined(2), field.seed_of(4), 5, 0.6))
    gas = ramp(gas, -0.5, 1.3)
    threads = noise(cells.refined(2), field.seed_of(3), 4, 0.55, kind="ridged")
    gas = gas * (0.7 + 0.9 * threads * threads)
    lanes = ramp(lanes, 0.1, 1.0)
    gas = nebula * gas * (1.0 - 0.8 * dust * lanes)
    kinds = ((9.0, 0.8, 0.0055, 1.2), (28.0, 1.0, 0.0028, 1.1), (64.0, 1.0, 0.0016, 0.8))
    places = together(*(lattice(field, ones * count) for count, *_ in kinds))
    seeds = together(*(field.seed_of(part) for part in (5, 6, 7)))
    found = apart(nearest(places, seeds, jnp.ones_like(seeds, jnp.float32)), len(kinds))
    light = jnp.zeros(())
    for near, (count, share, radius, weight) in zip(found, kinds, strict=True):
        shine = _light(near, stars * share, radius, scale=count, pixel=field.pixel)
        light = jnp.maximum(light, weight * shine)
    tone = jnp.clip(0.95 * gas, 0.0, 0.8)
    tone = tone + (1.0 - tone) * jnp.clip(light, 0.0, 1.0)
    return Layers(height=jnp.clip(tone, 0.0, 1.0), mask=jnp.clip(light, 0.0, 1.0).astype(np.float32))
