"""Stones: what is made of pieces, laid or grown together: granite, cobbles, cracked ground, terrazzo."""

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
    scale=Number(28.0, 4.0, 80.0, "large crystals along the shorter side", vary=0.15),
    crystals=Number(0.55, 0.0, 1.0, "share of the large crystals", vary=0.15),
    dark=Number(0.25, 0.0, 1.0, "share of the small dark ones", vary=0.2),
    clouds=Number(0.25, 0.0, 1.0, "how unevenly they lie", vary=0.2),
)
def granite(field: Field, *, scale: Array, crystals: Array, dark: Array, clouds: Array) -> Layers:
    """Granite: crystals of two sizes grown into each other, with dark flakes."""
    ones = jnp.ones_like(scale)
    uneven, sheen = noises(
        Strand(lattice(field, scale * 0.15), field.seed_of(1), 3),
        Strand(lattice(field, scale * 4.0), field.seed_of(6), 2),
    )
    uneven = clouds * uneven
    cells = together(lattice(field, scale), lattice(field, scale * 2.6))
    both = together(ones, ones)
    cells = bent(cells, together(field.seed_of(2), field.seed_of(4)), both * 0.35)
    large, small = apart(nearest(cells, together(field.seed_of(3), field.seed_of(5)), both), 2)
    pick, shade = unit(large.cell), unit(fold(large.cell, 1))
    within = ramp(large.f2 - large.f1, 0.0, 0.12)
    tone = 0.42 + 0.22 * (unit(small.cell) - 0.5) + 0.12 * uneven
    chosen = jnp.where(pick < crystals, within, 0.0)
    tone = tone + chosen * (0.55 + 0.45 * shade - tone)
    flake = jnp.where(unit(fold(small.cell, 2)) < dark * (1.0 + uneven), 1.0, 0.0) * ramp(small.f2 - small.f1, 0.0, 0.2)
    tone = tone * (1.0 - flake * (0.75 + 0.2 * shade))
    return Layers(
        height=jnp.clip(0.5 + 0.3 * (tone - 0.5) + 0.05 * sheen, 0.0, 1.0), tone=jnp.clip(tone + 0.05 * sheen, 0.0, 1.0)
    )


@texture(
    scale=Number(7.0, 1.0, 40.0, "stones along the shorter side", vary=0.15),
    gap=Number(0.10, 0.01, 0.5, "width of the joints", vary=0.2),
    round=Number(0.45, 0.02, 1.0, "how far from its edge a stone still rises", vary=0.1),
    jitter=Number(0.75, 0.0, 1.0, "how unevenly the stones lie", vary=0.1),
    warp=Number(0.08, 0.0, 0.6, "how crooked their edges are", vary=0.2),
    rough=Number(0.3, 0.0, 1.0, "roughness of their surface", vary=0.2),
    variety=Number(0.6, 0.0, 1.0, "how unlike their colours are", vary=0.1),
)
def stones(
    field: Field, *, scale: Array, gap: Array, round: Array, jitter: Array, warp: Array, rough: Array, variety: Array
) -> Layers:
    """Stones beside each other, each with a colour of its own; also cobbles, pebbles, cracked ground and scales."""
    cells = bent(lattice(field, scale), field.seed_of(1), warp, 4)
    found = nearest(cells, field.seed_of(2), jitter)
    border = found.f2 - found.f1
    pixel = scale * field.pixel
    mask = jnp.clip((border - gap) / jnp.maximum(2.0 * pixel, 0.03) + 0.5, 0.0, 1.0)
    rise = jnp.clip((border - gap) / round, 0.0, 1.0)
    dome = jnp.sqrt(1.0 - (1.0 - rise) ** 2 + np.float32(1e-4))
    coarse, fine = noises(
        Strand(lattice(field, scale * 3.0), field.seed_of(3), 4, 0.55),
        Strand(lattice(field, scale * 12.0), field.seed_of(4), 3, 0.7),
    )
    tall = 0.75 + 0.25 * unit(fold(found.cell, 1))
    height = mask * (0.25 + 0.6 * dome * tall + 0.1 * rough * coarse + 0.05 * rough * fine)
    height = height + (1.0 - mask) * (0.12 + 0.08 * rough * fine)
    tone = 0.55 + variety * (unit(fold(found.cell, 2)) - 0.5) * 0.7 + rough * (0.10 * coarse + 0.10 * fine)
    tone = jnp.clip(tone - 0.18 * (1.0 - dome), 0.12, 1.0)
    return Layers(
        height=jnp.clip(height, 0.0, 1.0), tone=tone, mask=mask, cover=mask * (0.35 + 0.65 * ramp(rise, 0.0, 0.4))
    )


def _chips(found: Cells, pixel: Array, share: Array, roundness: Array) -> tuple[Array, Array]:
    """Return where angular pieces lie, and which colour each has, [b, h, w] in [0, 1] both."""
    margin = 0.10 + 0.25 * unit(fold(found.cell, 1)) + roundness * ramp(found.f1, 0.3, 0.9)
    there = jnp.where(unit(fold(found.cell, 2)) < share, 1.0, 0.0)
    inside = jnp.clip((found.f2 - found.f1 - margin) / (2.0 * pixel) + 0.5, 0.0, 1.0)
    return inside * there, unit(fold(found.cell, 3))


@texture(
    scale=Number(7.0, 2.0, 30.0, "large chips along the shorter side", vary=0.15),
    share=Number(0.7, 0.0, 1.0, "share of the places that have a chip", vary=0.1),
    round=Number(0.15, 0.0, 1.0, "how much the corners of chips are ground off"),
    speckle=Number(0.3, 0.0, 1.0, "strength of the grain of the cement", vary=0.2),
)
def terrazzo(field: Field, *, scale: Array, share: Array, round: Array, speckle: Array) -> Layers:
    """Terrazzo: chips of three sizes in smooth cement; the first colour is the cement, the others the chips."""
    sizes = [scale * factor for factor in (1.0, 2.0, 4.5)]
    cells = together(*(lattice(field, size) for size in sizes))
    ones = together(*(jnp.ones_like(size) for size in sizes))
    seeds = together(*(field.seed_of(part) for part in (1, 4, 7)))
    found = apart(nearest(bent(cells, seeds, ones * 0.05, 3), fold(seeds, 1), ones), 3)
    cover, tone = _chips(found[0], scale * field.pixel, share, round)
    for size, pieces in zip(sizes[1:], found[1:], strict=True):
        finer, shade = _chips(pieces, size * field.pixel, share * 0.8, round)
        finer = finer * (1.0 - ramp(cover, 0.0, 0.2))
        tone = jnp.where(finer > cover, shade, tone)
        cover = jnp.maximum(cover, finer)
    fine = noise(lattice(field, scale * 12.0), field.seed_of(10), 3, 0.7)
    dust = speckle * 0.25 * ramp(fine, 0.4, 1.2)
    tone = jnp.where(cover > 0.02, tone, 0.5)
    return Layers(
        height=0.5 + 0.1 * cover, tone=0.08 + 0.92 * tone, mask=cover, cover=jnp.maximum(cover, dust * (1.0 - cover))
    )
