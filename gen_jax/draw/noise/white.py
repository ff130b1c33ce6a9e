"""White noise: every pixel by itself, from one distribution over the 256 levels.

A level is looked up from 32 random bits (M. Vose, "A linear algorithm for generating random numbers with a given
distribution", 1991: the alias method), without a function that devices round differently: every device gives the
same picture.
"""

from __future__ import annotations

import functools
import math

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw import hashing

_LEVELS = 256


def uniform(low: float, high: float) -> np.ndarray:
    """Return the chance of every level: the same for all from ``low`` to ``high``, in [0, 1], whichever is less."""
    first, last = sorted(math.floor(255.0 * value + 0.5) for value in (low, high))
    chances = np.zeros(_LEVELS)
    chances[first : last + 1] = 1.0 / (last + 1 - first)
    return chances


def gaussian(mean: float, std: float) -> np.ndarray:
    """Return the chance of every level for a normal distribution, rounded and clipped to [0, 1]."""
    below = [0.0, *(_normal((level + 0.5) / 255.0, mean, std) for level in range(_LEVELS - 1)), 1.0]
    return np.diff(below)


def salt_pepper(amount: float, salt: float, ground: float) -> np.ndarray:
    """Return the chance of every level: a share ``amount`` is white or black, ``salt`` of it white; the rest grey."""
    chances = np.zeros(_LEVELS)
    chances[math.floor(255.0 * ground + 0.5)] = 1.0 - amount
    chances[255] += amount * salt
    chances[0] += amount * (1.0 - salt)
    return chances


def _normal(value: float, mean: float, std: float) -> float:
    if std == 0.0:
        return float(value >= mean)
    return 0.5 * math.erfc((mean - value) / (std * math.sqrt(2.0)))


@functools.lru_cache(maxsize=64)
def alias_table(chances: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return what ``levels`` looks up.

    Args:
      chances: of the 256 levels; their sum is 1.

    Returns:
      uint32 [256], how many of 2^24 cases stay where they fell, and int32 [256], the level of the others.
    """
    share = np.array(chances) * _LEVELS
    stay, other = np.ones(_LEVELS), np.arange(_LEVELS)
    small, large = ([i for i in range(_LEVELS) if (share[i] < 1.0) == less] for less in (True, False))
    while small and large:
        poor, rich = small.pop(), large.pop()
        stay[poor], other[poor] = share[poor], rich
        share[rich] -= 1.0 - share[poor]
        (small if share[rich] < 1.0 else large).append(rich)
    for left in small:  # what rounding left: below 1 by some 2^-50, unless nothing may fall there
        other[left] = int(np.argmax(chances))
        stay[left] = 0.0 if chances[left] == 0.0 else 1.0
    return np.round(stay * 2.0**24).astype(np.uint32), other.astype(np.int32)


def levels(bits: Array, stay: Array, other: Array) -> Array:
    """Return the level that random bits [b, h, w] draw from each picture's table [b, 256]: int32 [b, h, w]."""
    fell = (bits >> np.uint32(24)).astype(jnp.int32)
    picture = jnp.arange(len(bits))[:, None, None]
    return jnp.where((bits & np.uint32(0xFFFFFF)) < stay[picture, fell], fell, other[picture, fell])


def pixel_bits(seeds: Array, *, size: tuple[int, int]) -> Array:
    """Return random bits uint32 [b, h, w] of every pixel."""
    height, width = size
    return hashing.at(seeds[:, None, None], jnp.arange(width)[None, None, :], jnp.arange(height)[None, :, None])
