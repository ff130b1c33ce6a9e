"""Move, scale, lean, and any affine map, each one resampling as Pillow's ``Image.transform`` does it."""

from __future__ import annotations

from typing import Any

import numpy as np

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.geometry.matrices import about, library, of_coefficients, of_rows
from gen_jax.edit.geometry.parameters import Exact, Resample, Size, check_size
from gen_jax.edit.geometry.warp import Warp, warp
from gen_jax.edit.kernel import planned
from gen_jax.edit.roles import Color, Levels, Numbers, Parameter


@planned(x=Exact(), y=Exact(), fill=Levels())
def translate(
    canvas: Canvas, *, x: Parameter = 0.0, y: Parameter = 0.0, resample: Resample = "nearest", fill: Color = 0
) -> Warp:
    """Move right by ``x`` and down by ``y`` pixels.

    Output pixel centre ``p`` reads the input at ``p - (x, y)``. uint8 equals Pillow's ``Image.rotate(0,
    translate=(x, y))``: nearest exactly, the others within 1.

    Args:
      canvas: of the images, [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      x: pixels to the right, one or one an image; need not be whole.
      y: pixels down.
      resample: "nearest", "bilinear" or "bicubic".
      fill: levels in [0, 255] of what lies outside, as for ``rotate``.

    Returns:
      The same shape and dtype.
    """
    return warp(canvas, canvas, of_rows((1.0, 0.0, -x), (0.0, 1.0, -y), (0.0, 0.0, 1.0)), resample=resample, fill=fill)


_FACTOR = Exact(low=1e-3, high=1e3)


@planned(x=_FACTOR, y=Exact(low=1e-3, high=1e3, optional=True), center=Numbers(2, optional=True), fill=Levels())
def scale(
    canvas: Canvas,
    *,
    x: Parameter = 1.0,
    y: Parameter = None,
    resample: Resample = "nearest",
    center: Parameter = None,
    fill: Color = 0,
) -> Warp:
    """Enlarge or shrink the picture on its canvas, without antialiasing; ``resize`` is what changes the canvas.

    Output pixel centre ``p`` reads the input at ``c + (p - c) / (x, y)``. uint8 equals Pillow's
    ``Image.transform`` with that matrix: nearest exactly, the others within 1.

    Args:
      canvas: of the images, [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      x: the factor across, above 1 enlarges; one or one an image, 0.001 to 1000.
      y: the factor down; None: as ``x``.
      resample: "nearest", "bilinear" or "bicubic".
      center: (x, y) in pixels of what stays in place, or [b, 2]; None: the middle.
      fill: levels in [0, 255] of what lies outside, as for ``rotate``.

    Returns:
      The same shape and dtype.
    """
    y = x if y is None else y
    matrix = of_rows((1.0 / x, 0.0, 0.0), (0.0, 1.0 / y, 0.0), (0.0, 0.0, 1.0))
    return warp(canvas, canvas, about(matrix, _center(canvas, center)), resample=resample, fill=fill)


_LEAN = Exact(low=-89, high=89)


@planned(x=_LEAN, y=_LEAN, center=Numbers(2, optional=True), fill=Levels())
def shear(
    canvas: Canvas,
    *,
    x: Parameter = 0.0,
    y: Parameter = 0.0,
    resample: Resample = "nearest",
    center: Parameter = None,
    fill: Color = 0,
) -> Warp:
    """Lean the picture: by ``x`` degrees to the right at the top, then by ``y`` degrees up at the right.

    A point ``q`` about the centre goes to ``(q1 - tan(x) q2, -tan(y) q1 + (1 + tan(x) tan(y)) q2)``, and output
    pixel centres read where they came from: ``(p1 (1 + tan(x) tan(y)) + tan(x) p2, tan(y) p1 + p2)``. uint8
    equals Pillow's ``Image.transform`` with that matrix: nearest exactly, the others within 1.

    Args:
      canvas: of the images, [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      x: degrees, one or one an image, -89 to 89.
      y: degrees.
      resample: "nearest", "bilinear" or "bicubic".
      center: (x, y) in pixels of what stays in place, or [b, 2]; None: the middle.
      fill: levels in [0, 255] of what lies outside, as for ``rotate``.

    Returns:
      The same shape and dtype.
    """
    xp = library(x, y)
    lean, rise = (xp.tan(xp.asarray(degrees) * (np.pi / 180.0)) for degrees in (x, y))
    matrix = of_rows((1.0 + lean * rise, lean, 0.0), (rise, 1.0, 0.0), (0.0, 0.0, 1.0))
    return warp(canvas, canvas, about(matrix, _center(canvas, center)), resample=resample, fill=fill)


@planned(matrix=Numbers(6), fill=Levels())
def affine(
    canvas: Canvas,
    *,
    matrix: Parameter,
    size: Size | None = None,
    resample: Resample = "nearest",
    fill: Color = 0,
) -> Warp:
    """Read every output pixel where six numbers say, as Pillow's ``Image.transform(size, AFFINE, matrix)``.

    Output pixel centre ``(x, y)`` reads the input at ``(a x + b y + c, d x + e y + f)``. uint8 equals Pillow:
    nearest exactly, the others within 1.

    Args:
      canvas: of the images, [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      matrix: (a, b, c, d, e, f) from output to input, one set or [b, 6].
      size: (height, width) of the result; None: as it is.
      resample: "nearest", "bilinear" or "bicubic".
      fill: levels in [0, 255] of what lies outside, as for ``rotate``.

    Returns:
      The same dtype, [..., height, width, c].
    """
    check_size(size)
    left = canvas if size is None else canvas.resized(*size)
    return warp(canvas, left, of_coefficients(matrix), resample=resample, fill=fill)


def _center(canvas: Canvas, center: Any) -> tuple[Any, Any]:
    """Return (x, y) of the middle of each image, or of the points given."""
    if center is not None:
        return center[:, 0], center[:, 1]
    xp = library(canvas.sizes)
    return xp.asarray(canvas.widths()) / 2, xp.asarray(canvas.heights()) / 2
