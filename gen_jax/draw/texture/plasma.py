"""Plasma: waves through waves, bent by each other, as the demos of the 1980s had it."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw import hashing
from gen_jax.draw.texture.field import Field, Lattice, lattice
from gen_jax.draw.texture.kind import Layers, Number, texture

_TURN = np.float32(2.0 * np.pi)


def _wave(cells: Lattice, seed: Array, bend: Array | float) -> Array:
    """Return the mean of four sines whose wave vectors are small whole numbers, [b, h, w] in [-1, 1]."""
    total = jnp.zeros(())
    for index, (across, down) in enumerate(((1, 0), (0, 1), (1, 1), (1, -1))):
        bits = hashing.fold(seed, index)
        phase = hashing.unit(bits)
        side = jnp.where(bits & np.uint32(1), 1.0, -1.0)
        turns = cells.x * (across * side) + cells.y * down + phase + bend
        total = total + jnp.sin(turns * _TURN)
    return total * 0.25


@texture(
    scale=Number(1.5, 0.25, 16.0, "waves per side", vary=0.3),
    warp=Number(0.5, 0.0, 2.0, "how far the waves bend each other", vary=0.3),
    bands=Number(1.0, 0.25, 6.0, "how often the tones run through", vary=0.2),
)
def plasma(field: Field, *, scale: Array, warp: Array, bands: Array) -> Layers:
    """Plasma: soft bands of waves that bend each other."""
    cells = lattice(field, scale)
    first = _wave(cells, field.seed_of(0), 0.0)
    second = _wave(cells, field.seed_of(1), warp * first)
    third = _wave(cells, field.seed_of(2), warp * (first + second))
    height = 0.5 - 0.5 * jnp.cos(np.pi * bands * (second + third + 1.0))
    return Layers(height)
