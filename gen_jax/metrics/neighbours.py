"""Nearest neighbours, exact and in bounded memory."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.errors import UserError
from gen_jax.metrics.arrays import as_features, same_width
from gen_jax.metrics.options import whole_number
from gen_jax.metrics.pairs import Pairs, absolute_error, double_bounds, prepare, products, squared_distances

# Candidates beyond k: near ties within the error of float32 mostly fit in, and their row needs no second look.
SPARE = 3
# Few programs for the usual k. The error grows with the width, and one row looked at again costs as much as thousands.
LEAST_CANDIDATES, LEAST_CANDIDATES_IF_WIDE = 8, 16
WIDE = 512
# Columns whose least value is found first, so that a search for the smallest looks at few of them.
GROUP = 32
# Squared distances in float64 that are held at once.
DOUBLES = 1 << 23


def nearest(features: Any, reference: Any, *, k: int = 1, exclude_self: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return the Euclidean distances to the k nearest rows of the reference, ascending, and their indices.

    Exact: the k rows that float64 differences would choose, equal distances by the lower index, equal rows at distance
    0, far from the origin as near it. Float32 matrix products on the device find the candidates, see ``pairs.py``.

    Args:
      features: [n, d], numpy or jax.
      reference: [m, d].
      k: number of neighbours, 1 to m (to m - 1 with ``exclude_self``).
      exclude_self: row i of the features is row i of the reference, and is no neighbour of itself.

    Returns:
      Distances, float64 [n, k], and indices into the reference, int64 [n, k].

    Raises:
      UserError: no [n, d] arrays of one width, k out of range, or ``exclude_self`` with two different sets.
    """
    itself = features is reference
    features = as_features(features, name="features", least=1)
    reference = features if itself else as_features(reference, name="reference", least=1)
    same_width(features, reference)
    k = whole_number(k, name="k", least=1, most=len(reference) - exclude_self, why="the reference has no more rows")
    if exclude_self and not (itself or np.array_equal(features, reference)):
        raise UserError("exclude_self: True, and features and reference differ; give the same rows twice or leave it")
    least = LEAST_CANDIDATES if features.shape[1] < WIDE else LEAST_CANDIDATES_IF_WIDE
    candidates = max(1 << (k + SPARE - 1).bit_length(), least)
    pairs = prepare(features, reference, least=candidates)
    low, columns = _candidates(pairs, candidates, exclude_self)
    return _settle(pairs, low, columns, k, exclude_self)


def _candidates(pairs: Pairs, count: int, exclude_self: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return for each row the columns of the lowest lower bounds, [n, count] ascending, infinite where none is left."""
    found, first_row = [], 0
    for tile in pairs.rows.tiles:
        best = (jnp.full((len(tile), count), jnp.inf), jnp.zeros((len(tile), count), jnp.int32))
        first_column = 0
        for column_tile, low in zip(pairs.columns.tiles, pairs.columns.low, strict=True):
            # Row r of the tile is column r + itself of the other tile; a number out of reach where nothing is excluded.
            itself = first_row - first_column if exclude_self else len(pairs.reference) + len(column_tile)
            best = _merge(best, tile, column_tile, low, np.asarray([first_column, itself], np.int32))
            first_column += len(column_tile)
        found.append(best)
        first_row += len(tile)
    values, columns = (np.concatenate([np.asarray(best[part]) for best in found]) for part in (0, 1))
    norms = pairs.rows.norms * (1.0 - pairs.slack) - absolute_error(pairs.features.shape[1])
    rows = len(pairs.features)
    # A row of the reference that is not there stands at infinity, under an index that does not exist.
    return values[:rows] + norms[:, None], np.minimum(columns[:rows].astype(np.int64), len(pairs.reference) - 1)


@jax.jit
def _merge(best: tuple[Array, Array], rows: Array, columns: Array, low: Array, offsets: Array) -> tuple[Array, Array]:
    scores = low[None, :] - 2.0 * products(rows, columns)
    number = jnp.arange(scores.shape[1], dtype=jnp.int32)
    itself = jnp.arange(scores.shape[0], dtype=jnp.int32) + offsets[1]
    scores = jnp.where(number[None, :] == itself[:, None], jnp.inf, scores)
    values, index = _smallest(scores, best[0].shape[1])
    values = jnp.concatenate([best[0], values], axis=1)
    index = jnp.concatenate([best[1], index + offsets[0]], axis=1)
    negative, order = jax.lax.top_k(-values, best[0].shape[1])
    return -negative, jnp.take_along_axis(index, order, axis=1)


def _smallest(values: Array, count: int) -> tuple[Array, Array]:
    """Return the smallest values of each row and their columns: they lie in the groups of the smallest minima."""
    rows, columns = values.shape
    groups = columns // GROUP
    if 2 * count > groups:
        negative, index = jax.lax.top_k(-values, count)
        return -negative, index
    grouped = values.reshape(rows, groups, GROUP)
    _, chosen = jax.lax.top_k(-jnp.min(grouped, axis=2), count)
    inside = jnp.take_along_axis(grouped, chosen[:, :, None], axis=1).reshape(rows, count * GROUP)
    negative, index = jax.lax.top_k(-inside, count)
    return -negative, jnp.take_along_axis(chosen, index // GROUP, axis=1) * GROUP + index % GROUP


def _settle(
    pairs: Pairs, low: np.ndarray, columns: np.ndarray, k: int, exclude_self: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Choose among the candidates by exact distances; rows that may have more candidates go to float64."""
    norms = pairs.rows.norms[:, None] + pairs.columns.norms[columns]
    high = low + 2.0 * pairs.slack * norms + 4.0 * absolute_error(pairs.features.shape[1])
    limit = np.partition(high, k - 1, axis=1)[:, k - 1 : k]
    open_rows = np.flatnonzero(low[:, -1] <= limit[:, 0])
    wanted = low <= limit
    wanted[open_rows] = False
    rows, places = np.nonzero(wanted)
    exact = np.full(low.shape, np.inf)
    exact[rows, places] = squared_distances(pairs, rows, columns[rows, places])
    order = np.lexsort((columns, exact))[:, :k]
    exact, columns = np.take_along_axis(exact, order, axis=1), np.take_along_axis(columns, order, axis=1)
    size = max(DOUBLES // len(pairs.reference), 1)
    for first in range(0, len(open_rows), size):
        rows = open_rows[first : first + size]
        exact[rows], columns[rows] = _settle_in_double(pairs, rows, k, exclude_self)
    return np.sqrt(exact), columns


def _settle_in_double(pairs: Pairs, rows: np.ndarray, k: int, exclude_self: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return squared distances and columns of the k nearest of some rows, all pairs of which are looked at."""
    low = np.empty((len(rows), len(pairs.reference)))
    high = np.empty_like(low)
    size = len(pairs.columns.tiles[0])
    for first in range(0, len(pairs.reference), size):
        part = slice(first, first + size)
        low[:, part], high[:, part] = double_bounds(pairs, rows, part)
    if exclude_self:
        low[np.arange(len(rows)), rows] = high[np.arange(len(rows)), rows] = np.inf
    limit = np.partition(high, k - 1, axis=1)[:, k - 1 : k]
    number, columns = np.nonzero(low <= limit)
    exact = np.full(low.shape, np.inf)
    exact[number, columns] = squared_distances(pairs, rows[number], columns)
    order = np.argsort(exact, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(exact, order, axis=1), order
