"""Random parts of the images, and images moved by a few pixels."""

from __future__ import annotations

import dataclasses
from typing import Literal

import jax
import jax.numpy as jnp
from jax import Array

from gen_jax.augment.erase import random_box, whole_below
from gen_jax.augment.policy import Policy, check_number, check_span
from gen_jax.errors import UserError


@dataclasses.dataclass(frozen=True, kw_only=True)
class RandomCrop(Policy):
    """Pad an image on every side and cut its size out again at a random place: it moves by up to ``padding``."""

    padding: int = 4
    """Pixels, 0 and up."""
    mode: Literal["constant", "edge", "reflect"] = "constant"
    """What the padding shows: one color, the nearest pixel, or the image mirrored at its edge pixel."""
    fill: float = 0.0
    """With ``constant``: a level in [0, 255]."""
    kind: Literal["random_crop"] = "random_crop"

    def __post_init__(self) -> None:
        """Check the ranges."""
        check_number("random_crop.padding", self.padding, 0)
        check_number("random_crop.fill", self.fill, 0, 255)

    def check(self, height: int, width: int) -> None:
        """Raise UserError where images of this size are too small to be mirrored so far."""
        if self.mode == "reflect" and self.padding >= min(height, width):
            raise UserError(
                f"random_crop.padding is {self.padding}; with mode reflect it must be below the sides of the "
                f"images, {height} x {width}"
            )

    def edit(self, images: Array, key: Array) -> Array:
        """Return the images moved."""
        count, height, width, channels = images.shape
        self.check(height, width)
        row_key, column_key = jax.random.split(key)
        y, inside_rows = self._places(row_key, count, height)
        x, inside_columns = self._places(column_key, count, width)
        index = y[:, :, None] * width + x[:, None, :]
        flat = images.reshape(count, height * width, channels)
        # One gather an image, so that images on many devices stay where they are.
        moved = jax.vmap(lambda pixels, places: pixels.at[places].get(mode="promise_in_bounds"))(flat, index)
        if self.mode != "constant":
            return moved
        fill = round(self.fill) if images.dtype == jnp.uint8 else self.fill / 255.0
        inside = inside_rows[:, :, None, None] & inside_columns[:, None, :, None]
        return jnp.where(inside, moved, jnp.asarray(fill, images.dtype))

    def _places(self, key: Array, count: int, side: int) -> tuple[Array, Array]:
        """Return which pixel each place along an axis shows, [count, side], and whether there is one."""
        shift = jax.random.randint(key, (count, 1), -self.padding, self.padding + 1)
        place = jnp.arange(side)[None, :] + shift
        inside = (place >= 0) & (place < side)
        if self.mode == "reflect":
            place = side - 1 - jnp.abs(side - 1 - jnp.abs(place))
        return jnp.clip(place, 0, side - 1), inside


@dataclasses.dataclass(frozen=True, kw_only=True)
class RandomResizedCrop(Policy):
    """Cut a part of random area and shape out of an image and resize it, antialiased (Szegedy et al., 2015).

    Area and shape are drawn until the part fits into the image, ten times at most; then it is the largest part
    of the middle whose shape is allowed. The resize is Pillow's bilinear one.
    """

    size: int | tuple[int, int] | None = None
    """Of the result: a side, or (height, width); left out, the size of the images."""
    scale: tuple[float, float] = (0.08, 1.0)
    """Area as a share of the image's: least and most, drawn evenly."""
    ratio: tuple[float, float] = (0.75, 4 / 3)
    """Width by height: least and most, above 0, drawn evenly in the logarithm."""
    kind: Literal["random_resized_crop"] = "random_resized_crop"

    def __post_init__(self) -> None:
        """Check the ranges."""
        if self.size is not None:
            check_number("random_resized_crop.size", self.size, 1)
        check_span("random_resized_crop.scale", self.scale, 1e-6, 1)
        check_span("random_resized_crop.ratio", self.ratio, 1e-6)

    def edit(self, images: Array, key: Array) -> Array:
        """Return parts of the images, all of one size."""
        count, height, width = images.shape[:3]
        keys = jax.random.split(key, 3)
        widths, heights = random_box(keys[0], count, (height, width), self.scale, self.ratio)
        fits = (heights > 0) & (heights <= height) & (widths > 0) & (widths <= width)
        first, any_fits = jnp.argmax(fits, axis=1)[:, None], fits.any(axis=1)
        spare_height, spare_width = _middle(height, width, self.ratio)
        box_height = jnp.where(any_fits, jnp.take_along_axis(heights, first, axis=1)[:, 0], spare_height)
        box_width = jnp.where(any_fits, jnp.take_along_axis(widths, first, axis=1)[:, 0], spare_width)
        top = jnp.where(any_fits, whole_below(keys[1], height - box_height + 1), (height - spare_height) // 2)
        left = jnp.where(any_fits, whole_below(keys[2], width - box_width + 1), (width - spare_width) // 2)
        size = (height, width) if self.size is None else self.size
        size = size if isinstance(size, tuple | list) else (size, size)
        return resized_parts(images, top=(top, left), sides=(box_height, box_width), size=(size[0], size[1]))


def _middle(height: int, width: int, ratio: tuple[float, float]) -> tuple[int, int]:
    """Return the largest (height, width) whose shape is allowed."""
    if width / height < ratio[0]:
        return min(height, round(width / ratio[0])), width
    if width / height > ratio[1]:
        return height, min(width, round(height * ratio[1]))
    return height, width


def resized_parts(
    images: Array, *, top: tuple[Array, Array], sides: tuple[Array, Array], size: tuple[int, int]
) -> Array:
    """Resize a rectangle of each image, antialiased with the triangle filter; within 1 of Pillow's BILINEAR.

    Rows first by a matrix [b, out, in] whose weights lie inside the rectangle, then columns: two products of
    matrices, so that each image may have a rectangle of its own.

    Args:
      images: [b, h, w, c], uint8 or float32.
      top: first row and first column of each rectangle, int [b].
      sides: height and width of each rectangle, int [b].
      size: (height, width) of the result.
    """
    values = images.astype(jnp.float32)
    for axis, subscripts in ((1, "box,byxc->byoc"), (0, "boy,byxc->boxc")):
        weights = _triangle_weights(top[axis], sides[axis], images.shape[1 + axis], size[axis])
        values = jnp.einsum(subscripts, weights, values, precision=jax.lax.Precision.HIGHEST)
        if images.dtype == jnp.uint8:
            values = jnp.round(values)
    return values.astype(images.dtype)


def _triangle_weights(first: Array, side: Array, length: int, out: int) -> Array:
    """Return [b, out, length]: how much of each input pixel goes into each output pixel; rows add up to 1."""
    scale = (side / out).astype(jnp.float32)[:, None, None]
    first, side = first[:, None, None], side[:, None, None]
    center = first + (jnp.arange(out)[None, :, None] + 0.5) * scale
    place = jnp.arange(length)[None, None, :]
    weights = jnp.maximum(0.0, 1.0 - jnp.abs(place + 0.5 - center) / jnp.maximum(scale, 1.0))
    weights = jnp.where((place >= first) & (place < first + side), weights, 0.0)
    return weights / weights.sum(axis=2, keepdims=True)
