"""3x3 matrices from output to input positions: float64 on the host where all is known, float32 where traced."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.roles import is_known
from gen_jax.errors import UserError

Matrix = Any
"""[b or 1, 3, 3], output -> input, in pixels from the upper left corner; numpy float64 or jax float32."""


def library(*values: Any) -> Any:
    """Return numpy where every value is known now, else jax.numpy."""
    return np if is_known(values) else jnp


def of_rows(*rows: tuple[Any, Any, Any]) -> Matrix:
    """Return [b or 1, 3, 3] of three rows of numbers or arrays [b or 1]."""
    entries = [entry for row in rows for entry in row]
    xp = library(*entries)
    dtype = np.float64 if xp is np else np.float32
    entries = [xp.asarray(entry, dtype).reshape(-1) for entry in entries]
    count = max(entry.shape[0] for entry in entries)
    return xp.stack([xp.broadcast_to(entry, (count,)) for entry in entries], axis=-1).reshape(count, 3, 3)


def of_coefficients(coefficients: Any) -> Matrix:
    """Return [b or 1, 3, 3] of Pillow's 6 affine or 8 perspective coefficients, [b or 1, 6 or 8]."""
    xp = library(coefficients)
    array = xp.asarray(coefficients)
    last = np.broadcast_to([0.0, 0.0, 1.0][array.shape[1] - 6 :], (array.shape[0], 9 - array.shape[1]))
    return xp.concatenate([array, xp.asarray(last, array.dtype)], axis=1).reshape(-1, 3, 3)


def cos_sin(degrees: Any) -> tuple[Any, Any]:
    """Return cosine and sine of angles [n], where known rounded to 15 decimals as Pillow does."""
    if not is_known(degrees):
        radians = jnp.deg2rad(degrees)
        return jnp.cos(radians), jnp.sin(radians)
    radians = [math.radians(angle) for angle in np.asarray(degrees, np.float64)]
    return (
        np.array([round(math.cos(angle), 15) for angle in radians]),
        np.array([round(math.sin(angle), 15) for angle in radians]),
    )


def about(matrix: Matrix, center: tuple[Any, Any]) -> Matrix:
    """Return an affine matrix moved so that the point ``center`` = (x, y), each [b or 1], stays where it is."""
    a, b, d, e = (matrix[:, i, j] for i in (0, 1) for j in (0, 1))
    x, y = center
    return of_rows((a, b, a * -x + b * -y + x), (d, e, d * -x + e * -y + y), (0.0, 0.0, 1.0))


def inverse(matrix: Matrix) -> Matrix:
    """Return the matrix from input to output; of a matrix that has none, the least squares one."""
    if not is_known(matrix):
        return _adjugate(matrix) / jnp.linalg.det(matrix)[:, None, None]
    matrix = np.asarray(matrix, np.float64)
    if (np.linalg.matrix_rank(matrix) < 3).any():
        return np.linalg.pinv(matrix)
    return np.linalg.inv(matrix)


def _adjugate(matrix: jax.Array) -> jax.Array:
    """Return the transpose of the cofactors of 3x3 matrices: rows crossed with each other."""
    first, second, third = matrix[:, 0], matrix[:, 1], matrix[:, 2]
    crossed = [jnp.cross(second, third), jnp.cross(third, first), jnp.cross(first, second)]
    return jnp.stack(crossed, axis=-1)


def project(matrix: Any, points: jax.Array) -> jax.Array:
    """Return where a matrix [b or 1, 3, 3] takes points [b, n, 2], in float32; a vanishing depth stays finite."""
    matrix = jnp.asarray(matrix, jnp.float32)[:, None]
    x, y = points[..., 0], points[..., 1]
    across, down, depth = (matrix[..., k, 0] * x + matrix[..., k, 1] * y + matrix[..., k, 2] for k in range(3))
    depth = nonzero(depth)
    return jnp.stack([across / depth, down / depth], axis=-1)


def nonzero(depth: jax.Array) -> jax.Array:
    """Keep a divisor away from 0."""
    return jnp.where(jnp.abs(depth) < 1e-6, 1e-6, depth)


def of_points(start: Any, end: Any, scale: float) -> Matrix:
    """Return the perspective that takes four points ``start`` [b or 1, 4, 2] of the input to ``end`` of the output.

    With (x, y) of ``start`` and (X, Y) of ``end``: ``x (gX + hY + 1) = aX + bY + c`` and ``y (gX + hY + 1) =
    dX + eY + f``, eight linear equations for the eight coefficients.

    Args:
      start: where the points are.
      end: where they shall be.
      scale: a length such as the larger side, by which the equations are made to be of like size.

    Raises:
      UserError: known points of which three lie on a line.
    """
    xp = library(start, end)
    count = max(start.shape[0], end.shape[0])
    x, y = (xp.broadcast_to(start[..., k], (count, 4)) / scale for k in (0, 1))
    u, v = (xp.broadcast_to(end[..., k], (count, 4)) / scale for k in (0, 1))
    zero, one = xp.zeros_like(u), xp.ones_like(u)
    across = xp.stack([u, v, one, zero, zero, zero, -u * x, -v * x], axis=-1)
    down = xp.stack([zero, zero, zero, u, v, one, -u * y, -v * y], axis=-1)
    system, right = xp.concatenate([across, down], axis=1), xp.concatenate([x, y], axis=1)
    if isinstance(system, np.ndarray) and (np.linalg.matrix_rank(system) < 8).any():
        raise UserError("start or end has three points on a line: no perspective takes four such points to the others")
    found = of_coefficients(xp.linalg.solve(system, right[..., None])[..., 0])
    sized = np.array([[1.0, 1.0, scale], [1.0, 1.0, scale], [1.0 / scale, 1.0 / scale, 1.0]])
    return found * xp.asarray(sized, found.dtype)[None]
