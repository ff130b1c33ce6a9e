"""What is known of a batch before its pixels: its shape, and the true size of each image in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, TypeAlias

import jax
import numpy as np
from jax.core import Tracer
from jax.typing import ArrayLike

from gen_jax.edit.buckets import rounded_up
from gen_jax.errors import UserError

Images: TypeAlias = ArrayLike
"""[b, h, w, c] or [h, w, c]; uint8 in [0, 255] or float32 in [0, 1]; c is 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA."""

CHANNELS = (1, 2, 3, 4)
MOST_PIXELS = 1 << 28
"""One and a half times what Pillow takes for a decompression bomb."""


class TooManyPixels(UserError):
    """An edit would make an image that is larger than allowed."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Canvas:
    """The shape [b, h, w, c] of a batch, and how much of each image is picture.

    Images of different sizes share a batch by padding: image ``i`` fills ``sizes[i]`` rows and columns
    of the upper left corner, and what lies outside is of no meaning.
    """

    batch: int
    height: int
    width: int
    channels: int
    sizes: np.ndarray | jax.Array | None = None
    """[b, 2], (height, width) of each image; None: every image fills the canvas."""
    rounded: bool = False
    """Whether every edit leaves an array of one of the shapes that buckets have, so that few shapes compile: that of
    the largest image. The sizes are then known, and this array is one of those too."""
    most_pixels: int = MOST_PIXELS
    """In an image; a rounded array holds twice as many at most."""

    def heights(self) -> np.ndarray | jax.Array:
        """Return the true height of each image, [b], or [1] where all are the canvas's."""
        return np.array([self.height], np.int32) if self.sizes is None else self.sizes[:, 0]

    def widths(self) -> np.ndarray | jax.Array:
        """Return the true width of each image, [b], or [1] where all are the canvas's."""
        return np.array([self.width], np.int32) if self.sizes is None else self.sizes[:, 1]

    def resized(self, height: int, width: int, sizes: np.ndarray | jax.Array | None = None) -> Canvas:
        """Return this canvas with another shape, its images of ``sizes`` or, where None, all of that shape.

        Raises:
          TooManyPixels: more than ``most_pixels``; a slip of the finger would take all memory.
        """
        if sizes is None or not self.rounded:
            self._check(height, width, height * width)
        if self.rounded:
            return self._rounded(np.full((self.batch, 2), (height, width), np.int32) if sizes is None else sizes)
        return dataclasses.replace(self, height=height, width=width, sizes=sizes)

    def _rounded(self, sizes: Any) -> Canvas:
        """Return this canvas with images of other sizes, in an array of the shape that a bucket has."""
        height, width = (int(side) for side in sizes.max(axis=0))
        array = rounded_up(height), rounded_up(width)
        self._check(height, width, max(int(sizes.astype(np.int64).prod(axis=1).max()), array[0] * array[1] // 2))
        return dataclasses.replace(self, height=array[0], width=array[1], sizes=sizes)

    def _check(self, height: int, width: int, pixels: int) -> None:
        if pixels > self.most_pixels:
            raise TooManyPixels(
                f"the result would be {height} x {width} pixels; allowed are {self.most_pixels} in an image"
            )


jax.tree_util.register_dataclass(
    Canvas,
    data_fields=["sizes"],
    meta_fields=["batch", "height", "width", "channels", "rounded", "most_pixels"],
)


def canvas_of(images: Images, sizes: ArrayLike | Sequence[Sequence[int]] | None = None) -> Canvas:
    """Return the canvas of images, once they are known to be images.

    Raises:
      UserError: wrong rank, number of channels or dtype, an empty image, or sizes that do not fit.
    """
    shape, dtype = np.shape(images), getattr(images, "dtype", None)
    if len(shape) not in (3, 4) or shape[-1] not in CHANNELS:
        raise UserError(
            f"images have shape {shape}; allowed is [batch, height, width, channels] or [height, width, channels] "
            "with 1 (grey), 2 (grey and alpha), 3 (RGB) or 4 (RGBA) channels; a grey [height, width] needs [..., None]"
        )
    if dtype is None or np.dtype(dtype) not in (np.dtype(np.uint8), np.dtype(np.float32)):
        raise UserError(
            f"images are {dtype or type(images).__name__}; allowed are arrays of uint8 in [0, 255] and of float32 "
            "in [0, 1]: convert with gen_jax.pixels or astype"
        )
    batch, height, width, channels = shape if len(shape) == 4 else (1, *shape)
    if 0 in shape:
        raise UserError(f"images have shape {shape}: an empty image or batch cannot be edited")
    canvas = Canvas(batch=batch, height=height, width=width, channels=channels)
    return canvas if sizes is None else dataclasses.replace(canvas, sizes=_checked_sizes(sizes, canvas))


def _checked_sizes(sizes: Any, canvas: Canvas) -> np.ndarray | jax.Array:
    if isinstance(sizes, Tracer):
        return sizes
    table = np.asarray(sizes, np.int32)
    if table.shape != (canvas.batch, 2):
        raise UserError(f"sizes has shape {table.shape}; allowed is [{canvas.batch}, 2]: (height, width) of each image")
    if (table < 1).any() or (table > (canvas.height, canvas.width)).any():
        raise UserError(
            f"sizes lie between {table.min(axis=0).tolist()} and {table.max(axis=0).tolist()}; "
            f"allowed is [1, 1] to [{canvas.height}, {canvas.width}]"
        )
    return table
