"""Liquids, and what they leave: light under water, lava, ripples in sand and on water."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.texture.field import Field, lattice
from gen_jax.draw.texture.kind import Layers, Number, texture
from gen_jax.draw.texture.shaping import Strand, apart, bent, nearest, noise, noises, ramp, together


@texture(
    scale=Number(5.0, 1.0, 24.0, "meshes along the shorter side", vary=0.2),
    sharpness=Number(0.55, 0.0, 1.0, "thinness of the bright lines", vary=0.1),
    warp=Number(0.45, 0.0, 1.5, "how bent they are", vary=0.2),
)
def caustics(field: Field, *, scale: Array, sharpness: Array, warp: Array) -> Layers:
    """Caustics: the net of light on the ground of clear water."""
    ones = jnp.ones_like(scale)
    cells = together(lattice(field, scale), lattice(field, scale * 1.6))
    cells = bent(cells, together(field.seed_of(0), field.seed_of(2)), together(warp, warp))
    nets = apart(nearest(cells, together(field.seed_of(1), field.seed_of(3)), together(ones, ones)), 2)
    light = jnp.zeros(())
    for found, weight in zip(nets, (1.0, 0.6), strict=True):
        line = jnp.exp(-(found.f2 - found.f1) * (3.0 + 11.0 * sharpness))
        light = light + weight * line * (0.35 + 0.65 * ramp(found.f1, 0.1, 0.8))
    slow = noise(lattice(field, scale * 0.5), field.seed_of(8), 3)
    tone = 0.28 + 0.10 * slow + 0.75 * light
    return Layers(height=jnp.clip(tone, 0.0, 1.0), mask=jnp.clip(light, 0.0, 1.0))


@texture(
    scale=Number(4.0, 1.0, 20.0, "plates along the shorter side", vary=0.2),
    cracks=Number(0.16, 0.02, 0.6, "width of the cracks between them", vary=0.2),
    heat=Number(0.5, 0.0, 1.0, "how far the glow reaches", vary=0.2),
    warp=Number(0.5, 0.0, 1.5, "how crooked the cracks are", vary=0.2),
)
def lava(field: Field, *, scale: Array, cracks: Array, heat: Array, warp: Array) -> Layers:
    """Lava: plates of dark crust, with the glow between them."""
    ones = jnp.ones_like(scale)
    cells = bent(lattice(field, scale), field.seed_of(1), warp, 4)
    seeds = together(field.seed_of(2), field.seed_of(3))
    found, fine = apart(nearest(together(cells, cells.refined(3)), seeds, together(ones, ones)), 2)
    flow = noise(lattice(field, scale * 0.7), field.seed_of(4), 3)
    open_ = ramp(flow, -0.9, 0.9)
    main = jnp.exp(-(((found.f2 - found.f1) / (cracks * (0.4 + 1.2 * open_))) ** 2))
    hair = jnp.exp(-(((fine.f2 - fine.f1) / (cracks * 1.1)) ** 2)) * ramp(flow, 0.0, 0.9)
    glow = jnp.exp(-(found.f2 - found.f1) / (0.06 + 0.35 * heat)) * open_
    crust = noise(cells.refined(4), field.seed_of(5), 5, 0.6)
    tone = 0.16 + 0.09 * crust + 0.35 * heat * glow + 0.75 * main * (0.55 + 0.45 * open_) + 0.4 * hair
    solid = jnp.clip(1.0 - 1.3 * main - 0.6 * hair, 0.0, 1.0)
    height = 0.15 + solid * (0.45 + 0.18 * crust)
    return Layers(
        height=jnp.clip(height, 0.0, 1.0), tone=jnp.clip(tone, 0.0, 1.0), mask=jnp.clip(main + hair, 0.0, 1.0)
    )


@texture(
    scale=Number(9.0, 1.0, 60.0, "crests along the shorter side", vary=0.2),
    bend=Number(0.8, 0.0, 3.0, "how far crests stray from straight lines, in their distance", vary=0.2),
    steepness=Number(0.7, 0.5, 0.95, "where between two crests the foot lies: 0.5 for even waves", vary=0.05),
    grain=Number(0.3, 0.0, 1.0, "strength of the grain", vary=0.2),
)
def ripples(field: Field, *, scale: Array, bend: Array, steepness: Array, grain: Array) -> Layers:
    """Ripples: the crests that wind draws in sand, or a breeze on water."""
    ones = jnp.ones_like(scale)
    cells = lattice(field, ones, scale)
    slow = lattice(field, jnp.maximum(scale * 0.22, 1.0), jnp.maximum(scale * 0.35, 1.0))
    stray, presence, fine, swell = noises(
        Strand(slow, field.seed_of(1), 3, 0.4),
        Strand(slow, field.seed_of(2), 2),
        Strand(lattice(field, ones * 140.0), field.seed_of(3), 2, 0.7),
        Strand(lattice(field, ones * 1.5), field.seed_of(4), 2),
    )
    phase = cells.y + bend * stray
    part = phase - jnp.floor(phase)
    rise, fall = part / steepness, (1.0 - part) / (1.0 - steepness)
    wave = 0.5 - 0.5 * jnp.cos(np.float32(np.pi) * jnp.clip(jnp.minimum(rise, fall), 0.0, 1.0))
    strength = 0.55 + 0.45 * ramp(presence, -0.8, 0.6)
    height = 0.45 + 0.4 * (wave - 0.5) * strength + 0.1 * swell + 0.02 * grain * fine
    tone = 0.5 + 0.35 * (wave - 0.5) * strength + 0.12 * swell + 0.22 * grain * fine
    return Layers(height=jnp.clip(height, 0.0, 1.0), tone=jnp.clip(tone, 0.0, 1.0), mask=wave)
