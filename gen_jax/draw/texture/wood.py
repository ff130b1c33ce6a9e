"""Wood: the rings of a log, cut lengthwise, with its fibres, pores and knots; and boards made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.hashing import fold, unit
from gen_jax.draw.texture.field import Field, Lattice, lattice
from gen_jax.draw.texture.kind import Layers, Number, texture
from gen_jax.draw.texture.shaping import Strand, nearest, noises, ramp

Cells = Callable[[Array, Array], Lattice]
"""``cells(along, across)``: a lattice of so many cells a unit along the grain and across it."""

GRAIN = {
    "rings": Number(22.0, 2.0, 100.0, "growth rings across the picture", vary=0.2),
    "waviness": Number(0.5, 0.0, 2.0, "how far rings swing along the grain", vary=0.3),
    "contrast": Number(0.6, 0.0, 1.0, "how much darker late wood is than early wood", vary=0.1),
    "fibre": Number(0.4, 0.0, 1.0, "strength of the fine streaks", vary=0.1),
    "pores": Number(0.3, 0.0, 1.0, "how many dark pores there are", vary=0.2),
    "knots": Number(0.0, 0.0, 1.0, "how many of the places for a knot have one", vary=0.0),
}
"""What is said of wood, whatever is made of it."""


def _ring_profile(phase: Array, sharpness: Array) -> Array:
    """Return how late the wood is: it rises slowly through a year and falls at once, [b, h, w] in [0, 1]."""
    part = phase - jnp.floor(phase)
    rise = jnp.clip(part / (1.0 - sharpness), 0.0, 1.0)
    fall = jnp.clip((1.0 - part) / sharpness, 0.0, 1.0)
    return rise * rise * rise * fall


def _knots(cells: Cells, seed: Array, share: Array) -> Array:
    """Return how near a knot is, [b, h, w] in [0, 1]: 1 in its middle."""
    ones = jnp.ones_like(share)
    found = nearest(cells(ones * 1.0, ones * 3.0), seed, ones * 0.6)
    there = jnp.where(unit(fold(found.cell, 3)) < share, 1.0, 0.0)
    size = 0.10 + 0.10 * unit(found.cell)
    return there * jnp.exp(-((found.f1 / size) ** 2)) * jnp.clip((found.f2 - found.f1) * 4.0, 0.0, 1.0)


def grain(
    cells: Cells, across: Callable[[Array], Array], seed: Array, said: Mapping[str, Array], *, pixel: float
) -> tuple[Array, Array]:
    """Return how dark the wood is, and how deep its pores are, [b, h, w] in [0, 1] both.

    Args:
      cells: what noise is laid on.
      across: distance in units, [b, h, w], from the line under which the middle of the log runs, of places that are
        moved down by so many units.
      seed: uint32, [b, 1, 1] or [b, h, w] where each board has its own.
      said: the numbers of ``GRAIN``, [b, 1, 1] each.
      pixel: side of a pixel in units.
    """
    rings, waviness, pores = said["rings"], said["waviness"], said["pores"]
    ones = jnp.ones_like(rings)
    sway, depth, holes = noises(
        Strand(cells(ones * 0.7, ones * 0.7), fold(seed, 1), 2),
        Strand(cells(ones * 0.7, ones * 0.5), fold(seed, 2), 2),
        Strand(cells(ones * 20.0, ones * 260.0), fold(seed, 8), 1),
    )
    ripple, streaks, patches = noises(
        Strand(cells(ones * 2.0, ones * 9.0), fold(seed, 3), 4),
        Strand(cells(ones * 4.0, ones * 140.0), fold(seed, 6), 3, 0.6),
        Strand(cells(ones * 1.0, ones * 5.0), fold(seed, 7), 3),
    )
    depth = 0.12 + 0.16 * depth * waviness
    shifted = across(0.08 * waviness * sway)
    knot = _knots(cells, fold(seed, 4), said["knots"])
    radius = jnp.sqrt(shifted * shifted + depth * depth + 1e-6) + 0.008 * ripple + 0.25 * knot
    phase = radius * rings * 2.0
    year = fold(fold(seed, 5), jnp.floor(phase).astype(jnp.int32).astype(jnp.uint32))
    sharpness = jnp.clip(2.0 * pixel * 2.0 * rings, 0.12, 0.5)
    late = _ring_profile(phase, sharpness) * (0.55 + 0.45 * unit(year))
    pore = ramp(holes, 0.95 - 0.75 * pores, 1.2 - 0.75 * pores) * jnp.where(pores > 0.0, 1.0, 0.0)
    pore = pore * (1.0 - 0.7 * late)
    dark = 0.28 + 0.12 * patches + said["contrast"] * (late - 0.25) + 0.22 * said["fibre"] * streaks + 0.35 * pore
    dark = dark + (1.0 - dark) * ramp(knot, 0.35, 0.95) * 0.85
    return jnp.clip(dark, 0.0, 1.0), pore


@texture(tiles=True, **GRAIN)
def wood(field: Field, **said: Array) -> Layers:
    """Wood: growth rings of a log cut lengthwise, with fibres, pores and knots."""

    def cells(along: Array, across: Array) -> Lattice:
        return lattice(field, along, across)

    height, _ = field.extent
    start = field.y - unit(field.seed_of(9)) * height

    def across(down: Array) -> Array:
        """Where the picture repeats, so does the log: beyond it the next one begins; the sign does not count."""
        turn = np.float32(np.pi / height)
        return jnp.sin(turn * (start + down)) / turn if field.tile else start + down

    dark, pore = grain(cells, across, field.seed_of(0), said, pixel=field.pixel)
    return Layers(height=jnp.clip(0.75 - 0.35 * dark - 0.4 * pore, 0.0, 1.0), tone=dark)
