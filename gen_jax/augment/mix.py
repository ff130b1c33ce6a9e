"""Two images of a batch made one, and their labels with them."""

from __future__ import annotations

import dataclasses
from typing import Literal

import jax
import jax.numpy as jnp
from jax import Array

from gen_jax.augment.policy import LabelPolicy, check_number


@dataclasses.dataclass(frozen=True, kw_only=True)
class Mixup(LabelPolicy):
    """Average each image with the one before it in the batch (Zhang et al., 2017).

    ``share image + (1 - share) other`` and the same of the labels, ``share`` drawn from Beta(alpha, alpha) for
    each image. uint8 is rounded.
    """

    alpha: float = 1.0
    """Above 0; 1 draws every share alike, less draws shares near 0 and 1."""
    num_classes: int = 0
    """Needed where the labels are whole numbers."""
    kind: Literal["mixup"] = "mixup"

    def __post_init__(self) -> None:
        """Check the ranges."""
        check_number("mixup.alpha", self.alpha, 1e-6)

    def mix(self, images: Array, shares: Array, key: Array) -> tuple[Array, Array]:
        """Return averages of images and of labels."""
        share = _shares(key, self.alpha, len(images))
        weight = share[:, None, None, None]
        mixed = weight * images.astype(jnp.float32) + (1.0 - weight) * jnp.roll(images, 1, axis=0)
        return _like(mixed, images), _mixed_labels(shares, share)


@dataclasses.dataclass(frozen=True, kw_only=True)
class CutMix(LabelPolicy):
    """Put a rectangle of the image before it in the batch into each image (Yun et al., 2019).

    The rectangle has the image's shape and the area ``1 - share``, ``share`` drawn from Beta(alpha, alpha), about
    a centre that lies anywhere; the labels are mixed by the area that is seen.
    """

    alpha: float = 1.0
    """Above 0; 1 draws every share alike, less draws shares near 0 and 1."""
    num_classes: int = 0
    """Needed where the labels are whole numbers."""
    kind: Literal["cutmix"] = "cutmix"

    def __post_init__(self) -> None:
        """Check the ranges."""
        check_number("cutmix.alpha", self.alpha, 1e-6)

    def mix(self, images: Array, shares: Array, key: Array) -> tuple[Array, Array]:
        """Return images with rectangles of others, and labels by area."""
        share_key, row_key, column_key = jax.random.split(key, 3)
        half = 0.5 * jnp.sqrt(1.0 - _shares(share_key, self.alpha, len(images)))
        inside, seen = [], []
        for axis_key, side in ((row_key, images.shape[1]), (column_key, images.shape[2])):
            center = jax.random.randint(axis_key, half.shape, 0, side)
            reach = jnp.floor(half * side).astype(jnp.int32)
            first, last = jnp.maximum(center - reach, 0), jnp.minimum(center + reach, side)
            places = jnp.arange(side)[None, :]
            inside.append((places >= first[:, None]) & (places < last[:, None]))
            seen.append((last - first) / side)
        box = inside[0][:, :, None, None] & inside[1][:, None, :, None]
        mixed = jnp.where(box, jnp.roll(images, 1, axis=0), images)
        return mixed, _mixed_labels(shares, 1.0 - seen[0] * seen[1])


def _shares(key: Array, alpha: float, count: int) -> Array:
    """Draw from Beta(alpha, alpha), which is the even distribution where alpha is 1."""
    return jax.random.uniform(key, (count,)) if alpha == 1.0 else jax.random.beta(key, alpha, alpha, (count,))


def _mixed_labels(shares: Array, share: Array) -> Array:
    return share[:, None] * shares + (1.0 - share[:, None]) * jnp.roll(shares, 1, axis=0)


def _like(mixed: Array, images: Array) -> Array:
    if images.dtype == jnp.uint8:
        return jnp.round(mixed).astype(jnp.uint8)
    return mixed.astype(images.dtype)
