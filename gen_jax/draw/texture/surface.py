"""Surfaces of one stuff: concrete, plaster, paper, rust, leather, brushed metal, layered stone."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from gen_jax.draw.hashing import fold, unit
from gen_jax.draw.texture.field import Field, lattice
from gen_jax.draw.texture.kind import Layers, Number, texture
from gen_jax.draw.texture.shaping import Strand, apart, bent, nearest, noise, noises, ramp, together


def _pits(field: Field, part: int, scale: Array, share: Array) -> Array:
    """Return small round holes, [b, h, w] in [0, 1]."""
    cells = bent(lattice(field, scale), field.seed_of(part), jnp.ones_like(scale) * 0.3, 2)
    found = nearest(cells, field.seed_of(part + 1), jnp.ones_like(scale))
    size = 0.08 + 0.30 * unit(fold(found.cell, 1)) ** 3
    there = jnp.where(unit(fold(found.cell, 2)) < share, 1.0, 0.0)
    return there * ramp(found.f1, size + 0.06, jnp.maximum(size - 0.06, 0.0))


@texture(
    scale=Number(3.0, 0.5, 24.0, "blotches along the shorter side", vary=0.2),
    blotches=Number(0.5, 0.0, 1.0, "strength of the large blotches", vary=0.15),
    hardness=Number(0.0, 0.0, 1.0, "how hard the edges of the blotches are"),
    rough=Number(0.5, 0.0, 1.0, "strength of the relief of middle size", vary=0.15),
    grain=Number(0.4, 0.0, 1.0, "strength of the fine grain", vary=0.15),
    grain_scale=Number(120.0, 8.0, 300.0, "grains along the shorter side"),
    pits=Number(0.0, 0.0, 1.0, "share of the places that have a hole", vary=0.2),
    pit_scale=Number(24.0, 2.0, 120.0, "places for a hole along the shorter side"),
    cracks=Number(0.0, 0.0, 1.0, "how many cracks there are", vary=0.2),
    stretch=Number(1.0, 0.05, 1.0, "how much longer blotches and grain are than high: 1 for alike"),
)
def surface(
    field: Field,
    *,
    scale: Array,
    blotches: Array,
    hardness: Array,
    rough: Array,
    grain: Array,
    grain_scale: Array,
    pits: Array,
    pit_scale: Array,
    cracks: Array,
    stretch: Array,
) -> Layers:
    """A surface of one stuff: blotches, relief, grain, pits and cracks in any mixture."""
    ones = jnp.ones_like(scale)
    cells = lattice(field, scale)
    bends = bent(
        together(lattice(field, scale * stretch, scale), lattice(field, scale * 0.7)),
        together(field.seed_of(1), field.seed_of(7)),
        together(ones * 0.4, ones * 0.5),
        4,
    )
    broad, crooked = apart(bends, 2)
    blotch = noise(broad, field.seed_of(2), 6, 0.55)
    middle, fine, belt = noises(
        Strand(lattice(field, scale * 4.0 * stretch, scale * 4.0), field.seed_of(3), 5, 0.6),
        Strand(lattice(field, grain_scale * stretch, grain_scale), field.seed_of(4), 2, 0.7),
        Strand(cells, field.seed_of(9), 2),
    )
    edge = 1.0 - 0.9 * hardness
    blotch = jnp.clip(blotch / edge, -1.0, 1.0)
    hole = _pits(field, 5, pit_scale, pits)
    way = jnp.abs(noise(crooked, field.seed_of(8), 2))
    broken = ramp(belt, 0.9 - 1.5 * cracks, 1.1 - 1.5 * cracks)
    crack = jnp.where(cracks > 0.0, broken * jnp.exp(-((way / 0.018) ** 2)), 0.0)
    tone = 0.5 + 0.38 * blotches * blotch + 0.16 * rough * middle + 0.20 * grain * fine
    tone = tone * (1.0 - 0.55 * hole) * (1.0 - 0.75 * crack)
    height = 0.55 + 0.10 * blotches * blotch + 0.22 * rough * middle + 0.08 * grain * fine - 0.35 * hole - 0.4 * crack
    mask = 1.0 - jnp.maximum(hole, crack)
    return Layers(height=jnp.clip(height, 0.0, 1.0), tone=jnp.clip(tone, 0.0, 1.0), mask=mask)


@texture(
    scale=Number(48.0, 4.0, 120.0, "wrinkles along the shorter side", vary=0.15),
    depth=Number(0.6, 0.0, 1.0, "depth of the furrows", vary=0.1),
    uneven=Number(0.5, 0.0, 1.0, "how unlike the parts of the hide are", vary=0.15),
)
def leather(field: Field, *, scale: Array, depth: Array, uneven: Array) -> Layers:
    """Leather: small bulges between crooked furrows, with pores."""
    ones = jnp.ones_like(scale)
    flow, fine = noises(
        Strand(lattice(field, ones * 3.0), field.seed_of(1), 3),
        Strand(lattice(field, scale * 5.0), field.seed_of(5), 2, 0.7),
    )
    cells = bent(lattice(field, scale), field.seed_of(2), ones * 0.35, 3)
    seeds = together(field.seed_of(3), field.seed_of(4))
    large, small = apart(nearest(together(cells, cells.refined(2)), seeds, together(ones * 0.9, ones)), 2)
    bulge = ramp(large.f2 - large.f1, -0.12, 0.55)
    crease = ramp(small.f2 - small.f1, -0.15, 0.45)
    share = jnp.clip(0.25 + 0.3 * uneven * flow, 0.0, 1.0)
    skin = bulge * (1.0 - share) + bulge * crease * share
    height = 0.3 + 0.6 * depth * (skin - 0.5) + 0.3 + 0.03 * fine
    tone = 0.5 + 0.45 * depth * (skin - 0.6) + 0.14 * uneven * flow + 0.03 * fine
    return Layers(height=jnp.clip(height, 0.0, 1.0), tone=jnp.clip(tone, 0.0, 1.0), mask=ramp(skin, 0.1, 0.3))


@texture(
    scale=Number(180.0, 20.0, 400.0, "scratches along the shorter side"),
    length=Number(0.02, 0.005, 0.5, "thickness of a scratch as a share of its length", vary=0.2),
    strength=Number(0.5, 0.0, 1.0, "strength of the scratches", vary=0.15),
    sheen=Number(0.5, 0.0, 1.0, "strength of the soft reflections", vary=0.2),
)
def brushed(field: Field, *, scale: Array, length: Array, strength: Array, sheen: Array) -> Layers:
    """Brushed metal: scratches all one way, under soft reflections."""
    ones = jnp.ones_like(scale)
    hair, broad, glow = noises(
        Strand(lattice(field, scale * length, scale), field.seed_of(1), 3, 0.8),
        Strand(lattice(field, scale * length * 0.4, scale * 0.25), field.seed_of(2), 3, 0.6),
        Strand(lattice(field, ones, ones * 3.0), field.seed_of(3), 2),
    )
    streak = 0.6 * hair + 0.4 * broad
    tone = 0.5 + 0.24 * strength * streak + 0.22 * sheen * glow
    return Layers(height=jnp.clip(0.5 + 0.25 * streak, 0.0, 1.0), tone=jnp.clip(tone, 0.0, 1.0))


@texture(
    scale=Number(5.0, 1.0, 30.0, "layers along the shorter side", vary=0.2),
    bend=Number(0.5, 0.0, 2.0, "how far layers rise and fall", vary=0.2),
    bands=Number(0.6, 0.0, 1.0, "strength of the layers", vary=0.1),
    grain=Number(0.4, 0.0, 1.0, "strength of the grain", vary=0.15),
    pits=Number(0.0, 0.0, 1.0, "share of the places that have a hole", vary=0.2),
)
def strata(field: Field, *, scale: Array, bend: Array, bands: Array, grain: Array, pits: Array) -> Layers:
    """Layered stone: sandstone, travertine, agate; holes lie along the layers."""
    ones = jnp.ones_like(scale)
    base = lattice(field, ones, scale)
    sway, fine = noises(
        Strand(lattice(field, ones * 1.5), field.seed_of(1), 4),
        Strand(lattice(field, ones * 110.0), field.seed_of(4), 3, 0.8),
    )
    cells = base.shifted(0.0 * sway, bend * sway)
    layer, thin = noises(Strand(cells, field.seed_of(2), 5, 0.65), Strand(cells.refined(5), field.seed_of(3), 3, 0.6))
    long = lattice(field, scale * 2.0, scale * 6.0)
    spots = nearest(bent(long, field.seed_of(5), ones * 0.45, 3), field.seed_of(6), ones)
    belt = ramp(layer, -0.3, 0.9)
    size = 0.60 * unit(fold(spots.cell, 1)) * belt
    there = jnp.where(unit(fold(spots.cell, 2)) < pits, 1.0, 0.0)
    hole = there * ramp(spots.f1, size + 0.03, jnp.maximum(size - 0.08, 0.0)) * ramp(size, 0.02, 0.08)
    tone = 0.5 + bands * (0.34 * layer + 0.12 * thin) + 0.13 * grain * fine
    height = 0.6 + 0.10 * bands * layer + 0.10 * grain * fine - 0.45 * hole
    return Layers(
        height=jnp.clip(height, 0.0, 1.0), tone=jnp.clip(tone * (1.0 - 0.6 * hole), 0.0, 1.0), mask=1.0 - hole
    )
