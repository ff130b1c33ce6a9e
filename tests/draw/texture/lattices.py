"""What the tests of lattice noise share: fields, numbers, seams, a compiler that does not try hard."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.draw.texture.field import Field, Lattice, lattice

quick = functools.partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})


def field_of(height: int, width: int, *, seeds: int = 1, tile: bool = True) -> Field:
    return Field(jnp.arange(seeds, dtype=jnp.uint32)[:, None, None] + jnp.uint32(7), height, width, tile, 6)


def numbers(*values: float) -> jax.Array:
    return jnp.asarray(values, jnp.float32)[:, None, None]


def scales_on(field: Field, *scales: float) -> Lattice:
    return lattice(field, numbers(*scales))


def seam_and_inner(pictures: jax.Array) -> tuple[np.ndarray, np.ndarray]:
    """Return for each picture the largest difference across its edges, and between neighbours within it."""
    pixels = np.asarray(pictures, np.float64)
    seam = np.maximum(np.abs(pixels[:, 0] - pixels[:, -1]).max(-1), np.abs(pixels[:, :, 0] - pixels[:, :, -1]).max(-1))
    inner = np.maximum(np.abs(np.diff(pixels, axis=1)).max((1, 2)), np.abs(np.diff(pixels, axis=2)).max((1, 2)))
    return seam, inner
