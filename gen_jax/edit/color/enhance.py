"""Brightness, contrast, saturation: blend an image with what is left of it at factor 0 (Pillow, ImageEnhance)."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from gen_jax.edit.kernel import kernel
from gen_jax.edit.roles import Parameter, Range


def blend_levels(degenerate: jax.Array, levels: jax.Array, factor: jax.Array) -> jax.Array:
    """Return ``degenerate + factor (levels - degenerate)``; uint8 is cut to [0, 255] and truncated (Blend.c)."""
    mixed = degenerate + factor * (levels.astype(jnp.float32) - degenerate)
    return jnp.clip(mixed, 0.0, 255.0).astype(jnp.uint8) if levels.dtype == jnp.uint8 else mixed


@kernel(factor=Range(low=0))
def brightness(images: jax.Array, *, factor: Parameter = 1.0) -> jax.Array:
    """Scale every level: black at 0, the image at 1, brighter above.

    ``factor x``; alpha stays. uint8 equals Pillow's ``ImageEnhance.Brightness``.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      factor: 0 and up, one number or one an image.

    Returns:
      The same shape and dtype; float is not clipped.
    """
    return blend_levels(jnp.zeros((), jnp.float32), images, factor)
