"""What materials are shaped with: ramps, noise of usual strength, edges of a pixel's width, slanted cells."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.texture import shading
from gen_jax.draw.texture.field import Lattice
from gen_jax.draw.texture.fractal import Kind, fractal
from gen_jax.draw.texture.lattice import perlin
from gen_jax.draw.texture.once import settled
from gen_jax.draw.texture.warp import warp
from gen_jax.draw.texture.worley import Cells, worley


def ramp(value: Array, low: Array | float, high: Array | float) -> Array:
    """Return 0 up to ``low``, 1 from ``high``, and ``3 t^2 - 2 t^3`` between them."""
    t = jnp.clip((value - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def noise(
    cells: Lattice, seed: Array, octaves: int = 4, roughness: Array | float = 0.5, *, kind: Kind = "fbm"
) -> Array:
    """Return fractal Perlin noise [b, h, w]: fbm with mean 0 and standard deviation about 0.5, others in [0, 1]."""
    drawn = fractal(
        perlin,
        cells,
        seed,
        kind=kind,
        octaves=jnp.full_like(cells.x[:, :1, :1], octaves),
        most_octaves=octaves,
        roughness=jnp.full_like(cells.x[:, :1, :1], roughness),
    )
    return settled(drawn * 2.6 if kind == "fbm" else drawn)


def bent(cells: Lattice, seed: Array, strength: Array, octaves: int = 2) -> Lattice:
    """Return the cells with their coordinates moved by noise, ``strength`` [b, 1, 1] cells at most."""
    ones = jnp.ones_like(strength)
    moved = warp(cells, seed, strength=strength, octaves=ones * octaves, most_octaves=octaves, roughness=ones * 0.5)
    x, y = settled((moved.x, moved.y))
    return dataclasses.replace(moved, x=x, y=y)


def nearest(cells: Lattice, seed: Array, jitter: Array) -> Cells:
    """Return what ``worley`` says of Euclidean distances."""
    found = worley(cells, seed, metric="euclidean", jitter=jitter)
    return Cells(*settled((found.f1, found.f2, found.cell)))


def slanted(cells: Lattice, turns: int) -> Lattice:
    """Return the cells sheared so that a way down the picture leads ``turns`` times across it; seamless still."""
    if cells.period_x is None or cells.period_y is None:
        return dataclasses.replace(cells, x=cells.x + cells.y * float(turns))
    return dataclasses.replace(cells, x=cells.x + cells.y * (cells.period_x / cells.period_y * float(turns)))


def above(value: Array, threshold: Array | float, *, tile: bool, softness: Array | float = 0.0) -> Array:
    """Return how much of each pixel lies where a smooth value is above a threshold, in [0, 1].

    The edge is as wide as a pixel, by the slope of the value, and ``softness`` (in the value) wider.
    """
    right, down = shading.slopes(value, tile=tile)
    steep = jnp.sqrt(right * right + down * down + np.float32(1e-10))
    return jnp.clip((value - threshold) / (steep + softness) + 0.5, 0.0, 1.0)
