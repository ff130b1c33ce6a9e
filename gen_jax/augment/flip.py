"""Flips of some of the images."""

from __future__ import annotations

import dataclasses
from typing import Literal

import jax.numpy as jnp
from jax import Array

from gen_jax.augment.policy import Policy, chance, check_number


@dataclasses.dataclass(frozen=True, kw_only=True)
class HorizontalFlip(Policy):
    """Flip an image left to right."""

    probability: float = 0.5
    """In [0, 1], for each image."""
    kind: Literal["horizontal_flip"] = "horizontal_flip"

    def __post_init__(self) -> None:
        """Check the range."""
        check_number("horizontal_flip.probability", self.probability, 0, 1)

    def edit(self, images: Array, key: Array) -> Array:
        """Return the images, some of them flipped."""
        return jnp.where(chance(key, len(images), self.probability), images[:, :, ::-1], images)


@dataclasses.dataclass(frozen=True, kw_only=True)
class VerticalFlip(Policy):
    """Flip an image upside down."""

    probability: float = 0.5
    """In [0, 1], for each image."""
    kind: Literal["vertical_flip"] = "vertical_flip"

    def __post_init__(self) -> None:
        """Check the range."""
        check_number("vertical_flip.probability", self.probability, 0, 1)

    def edit(self, images: Array, key: Array) -> Array:
        """Return the images, some of them flipped."""
        return jnp.where(chance(key, len(images), self.probability), images[:, ::-1], images)
