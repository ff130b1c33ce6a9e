"""What the measures of image pairs share: the pair as they take it, and the result they return."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from gen_jax.errors import UserError
from gen_jax.metrics.result import Measured

CHANNELS = (1, 3, 4)


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Similarity(Measured):
    """How alike the images of each pair are; a pytree, so that it passes through ``jax.jit`` and ``jax.grad``."""

    mean: Array
    """Mean over the pairs, float32, a scalar."""
    each: Array
    """The value of each pair, float32 [b]."""


def of_pairs(each: Array) -> Similarity:
    """Return the result for the value of each pair, [b]."""
    return Similarity(mean=jnp.mean(each), each=each)


def check_pair(images: Any, reference: Any) -> tuple[Array, Array]:
    """Return both as [b, h, w, c], uint8 or float32.

    Args:
      images: [b, h, w, c] or [h, w, c], c 1, 3 or 4; uint8, or float of any width; numpy, jax or traced.
      reference: the same shape and type.

    Raises:
      UserError: a shape or type that is not an image, or two that do not belong together.
    """
    first, second = _as_images(images, "images"), _as_images(reference, "reference")
    if first.shape != second.shape:
        raise UserError(f"reference: shape {second.shape}, must be that of images, {first.shape}; pair them one to one")
    if first.dtype != second.dtype:
        raise UserError(
            f"reference: type {second.dtype}, must be that of images, {first.dtype}; convert one of them, "
            "uint8 being 0..255 and float 0..1"
        )
    return first, second


def range_of(images: Array, data_range: float | Array | None) -> Array:
    """Return the distance between black and white, float32 scalar: as given, else 255 for uint8 and 1 for float.

    Raises:
      UserError: a range that is not positive.
    """
    if data_range is None:
        return jnp.float32(255.0 if images.dtype == jnp.uint8 else 1.0)
    if not isinstance(data_range, Array) and not 0.0 < data_range < float("inf"):
        raise UserError(f"data_range: {data_range}, must be positive and finite; give white minus black")
    return jnp.asarray(data_range, jnp.float32)


def _as_images(values: Any, name: str) -> Array:
    array = jnp.asarray(values)
    if array.ndim not in (3, 4) or array.shape[-1] not in CHANNELS or 0 in array.shape:
        raise UserError(
            f"{name}: shape {array.shape}, must be [b, h, w, c] or [h, w, c] with c 1, 3 or 4; "
            "give a grey image an axis of length 1 at the end"
        )
    if array.dtype != jnp.uint8 and not jnp.issubdtype(array.dtype, jnp.floating):
        raise UserError(f"{name}: type {array.dtype}, must be uint8 (0..255) or float (0..1); convert it")
    array = array if array.dtype == jnp.uint8 else array.astype(jnp.float32)
    return array if array.ndim == 4 else array[None]
