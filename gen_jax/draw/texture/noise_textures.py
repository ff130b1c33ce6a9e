"""Noise as a texture of its own: fractal lattice noise, and cells around random points."""

from __future__ import annotations

from typing import Literal

import jax.numpy as jnp
from jax import Array

from gen_jax.draw.hashing import unit
from gen_jax.draw.texture.field import Field, lattice
from gen_jax.draw.texture.fractal import Kind, fractal
from gen_jax.draw.texture.kind import Choice, Layers, Number, texture
from gen_jax.draw.texture.lattice import perlin, value
from gen_jax.draw.texture.simplex import simplex
from gen_jax.draw.texture.warp import warp as warped
from gen_jax.draw.texture.worley import Metric, worley

BASES = {"value": value, "perlin": perlin, "simplex": simplex}
KINDS = ("single", "fbm", "billow", "ridged", "turbulence", "pingpong", "hybrid")

_TONES = {
    "value": ((0.0, 0.45), (0.0, 0.27), (0.55, 0.18), (0.36, 0.23), (0.38, 0.15), (0.52, 0.17), (0.42, 0.19)),
    "perlin": ((0.0, 0.31), (0.0, 0.18), (0.41, 0.15), (0.54, 0.20), (0.25, 0.11), (0.46, 0.17), (0.46, 0.13)),
    "simplex": ((0.0, 0.54), (0.0, 0.31), (0.65, 0.18), (0.26, 0.21), (0.47, 0.16), (0.53, 0.17), (0.43, 0.22)),
}
"""Mean and standard deviation of every basis and kind with 6 octaves, measured: so that all come out as strong."""

_STRENGTH = 0.2
"""Standard deviation of the height where contrast is 1."""


@texture(
    basis=Choice("perlin", tuple(BASES), "what an octave is made of"),
    kind=Choice("fbm", KINDS, "how octaves are joined"),
    flow=Choice("none", ("none", "independent", "progressive"), "how noise moves the noise; none is quickest"),
    scale=Number(4.0, 1.0, 128.0, "cells along the shorter side", vary=0.2),
    octaves=Number(6.0, 1.0, 12.0, "how many sizes of detail"),
    roughness=Number(0.5, 0.0, 1.0, "height of an octave as a share of that of the one before", vary=0.1),
    warp=Number(0.5, 0.0, 4.0, "how far noise moves the noise at most, in cells, unless flow is none"),
    contrast=Number(1.0, 0.1, 8.0, "steepness about the middle grey"),
)
def noise(
    field: Field,
    *,
    scale: Array,
    octaves: Array,
    roughness: Array,
    warp: Array,
    contrast: Array,
    basis: str,
    kind: Kind | Literal["single"],
    flow: Literal["none", "independent", "progressive"],
) -> Layers:
    """Lattice noise: value, Perlin or simplex; one octave or a fractal of many; as it is or flowing."""
    cells = lattice(field, scale)
    if flow != "none":
        two = jnp.minimum(octaves, 2.0)
        cells = warped(
            cells, field.seed_of(1), strength=warp, octaves=two, most_octaves=2, roughness=roughness, kind=flow
        )
    single = kind == "single"
    drawn = fractal(
        BASES[basis],
        cells,
        field.seed_of(0),
        kind="fbm" if kind == "single" else kind,
        octaves=jnp.ones_like(octaves) if single else octaves,
        most_octaves=1 if single else field.most_octaves,
        roughness=roughness,
    )
    mean, deviation = _TONES[basis][KINDS.index(kind)]
    return Layers(height=jnp.clip(0.5 + contrast * (drawn - mean) * (_STRENGTH / deviation), 0.0, 1.0))


@texture(
    output=Choice("f1", ("f1", "f2", "f2-f1", "cell"), "nearest, second nearest, border, one grey a cell"),
    metric=Choice("euclidean", ("euclidean", "manhattan", "chebyshev"), "how distance is measured"),
    scale=Number(8.0, 1.0, 128.0, "cells along the shorter side", vary=0.2),
    jitter=Number(1.0, 0.0, 1.0, "how far points stray from a square grid"),
)
def cells(field: Field, *, scale: Array, jitter: Array, output: str, metric: Metric) -> Layers:
    """Cells around random points: distances, borders, or a grey for each (Worley noise)."""
    found = worley(lattice(field, scale), field.seed_of(0), metric=metric, jitter=jitter)
    reach = 1.5 if metric == "manhattan" else 1.0
    match output:
        case "f1":
            height = found.f1 / reach
        case "f2":
            height = found.f2 / (1.5 * reach)
        case "f2-f1":
            height = (found.f2 - found.f1) / reach
        case _:
            height = unit(found.cell)
    return Layers(height=jnp.clip(height, 0.0, 1.0))
