"""Fixed point numbers of 64 bits on devices that have 32: sums of a column's and a row's, and their quotients."""

from __future__ import annotations

import dataclasses
from typing import TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

FRACTION = 2.0**32
LARGEST = 2.0**29
"""Pixels; further out a position is outside of every image, and two of them still add up in 32 bits."""

Pair: TypeAlias = tuple[jax.Array, jax.Array]
"""Upper half int32, lower half uint32."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Sums:
    """Fixed point numbers [b, h, w] that are sums of a vector over the columns and one over the rows."""

    column_high: np.ndarray | jax.Array
    column_low: np.ndarray | jax.Array
    row_high: np.ndarray | jax.Array
    row_low: np.ndarray | jax.Array

    def total(self, less: float = 0.0) -> tuple[jax.Array, jax.Array]:
        """Return the sums, less 0 or 0.5, as whole parts int32 and fractions uint32, [b, h, w]."""
        high, low = jnp.asarray(self.column_high), jnp.asarray(self.column_low)
        if less:
            half = jnp.uint32(1 << 31)
            high, low = high - (low < half).astype(jnp.int32), low - half
        high, low = high[:, None, :], low[:, None, :]
        fraction = low + jnp.asarray(self.row_low)[:, :, None]
        carry = (fraction < low).astype(jnp.int32)
        return high + jnp.asarray(self.row_high)[:, :, None] + carry, fraction

    def real(self) -> jax.Array:
        """Return the sums in float32."""
        return _real(self.total())


jax.tree_util.register_dataclass(Sums, data_fields=["column_high", "column_low", "row_high", "row_low"], meta_fields=[])


def fixed(values: np.ndarray) -> np.ndarray:
    """Return numbers in units of 2**-32, int64."""
    return np.rint(np.clip(values, -LARGEST, LARGEST) * FRACTION).astype(np.int64)


def sums_of(columns: np.ndarray, rows: np.ndarray) -> Sums:
    """Return the sums of vectors [b, w] and [b, h] in units of 2**-32, int64."""
    return Sums(
        column_high=(columns >> 32).astype(np.int32),
        column_low=(columns & 0xFFFFFFFF).astype(np.uint32),
        row_high=(rows >> 32).astype(np.int32),
        row_low=(rows & 0xFFFFFFFF).astype(np.uint32),
    )


def settled_floor(guess: jax.Array, numerator: Sums, denominator: Sums) -> jax.Array:
    """Return ``floor(numerator / denominator)`` where the guess, from float32, is at most one off.

    The remainder ``numerator - guess denominator`` is computed in 64 bits, with both made such that the
    denominator is positive; a guess beyond 16 bits is outside of every image and stays.
    """
    top, bottom = _negated_where(numerator.total(), denominator.total())
    small = jnp.clip(guess, 0, 65535).astype(jnp.uint32)
    high, low = _minus(top, _times(bottom, small))
    above_high, _ = _minus((high, low), bottom)
    settled = jnp.where(high < 0, guess - 1, jnp.where(above_high >= 0, guess + 1, guess))
    return jnp.where((guess >= 0) & (guess < 65535), settled, guess)


def quotient_between(guess: jax.Array, numerator: Sums, denominator: Sums) -> tuple[jax.Array, jax.Array]:
    """Return the floor of ``numerator / denominator - 1/2`` and what is above it, float32 right to its last bit.

    The guess, from float32, is of the same quotient and at most one off. The remainder is computed in 64 bits and
    only then divided, so that far from the corner the fraction is as good as near to it.
    """
    top, bottom = _negated_where(numerator.total(), denominator.total())
    top = _minus(top, _negated(_halved(bottom)))
    count = jnp.clip(guess + 1, 0, 65535)
    rest = _minus(top, _times(bottom, count.astype(jnp.uint32)))
    short, over = rest[0] < 0, _minus(rest, bottom)[0] >= 0
    less, more = _minus(rest, _negated(bottom)), _minus(rest, bottom)
    rest = _where(short, less, _where(over, more, rest))
    floor = count - short.astype(jnp.int32) + (over & ~short).astype(jnp.int32) - 1
    depth = _real(bottom)
    return floor, jnp.clip(_real(rest) / jnp.where(depth == 0.0, 1.0, depth), 0.0, np.float32(1 - 2.0**-24))


def _real(pair: Pair) -> jax.Array:
    return pair[0].astype(jnp.float32) + pair[1].astype(jnp.float32) * np.float32(1 / FRACTION)


def _where(condition: jax.Array, first: Pair, second: Pair) -> Pair:
    return jnp.where(condition, first[0], second[0]), jnp.where(condition, first[1], second[1])


def _negated(pair: Pair) -> Pair:
    return _minus((jnp.zeros_like(pair[0]), jnp.zeros_like(pair[1])), pair)


def _halved(pair: Pair) -> Pair:
    """Return half of 64 bits that are not negative."""
    high, low = pair
    return high >> 1, (low >> 1) | ((high & 1).astype(jnp.uint32) << 31)


def _negated_where(top: Pair, bottom: Pair) -> tuple[Pair, Pair]:
    flip = bottom[0] < 0
    return _where(flip, _negated(top), top), _where(flip, _negated(bottom), bottom)


def _minus(left: Pair, right: Pair) -> Pair:
    borrow = (left[1] < right[1]).astype(jnp.int32)
    return left[0] - right[0] - borrow, left[1] - right[1]


def _times(pair: Pair, count: jax.Array) -> Pair:
    """Return 64 bits times 16 bits, modulo 2**64."""
    high, low = pair
    lower, upper = (low & 0xFFFF) * count, (low >> 16) * count
    product = lower + (upper << 16)
    carry = (upper >> 16) + (product < lower).astype(jnp.uint32)
    return high * count.astype(jnp.int32) + carry.astype(jnp.int32), product
