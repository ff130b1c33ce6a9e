"""Which columns of an output row lie inside the input, decided in float64 as Pillow's ``transform`` decides."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from gen_jax.edit.canvas import Canvas


@dataclasses.dataclass(frozen=True, eq=False)
class _Rows:
    """A position as a function of the column, for x and y of each row: all arrays [2, b, h] or broadcast to it."""

    slope: np.ndarray
    rest: np.ndarray
    shift: np.ndarray
    depth_slope: np.ndarray
    depth_rest: np.ndarray
    depth_shift: np.ndarray
    projective: bool

    def depth(self, column: np.ndarray) -> np.ndarray:
        """Return the divisor at a column, in Pillow's order of operations."""
        return self.depth_slope * (column + 0.5) + self.depth_rest + self.depth_shift

    def at(self, column: np.ndarray) -> np.ndarray:
        """Return the position at a column, in Pillow's order of operations."""
        position = self.slope * (column + 0.5) + self.rest + self.shift
        return position / self.depth(column) if self.projective else position


def inside_spans(matrix: np.ndarray, entered: Canvas, left: Canvas, *, projective: bool) -> np.ndarray:
    """Return the first and last + 1 column inside of each row, [b, h, 2] int32.

    In perspective [b, h, 4]: once where the divisor is positive, once where it is negative. Along a row a
    position only rises or only falls while its divisor keeps its sign, and rounding keeps that order; so one
    column a limit says it all, found by solving for it and mended with the very numbers that Pillow compares.
    """
    rows = np.arange(left.height) + 0.5
    parts = matrix.transpose(1, 2, 0)[..., None]
    rise = parts[:, 1] * rows
    seen = _Rows(parts[:2, 0], rise[:2], parts[:2, 2], parts[2, 0], rise[2], parts[2, 2], projective)
    limits = np.stack(np.broadcast_arrays(entered.widths(), entered.heights()))[:, :, None].astype(np.float64)
    shape = np.broadcast_shapes(seen.rest.shape, limits.shape)
    whole = np.zeros(shape, np.int64), np.full(shape, left.width)
    with np.errstate(all="ignore"):
        if not projective:
            return _span(seen, limits, whole)
        return np.concatenate([_span(seen, limits, side) for side in _sides(seen, whole)], axis=-1)


def _sides(rows: _Rows, whole: tuple[np.ndarray, np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the columns where the divisor is positive and those where it is not, as starts and ends."""
    start, end = whole
    rising = np.broadcast_to(rows.depth_slope > 0, start.shape)
    root = -(rows.depth_rest + rows.depth_shift) / rows.depth_slope
    turn = _first(lambda column: (rows.depth(column) > 0) == rising, root, whole)
    return [
        (np.where(rising, turn, start), np.where(rising, end, turn)),
        (np.where(rising, start, turn), np.where(rising, turn, end)),
    ]


def _span(rows: _Rows, limits: np.ndarray, side: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return [b, h, 2]: the columns of one side whose positions are in [0, limit)."""
    start, end = side
    constant, depth_constant = rows.rest + rows.shift, rows.depth_rest + rows.depth_shift
    rising = np.broadcast_to(rows.slope * depth_constant > rows.depth_slope * constant, start.shape)
    for limit, above in ((np.zeros_like(limits), True), (limits, False)):
        root = -(constant - limit * depth_constant) / (rows.slope - limit * rows.depth_slope)
        turn = _first(lambda column, limit=limit: (rows.at(column) >= limit) == rising, root, side)
        later = rising == above
        start, end = np.where(later, np.maximum(start, turn), start), np.where(later, end, np.minimum(end, turn))
    return np.stack([start.max(axis=0), end.min(axis=0)], axis=-1).astype(np.int32)


def _first(
    reached: Callable[[np.ndarray], np.ndarray], root: np.ndarray, side: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Return the first column in [start, end] from which on ``reached`` holds, ``end`` if it never does.

    Args:
      reached: false, then true along a row.
      root: where it turns, in pixels, up to rounding; not finite where it does not.
      side: the start and the end.
    """
    start, end = side
    solved = np.isfinite(root)
    turn = np.clip(np.ceil(np.where(solved, root, 0.0) - 0.5), start, end).astype(np.int64)
    if not solved.all():  # the position is the same all along the row
        turn = np.where(solved, turn, np.where(reached(start), start, end))
    for _ in range(3):
        back = (turn > start) & reached(turn - 1)
        forth = (turn < end) & ~reached(turn)
        if not (back | forth).any():
            return turn
        turn = turn + forth - (back & ~forth)
    low, high = start, end
    while (low < high).any():
        middle = (low + high) // 2
        there = reached(middle) | (low >= high)
        low, high = np.where(there, low, middle + 1), np.where(there, np.minimum(middle, high), high)
    return high
