"""The one place where uint8 [0, 255], float [0, 1] and float [-1, 1] meet."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike, DTypeLike


def to_signed(images: ArrayLike, dtype: DTypeLike = jnp.float32) -> Array:
    """Take uint8 images to the range of the models: ``x / 127.5 - 1``.

    Args:
      images: uint8, any shape.
      dtype: of the result.

    Returns:
      The same shape, in [-1, 1]; 0 becomes exactly -1 and 255 exactly 1.
    """
    return (jnp.asarray(images).astype(jnp.float32) / 127.5 - 1.0).astype(dtype)


def from_signed(images: ArrayLike) -> Array:
    """Take the output of a model to uint8: ``round((x + 1) * 127.5)``, clipped to [0, 255].

    The inverse of ``to_signed`` on every level. NaN becomes 0.
    """
    levels = jnp.round((jnp.asarray(images).astype(jnp.float32) + 1.0) * 127.5)
    return jnp.nan_to_num(jnp.clip(levels, 0.0, 255.0)).astype(jnp.uint8)


def to_unit(images: ArrayLike, dtype: DTypeLike = jnp.float32) -> Array:
    """Take uint8 images to the range of the edit kernels: ``x / 255``, in [0, 1]."""
    return (jnp.asarray(images).astype(jnp.float32) / 255.0).astype(dtype)


def from_unit(images: ArrayLike) -> Array:
    """Take float images in [0, 1] to uint8: ``round(x * 255)``, clipped to [0, 255]. NaN becomes 0."""
    levels = jnp.round(jnp.asarray(images).astype(jnp.float32) * 255.0)
    return jnp.nan_to_num(jnp.clip(levels, 0.0, 255.0)).astype(jnp.uint8)


def signed_to_unit(images: ArrayLike) -> Array:
    """Take float images from [-1, 1] to [0, 1]: ``(x + 1) / 2``, not clipped."""
    return (jnp.asarray(images) + 1.0) / 2.0


def unit_to_signed(images: ArrayLike) -> Array:
    """Take float images from [0, 1] to [-1, 1]: ``2 x - 1``, not clipped."""
    return jnp.asarray(images) * 2.0 - 1.0
