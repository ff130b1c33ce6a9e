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
from gen_jax.edit.geometry.fixed import LARGEST, Sums, fixed, quotient_between, settled_floor, sums_of
from gen_jax.edit.geometry.matrices import nonzero
from gen_jax.edit.geometry.spans import inside_spans


class Place(NamedTuple):
    """Pixel (column, row), how far beyond its corner, and whether the position is inside; each [b or 1, h, w]."""

    column: jax.Array
    row: jax.Array
    across: jax.Array
    """uint32 in units of 2**-32, or float32 in [0, 1)."""
    down: jax.Array
    inside: jax.Array


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
            if between:
                column, across = quotient_between(column, self.x, self.depth)
                row, down = quotient_between(row, self.y, self.depth)
            else:
                column = settled_floor(column, self.x, self.depth)
                row = settled_floor(row, self.y, self.depth)
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
    return exact_grid(matrix, left, projective=projective, spans=spans)


def exact_grid(matrix: np.ndarray, left: Canvas, *, projective: bool, spans: np.ndarray | None = None) -> Grid:
    """Return the positions ``matrix`` times pixel centre, right to 2**-32 pixel or better."""
    columns, rows = np.arange(left.width) + 0.5, np.arange(left.height) + 0.5
    across = matrix[:, :, 0, None] * columns
    down = matrix[:, :, 1, None] * rows + matrix[:, :, 2, None]
    if projective:  # only the ratio counts: let the largest number use all 62 bits
        largest = np.abs(across).max(axis=(1, 2)) + np.abs(down).max(axis=(1, 2))
        factor = np.exp2(29 - np.ceil(np.log2(largest)))[:, None, None]
        across, down = across * factor, down * factor
    x, y, depth = (sums_of(fixed(across[:, k]), fixed(down[:, k])) for k in range(3))
    return Grid(x=x, y=y, depth=depth if projective else None, spans=spans)


def _nearest_sums(matrix: np.ndarray, left: Canvas) -> tuple[Sums, Sums]:
    """Return positions as Pillow's nearest neighbour has them: in steps of 2**-16 pixel, or running sums."""
    slope, other, shift = matrix[:, :2, 0], matrix[:, :2, 1], matrix[:, :2, 2]
    columns, rows = np.arange(left.width), np.arange(left.height)
    across = fixed(slope[..., None] * (columns + 0.5))
    down = fixed(other[..., None] * (rows + 0.5) + shift[..., None])
    small = _is_small(matrix, left)[:, None, None]
    start = _sixteen(shift + slope * 0.5 + other * 0.5)
    across = np.where(small, (_sixteen(slope)[..., None] * columns) << 16, across)
    down = np.where(small, (start[..., None] + _sixteen(other)[..., None] * rows) << 16, down)
    for image in np.flatnonzero((matrix[:, 0, 1] == 0) & (matrix[:, 1, 0] == 0)):
        across[image], down[image] = 0, 0
        across[image, 0] = _running(matrix[image, 0, 0], matrix[image, 0, 2], left.width)
        down[image, 1] = _running(matrix[image, 1, 1], matrix[image, 1, 2], left.height)
    return sums_of(across[:, 0], down[:, 0]), sums_of(across[:, 1], down[:, 1])


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
