"""Blurs: Pillow's Gaussian of three boxes, the box, the sampled Gaussian, and the unsharp mask made of the first."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from gen_jax.edit.filter.box import box_passes, weighted
from gen_jax.edit.filter.window import Bell, BoxRadius, Deviation, GaussianRadius, Window
from gen_jax.edit.kernel import kernel
from gen_jax.edit.roles import Parameter, Range


def _blurred(images: jax.Array, across: Window, down: Window | None, sizes: jax.Array | None, passes: int) -> jax.Array:
    """Filter across, all passes, then down."""
    images = box_passes(images, across, axis=2, passes=passes, sizes=sizes)
    return box_passes(images, across if down is None else down, axis=1, passes=passes, sizes=sizes)


@kernel(radius=GaussianRadius(), radius_y=GaussianRadius(optional=True))
def gaussian_blur(
    images: jax.Array, *, radius: Parameter = 2.0, radius_y: Parameter = None, sizes: jax.Array | None = None
) -> jax.Array:
    """Blur as a Gaussian does, by three boxes each way, which cost the same at every radius.

    All channels, alpha too. uint8 equals Pillow's ``ImageFilter.GaussianBlur``; it is no Gaussian to the last
    level, which is ``true_gaussian_blur``.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      radius: the standard deviation in pixels, 0 and up, one number or one an image.
      radius_y: that of the vertical blur, where it is another one.
      sizes: [b, 2], true (height, width) of each image.

    Returns:
      The same shape and dtype.
    """
    return _blurred(images, radius, radius_y, sizes, passes=3)


@kernel(radius=BoxRadius(), radius_y=BoxRadius(optional=True))
def box_blur(
    images: jax.Array, *, radius: Parameter = 2.0, radius_y: Parameter = None, sizes: jax.Array | None = None
) -> jax.Array:
    """Give each pixel the mean of a square of ``2 radius + 1`` pixels round it; the outermost count in part.

    All channels, alpha too. uint8 equals Pillow's ``ImageFilter.BoxBlur``.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      radius: in pixels, 0 and up, one number or one an image.
      radius_y: the vertical one, where it is another one.
      sizes: [b, 2], true (height, width) of each image.

    Returns:
      The same shape and dtype.
    """
    return _blurred(images, radius, radius_y, sizes, passes=1)


@kernel(sigma=Deviation())
def true_gaussian_blur(images: jax.Array, *, sigma: Parameter = 2.0, sizes: jax.Array | None = None) -> jax.Array:
    """Blur by a sampled Gaussian, ``exp(-k**2 / (2 sigma**2))``, the edge carried on.

    All channels, alpha too; uint8 is rounded once, at the end. The cost grows with sigma: the support ends
    beyond 4 sigma of the largest, at a power of two of pixels, and each such support compiles once.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      sigma: the standard deviation in pixels, from 0, one number or one an image; a traced one counts as at most 16.
      sizes: [b, 2], true (height, width) of each image.

    Returns:
      The same shape and dtype.
    """
    bell: Bell = sigma
    weights = jnp.asarray(bell.weights)
    lengths = (None, None) if sizes is None else (jnp.asarray(sizes)[:, 0], jnp.asarray(sizes)[:, 1])
    across = weighted(images, weights, axis=2, lengths=lengths[1])
    both = weighted(across, weights, axis=1, lengths=lengths[0])
    return jnp.floor(both + 0.5).astype(jnp.uint8) if images.dtype == jnp.uint8 else both


@kernel(radius=GaussianRadius(), percent=Range(0, 10000, whole=True), threshold=Range(0, 255, whole=True))
def unsharp_mask(
    images: jax.Array,
    *,
    radius: Parameter = 2.0,
    percent: Parameter = 150,
    threshold: Parameter = 3,
    sizes: jax.Array | None = None,
) -> jax.Array:
    """Sharpen: add to each level its difference from the blurred one, where that exceeds a threshold.

    ``x + (x - blurred) percent / 100`` where ``|x - blurred| > threshold``, else x. All channels, alpha too.
    uint8 equals Pillow's ``ImageFilter.UnsharpMask``.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      radius: of the blur, as in ``gaussian_blur``.
      percent: strength, 0 and up, whole, one number or one an image.
      threshold: in levels of 255, whole, one number or one an image.
      sizes: [b, 2], true (height, width) of each image.

    Returns:
      The same shape and dtype; float is not clipped.
    """
    blurred = _blurred(images, radius, None, sizes, passes=3)
    if images.dtype != jnp.uint8:
        difference = images - blurred
        return jnp.where(jnp.abs(difference) * 255.0 > threshold, images + difference * (percent / 100.0), images)
    difference = images.astype(jnp.int32) - blurred.astype(jnp.int32)
    # Division in C truncates towards zero, as lax.div does on integers.
    added = jax.lax.div(difference * percent.astype(jnp.int32), jnp.int32(100))
    sharp = jnp.clip(images.astype(jnp.int32) + added, 0, 255).astype(jnp.uint8)
    return jnp.where(jnp.abs(difference) > threshold.astype(jnp.int32), sharp, images)
