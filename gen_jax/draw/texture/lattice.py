"""Noise on a square lattice: random values at its points, or random slopes, blended across every cell."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.hashing import at, unit
from gen_jax.draw.texture.field import Lattice


def fade(t: Array) -> Array:
    """Return ``6 t^5 - 15 t^4 + 10 t^3``: from 0 to 1 with two derivatives zero at both ends.

    Source: K. Perlin, "Improving noise", SIGGRAPH 2002.
    """
    return t * t * t * (t * (t * 6.0 - 15.0) + 10.0)


def wrapped(index: Array, period: Array | None) -> Array:
    """Return lattice indices, whole numbers as float32, as int32 in [0, period); unchanged where nothing repeats.

    By a division in floats, exact below 2^24: that of integers is not vectorised on CPUs.
    """
    if period is not None:
        index = index - period * jnp.floor(index / period)
    return index.astype(jnp.int32)


def direction(bits: Array) -> tuple[Array, Array]:
    """Return a unit vector (x, y) of random bits, every direction alike: the 24 upper bits are its angle."""
    angle = unit(bits) * np.float32(2.0 * np.pi)
    return jnp.cos(angle), jnp.sin(angle)


def value(lattice: Lattice, seed: Array) -> Array:
    """Return value noise, float32 [b, h, w] in [-1, 1), mean 0, standard deviation 0.37.

    Every lattice point has a number of its own, uniform in [-1, 1); between four of them ``fade`` blends.
    """
    x0, y0 = jnp.floor(lattice.x), jnp.floor(lattice.y)
    u, v = fade(lattice.x - x0), fade(lattice.y - y0)

    def row(y: Array) -> Array:
        left, right = (
            unit(at(seed, wrapped(x, lattice.period_x), wrapped(y, lattice.period_y))) for x in (x0, x0 + 1.0)
        )
        return left + u * (right - left)

    top, bottom = row(y0), row(y0 + 1.0)
    return 2.0 * (top + v * (bottom - top)) - 1.0


def perlin(lattice: Lattice, seed: Array) -> Array:
    """Return Perlin's gradient noise, float32 [b, h, w] in [-1, 1], mean 0, 0 at the lattice points.

    Every lattice point has a slope of length 1 in a direction of its own; ``fade`` blends the four planes around a
    place. The greatest value, in the middle of a cell whose slopes all point there, is sqrt(1/2), and is scaled to 1.

    Source: K. Perlin, "Improving noise", SIGGRAPH 2002; directions are uniform here, not 12.
    """
    x0, y0 = jnp.floor(lattice.x), jnp.floor(lattice.y)
    dx, dy = lattice.x - x0, lattice.y - y0
    u, v = fade(dx), fade(dy)

    def row(step: float) -> Array:
        planes = []
        for side in (0.0, 1.0):
            bits = at(seed, wrapped(x0 + side, lattice.period_x), wrapped(y0 + step, lattice.period_y))
            slope_x, slope_y = direction(bits)
            planes.append(slope_x * (dx - side) + slope_y * (dy - step))
        return planes[0] + u * (planes[1] - planes[0])

    top, bottom = row(0.0), row(1.0)
    return np.float32(np.sqrt(2.0)) * (top + v * (bottom - top))
