"""Random turns, shifts, sizes and slants, and random views from aside."""

from __future__ import annotations

import dataclasses
from typing import Literal

import jax
import jax.numpy as jnp
from jax import Array

from gen_jax.augment.policy import Policy, Span, chance, check_number, check_span, either_way, uniform
from gen_jax.errors import UserError

Resample = Literal["nearest", "bilinear", "bicubic"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class RandomAffine(Policy):
    """Turn, shift, scale and slant each image about its middle, in one resampling.

    The fields mean what they mean in torchvision.
    """

    degrees: Span = 0.0
    """Clockwise turn: a number ``d`` means from -d to d, a pair (least, most)."""
    translate: tuple[float, float] | None = None
    """Largest shift to either side, as shares of (width, height), in [0, 1]; by whole pixels."""
    scale: tuple[float, float] | None = None
    """Factor: least and most, above 0."""
    shear: float | tuple[float, ...] | None = None
    """Slant in degrees: a number ``d`` means along x from -d to d; 2 are (least, most) along x; 4 also along y."""
    resample: Resample = "nearest"
    """How pixels are read."""
    fill: float | tuple[float, ...] = 0.0
    """Levels in [0, 255] of what lies outside: one, or one a channel."""
    kind: Literal["random_affine"] = "random_affine"

    def __post_init__(self) -> None:
        """Check the ranges."""
        check_span("random_affine.degrees", self.degrees, 0 if _single(self.degrees) else -360, 360)
        if self.translate is not None:
            check_number("random_affine.translate", self.translate, 0, 1)
        if self.scale is not None:
            check_span("random_affine.scale", self.scale, 1e-6)
        if self.shear is not None:
            check_number("random_affine.shear", self.shear, 0 if _single(self.shear) else -89, 89)
            if isinstance(self.shear, tuple | list) and len(self.shear) not in (2, 4):
                raise UserError(f"random_affine.shear is {self.shear}; allowed are 1, 2 or 4 numbers")
        check_number("random_affine.fill", self.fill, 0, 255)

    def edit(self, images: Array, key: Array) -> Array:
        """Return the images resampled."""
        from gen_jax.edit.geometry.affine import affine

        count, height, width = images.shape[:3]
        keys = jax.random.split(key, 6)
        shift = jnp.zeros((2, count))
        if self.translate is not None:
            most = (self.translate[0] * width, self.translate[1] * height)
            shift = jnp.stack([jnp.round(uniform(keys[1 + i], count, (-most[i], most[i]))) for i in (0, 1)])
        slants = self._slants()
        matrix = affine_matrix(
            (width, height),
            degrees=uniform(keys[0], count, either_way(self.degrees)),
            shift=shift,
            factor=uniform(keys[3], count, self.scale or (1.0, 1.0)),
            slant=jnp.stack([uniform(keys[4 + i], count, slants[i]) for i in (0, 1)]),
        )
        return affine(images, matrix=matrix, resample=self.resample, fill=self.fill)

    def _slants(self) -> tuple[tuple[float, float], tuple[float, float]]:
        if self.shear is None:
            return (0.0, 0.0), (0.0, 0.0)
        if not isinstance(self.shear, tuple | list):
            return (-self.shear, self.shear), (0.0, 0.0)
        along_x, along_y = self.shear[:2], self.shear[2:] or (0.0, 0.0)
        return (along_x[0], along_x[1]), (along_y[0], along_y[1])


def _single(span: object) -> bool:
    return not isinstance(span, tuple | list)


def affine_matrix(size: tuple[int, int], *, degrees: Array, shift: Array, factor: Array, slant: Array) -> Array:
    """Return where each output pixel reads, for a turn, slant and factor about the middle and then a shift.

    Forward ``p -> c + t + factor R S (p - c)`` with ``R`` the clockwise turn (y points down) and
    ``S = [[1, -tan x], [-tan y, 1 + tan x tan y]]``; what is returned is its inverse.

    Args:
      size: (width, height).
      degrees: [b].
      shift: (x, y) in pixels, [2, b].
      factor: [b].
      slant: (x, y) in degrees, [2, b].

    Returns:
      [b, 6]: ``x_in = a x + b y + c``, ``y_in = d x + e y + f``.
    """
    turn, (slant_x, slant_y) = jnp.radians(degrees), jnp.tan(jnp.radians(slant))
    cos, sin = jnp.cos(turn) / factor, jnp.sin(turn) / factor
    # S^-1 R^-1 = [[1 + xy, x], [y, 1]] [[cos, sin], [-sin, cos]]
    product = 1.0 + slant_x * slant_y
    a, b = product * cos - slant_x * sin, product * sin + slant_x * cos
    d, e = slant_y * cos - sin, slant_y * sin + cos
    center_x, center_y = size[0] / 2, size[1] / 2
    x, y = center_x + shift[0], center_y + shift[1]
    return jnp.stack([a, b, center_x - a * x - b * y, d, e, center_y - d * x - e * y], axis=1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class RandomPerspective(Policy):
    """Move the four corners of an image inwards by random amounts, as if seen from aside.

    The fields mean what they mean in torchvision.
    """

    distortion: float = 0.5
    """A corner moves by up to this share of half the width and half the height, in [0, 1]."""
    probability: float = 0.5
    """In [0, 1], for each image."""
    resample: Resample = "bilinear"
    """How pixels are read."""
    fill: float | tuple[float, ...] = 0.0
    """Levels in [0, 255] of what lies outside: one, or one a channel."""
    kind: Literal["random_perspective"] = "random_perspective"

    def __post_init__(self) -> None:
        """Check the ranges."""
        check_number("random_perspective.distortion", self.distortion, 0, 1)
        check_number("random_perspective.probability", self.probability, 0, 1)
        check_number("random_perspective.fill", self.fill, 0, 255)

    def edit(self, images: Array, key: Array) -> Array:
        """Return the images, some of them seen from aside."""
        from gen_jax.edit.geometry.perspective import perspective

        count, height, width = images.shape[:3]
        keys = jax.random.split(key, 3)
        limits = [int(self.distortion * (side // 2)) + 1 for side in (width, height)]
        inward = jnp.stack(
            [jax.random.randint(keys[i], (count, 4), 0, limits[i]).astype(jnp.float32) for i in (0, 1)], axis=2
        )
        # Upper left, upper right, lower right, lower left; where a corner of the image goes.
        corners = jnp.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])
        signs = jnp.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])
        moved = perspective(
            images,
            start=jnp.broadcast_to(corners, (count, 4, 2)),
            end=corners[None] + signs[None] * inward,
            resample=self.resample,
            fill=self.fill,
        )
        return jnp.where(chance(keys[2], count, self.probability), moved, images)
