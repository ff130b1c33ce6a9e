"""Patches with clear edges: camouflage, coats of animals, maps, stained glass."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.hashing import fold, unit
from gen_jax.draw.texture import shading
from gen_jax.draw.texture.field import Field, Lattice, lattice
from gen_jax.draw.texture.kind import Choice, Layers, Number, texture
from gen_jax.draw.texture.shaping import Strand, above, apart, bent, nearest, noise, noises, ramp, together


def _blocks(cells: Lattice, size: Array) -> Lattice:
    """Return the lattice with every place moved to the middle of the square block that it lies in."""
    return dataclasses.replace(
        cells, x=(jnp.floor(cells.x / size) + 0.5) * size, y=(jnp.floor(cells.y / size) + 0.5) * size
    )


@texture(
    style=Choice("brush", ("brush", "digital"), "soft outlines, or square blocks"),
    scale=Number(4.5, 0.5, 16.0, "patches along the shorter side", vary=0.15),
    stretch=Number(0.7, 0.1, 1.0, "how much longer patches are than high: 1 for alike", vary=0.1),
    ragged=Number(0.6, 0.0, 1.0, "how ragged the outlines are", vary=0.1),
    second=Number(0.5, 0.0, 1.0, "share of the second colour", vary=0.1),
    third=Number(0.35, 0.0, 1.0, "share of the third colour", vary=0.1),
    fourth=Number(0.22, 0.0, 1.0, "share of the fourth colour", vary=0.1),
)
def camouflage(
    field: Field, *, scale: Array, stretch: Array, ragged: Array, second: Array, third: Array, fourth: Array, style: str
) -> Layers:
    """Camouflage: four colours in patches that cover each other."""
    cells = lattice(field, scale * stretch, scale)
    if style == "digital":
        cells = _blocks(cells, jnp.asarray(1.0 / 14.0, jnp.float32))
    seeds = [field.seed_of(10 * layer) for layer in (1, 2, 3)]
    flows = apart(bent(together(*[cells] * 3), together(*seeds), together(*[0.2 + 0.6 * ragged] * 3), 3), 3)
    coarse = [Strand(flow, fold(seed, 1), 2, 0.4) for flow, seed in zip(flows, seeds, strict=True)]
    fine = [Strand(flow.refined(3), fold(seed, 2), 2, 0.5) for flow, seed in zip(flows, seeds, strict=True)]
    drawn = noises(*coarse, *fine)
    tone = jnp.zeros(())
    for layer, share in enumerate((second, third, fourth), start=1):
        patch = drawn[layer - 1] + ragged * 0.5 * drawn[layer + 2]
        threshold = 1.3 - 2.6 * share
        cover = (
            jnp.where(patch > threshold, 1.0, 0.0) if style == "digital" else above(patch, threshold, tile=field.tile)
        )
        tone = tone + cover * (layer / 3.0 - tone)
    return Layers(height=tone)


@texture(
    coat=Choice("leopard", ("leopard", "giraffe", "cow"), "rosettes, plates between pale lines, or large blots"),
    scale=Number(8.0, 1.0, 30.0, "spots along the shorter side", vary=0.15),
    size=Number(0.5, 0.1, 1.0, "size of a spot", vary=0.05),
    ragged=Number(0.4, 0.0, 1.0, "how ragged the outlines are", vary=0.1),
    fur=Number(0.3, 0.0, 1.0, "strength of the hairs", vary=0.1),
)
def coat(field: Field, *, scale: Array, size: Array, ragged: Array, fur: Array, coat: str) -> Layers:
    """Coats of animals: spots on a ground, with hairs."""
    ones = jnp.ones_like(scale)
    hairs = noise(
        bent(lattice(field, ones * 90.0, ones * 18.0), field.seed_of(1), ones * 0.8, 2), field.seed_of(2), 3, 0.6
    )
    cells = bent(lattice(field, scale), field.seed_of(3), ragged * 0.6, 4)
    slow = noise(lattice(field, ones * 2.0), field.seed_of(6), 2)
    if coat == "cow":
        spot = above(noise(cells, field.seed_of(4), 3, 0.4), 1.2 - 2.4 * size, tile=field.tile, softness=0.02)
        tone = spot
    elif coat == "giraffe":
        found = nearest(cells, field.seed_of(4), ones * 0.85)
        border = found.f2 - found.f1
        spot = ramp(border, 0.34 - 0.32 * size, 0.40 - 0.32 * size)
        tone = spot * (0.62 + 0.25 * unit(found.cell) + 0.12 * ramp(border, 0.6, 0.1))
    else:
        found = nearest(cells, field.seed_of(4), ones * 0.7)
        reach = 0.55 * (0.55 + 0.6 * size) * (0.8 + 0.35 * unit(found.cell))
        angle = noise(cells.refined(2), field.seed_of(5), 3, 0.5)
        far = found.f1 + 0.10 * angle
        ring = ramp(far, reach * 0.52, reach * 0.60) * ramp(far, reach * 1.0, reach * 0.90)
        ring = ring * ramp(found.f2 - found.f1, 0.0, 0.12) * ramp(angle, -0.55, -0.35)
        centre = ramp(far, reach * 0.62, reach * 0.4)
        spot = ring
        tone = jnp.maximum(0.12 + 0.10 * slow + 0.30 * centre, ring * 0.97)
    tone = tone + fur * 0.14 * hairs
    return Layers(height=jnp.clip(0.5 + 0.25 * hairs, 0.0, 1.0), tone=jnp.clip(tone, 0.0, 1.0), mask=spot)


@texture(
    scale=Number(2.0, 0.5, 12.0, "hills along the shorter side", vary=0.2),
    levels=Number(14.0, 2.0, 60.0, "lines between the lowest and the highest place", vary=0.1),
    width=Number(0.0022, 0.0005, 0.02, "width of a line, in shorter sides of the picture"),
    rough=Number(0.42, 0.2, 0.7, "roughness of the ground", vary=0.05),
)
def contours(field: Field, *, scale: Array, levels: Array, width: Array, rough: Array) -> Layers:
    """Contour lines of hills, every fifth one heavier: the first colour is the lines', the others the ground's."""
    cells = bent(lattice(field, scale), field.seed_of(1), jnp.ones_like(scale) * 0.3, 2)
    smooth, detail = noises(
        Strand(cells, field.seed_of(2), 2, 0.4), Strand(cells.refined(4), field.seed_of(3), 3, 0.45)
    )
    ground = 0.5 + 0.33 * (smooth + 0.45 * rough * detail)
    phase = ground * levels
    right, down = shading.slopes(phase, tile=field.tile)
    steep = jnp.sqrt(right * right + down * down + np.float32(1e-8))
    nearest = jnp.round(phase)
    heavy = jnp.where(nearest - 5.0 * jnp.floor(nearest / 5.0) < 0.5, 1.9, 1.0)
    pixels = jnp.maximum(width / field.pixel, 0.7) * heavy
    line = jnp.clip(0.5 * pixels - jnp.abs(phase - nearest) / steep + 0.5, 0.0, 1.0)
    line = line * ramp(steep, 0.9, 0.35)
    band = jnp.clip((jnp.floor(phase) + 0.5) / levels, 0.0, 1.0)
    return Layers(height=jnp.clip(ground, 0.0, 1.0), tone=0.05 + 0.95 * band, mask=line, cover=1.0 - line)


@texture(
    scale=Number(2.2, 0.5, 12.0, "mountains along the shorter side", vary=0.2),
    sea=Number(0.45, 0.0, 1.0, "share of the ground under water", vary=0.1),
    rough=Number(0.5, 0.2, 0.7, "roughness of the ground"),
)
def terrain(field: Field, *, scale: Array, sea: Array, rough: Array) -> Layers:
    """Land from above: a flat sea, plains, and mountains with ridges."""
    ones = jnp.ones_like(scale)
    cells = bent(lattice(field, scale), field.seed_of(1), ones * 0.3, 3)
    land = noise(cells, field.seed_of(2), 7, rough) - 1.6 * (sea - 0.5)
    ridge = noise(cells.refined(2), field.seed_of(3), 6, 0.5, kind="ridged")
    high = ramp(land, 0.05, 1.1)
    up = jnp.maximum(land, 0.0)
    ground = 0.3 + 0.30 * up / (0.6 + up) + 0.62 * high * ridge
    deep = 0.3 - 0.3 * jnp.clip(-land / 1.2, 0.0, 1.0)
    wet = jnp.where(land > 0.0, 0.0, 1.0)
    return Layers(
        height=jnp.clip(jnp.maximum(ground, 0.3), 0.0, 1.0),
        tone=jnp.clip(wet * deep + (1.0 - wet) * ground, 0.0, 1.0),
        mask=1.0 - wet,
    )


@texture(
    scale=Number(6.0, 1.0, 24.0, "panes along the shorter side", vary=0.15),
    lead=Number(0.09, 0.01, 0.4, "width of the lead between panes", vary=0.15),
    jitter=Number(0.9, 0.0, 1.0, "how unevenly the panes lie", vary=0.05),
    streaks=Number(0.5, 0.0, 1.0, "strength of the streaks in the glass", vary=0.15),
)
def stained_glass(field: Field, *, scale: Array, lead: Array, jitter: Array, streaks: Array) -> Layers:
    """Stained glass: panes of many colours in lead; the first colour is the lead's, the others the panes'."""
    found = nearest(lattice(field, scale), field.seed_of(1), jitter)
    border = found.f2 - found.f1
    pane = jnp.clip((border - lead) / (2.0 * scale * field.pixel) + 0.5, 0.0, 1.0)
    flow = noise(
        bent(lattice(field, scale, scale * 2.0), field.seed_of(2), jnp.ones_like(scale) * 0.6, 3), field.seed_of(3), 4
    )
    color = unit(fold(found.cell, 1))
    tone = 0.1 + 0.9 * jnp.clip(color + 0.06 * streaks * flow, 0.0, 1.0)
    glow = 0.72 + 0.28 * ramp(border, lead, lead + 0.5) + 0.10 * streaks * flow
    round_lead = jnp.sqrt(jnp.clip(1.0 - (border / lead) ** 2, 0.0, 1.0) + np.float32(1e-6))
    height = 0.3 + 0.05 * streaks * flow * pane + 0.6 * round_lead * (1.0 - pane)
    return Layers(height=jnp.clip(height, 0.0, 1.0), tone=tone, mask=pane, cover=jnp.clip(pane * glow, 0.0, 1.0))
