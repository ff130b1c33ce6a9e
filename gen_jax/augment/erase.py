"""Rectangles filled with one color at a random place."""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

import jax
import jax.numpy as jnp
from jax import Array

from gen_jax.augment.policy import Policy, chance, check_number, check_span

_ATTEMPTS = 10


@dataclasses.dataclass(frozen=True, kw_only=True)
class RandomErasing(Policy):
    """Fill a rectangle of random area and shape, wholly inside the image (Zhong et al., 2017).

    Area and shape are drawn until the rectangle is smaller than the image, ten times at most; an image for which
    none is stays as it is.
    """

    probability: float = 0.5
    """In [0, 1], for each image."""
    scale: tuple[float, float] = (0.02, 0.33)
    """Area as a share of the image's: least and most, drawn evenly."""
    ratio: tuple[float, float] = (0.3, 3.3)
    """Height by width: least and most, above 0, drawn evenly in the logarithm."""
    fill: float | tuple[float, ...] = 0.0
    """Levels in [0, 255]: one, or one a channel."""
    kind: Literal["random_erasing"] = "random_erasing"

    def __post_init__(self) -> None:
        """Check the ranges."""
        check_number("random_erasing.probability", self.probability, 0, 1)
        check_span("random_erasing.scale", self.scale, 0, 1)
        check_span("random_erasing.ratio", self.ratio, 1e-6)
        check_number("random_erasing.fill", self.fill, 0, 255)

    def edit(self, images: Array, key: Array) -> Array:
        """Return the images, some with a rectangle filled."""
        from gen_jax.edit.composite.regions import cutout

        keys = jax.random.split(key, 4)
        height, width = images.shape[1:3]
        box_height, box_width = random_box(keys[0], len(images), (height, width), self.scale, self.ratio)
        fits = (box_height < height) & (box_width < width) & (box_height > 0) & (box_width > 0)
        first = jnp.argmax(fits, axis=1)[:, None]
        erased = fits.any(axis=1) & chance(keys[1], len(images), self.probability).reshape(-1)
        box_height, box_width = (
            jnp.where(erased, jnp.take_along_axis(side, first, axis=1)[:, 0], 0) for side in (box_height, box_width)
        )
        top = whole_below(keys[2], height - box_height + 1)
        left = whole_below(keys[3], width - box_width + 1)
        return cutout(images, top=top, left=left, height=box_height, width=box_width, fill=self.fill)


def random_box(
    key: Array, count: int, size: tuple[int, int], scale: tuple[float, float], ratio: tuple[float, float]
) -> tuple[Array, Array]:
    """Draw the sides of rectangles, ten for each image; ``ratio`` is height by width.

    ``sqrt(area ratio)`` by ``sqrt(area / ratio)``, rounded.

    Returns:
      Heights and widths, int32 [count, 10].
    """
    area_key, ratio_key = jax.random.split(key)
    shape = (count, _ATTEMPTS)
    area = size[0] * size[1] * jax.random.uniform(area_key, shape, minval=scale[0], maxval=scale[1])
    low, high = math.log(ratio[0]), math.log(ratio[1])
    stretch = jnp.exp(jax.random.uniform(ratio_key, shape, minval=low, maxval=high))
    heights, widths = jnp.round(jnp.sqrt(area * stretch)), jnp.round(jnp.sqrt(area / stretch))
    return heights.astype(jnp.int32), widths.astype(jnp.int32)


def whole_below(key: Array, limits: Array) -> Array:
    """Draw one whole number for each of ``limits`` [b], from 0 up, below it."""
    return jnp.minimum(jnp.floor(jax.random.uniform(key, limits.shape) * limits).astype(jnp.int32), limits - 1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cutout(Policy):
    """Fill a square whose centre lies anywhere in the image, so that it may stand out (DeVries and Taylor, 2017)."""

    size: int | tuple[int, int] = 8
    """In pixels: a side, or (height, width)."""
    fill: float | tuple[float, ...] = 0.0
    """Levels in [0, 255]: one, or one a channel."""
    kind: Literal["cutout"] = "cutout"

    def __post_init__(self) -> None:
        """Check the ranges."""
        check_number("cutout.size", self.size, 1)
        check_number("cutout.fill", self.fill, 0, 255)

    def edit(self, images: Array, key: Array) -> Array:
        """Return the images with a square filled in each."""
        from gen_jax.edit.composite.regions import cutout

        height, width = self.size if isinstance(self.size, tuple | list) else (self.size, self.size)
        row_key, column_key = jax.random.split(key)
        row = jax.random.randint(row_key, (len(images),), 0, images.shape[1])
        column = jax.random.randint(column_key, (len(images),), 0, images.shape[2])
        return cutout(
            images, top=row - height // 2, left=column - width // 2, height=height, width=width, fill=self.fill
        )
