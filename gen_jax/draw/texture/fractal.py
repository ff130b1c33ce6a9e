"""Fractal noise: octaves of a basis, each of finer cells and smaller height, added in one of several manners."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Literal

import jax
import jax.numpy as jnp
from jax import Array

from gen_jax.draw.texture.field import Lattice
from gen_jax.draw.texture.lattice import Basis
from gen_jax.draw.texture.octaves import Octaves, by_rows, octave_lattice, octaves_of

AnyBasis = Callable[[Lattice, Array], Array]
"""``basis(lattice, seed [b, 1, 1]) -> [b, h, w]`` in [-1, 1], mean 0; of ``Basis`` rows are used, where it can be."""

Kind = Literal["fbm", "billow", "ridged", "turbulence", "pingpong", "hybrid"]


def fractal(
    basis: AnyBasis,
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
    octaves has half of that. An octave whose cells are smaller than 2 pixels is left out, and fades from 4 pixels on.

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
      lacunarity: whole, so that every octave fits the same period; at least 2.
    """
    factors = [lacunarity**octave for octave in range(most_octaves)]
    numbers = range(most_octaves)
    weights = jnp.stack([roughness**octave * jnp.clip(octaves - octave, 0.0, 1.0) for octave in numbers])
    shows = jnp.stack([_visible(lattice, octave, factors[octave]) + jnp.zeros_like(roughness) for octave in numbers])

    def by_pixels(lattice: Lattice, steps: Octaves, weights: Array, shows: Array) -> Array:
        return _joined(kind, lambda step: basis(octave_lattice(lattice, step), step[1]), steps, weights, shows)

    arguments = lattice, octaves_of(seed, factors), weights, shows
    if not isinstance(basis, Basis) or not lattice.even:
        return by_pixels(*arguments)

    def rows(lattice: Lattice, steps: Octaves, weights: Array, shows: Array) -> Array:
        join = functools.partial(_joined, kind)
        return by_rows(basis, lattice, steps, join=join, weights=weights, shows=shows)

    return jax.lax.platform_dependent(*arguments, cpu=rows, default=by_pixels)


def _visible(lattice: Lattice, octave: int, factor: int) -> Array | float:
    """Return the share [b, 1, 1] that an octave has in the picture: 1 from 4 pixels a cell on, 0 up to 2.

    What is finer would show as what it is not, as coarser noise. The first octave, which was asked for, stays until
    its cells are hardly larger than pixels.
    """
    if lattice.step is None:
        return 1.0
    pixels = 1.0 / (lattice.step * factor)
    return jnp.clip(2.0 * pixels - 2.0 if octave == 0 else 0.5 * pixels - 1.0, 0.0, 1.0)


def _joined(kind: Kind, draw: Callable[[Any], Array], steps: Any, weights: Array, shows: Array) -> Array:
    """Return the weighted mean of octaves: ``draw`` of every step, with weights and shares [o, b, 1, 1].

    Of fbm an octave that does not show is its mean, 0; of the others it is left out of the mean.
    """
    chained = kind in ("ridged", "hybrid")

    def add(sums: tuple[Array, Array], octave: tuple[Any, Array, Array]) -> tuple[tuple[Array, Array], None]:
        total, before = sums
        step, weight, show = octave
        noise = _shaped(draw(step), kind)
        if chained:
            noise = before = noise * jnp.minimum(2.0 * before, 1.0)
        return (total + weight * show * noise, before), None

    shape = jax.eval_shape(draw, jax.tree.map(lambda each: each[0], steps)).shape
    start = jnp.zeros(shape), jnp.ones(shape if chained else ())
    (total, _), _ = jax.lax.scan(add, start, (steps, weights, shows))
    share = jnp.sum(weights if kind == "fbm" else weights * shows, axis=0)
    return total * (1.0 / jnp.maximum(share, 1e-6))


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
