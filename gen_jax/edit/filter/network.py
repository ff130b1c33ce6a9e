"""The median of a square window by comparisons whose order does not depend on the values: merge, then select."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import lax

LARGEST = 7
"""The largest side for which a network compiles in a second or so."""


def merged(first: Sequence[jax.Array], second: Sequence[jax.Array]) -> list[jax.Array]:
    """Return two lists of arrays, each ascending elementwise, as one: Batcher's odd-even merge.

    Source: Knuth, The Art of Computer Programming, volume 3, 5.3.4, for lists of any two lengths.
    """
    if not first or not second:
        return [*first, *second]
    if len(first) == len(second) == 1:
        return [jnp.minimum(first[0], second[0]), jnp.maximum(first[0], second[0])]
    even, odd = merged(first[0::2], second[0::2]), merged(first[1::2], second[1::2])
    result = even[:1]
    for low, high in zip(odd, even[1:], strict=False):
        result += [jnp.minimum(low, high), jnp.maximum(low, high)]
    return result + odd[len(even) - 1 :] + even[len(odd) + 1 :]


def ascending(arrays: Sequence[jax.Array]) -> list[jax.Array]:
    """Return arrays sorted elementwise."""
    half = len(arrays) // 2
    return merged(ascending(arrays[:half]), ascending(arrays[half:])) if half else list(arrays)


def ranked(first: Sequence[jax.Array], second: Sequence[jax.Array], rank: int) -> jax.Array:
    """Return the array of a rank, from 0, among two ascending lists, without merging them.

    ``min_i max(first[rank - i], second[i - 1])``: take i of the second list and the others of the first.
    """
    candidates = []
    for taken in range(min(len(second), rank + 1) + 1):
        last = rank - taken
        if last < len(first):
            largest = (
                [*first[last : last + 1], *second[max(taken - 1, 0) : taken]] if last >= 0 else [second[taken - 1]]
            )
            candidates.append(functools.reduce(jnp.maximum, largest))
    return functools.reduce(jnp.minimum, candidates)


def median_of_square(padded: jax.Array, size: int, height: int, width: int) -> jax.Array:
    """Return the median of each window of ``size`` by ``size``, an odd number up to 7.

    Columns are sorted once and shared by the windows that they are part of.

    Args:
      padded: [b, height + size - 1, width + size - 1, c].
      size: of the window.
      height: of the result.
      width: of the result.
    """
    batch, _, wide, channels = padded.shape
    lines = lax.optimization_barrier(padded.reshape(batch, -1, wide * channels))
    columns = lax.optimization_barrier(tuple(ascending([lines[:, row : row + height] for row in range(size)])))

    def windows(low: int, high: int) -> list[jax.Array]:
        if high - low > 1:
            return merged(windows(low, (low + high) // 2), windows((low + high) // 2, high))
        return [column[:, :, low * channels : (low + width) * channels] for column in columns]

    median = ranked(windows(0, size - 1), windows(size - 1, size), size * size // 2)
    return median.reshape(batch, height, width, channels)
