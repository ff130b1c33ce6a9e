"""Domain warp: the coordinates of a texture, moved by noise, so that what is drawn on them flows."""

from __future__ import annotations

from typing import Literal

import jax.numpy as jnp
from jax import Array

from gen_jax.draw.hashing import fold
from gen_jax.draw.texture.field import Lattice
from gen_jax.draw.texture.fractal import AnyBasis, fractal
from gen_jax.draw.texture.lattice import perlin


def warp(
    lattice: Lattice,
    seed: Array,
    *,
    strength: Array,
    octaves: Array,
    most_octaves: int,
    roughness: Array,
    kind: Literal["independent", "progressive"] = "independent",
    basis: AnyBasis = perlin,
) -> Lattice:
    """Return the lattice with its coordinates moved by fractal noise, which repeats as the lattice does.

    Args:
      lattice: the cells, of the noise too.
      seed: uint32 [b, 1, 1].
      strength: [b, 1, 1], at least 0: the farthest that a place may move either way, in cells; a quarter is usual.
      octaves: [b, 1, 1] of the noise, as of ``fractal``.
      most_octaves: so many are computed.
      roughness: [b, 1, 1] of the noise.
      kind: independent: every octave is taken where the place was; progressive: where the octaves before moved it to.
      basis: of the noise.
    """
    parts = fold(seed, 1), fold(seed, 2)
    if kind == "independent":
        dx, dy = (
            strength
            * fractal(basis, lattice, part, kind="fbm", octaves=octaves, most_octaves=most_octaves, roughness=roughness)
            for part in parts
        )
        return lattice.shifted(dx, dy)
    weights = [roughness**octave * jnp.clip(octaves - octave, 0.0, 1.0) for octave in range(most_octaves)]
    share = strength / sum(weights)
    for octave, weight in enumerate(weights):
        fine = lattice.refined(2**octave)
        dx, dy = (share * weight * basis(fine, fold(part, octave)) for part in parts)
        lattice = lattice.shifted(dx, dy)
    return lattice
