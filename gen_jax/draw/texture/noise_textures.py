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


@texture(
    basis=Choice("perlin", tuple(BASES), "what an octave is made of"),
    kind=Choice("fbm", KINDS, "how octaves are joined"),
    scale=Number(4.0, 1.0, 128.0, "cells along the shorter side", vary=0.2),
    octaves=Number(6.0, 1.0, 12.0, "how many sizes of detail"),
    roughness=Number(0.5, 0.0, 1.0, "height of an octave as a share of that of the one before", vary=0.1),
    warp=Number(0.0, 0.0, 4.0, "how far noise moves the noise, in cells"),
    contrast=Number(1.6, 0.1, 8.0, "steepness about the middle grey"),
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
) -> Layers:
    """Lattice noise: value, Perlin or simplex; one octave or a fractal of many."""
    cells = lattice(field, scale)
    cells = warped(
        cells,
        field.seed_of(1),
        strength=warp,
        octaves=octaves,
        most_octaves=min(field.most_octaves, 2),
        roughness=roughness,
    )
    if kind == "single":
        height = BASES[basis](cells, field.seed_of(0))
    else:
        height = fractal(
            BASES[basis],
            cells,
            field.seed_of(0),
            kind=kind,
            octaves=octaves,
            most_octaves=field.most_octaves,
            roughness=roughness,
        )
    if kind in ("single", "fbm"):
        height = 0.5 + 0.5 * height
    return Layers(height=jnp.clip(0.5 + contrast * (height - 0.5), 0.0, 1.0))


@texture(
    output=Choice("f1", ("f1", "f2", "f2-f1", "cell"), "nearest, second nearest, border, one grey a cell"),
    metric=Choice("euclidean", ("euclidean", "manhattan", "chebyshev"), "how distance is measured"),
    scale=Number(8.0, 1.0, 128.0, "cells along the shorter side", vary=0.2),
    jitter=Number(1.0, 0.0, 1.0, "how far points stray from a square grid"),
)
def cells(field: Field, *, scale: Array, jitter: Array, output: str, metric: Metric) -> Layers:
    """Cells around random points: distances, borders, or a grey for each (Worley noise)."""
    found = worley(lattice(field, scale), field.seed_of(0), metric=metric, jitter=jitter)
    height = {"f1": found.f1, "f2": found.f2 * 0.6, "f2-f1": found.f2 - found.f1, "cell": unit(found.cell)}[output]
    return Layers(height=jnp.clip(height, 0.0, 1.0), tone=unit(found.cell))
