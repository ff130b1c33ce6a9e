"""Put a border round each image: a colour, or the image itself continued."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.geometry.crop import WindowStep
from gen_jax.edit.kernel import planned
from gen_jax.edit.roles import Color, Levels, is_known
from gen_jax.errors import UserError

Mode: TypeAlias = Literal["constant", "edge", "reflect", "symmetric", "wrap"]
_MODES = ("constant", "edge", "reflect", "symmetric", "wrap")


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class BorderStep:
    """Copy for each row and column of the result the one that it continues."""

    canvas: Canvas
    source: Canvas
    rows: Any
    """int32 [b or 1, h']: where each row comes from."""
    columns: Any
    """int32 [b or 1, w']."""
    top: int
    left: int
    mode: str

    def images(self, images: jax.Array) -> jax.Array:
        """Return the padded images."""
        if self.canvas.sizes is None:
            across, down = self.canvas.width - self.source.width, self.canvas.height - self.source.height
            borders = ((0, 0), (self.top, down - self.top), (self.left, across - self.left), (0, 0))
            return jnp.pad(images, borders, mode=self.mode)
        batch = np.arange(images.shape[0], dtype=np.int32)[:, None, None]
        place = (batch, self.rows[:, :, None], self.columns[:, None, :])
        return images.at[place].get(mode="promise_in_bounds")

    def labels(self, labels: jax.Array) -> jax.Array:
        """Return the padded maps, continued as the images are."""
        return self.images(labels)

    def points(self, points: jax.Array) -> jax.Array:
        """Return the points, moved by the left and upper border."""
        return points + jnp.array([self.left, self.top], points.dtype)[None, None]


jax.tree_util.register_dataclass(
    BorderStep, data_fields=["canvas", "source", "rows", "columns"], meta_fields=["top", "left", "mode"]
)


def _sides(widths: Any) -> tuple[int, int, int, int]:
    """Return top, right, bottom, left."""
    given = tuple(np.asarray(widths).reshape(-1).tolist())
    if len(given) not in (1, 2, 4) or any(width < 0 or width != int(width) for width in given):
        raise UserError(
            f"widths is {widths}; allowed is one whole number from 0 up, (vertical, horizontal) or "
            "(top, right, bottom, left)"
        )
    top, right, bottom, left = (int(width) for width in (given * (4 // len(given))))
    return top, right, bottom, left


def _continued(lengths: Any, before: int, total: int, mode: str) -> Any:
    """Return int32 [b or 1, total], where in an image of each length a row or column of the result comes from."""
    xp = np if is_known(lengths) else jnp
    length = xp.asarray(lengths)[:, None]
    place = np.arange(total, dtype=np.int32)[None] - before
    if mode == "edge":
        return xp.clip(place, 0, length - 1).astype(np.int32)
    if mode == "wrap":
        return (place % length).astype(np.int32)
    last = length if mode == "symmetric" else length - 1
    period = xp.maximum(2 * last, 1)
    folded = place % period
    turned = period - folded - (1 if mode == "symmetric" else 0)
    return xp.where(folded < length, folded, turned).astype(np.int32)


@planned(fill=Levels())
def pad(
    canvas: Canvas, *, widths: int | tuple[int, ...], mode: Mode = "constant", fill: Color = 0
) -> WindowStep | BorderStep:
    """Put a border round the image.

    constant equals Pillow's ``ImageOps.expand``, the other modes ``numpy.pad``: edge repeats the outermost pixel,
    reflect mirrors without repeating it, symmetric mirrors and repeats it, wrap goes on from the other side.

    Args:
      canvas: [b, h, w, c] or [h, w, c], uint8 or float32.
      widths: one number for all sides, (top and bottom, left and right), or (top, right, bottom, left), in pixels.
      mode: constant, edge, reflect, symmetric or wrap.
      fill: levels in [0, 255] of a constant border.

    Returns:
      [b, top + h + bottom, left + w + right, c], the same dtype.

    Raises:
      UserError: widths below 0 or of another count, an unknown mode.
    """
    top, right, bottom, left = _sides(widths)
    if mode not in _MODES:
        raise UserError(f"mode is {mode!r}; allowed are {', '.join(_MODES)}")
    sizes = None if canvas.sizes is None else canvas.sizes + np.array([top + bottom, left + right], np.int32)
    padded = canvas.resized(canvas.height + top + bottom, canvas.width + left + right, sizes)
    if mode == "constant":
        corner = (np.array([-top], np.int32), np.array([-left], np.int32))
        around = canvas.sizes is None
        return WindowStep(canvas=padded, source=canvas, top=corner[0], left=corner[1], fill=fill, around=around)
    return BorderStep(
        canvas=padded,
        source=canvas,
        rows=_continued(canvas.heights(), top, padded.height, mode),
        columns=_continued(canvas.widths(), left, padded.width, mode),
        top=top,
        left=left,
        mode=mode,
    )
