"""Named key streams: every random number is a function of (seed, name, step)."""

from __future__ import annotations

import zlib

import jax
from jax import Array


def stream(seed: int, name: str) -> Array:
    """Return the key of the stream ``name``: ``fold_in(key(seed), crc32(name))``.

    Two streams of one seed are independent, and adding a stream never moves another.
    """
    return jax.random.fold_in(jax.random.key(seed), zlib.crc32(name.encode()))


def at(key: Array, step: Array | int) -> Array:
    """Return the key that a stream uses at ``step``; any step can be asked for, in any order."""
    return jax.random.fold_in(key, step)


def named(key: Array, *names: str) -> dict[str, Array]:
    """Split one key into independent keys, one a name; the order of the names does not matter."""
    return {name: jax.random.fold_in(key, zlib.crc32(name.encode())) for name in names}
