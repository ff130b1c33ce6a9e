"""The eight moves of a picture onto itself or its transpose: flips, quarter turns, transpose, transverse."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.geometry.stage import Stage
from gen_jax.edit.kernel import planned


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class TurnStep:
    """Swap rows and columns, then turn the order of the rows, then of the columns; each or none."""

    canvas: Canvas
    source: Canvas
    swap: bool
    rows: bool
    columns: bool

    def images(self, images: jax.Array) -> jax.Array:
        """Return the moved pixels: copies."""
        if self.swap:
            images = jnp.swapaxes(images, 1, 2)
        if self.canvas.sizes is None:
            axes = (1,) * self.rows + (2,) * self.columns
            return jax.lax.rev(images, axes) if axes else images
        if self.rows:
            images = jax.vmap(_reversed)(images, jnp.asarray(self.canvas.heights()))
        if self.columns:
            inside = jax.vmap(jax.vmap(_reversed, in_axes=(0, None)))
            images = inside(images, jnp.asarray(self.canvas.widths()))
        return images

    def labels(self, labels: jax.Array) -> jax.Array:
        """Return the moved values."""
        return self.images(labels)

    def points(self, points: jax.Array) -> jax.Array:
        """Return the moved points."""
        x, y = points[..., 0], points[..., 1]
        if self.swap:
            x, y = y, x
        if self.columns:
            x = jnp.asarray(self.canvas.widths()).astype(points.dtype)[:, None] - x
        if self.rows:
            y = jnp.asarray(self.canvas.heights()).astype(points.dtype)[:, None] - y
        return jnp.stack([x, y], axis=-1)

    def stage(self) -> Stage:
        """Return the move as a matrix."""
        heights, widths = self.canvas.heights(), self.canvas.widths()
        xp = np if isinstance(heights, np.ndarray) else jnp
        kind = np.float64 if xp is np else np.float32
        zero, one = xp.zeros(heights.shape, kind), xp.ones(heights.shape, kind)
        x = (-one, zero, widths * one) if self.columns else (one, zero, zero)
        y = (zero, -one, heights * one) if self.rows else (zero, one, zero)
        entries = (*((y + x) if self.swap else (x + y)), zero, zero, one)
        matrix = xp.stack(entries, axis=-1).reshape(-1, 3, 3)
        return Stage(matrix=matrix, entered=self.source, left=self.canvas)


jax.tree_util.register_dataclass(TurnStep, data_fields=["canvas", "source"], meta_fields=["swap", "rows", "columns"])


def _reversed(line: jax.Array, length: jax.Array) -> jax.Array:
    """Return ``line`` [n, ...] with its first ``length`` entries in the other order."""
    place = jnp.arange(line.shape[0], dtype=jnp.int32)
    return line.at[jnp.where(place < length, length - 1 - place, place)].get(mode="promise_in_bounds")


def _turned(canvas: Canvas, *, swap: bool = False, rows: bool = False, columns: bool = False) -> TurnStep:
    after = canvas
    if swap:
        sizes = None if canvas.sizes is None else canvas.sizes[:, ::-1]
        after = canvas.resized(canvas.width, canvas.height, sizes)
    return TurnStep(canvas=after, source=canvas, swap=swap, rows=rows, columns=columns)


@planned()
def flip_left_right(canvas: Canvas) -> TurnStep:
    """Mirror left and right.

    ``y[i, j] = x[i, w - 1 - j]``. Equals Pillow's ``Transpose.FLIP_LEFT_RIGHT``.

    Args:
      canvas: [b, h, w, c] or [h, w, c], uint8 or float32.

    Returns:
      The same shape and dtype.
    """
    return _turned(canvas, columns=True)


@planned()
def flip_up_down(canvas: Canvas) -> TurnStep:
    """Mirror top and bottom.

    ``y[i, j] = x[h - 1 - i, j]``. Equals Pillow's ``Transpose.FLIP_TOP_BOTTOM``.

    Args:
      canvas: [b, h, w, c] or [h, w, c], uint8 or float32.

    Returns:
      The same shape and dtype.
    """
    return _turned(canvas, rows=True)


@planned()
def rotate90(canvas: Canvas, *, turns: int = 1) -> TurnStep:
    """Turn by quarters, counter-clockwise.

    One turn is ``y[i, j] = x[j, w - 1 - i]``. Equals Pillow's ``Transpose.ROTATE_90``, ``_180``, ``_270``.

    Args:
      canvas: [b, h, w, c] or [h, w, c], uint8 or float32.
      turns: any whole number; below 0 turns clockwise.

    Returns:
      [b, w, h, c] for odd turns, else the same shape; the same dtype.
    """
    quarter = int(turns) % 4
    return _turned(canvas, swap=quarter % 2 == 1, rows=quarter in (1, 2), columns=quarter in (2, 3))


@planned()
def transpose(canvas: Canvas) -> TurnStep:
    """Swap rows and columns: mirror at the diagonal from the upper left.

    ``y[i, j] = x[j, i]``. Equals Pillow's ``Transpose.TRANSPOSE``.

    Args:
      canvas: [b, h, w, c] or [h, w, c], uint8 or float32.

    Returns:
      [b, w, h, c], the same dtype.
    """
    return _turned(canvas, swap=True)


@planned()
def transverse(canvas: Canvas) -> TurnStep:
    """Mirror at the diagonal from the upper right.

    ``y[i, j] = x[h - 1 - j, w - 1 - i]``. Equals Pillow's ``Transpose.TRANSVERSE``.

    Args:
      canvas: [b, h, w, c] or [h, w, c], uint8 or float32.

    Returns:
      [b, w, h, c], the same dtype.
    """
    return _turned(canvas, swap=True, rows=True, columns=True)
