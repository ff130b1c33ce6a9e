"""Where every output pixel lies in the input: exact as Pillow's float64, and cheap on any device.

An affine position is a sum ``X[column] + Y[row]``. The host computes both vectors in float64 and writes them
as 64-bit fixed point, two 32-bit integers; the device adds them, so that the floor and the fraction are right
to 2**-32 of a pixel without 64-bit arithmetic. Whether a pixel is inside the input is decided on the host too,
one span of columns a row, with Pillow's own order of float64 operations: there a wrong last bit is a wrong pixel.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.geometry.matrices import nonzero
from gen_jax.edit.geometry.spans import inside_spans

FRACTION = 2.0**32
LARGEST = 2.0**29
"""Pixels; further out a position is outside of every image, and two of them still add up in 32 bits."""


class Place(NamedTuple):
    """Pixel (column, row), how far beyond its corner, and whether the position is inside; each [b or 1, h, w]."""

    column: jax.Array
    row: jax.Array
    across: jax.Array
    """uint32 in units of 2**-32, or float32 in [0, 1)."""
    down: jax.Array
    inside: jax.Array


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
        whole, fraction = self.total()
        return whole.astype(jnp.float32) + fraction.astype(jnp.float32) * np.float32(1 / FRACTION)


jax.tree_util.register_dataclass(Sums, data_fields=["column_high", "column_low", "row_high", "row_low"], meta_fields=[])


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Grid:
    """Known positions: ``x`` and ``y``, both over ``depth`` in perspective."""

    x: Sums
    y: Sums
    depth: Sums | None
    spans: np.ndarray | jax.Array | None
    """[b, h, 2 or 4] int32: first and last + 1 column inside, once or twice; None: the whole parts decide."""

    def place(self, entered: Canvas, *, between: bool) -> Place:
        """Return the pixel each position is in, or with ``between`` the upper left of the four centres round it."""
        less = 0.5 if between else 0.0
        if self.depth is None:
            column, across = self.x.total(less)
            row, down = self.y.total(less)
        else:
            depth = self.depth.real()
            depth = jnp.where(depth == 0.0, 1.0, depth)
            column, across = split(_bounded(self.x.real() / depth - less))
            row, down = split(_bounded(self.y.real() / depth - less))
            if not between:
                column = _settled(column, self.x, self.depth)
                row = _settled(row, self.y, self.depth)
        return Place(column, row, across, down, self._inside(column, row, entered, between=between))

    def _inside(self, column: jax.Array, row: jax.Array, entered: Canvas, *, between: bool) -> jax.Array:
        if self.spans is None:
            if between:
                return self.place(entered, between=False).inside
            width, height = limits(entered)
            return (column >= 0) & (column < width) & (row >= 0) & (row < height)
        spans = jnp.asarray(self.spans)[..., None]
        columns = jnp.arange(column.shape[2], dtype=jnp.int32)[None, None]
        inside = (columns >= spans[:, :, 0]) & (columns < spans[:, :, 1])
        if spans.shape[2] == 4:
            inside |= (columns >= spans[:, :, 2]) & (columns < spans[:, :, 3])
        return inside


jax.tree_util.register_dataclass(Grid, data_fields=["x", "y", "depth", "spans"], meta_fields=[])


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Plane:
    """Positions by a matrix that is only known on the device: float32, differentiable in the matrix."""

    matrix: jax.Array
    shape: tuple[int, int]
    """(height, width) of the output."""
    projective: bool

    def positions(self) -> tuple[jax.Array, jax.Array]:
        """Return x and y, [b, h, w]."""
        columns = jnp.arange(self.shape[1], dtype=jnp.float32)[None, None] + 0.5
        rows = jnp.arange(self.shape[0], dtype=jnp.float32)[None, :, None] + 0.5
        matrix = jnp.asarray(self.matrix, jnp.float32)[:, :, :, None, None]
        x, y, depth = (matrix[:, k, 0] * columns + matrix[:, k, 1] * rows + matrix[:, k, 2] for k in range(3))
        if not self.projective:
            return x, y
        depth = nonzero(depth)
        return x / depth, y / depth

    def place(self, entered: Canvas, *, between: bool) -> Place:
        """Return the pixel each position is in, or with ``between`` the upper left of the four centres round it."""
        return place(*self.positions(), entered, between=between)


jax.tree_util.register_dataclass(Plane, data_fields=["matrix"], meta_fields=["shape", "projective"])


def place(x: jax.Array, y: jax.Array, entered: Canvas, *, between: bool) -> Place:
    """Return the places of float32 positions [b, h, w]."""
    width, height = limits(entered)
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    less = 0.5 if between else 0.0
    column, across = split(_bounded(x - less))
    row, down = split(_bounded(y - less))
    return Place(column, row, across, down, inside)


def limits(canvas: Canvas) -> tuple[jax.Array, jax.Array]:
    """Return the true width and height of each image, [b or 1, 1, 1] int32."""
    width, height = (jnp.asarray(side, jnp.int32)[:, None, None] for side in (canvas.widths(), canvas.heights()))
    return width, height


def split(position: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return the floor, int32, and what is above it, float32; the latter carries the gradient."""
    floor = jnp.floor(position)
    return floor.astype(jnp.int32), position - jax.lax.stop_gradient(floor)


def _bounded(position: jax.Array) -> jax.Array:
    return jnp.clip(position, -(2.0**24), 2.0**24)


def known_grid(matrix: np.ndarray, entered: Canvas, left: Canvas, *, resample: str, projective: bool) -> Grid:
    """Return the positions of a known matrix [b or 1, 3, 3] float64, as Pillow's ``transform`` computes them."""
    if resample == "nearest" and not projective:
        x, y = _nearest_sums(matrix, left)
        return Grid(x=x, y=y, depth=None, spans=None)
    spans = inside_spans(matrix, entered, left, projective=projective)
    return Grid(**plain_sums(matrix, left, projective=projective), spans=spans)


def plain_sums(matrix: np.ndarray, left: Canvas, *, projective: bool) -> dict[str, Sums | None]:
    """Return ``x``, ``y`` and ``depth`` of a Grid: each row of the matrix times pixel centres."""
    columns, rows = np.arange(left.width) + 0.5, np.arange(left.height) + 0.5
    across = matrix[:, :, 0, None] * columns
    down = matrix[:, :, 1, None] * rows + matrix[:, :, 2, None]
    if projective:  # only the ratio counts: let the largest number use all 62 bits
        largest = np.abs(across).max(axis=(1, 2)) + np.abs(down).max(axis=(1, 2))
        factor = np.exp2(29 - np.ceil(np.log2(largest)))[:, None, None]
        across, down = across * factor, down * factor
    sums = [_sums(_fixed(across[:, k]), _fixed(down[:, k])) for k in range(3)]
    return {"x": sums[0], "y": sums[1], "depth": sums[2] if projective else None}


def _fixed(values: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(values, -LARGEST, LARGEST) * FRACTION).astype(np.int64)


def _sums(columns: np.ndarray, rows: np.ndarray) -> Sums:
    return Sums(
        column_high=(columns >> 32).astype(np.int32),
        column_low=(columns & 0xFFFFFFFF).astype(np.uint32),
        row_high=(rows >> 32).astype(np.int32),
        row_low=(rows & 0xFFFFFFFF).astype(np.uint32),
    )


def _nearest_sums(matrix: np.ndarray, left: Canvas) -> tuple[Sums, Sums]:
    """Return positions as Pillow's nearest neighbour has them: in steps of 2**-16 pixel, or running sums."""
    slope, other, shift = matrix[:, :2, 0], matrix[:, :2, 1], matrix[:, :2, 2]
    columns, rows = np.arange(left.width), np.arange(left.height)
    across = _fixed(slope[..., None] * (columns + 0.5))
    down = _fixed(other[..., None] * (rows + 0.5) + shift[..., None])
    small = _is_small(matrix, left)[:, None, None]
    start = _sixteen(shift + slope * 0.5 + other * 0.5)
    across = np.where(small, (_sixteen(slope)[..., None] * columns) << 16, across)
    down = np.where(small, (start[..., None] + _sixteen(other)[..., None] * rows) << 16, down)
    for image in np.flatnonzero((matrix[:, 0, 1] == 0) & (matrix[:, 1, 0] == 0)):
        across[image], down[image] = 0, 0
        across[image, 0] = _running(matrix[image, 0, 0], matrix[image, 0, 2], left.width)
        down[image, 1] = _running(matrix[image, 1, 1], matrix[image, 1, 2], left.height)
    return _sums(across[:, 0], down[:, 0]), _sums(across[:, 1], down[:, 1])


def _sixteen(values: np.ndarray) -> np.ndarray:
    return np.floor(np.clip(values, -32768.0, 32768.0) * 65536.0 + 0.5).astype(np.int64)


def _is_small(matrix: np.ndarray, left: Canvas) -> np.ndarray:
    """Whether all four corners of each output lie within 32768 pixels, where 16.16 bits suffice, [b]."""
    zero = np.zeros(1)
    corners = [(x, y) for x in (zero, left.widths()) for y in (zero, left.heights())]
    near = [
        np.abs(matrix[:, k, 0] * x + matrix[:, k, 1] * y + matrix[:, k, 2]) < 32768 for x, y in corners for k in (0, 1)
    ]
    return np.logical_and.reduce(np.broadcast_arrays(*near))


def _running(step: float, shift: float, count: int) -> np.ndarray:
    """Return the whole parts of ``shift + step / 2`` and what repeated addition of ``step`` makes of it."""
    steps = np.full(count, step)
    steps[0] = shift + step * 0.5
    return np.floor(np.clip(np.cumsum(steps), -LARGEST, LARGEST)).astype(np.int64) << 32


def _settled(guess: jax.Array, numerator: Sums, denominator: Sums) -> jax.Array:
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


Pair = tuple[jax.Array, jax.Array]


def _negated_where(top: Pair, bottom: Pair) -> tuple[Pair, Pair]:
    flip = bottom[0] < 0
    zero = (jnp.zeros_like(bottom[0]), jnp.zeros_like(bottom[1]))
    first, second = (
        tuple(jnp.where(flip, turned, plain) for turned, plain in zip(_minus(zero, pair), pair, strict=True))
        for pair in (top, bottom)
    )
    return (first[0], first[1]), (second[0], second[1])


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
