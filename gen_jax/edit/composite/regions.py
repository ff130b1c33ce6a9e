"""Edits of a part of the image that is known by its place alone: a rectangle cut out, corners made darker."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from gen_jax.edit.kernel import kernel
from gen_jax.edit.roles import Color, Levels, Parameter, Range

_SIDE = Range(low=0, whole=True)


@kernel(top=Range(whole=True), left=Range(whole=True), height=_SIDE, width=_SIDE, fill=Levels())
def cutout(
    images: jax.Array, *, top: Parameter, left: Parameter, height: Parameter, width: Parameter, fill: Color = 0
) -> jax.Array:
    """Fill a rectangle with one color (DeVries and Taylor, 2017).

    Every channel is filled, alpha included, as Pillow's ``paste`` of a color does.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      top: first row; negative, or beyond the image, is allowed.
      left: first column, likewise.
      height: rows, 0 and up.
      width: columns, 0 and up.
      fill: levels in [0, 255], also for float images.

    Returns:
      The same shape and dtype.
    """
    rows = jnp.arange(images.shape[1], dtype=jnp.float32)[None, :, None, None]
    columns = jnp.arange(images.shape[2], dtype=jnp.float32)[None, None, :, None]
    inside = (rows >= top) & (rows < top + height) & (columns >= left) & (columns < left + width)
    color = jnp.round(fill).astype(jnp.uint8) if images.dtype == jnp.uint8 else fill / 255.0
    return jnp.where(inside, color, images)


@kernel(strength=Range(low=0, high=1), radius=Range(low=0), softness=Range(low=0))
def vignette(
    images: jax.Array,
    *,
    strength: Parameter = 0.5,
    radius: Parameter = 0.5,
    softness: Parameter = 0.5,
    sizes: ArrayLike | None = None,
) -> jax.Array:
    """Darken the image towards its corners.

    ``x (1 - strength u²(3 - 2u))`` with ``u = (r - radius) / softness`` cut to [0, 1], where ``r`` is the distance
    from the centre: 0 there, 1 at the corners, on ellipses of the image's shape. Alpha stays; uint8 is rounded.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      strength: how much of the light is gone where it is darkest, in [0, 1].
      radius: where it begins, 0 and up.
      softness: how far it takes to become darkest, 0 and up; 0 is a sharp edge.
      sizes: true (height, width) of each image, [b, 2].

    Returns:
      The same shape and dtype.
    """
    table = jnp.asarray(np.array([images.shape[1:3]]) if sizes is None else sizes).astype(jnp.float32)
    height, width = table[:, 0, None, None, None], table[:, 1, None, None, None]
    y = (jnp.arange(images.shape[1])[None, :, None, None] + 0.5) * 2.0 / height - 1.0
    x = (jnp.arange(images.shape[2])[None, None, :, None] + 0.5) * 2.0 / width - 1.0
    square = y * y + x * x
    # The root has no derivative at the centre, and none is needed: nothing is differentiated but the parameters.
    distance = jnp.sqrt(square) / math.sqrt(2.0)
    u = jnp.clip((distance - radius) / jnp.maximum(softness, 1e-4), 0.0, 1.0)
    light = 1.0 - strength * u * u * (3.0 - 2.0 * u)
    if images.shape[-1] in (2, 4):
        is_color = jnp.arange(images.shape[-1]) < images.shape[-1] - 1
        light = jnp.where(is_color[None, None, None], light, 1.0)
    dark = images.astype(jnp.float32) * light
    return jnp.round(dark).astype(jnp.uint8) if images.dtype == jnp.uint8 else dark
