"""Random numbers without state: a 32-bit integer hash of a seed and of where the number is used.

A number depends on nothing but its seed and its place, so that a picture is the same whatever the batch, the device
or the tile it is drawn in. Every function takes jax or numpy arrays and returns arrays of the same library.
"""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

Bits = Any
"""uint32, a jax or numpy array of any shape."""


def mix(bits: Bits) -> Bits:
    """Return every 32-bit number as another, one to one; neighbours become unlike.

    Two rounds of xor-shift and multiplication. Source: C. Wellons, hash-prospector (public domain), "lowbias32".
    """
    bits = bits ^ (bits >> np.uint32(16))
    bits = bits * np.uint32(0x7FEB352D)
    bits = bits ^ (bits >> np.uint32(15))
    bits = bits * np.uint32(0x846CA68B)
    return bits ^ (bits >> np.uint32(16))


def fold(seed: Bits, number: Bits | int) -> Bits:
    """Return the seed of what is called ``number`` within what ``seed`` belongs to; shapes broadcast."""
    if isinstance(number, int):
        number = np.uint32(number & 0xFFFFFFFF)
    return mix(mix(seed + np.uint32(0x9E3779B9)) ^ number)


def at(seed: Bits, x: Bits, y: Bits) -> Bits:
    """Return random bits of the lattice point (x, y), integers of any sign; shapes broadcast."""
    return mix(
        mix(seed ^ (x.astype(np.uint32) * np.uint32(0x9E3779B1))) ^ (y.astype(np.uint32) * np.uint32(0x85EBCA77))
    )


def unit(bits: Bits) -> Any:
    """Return float32 in [0, 1), a multiple of 2^-24, of random bits."""
    return (bits >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)


def seeds(first: int, count: int) -> jax.Array:
    """Return the uint32 seeds ``first, first + 1, ...`` (modulo 2^32) of ``count`` pictures."""
    return jax.numpy.arange(count, dtype=np.uint32) + np.uint32(first & 0xFFFFFFFF)
