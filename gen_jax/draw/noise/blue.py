"""Blue noise: the pixels darker than any level are spread as evenly as can be, without a pattern; seamless.

Void filling (R. Ulichney, "The void-and-cluster method for dither array generation", 1993) ranks one pixel after the
other: the next one is where those ranked so far are farthest, seen through a Gaussian. Here the picture is cut into
cells of about 8 x 8 pixels, every cell ranks its own, and the cells of every other row and column take a step at
once, too far apart to meet: some 500 steps, whatever the size. All numbers are whole, so that every device gives the
same picture.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw import hashing

_CELL = 8
_SIGMA = 1.5
_REACH = 6
_TAPS = np.round(1024.0 * np.exp(-0.5 * (np.arange(-_REACH, _REACH + 1) / _SIGMA) ** 2)).astype(np.float32)
"""Of the Gaussian along one side: whole, and their sums over the plane below 2^24, so that float32 is exact."""
_CHANCE_BITS = 7
"""Equals are told apart by so many random bits; with the sums above they fill 31."""
_RANKED = np.int32(2**31 - 1)


def ranks(seeds: Array, *, size: tuple[int, int]) -> Array:
    """Return the rank of every pixel.

    Args:
      seeds: uint32 [b].
      size: height and width.

    Returns:
      int32 [b, h, w], in each picture a permutation of 0 to h w - 1.
    """
    height, width = size
    rows, columns = _cells(height), _cells(width)
    (tall, down, _), (wide, across, _) = rows.shape, columns.shape
    phases = tall * wide
    # Within a turn the cells themselves come in the order of a blue noise.
    first = jnp.zeros((len(seeds), 1, 1), jnp.int32)
    if down * tall * across * wide > 1:
        first = ranks(hashing.fold(seeds, 1), size=(down * tall, across * wide))
    first = first.reshape(-1, down, tall, across, wide).transpose(2, 4, 0, 1, 3).reshape(phases, len(seeds), -1)
    chance = hashing.at(seeds[:, None, None], jnp.arange(width)[None, None, :], jnp.arange(height)[None, :, None])
    chance = (chance >> np.uint32(32 - _CHANCE_BITS)).astype(jnp.int32)
    pictures = jnp.arange(len(seeds))[:, None]

    def step(state: tuple[Array, Array]) -> tuple[Array, Array]:
        number, order = state
        turn, phase = number // phases, number % phases
        # The cells lie elsewhere every turn, so that their grid does not show.
        place = hashing.fold(turn.astype(jnp.uint32), np.arange(2, dtype=np.uint32))
        down, across = (place % np.array(size, np.uint32)).astype(jnp.int32)
        cells = _pixels(jnp.asarray(rows)[phase // wide], jnp.asarray(columns)[phase % wide], (down, across), size)
        chosen = _emptiest(cells, order, chance)
        label = turn * (first.size // len(seeds)) + first[phase]
        order = order.reshape(len(seeds), -1).at[pictures, chosen].set(label, mode="drop").reshape(order.shape)
        return number + 1, order

    start = jnp.int32(0), jnp.full((len(seeds), height, width), -1, jnp.int32)
    _, order = jax.lax.while_loop(lambda state: jnp.any(state[1] < 0), step, start)
    return jnp.argsort(jnp.argsort(order.reshape(len(seeds), -1), axis=-1), axis=-1).reshape(order.shape)


def _cells(side: int) -> np.ndarray:
    """Return the places of the cells along one side: int32 [1 or 2, cells, most places], -1 where there are fewer.

    Even cells come first, then odd ones: as many of each, so that no two of a kind are neighbours around the edge.
    """
    count = 2 * round(side / (2 * _CELL)) if side >= 1.5 * _CELL else 1
    edges = np.round(np.arange(count + 1) * (side / count)).astype(np.int32)
    places = edges[:-1, None] + np.arange(np.max(np.diff(edges)), dtype=np.int32)
    places = np.where(places < edges[1:, None], places, -1)
    return places[None] if count == 1 else np.stack([places[0::2], places[1::2]])


def _pixels(rows: Array, columns: Array, shift: tuple[Array, Array], size: tuple[int, int]) -> Array:
    """Return the flat places of the pixels of every cell, [cells, places], -1 where a cell has fewer."""
    row, column = rows[:, None, :, None], columns[None, :, None, :]
    places = (row + shift[0]) % size[0] * size[1] + (column + shift[1]) % size[1]
    places = jnp.where((row >= 0) & (column >= 0), places, -1)
    return places.reshape(rows.shape[0] * columns.shape[0], -1)


def _emptiest(cells: Array, order: Array, chance: Array) -> Array:
    """Return for every cell the flat place of its pixel farthest from those ranked, [b, cells]; equals by chance.

    A place outside of the picture stands for none: where all are ranked, or where the cell's emptiest is fuller than
    that of the average cell, so that no cell is forced to crowd.
    """
    fullness = _blurred((order >= 0).astype(jnp.float32)).astype(jnp.int32)
    cost = jnp.where(order < 0, (fullness << _CHANCE_BITS) + chance, _RANKED)
    cost = jnp.where(cells >= 0, cost.reshape(len(order), -1)[:, cells], _RANKED)
    least = jnp.min(cost, axis=-1)
    # So many bits less that the sum over all cells has room in 31.
    rough = least >> len(cells).bit_length()
    some = least < _RANKED
    total = jnp.sum(jnp.where(some, rough, 0), axis=-1, keepdims=True)
    active = some & (rough <= -(-total // jnp.maximum(jnp.sum(some, axis=-1, keepdims=True), 1)))
    return jnp.where(active, cells[jnp.arange(len(cells))[None], jnp.argmin(cost, axis=-1)], order[0].size)


def _blurred(images: Array) -> Array:
    """Return float32 images [b, h, w], blurred around their edges."""
    for axis in (1, 2):
        side = images.shape[axis]
        padded = jnp.pad(images, [(_REACH, _REACH) if axis == each else (0, 0) for each in range(3)], mode="wrap")
        shifted = [jax.lax.slice_in_dim(padded, place, place + side, axis=axis) for place in range(len(_TAPS))]
        images = functools.reduce(jnp.add, [image * tap for image, tap in zip(shifted, _TAPS, strict=True)])
    return images
