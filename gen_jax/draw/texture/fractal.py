"""Fractal noise: octaves of a basis, each of finer cells and smaller height, added in one of several manners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import jax.numpy as jnp
from jax import Array

from gen_jax.draw.hashing import fold
from gen_jax.draw.texture.field import Lattice

Basis = Callable[[Lattice, Array], Array]
"""``basis(lattice, seed [b, 1, 1]) -> [b, h, w]`` in [-1, 1], mean 0: ``value``, ``perlin``, ``simplex``."""

Kind = Literal["fbm", "billow", "ridged", "turbulence", "pingpong", "hybrid"]


def fractal(
    basis: Basis,
    lattice: Lattice,
    seed: Array,
    *,
    kind: Kind,
    octaves: Array,
    most_octaves: int,
    roughness: Array,
    lacunarity: int = 2,
) -> Array:
    """Return the weighted mean of octaves, float32 [b, h, w]: fbm in [-1, 1] with mean 0, the others in [0, 1].

    Octave k has ``lacunarity^k`` times the cells of the first and the weight ``roughness^k``; the last one of 2.5
    octaves has half of that.

    - fbm: n.
    - turbulence: |n|, creases in the depths (K. Perlin, "An image synthesizer", 1985).
    - billow: |n| (2 - |n|), the same with round tops.
    - ridged: (1 - |n|)^2, creases on the heights; weighted by the octave before, so that detail lies on the ridges.
    - pingpong: n folded at 0 and at 1 as a triangle wave, like the lines of a map.
    - hybrid: (1 + n) / 2, weighted by the octave before: smooth valleys, rough heights.

    Source of the last and of ridged: F. K. Musgrave in "Texturing and modeling", 1994; weights here stay in [0, 1].

    Args:
      basis: the noise.
      lattice: its cells in the first octave.
      seed: uint32 [b, 1, 1].
      kind: how octaves are shaped and joined.
      octaves: [b, 1, 1], at least 1 and at most ``most_octaves``; may be fractional.
      most_octaves: so many are computed.
      roughness: [b, 1, 1] in [0, 1].
      lacunarity: whole, so that every octave fits the same period.
    """
    total, weights, before = jnp.zeros(()), jnp.zeros(()), jnp.ones(())
    for octave in range(most_octaves):
        weight = roughness**octave * jnp.clip(octaves - octave, 0.0, 1.0)
        noise = _shaped(basis(lattice.refined(lacunarity**octave), fold(seed, octave)), kind)
        if kind in ("ridged", "hybrid"):
            noise = before = noise * jnp.minimum(2.0 * before, 1.0)
        total, weights = total + weight * noise, weights + weight
    return total / weights


def _shaped(noise: Array, kind: Kind) -> Array:
    """Return an octave in the shape of the kind."""
    size = jnp.abs(noise)
    match kind:
        case "fbm":
            return noise
        case "turbulence":
            return size
        case "billow":
            return size * (2.0 - size)
        case "ridged":
            return (1.0 - size) ** 2
        case "pingpong":
            turns = noise + 1.0
            return 1.0 - jnp.abs(2.0 * (turns - jnp.floor(turns)) - 1.0)
        case "hybrid":
            return 0.5 * noise + 0.5


def roughness_of_slope(slope: Array | float, lacunarity: int = 2) -> Array:
    """Return the roughness whose fbm has a power spectrum (per area of frequencies) that falls as ``f^-slope``.

    The power of an octave, ``roughness^2k``, lies on an area of frequencies that grows as ``lacunarity^2k``.
    """
    return jnp.asarray(lacunarity, jnp.float32) ** (1.0 - 0.5 * jnp.asarray(slope, jnp.float32))
