"""Which samples of one set lie in the balls around the samples of another, counted exactly and in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.metrics.pairs import Pairs, double_bounds, prepare, products, squared_distances

# Open questions of one tile that direct differences answer; beyond, float64 products come first.
MANY_OPEN = 1 << 16
AROUND_REFERENCE, AROUND_FEATURES = 1, 2


class Members(NamedTuple):
    """Who lies in whose ball."""

    of_points: np.ndarray
    """For each point, the number of balls that hold it; int64."""
    of_balls: np.ndarray
    """For each ball, the number of points that it holds; int64."""


def count_members(
    features: np.ndarray,
    reference: np.ndarray,
    *,
    radii: np.ndarray,
    feature_radii: np.ndarray | None = None,
    closed: bool = False,
) -> tuple[Members, Members | None]:
    """Return who of the features lies in a ball around a row of the reference, and, if asked for, the other way round.

    The answers are those of float64 differences, see ``pairs.py``.

    Args:
      features: [n, d].
      reference: [m, d].
      radii: of the balls around the reference, float64 [m]: distances, as ``neighbours.nearest`` returns them.
      feature_radii: of the balls around the features, float64 [n]; with them comes the second answer.
      closed: whether a point at the very distance of the radius lies in the ball.
    """
    pairs = prepare(features, reference)
    both = feature_radii is not None
    feature_radii = np.zeros(len(features)) if feature_radii is None else feature_radii
    tallies = [(np.zeros(len(features), np.int64), np.zeros(len(reference), np.int64)) for _ in range(1 + both)]
    limits = _limits(pairs, feature_radii, len(pairs.rows.tiles[0])), _limits(pairs, radii, len(pairs.columns.tiles[0]))
    for rows, columns, counts, unsure in _tiles(pairs, limits, both):
        for (by_row, by_column), (of_rows, of_columns) in zip(tallies, counts, strict=True):
            by_row[rows] += np.asarray(of_rows)[: rows.stop - rows.start]
            by_column[columns] += np.asarray(of_columns)[: columns.stop - columns.start]
        if int(unsure[0]):
            codes = np.asarray(unsure[1])[: rows.stop - rows.start, : columns.stop - columns.start]
            _settle(pairs, (rows, columns), codes, (radii, feature_radii), tallies, closed=closed)
    (by_row, by_column), *rest = tallies
    return Members(by_row, by_column), Members(rest[0][1], rest[0][0]) if both else None


def _limits(pairs: Pairs, radii: np.ndarray, size: int) -> list[Array]:
    """Return numbers just below and just above the squared radii on the scale of the device, [2, t] for each tile."""
    squares = np.square(radii * pairs.scale)
    single = squares.astype(np.float32)
    both = np.stack([np.nextafter(single, np.float32(-1.0)), np.nextafter(single, np.float32(np.inf))])
    both = np.pad(both, ((0, 0), (0, -len(radii) % size)))
    return [jnp.asarray(both[:, first : first + size]) for first in range(0, both.shape[1], size)]


def _tiles(pairs: Pairs, limits: tuple[list[Array], list[Array]], both: bool) -> Iterator[tuple]:
    """Yield each tile's rows, columns, counts of what is sure, and number and codes of what is not."""
    sides = [
        list(zip(side.tiles, side.low, side.high, own, strict=True))
        for side, own in zip((pairs.rows, pairs.columns), limits, strict=True)
    ]
    for row, row_side in enumerate(sides[0]):
        # A row of tiles is started before the first is looked at: the device works while the host settles.
        started = [_count(row_side, column_side, both=both) for column_side in sides[1]]
        rows = _part(row, len(row_side[0]), len(pairs.features))
        for column, (counts, unsure) in enumerate(started):
            yield rows, _part(column, len(sides[1][0][0]), len(pairs.reference)), counts, unsure


def _part(number: int, size: int, total: int) -> slice:
    return slice(number * size, min((number + 1) * size, total))


@partial(jax.jit, static_argnames="both")
def _count(
    row: tuple[Array, Array, Array, Array], column: tuple[Array, Array, Array, Array], *, both: bool
) -> tuple[list[tuple[Array, Array]], tuple[Array, Array]]:
    (rows, row_low, row_high, row_limits), (columns, column_low, column_high, column_limits) = row, column
    twice = 2.0 * products(rows, columns)
    low = row_low[:, None] + (column_low[None, :] - twice)
    high = row_high[:, None] + (column_high[None, :] - twice)
    counts, codes = [], jnp.zeros(low.shape, jnp.uint8)
    limits = [column_limits[:, None, :], row_limits[:, :, None]]
    for (below, above), code in zip(limits[: 1 + both], (AROUND_REFERENCE, AROUND_FEATURES), strict=False):
        inside = high < below
        counts.append((jnp.sum(inside, axis=1, dtype=jnp.int32), jnp.sum(inside, axis=0, dtype=jnp.int32)))
        codes = codes + jnp.where((low <= above) & ~inside, jnp.uint8(code), jnp.uint8(0))
    return counts, (jnp.sum(codes > 0, dtype=jnp.int32), codes)


def _settle(
    pairs: Pairs,
    tile: tuple[slice, slice],
    codes: np.ndarray,
    radii: tuple[np.ndarray, np.ndarray],
    tallies: list[tuple[np.ndarray, np.ndarray]],
    *,
    closed: bool,
) -> None:
    """Add to the tallies what the device left open."""
    inner_rows, inner_columns = np.divmod(np.flatnonzero(codes), codes.shape[1])
    codes = codes[inner_rows, inner_columns]
    rows, columns = inner_rows + tile[0].start, inner_columns + tile[1].start
    own = (radii[0][columns], radii[1][rows])[: len(tallies)]
    if rows.size <= MANY_OPEN:
        distances = np.sqrt(squared_distances(pairs, rows, columns))
    else:
        low, high = (
            np.sqrt(np.maximum(bound[inner_rows, inner_columns], 0.0))
            for bound in double_bounds(pairs, np.arange(tile[0].start, tile[0].stop), tile[1])
        )
        # The margin is for the rounding of the roots.
        still = np.any([(low <= radius * (1 + 1e-15)) & (high >= radius * (1 - 1e-15)) for radius in own], axis=0)
        distances = high
        distances[still] = np.sqrt(squared_distances(pairs, rows[still], columns[still]))
    for (by_row, by_column), code, radius in zip(tallies, (AROUND_REFERENCE, AROUND_FEATURES), own, strict=False):
        inside = (distances <= radius if closed else distances < radius) & (codes & code > 0)
        by_row += np.bincount(rows[inside], minlength=len(by_row))
        by_column += np.bincount(columns[inside], minlength=len(by_column))
