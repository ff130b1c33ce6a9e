"""A text or a picture printed on the image, at a place and a size that suit it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.buckets import rounded_up
from gen_jax.edit.canvas import Canvas
from gen_jax.edit.composite.over import over
from gen_jax.edit.composite.pictures import like, placed, with_channels
from gen_jax.edit.composite.stamp import picture_stamp, text_stamp
from gen_jax.edit.kernel import planned
from gen_jax.edit.roles import Parameter, Pixels, Range, is_known
from gen_jax.edit.step import PixelStep
from gen_jax.errors import UserError

Position = Literal[
    "top_left", "top", "top_right", "left", "center", "right", "bottom_left", "bottom", "bottom_right"
]  # fmt: skip


@planned(
    image=Pixels(optional=True), opacity=Range(low=0, high=1), margin=Range(low=0, high=0.5), scale=Range(0.001, 1)
)
def watermark(
    canvas: Canvas,
    *,
    text: str | None = None,
    image: Parameter = None,
    position: Position = "bottom_right",
    opacity: Parameter = 0.6,
    margin: Parameter = 0.03,
    scale: Parameter = 0.25,
) -> PixelStep:
    """Print a text or a picture on the images, as ``alpha_over`` does.

    The stamp is drawn on the host before the images are seen, so its size must be known outside of ``jit``; the
    letters are those of Pillow's built-in font, white with a dark edge.

    Args:
      canvas: of images [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      text: one line or more of Latin letters; give this or the image.
      image: a picture of 1 to 4 channels; its alpha is honoured.
      position: which corner, side or the center of the true image.
      opacity: of the stamp, in [0, 1].
      margin: between the stamp and the edge, as a share of the shorter side of the image, in [0, 0.5].
      scale: width of the stamp as a share of the image's; it becomes less where the stamp would be too high.

    Returns:
      The same shape and dtype.

    Raises:
      UserError: neither or both of text and image; an unknown position; a size that is not known yet.
    """
    draw = _stamp_maker(canvas, text, image)
    if position not in Position.__args__:  # type: ignore[attr-defined]
        raise UserError(f"watermark.position is {position!r}; allowed are {', '.join(Position.__args__)}")  # type: ignore[attr-defined]
    known = {"margin": margin, "scale": scale, "the size of the images": canvas.sizes}
    for name, value in known.items():
        if not is_known(value):
            raise UserError(f"watermark: {name} must be known before the images; use it outside of jit")
    stamps, corners = [], []
    for index in range(canvas.batch if _differ(canvas, image, margin, scale) else 1):
        height, width = (int(side[min(index, len(side) - 1)]) for side in (canvas.heights(), canvas.widths()))
        share, part = (float(value.reshape(-1)[min(index, value.size - 1)]) for value in (margin, scale))
        edge = round(share * min(height, width))
        box = (max(1, min(round(part * width), width - 2 * edge)), max(1, height - 2 * edge))
        stamps.append(draw(index, *box))
        corners.append(_corner(position, (height, width), stamps[-1].shape, edge))
    arrays = {"stamp": _stacked(stamps), "opacity": opacity, "corner": np.array(corners, np.int32)}
    return PixelStep(canvas=canvas, arrays=arrays, body=_print, options=(), sized=False)


def _differ(canvas: Canvas, image: Parameter, *numbers: np.ndarray) -> bool:
    """Return whether the images are to get stamps of their own."""
    pictures = 1 if image is None else image.shape[0]
    return canvas.sizes is not None or pictures > 1 or any(value.size > 1 for value in numbers)


def _stamp_maker(canvas: Canvas, text: str | None, image: Parameter) -> Callable[[int, int, int], np.ndarray]:
    """Return ``draw(index, width, height) -> RGBA``, the stamp of an image that fits into a box."""
    if (text is None) == (image is None):
        raise UserError("watermark: give a text or an image, and not both")
    if text is not None:
        if not text.strip():
            raise UserError(f"watermark.text is {text!r}; allowed is a text with letters")
        return lambda index, width, height: text_stamp(text, width, height)
    if not is_known(image):
        raise UserError("watermark.image must be known before the images; use it outside of jit")
    pictures = np.asarray(like(image, jnp.zeros((1, 1, 1, 1), jnp.uint8), name="watermark.image"))
    return lambda index, width, height: picture_stamp(pictures[min(index, len(pictures) - 1)], width, height)


def _corner(position: str, image: tuple[int, int], stamp: tuple[int, ...], edge: int) -> tuple[int, int]:
    """Return (top, left) of a stamp on an image, ``edge`` pixels from its sides."""
    free = [image[axis] - stamp[axis] for axis in (0, 1)]
    top = edge if "top" in position else free[0] - edge if "bottom" in position else free[0] // 2
    left = edge if "left" in position else free[1] - edge if "right" in position else free[1] // 2
    return top, left


def _stacked(stamps: list[np.ndarray]) -> np.ndarray:
    """Return the stamps in one array, transparent around them, of one of few sizes, so that few programs result."""
    height, width = (rounded_up(max(stamp.shape[axis] for stamp in stamps)) for axis in (0, 1))
    stacked = np.zeros((len(stamps), height, width, 4), np.uint8)
    for index, stamp in enumerate(stamps):
        stacked[index, : stamp.shape[0], : stamp.shape[1]] = stamp
    return stacked


def _print(images: jax.Array, *, stamp: jax.Array, corner: jax.Array, opacity: jax.Array) -> jax.Array:
    picture = with_channels(like(stamp, images, name="stamp"), 4 if images.shape[-1] > 2 else 2)
    top, left = (corner[:, axis, None, None, None] for axis in (0, 1))
    printed, inside = placed(picture, images.shape, top=top, left=left)
    return over(images, printed, jnp.where(inside, opacity, 0.0))
