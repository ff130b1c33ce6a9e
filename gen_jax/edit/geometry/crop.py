"""Cut a window of fixed size out of each image, wherever it lies."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.geometry.parameters import Exact, Size, check_size
from gen_jax.edit.geometry.sample import fill_levels
from gen_jax.edit.geometry.stage import Stage
from gen_jax.edit.kernel import planned
from gen_jax.edit.roles import Color, Levels, Parameter, is_known


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class WindowStep:
    """Copy a window; what lies outside the image is filled."""

    canvas: Canvas
    source: Canvas
    top: Any
    """int32 [b or 1]."""
    left: Any
    """int32 [b or 1]."""
    fill: Any
    """Levels, [b or 1, 1, 1, c or 1]."""
    around: bool = False
    """Whether the window holds all of the source, whose images fill it."""

    def images(self, images: jax.Array) -> jax.Array:
        """Return the windows."""
        return self._window(images, fill_levels(self.fill, images))

    def labels(self, labels: jax.Array) -> jax.Array:
        """Return the windows, 0 outside."""
        return self._window(labels, jnp.zeros((1, 1, 1, 1), labels.dtype))

    def _window(self, values: jax.Array, fill: jax.Array) -> jax.Array:
        """Return [b, h', w', k]; windows that are wholly inside are copied in one piece."""
        height, width = self.canvas.height, self.canvas.width
        if self.around:
            ground = jnp.broadcast_to(fill, (values.shape[0], height, width, values.shape[-1]))
            return jax.lax.dynamic_update_slice(ground, values, (0, -self.top[0], -self.left[0], 0))
        if height > values.shape[1] or width > values.shape[2]:
            return self._filled(values, fill)
        top, left = jnp.asarray(self.top), jnp.asarray(self.left)
        inside = (top >= 0) & (left >= 0)
        inside &= (top + height <= self.source.heights()) & (left + width <= self.source.widths())
        return jax.lax.cond(jnp.all(inside), self._copied, lambda values: self._filled(values, fill), values)

    def _copied(self, values: jax.Array) -> jax.Array:
        shape = (self.canvas.height, self.canvas.width, values.shape[-1])
        top, left = jnp.asarray(self.top), jnp.asarray(self.left)
        if len(top) == len(left) == 1:
            return jax.lax.dynamic_slice(values, (0, top[0], left[0], 0), (values.shape[0], *shape))
        top, left = (jnp.broadcast_to(start, values.shape[:1]) for start in (top, left))
        return jax.vmap(lambda value, row, column: jax.lax.dynamic_slice(value, (row, column, 0), shape))(
            values, top, left
        )

    def _filled(self, values: jax.Array, fill: jax.Array) -> jax.Array:
        row = jnp.asarray(self.top)[:, None] + np.arange(self.canvas.height, dtype=np.int32)[None]
        column = jnp.asarray(self.left)[:, None] + np.arange(self.canvas.width, dtype=np.int32)[None]
        row_inside = (row >= 0) & (row < jnp.asarray(self.source.heights())[:, None])
        column_inside = (column >= 0) & (column < jnp.asarray(self.source.widths())[:, None])
        row, column = jnp.clip(row, 0, values.shape[1] - 1), jnp.clip(column, 0, values.shape[2] - 1)
        row, column = (jnp.broadcast_to(place, (values.shape[0], place.shape[1])) for place in (row, column))
        found = jax.vmap(lambda value, i, j: value.at[i[:, None], j[None]].get(mode="promise_in_bounds"))(
            values, row, column
        )
        return jnp.where((row_inside[:, :, None] & column_inside[:, None, :])[..., None], found, fill)

    def points(self, points: jax.Array) -> jax.Array:
        """Return the points as seen from the window."""
        corner = jnp.stack(jnp.broadcast_arrays(jnp.asarray(self.left), jnp.asarray(self.top)), axis=-1)
        return points - corner[:, None].astype(points.dtype)

    def stage(self) -> Stage:
        """Return the move as a matrix."""
        return Stage(matrix=shift(self.left, self.top), entered=self.source, left=self.canvas, fill=self.fill)


jax.tree_util.register_dataclass(
    WindowStep, data_fields=["canvas", "source", "top", "left", "fill"], meta_fields=["around"]
)


def shift(left: Any, top: Any) -> Any:
    """Return the matrices [b or 1, 3, 3] that add ``left`` to x and ``top`` to y."""
    xp, kind = (np, np.float64) if is_known((left, top)) else (jnp, np.float32)
    left, top = xp.broadcast_arrays(xp.asarray(left, kind), xp.asarray(top, kind))
    one, zero = xp.ones_like(left), xp.zeros_like(left)
    return xp.stack([one, zero, left, zero, one, top, zero, zero, one], axis=-1).reshape(-1, 3, 3)


@planned(top=Exact(whole=True), left=Exact(whole=True), fill=Levels())
def crop(canvas: Canvas, *, top: Parameter, left: Parameter, height: int, width: int, fill: Color = 0) -> WindowStep:
    """Cut out a window.

    ``y[i, j] = x[top + i, left + j]``, ``fill`` outside the image. Equals Pillow's ``Image.crop``.

    Args:
      canvas: [b, h, w, c] or [h, w, c], uint8 or float32.
      top: first row, a whole number, one or one an image; may lie outside.
      left: first column, likewise.
      height: of the window, 1 or more.
      width: of the window, 1 or more.
      fill: levels in [0, 255] of what lies outside.

    Returns:
      [b, height, width, c], the same dtype.

    Raises:
      UserError: a height or width below 1, a position that is no whole number.
    """
    check_size((height, width))
    top, left = (place.astype(np.int32) for place in (top, left))
    return WindowStep(canvas=canvas.resized(height, width), source=canvas, top=top, left=left, fill=fill)


@planned(fill=Levels())
def center_crop(canvas: Canvas, *, size: Size, fill: Color = 0) -> WindowStep:
    """Cut out the middle, or pad to it where the image is smaller.

    ``top = round((h - height) / 2)``, halves to even; below 0 rounded down. Equals torchvision's ``center_crop``.

    Args:
      canvas: [b, h, w, c] or [h, w, c], uint8 or float32.
      size: (height, width) of the result.
      fill: levels in [0, 255] round a smaller image.

    Returns:
      [b, *size, c], the same dtype.

    Raises:
      UserError: a size below 1.
    """
    check_size(size)
    top, left = (_middle(sides, side) for sides, side in zip((canvas.heights(), canvas.widths()), size, strict=True))
    return WindowStep(canvas=canvas.resized(size[0], size[1]), source=canvas, top=top, left=left, fill=fill)


def _middle(sides: Any, side: int) -> Any:
    xp = np if is_known(sides) else jnp
    spare = xp.asarray(sides) - side
    smaller = -((-spare) // 2)  # torchvision puts the odd row of padding below
    return xp.where(spare < 0, smaller, xp.round(spare / 2)).astype(np.int32)
