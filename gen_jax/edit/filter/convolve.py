"""Kernels of 3x3 and 5x5 weights, and the eight that Pillow names: sharpen, smooth, detail, emboss and so on."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
import pydantic
from jax import lax

from gen_jax.edit.borders import border_mask
from gen_jax.edit.canvas import Canvas
from gen_jax.edit.exact import rounded
from gen_jax.edit.kernel import planned
from gen_jax.edit.roles import Parameter, Range, is_known
from gen_jax.edit.step import PixelStep
from gen_jax.errors import UserError

COUNTS = (9, 25)
"""Weights of a kernel of 3x3 and of 5x5."""


@dataclasses.dataclass(frozen=True)
class Weights:
    """9 or 25 numbers, one set or one set an image; the plan gets [b or 1, 9 or 25], float64 where known."""

    def annotation(self) -> Any:
        """Return a tuple of 9 to 25 numbers."""
        return Annotated[tuple[float, ...], pydantic.Field(min_length=COUNTS[0], max_length=COUNTS[1])]

    def check(self, name: str, value: Any) -> None:
        """Raise UserError where a known value is not finite or has another count."""
        Range().check(name, value)
        if is_known(value) and (np.shape(value) or (0,))[-1] not in COUNTS:
            raise UserError(f"{name} has shape {np.shape(value)}; allowed are 9 or 25 numbers, or so many an image")

    def prepare(self, name: str, value: Any, canvas: Canvas) -> Any:
        """Return [b or 1, 9 or 25]."""
        known = is_known(value)
        table = np.asarray(value, np.float64) if known else jnp.asarray(value, jnp.float32)
        table = table.reshape(-1, table.shape[-1])
        if table.shape[0] not in (1, canvas.batch) or table.shape[1] not in COUNTS:
            raise UserError(f"{name} has shape {table.shape}; allowed are 9 or 25 numbers, or so many an image")
        return table


@dataclasses.dataclass(frozen=True)
class Scale(Range):
    """What the sum of products is divided by: any number but 0."""

    optional: bool = True

    def check(self, name: str, value: Any) -> None:
        """Raise UserError where a known value is 0, not finite or not a number."""
        super().check(name, value)
        if value is not None and is_known(value) and (np.asarray(value) == 0).any():
            raise UserError(f"{name} is 0; allowed are other numbers, or none for the sum of the weights")


@planned(weights=Weights(), scale=Scale(), offset=Range())
def convolve(canvas: Canvas, *, weights: Parameter, scale: Parameter = None, offset: Parameter = 0.0) -> PixelStep:
    """Replace each level by a weighted sum of its neighbours: ``sum_k weights[k] x[k] / scale + offset``.

    The weights lie row by row, the lowest row first, as in Pillow; within a row from left to right. The
    outermost pixels, 1 of 3x3 and 2 of 5x5, stay as they are. All channels, alpha too. uint8 equals Pillow's
    ``ImageFilter.Kernel``.

    Args:
      canvas: images [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      weights: 9 or 25 numbers, or [b, 9] or [b, 25] of one set an image.
      scale: a number but 0, or one an image; none: the sum of the weights.
      offset: in levels of 255, one number or one an image.

    Returns:
      The same shape and dtype; float is not clipped.

    Raises:
      UserError: another count of weights; no scale where the weights sum to 0.
    """
    if scale is None:
        scale = weights.sum(axis=1).astype(np.float32).reshape(-1, 1, 1, 1)
        if is_known(scale) and (scale == 0).any():
            raise UserError("convolve.weights sum to 0, which nothing can be divided by: give a scale, such as 1")
    arrays = {"weights": weights.astype(np.float32) / scale[:, :, 0, 0], "offset": offset}
    return PixelStep(canvas=canvas, arrays=arrays, body=_convolved, options=(), sized=True)


def _convolved(images: jax.Array, *, weights: jax.Array, offset: jax.Array, sizes: jax.Array | None) -> jax.Array:
    """Sum row by row, each row first by itself, products rounded: the order in which Pillow adds (Filter.c)."""
    batch, height, width, channels = images.shape
    side = 3 if weights.shape[1] == COUNTS[0] else 5
    margin = side // 2
    around = jnp.pad(images, ((0, 0), (margin, margin), (margin, margin), (0, 0)))
    padded = lax.optimization_barrier(around.reshape(batch, height + 2 * margin, -1))
    exact = images.dtype == jnp.uint8

    def product(row: int, column: int) -> jax.Array:
        weight = weights[:, (side - 1 - row) * side + column][:, None, None]
        start = column * channels
        levels = padded[:, row : row + height, start : start + width * channels].astype(jnp.float32)
        return rounded(levels * weight) if exact else levels * weight

    total = offset[..., 0] + 0.5 if exact else offset[..., 0] / 255.0
    for row in reversed(range(side)):
        line = product(row, 0)
        for column in range(1, side):
            line = line + product(row, column)
        total = total + line
    filtered = jnp.clip(total, 0.0, 255.0).astype(jnp.uint8) if exact else total
    return jnp.where(border_mask(height, width, sizes, margin), images, filtered.reshape(images.shape))


def _named(canvas: Canvas, weights: tuple[float, ...], scale: float, offset: float = 0.0) -> PixelStep:
    arrays = {
        "weights": np.asarray([weights], np.float32) / np.float32(scale),
        "offset": np.full((1, 1, 1, 1), offset, np.float32),
    }
    return PixelStep(canvas=canvas, arrays=arrays, body=_convolved, options=(), sized=True)


@planned()
def sharpen(canvas: Canvas) -> PixelStep:
    """Sharpen by a kernel of 3x3: 32 less 2 of each neighbour, over 16; Pillow's ``ImageFilter.SHARPEN``."""
    return _named(canvas, (-2, -2, -2, -2, 32, -2, -2, -2, -2), 16)


@planned()
def smooth(canvas: Canvas) -> PixelStep:
    """Smooth by a kernel of 3x3: 5 and 1 of each neighbour, over 13; Pillow's ``ImageFilter.SMOOTH``."""
    return _named(canvas, (1, 1, 1, 1, 5, 1, 1, 1, 1), 13)


@planned()
def smooth_more(canvas: Canvas) -> PixelStep:
    """Smooth by a kernel of 5x5: 44, 5 of each neighbour, 1 of the next; Pillow's ``ImageFilter.SMOOTH_MORE``."""
    return _named(canvas, (*[1] * 5, 1, 5, 5, 5, 1, 1, 5, 44, 5, 1, 1, 5, 5, 5, 1, *[1] * 5), 100)


@planned()
def detail(canvas: Canvas) -> PixelStep:
    """Bring out detail: 10 less the four nearest, over 6; Pillow's ``ImageFilter.DETAIL``."""
    return _named(canvas, (0, -1, 0, -1, 10, -1, 0, -1, 0), 6)


@planned()
def edge_enhance(canvas: Canvas) -> PixelStep:
    """Bring out edges: 10 less each neighbour, over 2; Pillow's ``ImageFilter.EDGE_ENHANCE``."""
    return _named(canvas, (-1, -1, -1, -1, 10, -1, -1, -1, -1), 2)


@planned()
def edge_enhance_more(canvas: Canvas) -> PixelStep:
    """Raise edges until they ring: Pillow's EDGE_ENHANCE_MORE."""
    return _named(canvas, (-1, -1, -1, -1, 9, -1, -1, -1, -1), 1)


@planned()
def emboss(canvas: Canvas) -> PixelStep:
    """Show relief: the level less that of its lower left neighbour, plus 128; Pillow's ``ImageFilter.EMBOSS``."""
    return _named(canvas, (-1, 0, 0, 0, 1, 0, 0, 0, 0), 1, 128)


@planned()
def find_edges(canvas: Canvas) -> PixelStep:
    """Keep edges alone: 8 times the level less each neighbour; Pillow's ``ImageFilter.FIND_EDGES``, alpha too."""
    return _named(canvas, (-1, -1, -1, -1, 8, -1, -1, -1, -1), 1)


@planned()
def contour(canvas: Canvas) -> PixelStep:
    """Draw edges dark on white: ``find_edges`` plus 255; Pillow's ``ImageFilter.CONTOUR``."""
    return _named(canvas, (-1, -1, -1, -1, 8, -1, -1, -1, -1), 1, 255)
