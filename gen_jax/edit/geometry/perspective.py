"""See the picture from elsewhere: eight numbers as Pillow has them, or four points and where they go."""

from __future__ import annotations

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.geometry.matrices import of_coefficients, of_points
from gen_jax.edit.geometry.parameters import Corners, Resample, Size, check_size
from gen_jax.edit.geometry.warp import Warp, warp
from gen_jax.edit.kernel import planned
from gen_jax.edit.roles import Color, Levels, Numbers, Parameter
from gen_jax.errors import UserError


@planned(matrix=Numbers(8, optional=True), start=Corners(), end=Corners(), fill=Levels())
def perspective(
    canvas: Canvas,
    *,
    matrix: Parameter = None,
    start: Parameter = None,
    end: Parameter = None,
    size: Size | None = None,
    resample: Resample = "nearest",
    fill: Color = 0,
) -> Warp:
    """Project: Pillow's ``Image.transform(size, PERSPECTIVE, matrix)``, or take four points to four others.

    Output pixel centre ``(x, y)`` reads the input at ``((a x + b y + c) / w, (d x + e y + f) / w)`` with
    ``w = g x + h y + 1``. uint8 equals Pillow: nearest exactly, the others within 1.

    Args:
      canvas: of the images, [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      matrix: (a, b, c, d, e, f, g, h) from output to input, one set or [b, 8]; or None, with ``start`` and ``end``.
      start: four points (x, y) of the input in pixels, [4, 2] or [b, 4, 2].
      end: where they shall be in the output.
      size: (height, width) of the result; None: as it is.
      resample: "nearest", "bilinear" or "bicubic".
      fill: levels in [0, 255] of what lies outside, as for ``rotate``.

    Returns:
      The same dtype, [..., height, width, c].

    Raises:
      UserError: not one of ``matrix`` and both of ``start`` and ``end``; three of four points on a line.
    """
    check_size(size)
    if (matrix is None) != (start is not None and end is not None) or (start is None) != (end is None):
        raise UserError("perspective takes matrix, or start and end: give the eight numbers, or four points twice")
    if matrix is not None:
        found = of_coefficients(matrix)
    else:
        found = of_points(start, end, float(max(canvas.height, canvas.width)))
    left = canvas if size is None else canvas.resized(*size)
    return warp(canvas, left, found, resample=resample, fill=fill, projective=True)
