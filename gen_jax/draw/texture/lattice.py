"""Noise between the points of a lattice: random numbers at its points, or random slopes, blended across every cell.

What the points of one row give to a place depends on its column (``entries``), and the rows above and below it are
then blended by how far down it lies (``blend``). Written so, a basis serves places that lie anywhere, and, where
columns and rows are apart, rows that are computed once for all the pixels between them (``octaves.py``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.hashing import at
from gen_jax.draw.texture.field import Lattice

Entries = tuple[Array, ...]


@dataclasses.dataclass(frozen=True)
class Basis:
    """Noise of random numbers, mean 0, that two rows of a lattice make; ``basis(lattice, seed)`` draws it."""

    entries: Callable[[Array, Array, Array], Entries]
    """Of how far a place lies to the right of the point on its left, in [0, 1), and of the bits of both points."""
    blend: Callable[[Entries, Entries, Array], Array]
    """Of the entries of the rows above and below, and of how far a place lies under the former, in [0, 1)."""
    triangles: bool = False
    """Whether every other row lies half a cell to the right."""

    def __call__(self, lattice: Lattice, seed: Array) -> Array:
        """Return the noise, float32 [b, h, w]; ``seed`` is uint32 [b, 1, 1]."""
        y, period_y = self.rows(lattice)
        above = jnp.floor(y)

        def row(number: Array) -> Entries:
            number = wrapped(number, period_y)
            x = lattice.x - self.offset(number)
            across, left, right = columns(x, lattice.period_x)
            return self.entries(across, at(seed, number, left), at(seed, number, right))

        return self.blend(row(above), row(above + 1.0), y - above)

    def rows(self, lattice: Lattice) -> tuple[Array, Array | None]:
        """Return ``y`` in rows of points and after how many they come round.

        Rows of triangles with equal sides are closer than cells. Where they repeat, their number is even, the nearest
        to equal sides, and two at least: so they are a little off, less the more there are.
        """
        if not self.triangles:
            return lattice.y, lattice.period_y
        if lattice.period_y is None:
            return lattice.y / ROW, None
        count = 2.0 * jnp.maximum(jnp.round(lattice.period_y / (2.0 * ROW)), 1.0)
        return lattice.y * (count / lattice.period_y), count

    def offset(self, row: Array) -> Array | float:
        """Return how far to the right a row of this number begins."""
        return 0.5 * jnp.bitwise_and(row, 1).astype(jnp.float32) if self.triangles else 0.0


ROW = np.float32(np.sqrt(0.75))
"""Distance of two rows of triangles with sides of 1."""


def wrapped(index: Array, period: Array | None) -> Array:
    """Return lattice indices, whole numbers as float32 below 2^24, as int32 in [0, period); None: unchanged.

    In floats: the division of integers is not vectorised on CPUs. The number of turns may be rounded to its neighbour,
    hence the last step.
    """
    if period is not None:
        index = index - period * jnp.floor(index * (1.0 / period))
        index = jnp.where(index < 0.0, index + period, jnp.where(index >= period, index - period, index))
    return index.astype(jnp.int32)


def columns(x: Array, period: Array | None) -> tuple[Array, Array, Array]:
    """Return how far x lies to the right of the point on its left, and the indices of that point and of the next."""
    floor = jnp.floor(x)
    left = wrapped(floor, period)
    right = left + 1
    if period is not None:
        right = jnp.where(right == period.astype(jnp.int32), 0, right)
    return x - floor, left, right


def fade(t: Array) -> Array:
    """Return ``6 t^5 - 15 t^4 + 10 t^3``: from 0 to 1, with two derivatives zero at both ends.

    Source: K. Perlin, "Improving noise", SIGGRAPH 2002.
    """
    return t * t * t * (t * (t * 6.0 - 15.0) + 10.0)


def signed(bits: Array) -> Array:
    """Return float32 in [-1, 1] of random bits."""
    return jax.lax.bitcast_convert_type(bits, jnp.int32).astype(jnp.float32) * np.float32(2.0**-31)


def slopes(bits: Array) -> tuple[Array, Array]:
    """Return the unit vectors (x, y) whose angle is ``signed(bits)`` half turns, within 1e-6."""
    return _cosine(bits), _cosine(bits - np.uint32(1 << 30))


def _cosine(bits: Array) -> Array:
    """Return ``cos(pi signed(bits))`` by a polynomial for the sine (largest error 6e-7): cos() is not vectorised."""
    z = 0.5 - jnp.abs(signed(bits))
    square = z * z
    return z * (3.141582 + square * (-5.1671428 + square * (2.5418990 + square * -0.5546360)))


def _value_entries(across: Array, left: Array, right: Array) -> Entries:
    start = signed(left)
    return (start + fade(across) * (signed(right) - start),)


def _value_blend(above: Entries, below: Entries, down: Array) -> Array:
    return above[0] + fade(down) * (below[0] - above[0])


def _perlin_entries(across: Array, left: Array, right: Array) -> Entries:
    """Return a and b of what a row gives at a height of y under it: ``a + b y``."""
    u = fade(across)
    (left_x, left_y), (right_x, right_y) = slopes(left), slopes(right)
    a, b = left_x * across, left_y
    return a + u * (right_x * (across - 1.0) - a), b + u * (right_y - b)


def _perlin_blend(above: Entries, below: Entries, down: Array) -> Array:
    v = np.float32(np.sqrt(2.0)) * fade(down)
    rest = np.float32(np.sqrt(2.0)) - v
    return rest * above[0] + (rest * down) * above[1] + v * below[0] + (v * (down - 1.0)) * below[1]


value = Basis(_value_entries, _value_blend)
"""Value noise in [-1, 1], standard deviation 0.45: a number at every lattice point, blended by ``fade``."""

perlin = Basis(_perlin_entries, _perlin_blend)
"""Perlin's gradient noise in [-1, 1], standard deviation 0.305, 0 at the lattice points.

Every lattice point has a slope of length 1 in a direction of its own; ``fade`` blends the four planes around a place.
The greatest value, in the middle of a cell whose slopes all point there, is sqrt(1/2), which is scaled to 1.

Source: K. Perlin, "Improving noise", SIGGRAPH 2002; here directions are uniform.
"""
