"""What materials are shaped with: ramps, noise of usual strength, edges of a pixel's width, slanted cells."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.hashing import fold
from gen_jax.draw.texture import shading
from gen_jax.draw.texture.field import Lattice
from gen_jax.draw.texture.fractal import Kind, fractal
from gen_jax.draw.texture.lattice import perlin
from gen_jax.draw.texture.once import settled
from gen_jax.draw.texture.worley import Cells, worley

T = TypeVar("T")


def ramp(value: Array, low: Array | float, high: Array | float) -> Array:
    """Return 0 up to ``low``, 1 from ``high``, and ``3 t^2 - 2 t^3`` between them."""
    t = jnp.clip((value - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


class Strand(NamedTuple):
    """What one noise is drawn from."""

    cells: Lattice
    seed: Array
    octaves: int = 4
    roughness: Array | float = 0.5


def together(*parts: T) -> T:
    """Return arrays [n b, ...] of n likewise built ones [b, ...]: what is then done once is compiled once."""
    return jax.tree.map(lambda *each: jnp.stack(each, axis=1).reshape(-1, *each[0].shape[1:]), *parts)


def apart(arrays: T, count: int) -> list[T]:
    """Return the parts that ``together`` was given."""
    leaves, tree = jax.tree.flatten(arrays)
    split = [leaf.reshape(-1, count, *leaf.shape[1:]) for leaf in leaves]
    return [jax.tree.unflatten(tree, [leaf[:, index] for leaf in split]) for index in range(count)]


def noises(*strands: Strand, kind: Kind = "fbm") -> list[Array]:
    """Return fractal Perlin noises [b, h, w]: fbm with mean 0 and standard deviation about 0.5, others in [0, 1].

    The cells of all have coordinates of one shape: columns and rows apart, or not.
    """
    most = max(strand.octaves for strand in strands)
    ones = [jnp.ones_like(strand.seed, jnp.float32) for strand in strands]
    drawn = fractal(
        perlin,
        together(*(strand.cells for strand in strands)),
        together(*(strand.seed for strand in strands)),
        kind=kind,
        octaves=together(*(one * strand.octaves for one, strand in zip(ones, strands, strict=True))),
        most_octaves=most,
        roughness=together(*(one * strand.roughness for one, strand in zip(ones, strands, strict=True))),
    )
    return apart(settled(drawn * 2.6 if kind == "fbm" else drawn), len(strands))


def noise(
    cells: Lattice, seed: Array, octaves: int = 4, roughness: Array | float = 0.5, *, kind: Kind = "fbm"
) -> Array:
    """Return one noise, as ``noises`` does."""
    return noises(Strand(cells, seed, octaves, roughness), kind=kind)[0]


def bent(cells: Lattice, seed: Array, strength: Array, octaves: int = 2) -> Lattice:
    """Return the cells with their coordinates moved by noise, by about half of ``strength`` [b, 1, 1] in cells."""
    right, down = noises(*(Strand(cells, fold(seed, part), octaves) for part in (1, 2)))
    moved = cells.shifted(strength * 0.4 * right, strength * 0.4 * down)
    x, y = settled((moved.x, moved.y))
    return dataclasses.replace(moved, x=x, y=y)


def nearest(cells: Lattice, seed: Array, jitter: Array) -> Cells:
    """Return what ``worley`` says of Euclidean distances."""
    return settled(worley(cells, seed, metric="euclidean", jitter=jitter))


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
