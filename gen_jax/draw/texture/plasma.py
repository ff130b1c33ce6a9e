"""Plasma: waves through waves, bent by each other, as the demos of the 1980s had it."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw import hashing
from gen_jax.draw.texture.field import Field
from gen_jax.draw.texture.kind import Layers, Number, texture
from gen_jax.draw.texture.once import settled

_TURN = np.float32(2.0 * np.pi)


def _wave(field: Field, seed: Array, scale: Array, bend: Array | float) -> Array:
    """Return the mean of four sines that run in different directions, [b, h, w] in [-1, 1].

    Where the field tiles, each fits the picture a whole number of times, not all of them the same number of times.
    """
    total = jnp.zeros(())
    height, width = field.extent
    for index in range(4):
        angle, length, phase = (hashing.unit(hashing.fold(seed, 3 * index + part)) for part in range(3))
        angle = (angle + float(index)) * np.float32(0.25 * np.pi)
        length = scale * (0.6 + 0.8 * length)
        across, down = length * jnp.cos(angle), length * jnp.sin(angle)
        if field.tile:
            across, down = jnp.round(across * width) / width, jnp.round(down * height) / height
        total = total + jnp.sin((across * field.x + down * field.y + phase + bend) * _TURN)
    return total * 0.25


@texture(
    scale=Number(1.5, 0.25, 16.0, "waves per side", vary=0.3),
    warp=Number(0.5, 0.0, 2.0, "how far the waves bend each other", vary=0.3),
    bands=Number(1.0, 0.25, 6.0, "how often the tones run through", vary=0.2),
)
def plasma(field: Field, *, scale: Array, warp: Array, bands: Array) -> Layers:
    """Plasma: soft bands of waves that bend each other."""
    first = _wave(field, field.seed_of(0), scale, 0.0)
    second = settled(_wave(field, field.seed_of(1), scale, warp * first))
    third = _wave(field, field.seed_of(2), scale, warp * (first + second))
    height = 0.5 - 0.5 * jnp.cos(np.pi * bands * (second + third + 1.0))
    return Layers(height)
