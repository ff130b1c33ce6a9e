"""Turn by any angle, with Pillow's meaning of every parameter."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.geometry.matrices import Matrix, about, cos_sin, of_rows
from gen_jax.edit.geometry.parameters import Exact, Resample
from gen_jax.edit.geometry.warp import Warp, warp
from gen_jax.edit.kernel import planned
from gen_jax.edit.roles import Color, Levels, Numbers, Parameter, is_known
from gen_jax.errors import UserError


@planned(degrees=Exact(), center=Numbers(2, optional=True), fill=Levels())
def rotate(
    canvas: Canvas,
    *,
    degrees: Parameter,
    resample: Resample = "nearest",
    expand: bool = False,
    center: Parameter = None,
    fill: Color = 0,
) -> Warp:
    """Turn counter-clockwise as displayed.

    Output pixel centre ``p`` reads the input at ``c + R (p - c)``, with ``R = [[cos, sin], [-sin, cos]]`` of the
    negative angle. Turns by multiples of 90 degrees are exact. uint8 equals Pillow's ``Image.rotate``: nearest
    exactly, the others within 1.

    Args:
      canvas: of the images, [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      degrees: the angle, one or one an image.
      resample: "nearest", "bilinear" or "bicubic".
      expand: make the canvas as large as the turned image; a batch of several angles gets the largest, and
        each image its own ``sizes`` in the upper left of it. The angles must then be known.
      center: (x, y) in pixels from the upper left corner, or [b, 2]; None: the middle.
      fill: levels in [0, 255] of what lies outside: one, one a channel (RGBA included: the default, 0, is
        transparent), or an array of one an image. With alpha and "bilinear" or "bicubic" the colour counts
        as already multiplied by its alpha, as in Pillow.

    Returns:
      The same dtype; the same shape unless ``expand``.

    Raises:
      UserError: ``expand`` with traced angles.
    """
    degrees = degrees % 360.0
    known = is_known((degrees, center, canvas.sizes))
    if not known:
        if expand:
            raise UserError(
                "rotate(expand=True) of traced degrees: the size of the result depends on the angle and must be "
                "known; give numbers from outside of jit, or pad first and rotate with expand=False"
            )
        return warp(canvas, canvas, _turn(canvas, degrees, center), resample=resample, fill=fill)
    matrix, count = _turn(canvas, degrees, center), max(len(degrees), len(canvas.widths()))
    degrees, widths, heights = (np.broadcast_to(a, count) for a in (degrees, canvas.widths(), canvas.heights()))
    moved, quarter = (degrees % 180.0 == 0.0), (degrees % 180.0 == 90.0)
    moved = moved | (quarter & (expand | (widths == heights)))
    moved = moved & (center is None)
    left = canvas
    if expand:
        matrix = np.array(np.broadcast_to(matrix, (max(count, len(matrix)), 3, 3)))
        left = _expanded(canvas, matrix, np.where(moved & quarter, degrees, np.nan))
    return warp(canvas, left, matrix, resample=resample, fill=fill, copied=moved)


def _turn(canvas: Canvas, degrees: Any, center: Any) -> Matrix:
    xp = np if is_known((degrees, center, canvas.sizes)) else jnp
    cos, sin = cos_sin(xp.asarray(-degrees))
    middle = (xp.asarray(canvas.widths()) / 2, xp.asarray(canvas.heights()) / 2)
    return about(
        of_rows((cos, sin, 0.0), (-sin, cos, 0.0), (0.0, 0.0, 1.0)),
        middle if center is None else (center[:, 0], center[:, 1]),
    )


def _expanded(canvas: Canvas, matrix: np.ndarray, quarters: np.ndarray) -> Canvas:
    """Return the canvas that holds every turned image, and shift the matrices, in place, to its corner.

    Args:
      canvas: of the images.
      matrix: [n, 3, 3], n being 1 or the number of images.
      quarters: [1 or n], 90 or 270 where Pillow transposes, else NaN.
    """
    count = len(matrix)
    sizes = np.zeros((count, 2), np.int32)
    sides = np.broadcast_to(np.stack(np.broadcast_arrays(canvas.widths(), canvas.heights()), axis=1), (count, 2))
    for index, (image, quarter) in enumerate(zip(matrix, np.broadcast_to(quarters, count), strict=True)):
        width, height = (int(side) for side in sides[index])
        if quarter == quarter:
            sizes[index] = width, height
            image[:2] = [[0, -1, width], [1, 0, 0]] if quarter == 90 else [[0, 1, 0], [-1, 0, height]]
            continue
        corners = [_apply(image, x, y) for x, y in ((0, 0), (width, 0), (width, height), (0, height))]
        wide, high = (math.ceil(max(values)) - math.floor(min(values)) for values in zip(*corners, strict=True))
        image[:2, 2] = _apply(image, -(wide - width) / 2.0, -(high - height) / 2.0)
        sizes[index] = high, wide
    height, width = (int(side) for side in sizes.max(axis=0))
    if (sizes == sizes[0]).all():
        return canvas.resized(height, width)
    return canvas.resized(height, width, sizes)


def _apply(matrix: np.ndarray, x: float, y: float) -> tuple[float, float]:
    """Return where an affine matrix takes a point, in Pillow's order of operations."""
    (a, b, c), (d, e, f) = matrix[:2].tolist()
    return a * x + b * y + c, d * x + e * y + f
