"""Resize to a frame and keep the shape: cut what is too much, stay inside, reach over, or fill round (ImageOps)."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.geometry.parameters import Size, check_size
from gen_jax.edit.geometry.resize import ResizeStep, checked_resample, plan_resize
from gen_jax.edit.geometry.resize_weights import Resample
from gen_jax.edit.kernel import planned
from gen_jax.edit.roles import Color, Levels, Numbers, is_known
from gen_jax.errors import UserError

_MIDDLE = (0.5, 0.5)
_ROUND_UP = 64
"""The canvas of ``cover`` for images of different sizes grows in steps, so that few shapes compile."""


def _checked(canvas: Canvas, size: Any, resample: str, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the true heights and widths as float64, once the choices are known to be allowed."""
    check_size(size)
    checked_resample(resample)
    if not is_known(canvas.sizes):
        raise UserError(
            f"{name} needs the true sizes of the images before it compiles; traced sizes suit fit or resize"
        )
    return np.asarray(canvas.heights(), np.float64), np.asarray(canvas.widths(), np.float64)


def _kept_shape(heights: np.ndarray, widths: np.ndarray, size: Size, *, over: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the heights and widths, [b or 1], that keep each shape and touch the frame from inside or over it."""
    height, width = size
    ratios, frame = widths / heights, width / height
    upright = ratios < frame if over else ratios > frame
    new_heights = np.where(upright, np.rint(heights / widths * width), height)
    new_widths = np.where(upright | (ratios == frame), width, np.rint(widths / heights * height))
    return np.maximum(new_heights, 1).astype(np.int32), np.maximum(new_widths, 1).astype(np.int32)


def _table(heights: np.ndarray, widths: np.ndarray) -> np.ndarray:
    return np.stack([heights, widths], axis=1).astype(np.int32)


@planned(centering=Numbers(2))
def fit(canvas: Canvas, *, size: Size, resample: Resample = "bicubic", centering: Any = _MIDDLE) -> ResizeStep:
    """Cut to the shape of a frame, as little as can be, and resize to it.

    Equals Pillow's ``ImageOps.fit``; ``resize`` of a box of fractions of pixels.

    Args:
      canvas: [b, h, w, c] or [h, w, c], uint8 or float32.
      size: (height, width) of the result.
      resample: nearest, box, bilinear, hamming, bicubic or lanczos.
      centering: (x, y) in [0, 1], how much of what is cut off lies left and above; one or one an image.

    Returns:
      [b, *size, c], the same dtype.

    Raises:
      UserError: an unknown filter, a size below 1, a centering outside [0, 1].
    """
    check_size(size)
    checked_resample(resample)
    if is_known(centering) and ((centering < 0) | (centering > 1)).any():
        raise UserError(f"centering is {centering.tolist()}; allowed are (x, y) from 0 to 1")
    known = is_known((canvas.sizes, centering))
    xp: Any = np if known else jnp
    heights, widths = (
        xp.asarray(side, np.float64 if known else np.float32) for side in (canvas.heights(), canvas.widths())
    )
    frame = size[1] / size[0]
    wide = widths / heights >= frame
    same = widths / heights == frame
    cut_widths = xp.where(wide & ~same, frame * heights, widths)
    cut_heights = xp.where(wide, heights, widths / frame)
    left, top = (widths - cut_widths) * centering[:, 0], (heights - cut_heights) * centering[:, 1]
    box = xp.stack(xp.broadcast_arrays(left, top, left + cut_widths, top + cut_heights), axis=-1)
    return plan_resize(canvas, canvas.resized(size[0], size[1]), resample, box=box)


@planned()
def contain(canvas: Canvas, *, size: Size, resample: Resample = "bicubic") -> ResizeStep:
    """Resize to the largest size of the same shape inside a frame.

    Equals Pillow's ``ImageOps.contain``, but a side that rounds to 0, where Pillow makes an empty image, is 1.

    Args:
      canvas: [b, h, w, c] or [h, w, c], uint8 or float32.
      size: (height, width) of the frame.
      resample: nearest, box, bilinear, hamming, bicubic or lanczos.

    Returns:
      [b, h', w', c], the same dtype; images of different sizes stay in an array of ``size``, each with its own.

    Raises:
      UserError: an unknown filter, a size below 1.
    """
    heights, widths = _kept_shape(*_checked(canvas, size, resample, "contain"), size, over=False)
    if canvas.sizes is None:
        return plan_resize(canvas, canvas.resized(int(heights[0]), int(widths[0])), resample)
    return plan_resize(canvas, canvas.resized(size[0], size[1], _table(heights, widths)), resample)


@planned()
def cover(canvas: Canvas, *, size: Size, resample: Resample = "bicubic") -> ResizeStep:
    """Resize to the smallest size of the same shape that covers a frame.

    Equals Pillow's ``ImageOps.cover``.

    Args:
      canvas: [b, h, w, c] or [h, w, c], uint8 or float32.
      size: (height, width) of the frame.
      resample: nearest, box, bilinear, hamming, bicubic or lanczos.

    Returns:
      [b, h', w', c], the same dtype; images of different sizes share an array, each with its own size.

    Raises:
      UserError: an unknown filter, a size below 1.
    """
    heights, widths = _kept_shape(*_checked(canvas, size, resample, "cover"), size, over=True)
    if canvas.sizes is None:
        return plan_resize(canvas, canvas.resized(int(heights[0]), int(widths[0])), resample)
    height, width = (-(-int(sides.max()) // _ROUND_UP) * _ROUND_UP for sides in (heights, widths))
    return plan_resize(canvas, canvas.resized(height, width, _table(heights, widths)), resample)


@planned(fill=Levels(), centering=Numbers(2))
def letterbox(
    canvas: Canvas, *, size: Size, resample: Resample = "bicubic", fill: Color = 0, centering: Any = _MIDDLE
) -> ResizeStep:
    """Resize to the largest size of the same shape inside a frame, and fill the rest of the frame.

    Equals Pillow's ``ImageOps.pad``, but a side that rounds to 0, where Pillow shows nothing, is 1.

    Args:
      canvas: [b, h, w, c] or [h, w, c], uint8 or float32.
      size: (height, width) of the result.
      resample: nearest, box, bilinear, hamming, bicubic or lanczos.
      fill: levels in [0, 255] of the rest.
      centering: (x, y) in [0, 1], how much of the rest lies left and above; known before it compiles.

    Returns:
      [b, *size, c], the same dtype.

    Raises:
      UserError: an unknown filter, a size below 1, a centering outside [0, 1].
    """
    sides = _checked(canvas, size, resample, "letterbox")
    if not is_known(centering) or ((centering < 0) | (centering > 1)).any():
        raise UserError("centering has to be numbers from 0 to 1, known before it compiles")
    heights, widths = _kept_shape(*sides, size, over=False)
    left = np.rint((size[1] - widths) * centering[:, 0]).astype(np.int64)
    top = np.rint((size[0] - heights) * centering[:, 1]).astype(np.int64)
    return plan_resize(
        canvas,
        canvas.resized(size[0], size[1]),
        resample,
        targets=(heights, widths),
        offsets=(top, left),
        fill=fill,
    )
