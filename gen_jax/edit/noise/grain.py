"""Noise of a sensor: Gaussian grain, speckle, dead and hot pixels; each image from its own key.

The noise of a pixel is a function of the key of its image, its row and its column alone: neither the other
images of the batch nor the padding have a part in it. (Each row has a key; within a row the counter-based
generator gives element i the same number whatever the length.)
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from gen_jax.edit.kernel import kernel
from gen_jax.edit.roles import Parameter, Random, Range, Seed


def _colors(images: jax.Array) -> int:
    """Return how many channels are no alpha."""
    return images.shape[-1] - 1 + images.shape[-1] % 2


def _drawn(
    keys: jax.Array, images: jax.Array, per_channel: bool, draw: Callable[[jax.Array, tuple[int, int]], jax.Array]
) -> jax.Array:
    """Return random numbers [b, h, w, colors], or [b, h, w, 1] that the colors share."""
    rows, shape = jnp.arange(images.shape[1]), (images.shape[2], _colors(images) if per_channel else 1)

    def row(key: jax.Array, index: jax.Array) -> jax.Array:
        return draw(jax.random.fold_in(key, index), shape)

    return jax.vmap(lambda key: jax.vmap(row, in_axes=(None, 0))(key, rows))(keys)


def _with_alpha(colors: jax.Array, images: jax.Array) -> jax.Array:
    """Round edited colors in levels to uint8, or take them to [0, 1] as the images are; put the alpha back."""
    if images.dtype == jnp.uint8:
        colors = jnp.clip(jnp.floor(colors + 0.5), 0.0, 255.0).astype(jnp.uint8)
    return jnp.concatenate([colors, images[..., _colors(images) :]], axis=-1)


def _unit(images: jax.Array) -> float:
    """Return what one level of 255 is in the images."""
    return 1.0 if images.dtype == jnp.uint8 else 1.0 / 255.0


@kernel(amount=Range(0, 255), seed=Random())
def gaussian_noise(
    images: jax.Array, *, amount: Parameter = 10.0, seed: Seed = 0, per_channel: bool = True
) -> jax.Array:
    """Add normal noise: ``x + amount n``. Alpha stays.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      amount: the standard deviation in levels of 255, 0 to 255, one number or one an image.
      seed: a whole number, one an image, or a jax.random key.
      per_channel: noise of its own for each color, which is colored; else one for all, which is grey.

    Returns:
      The same shape and dtype; uint8 is rounded and clipped, float is neither.
    """
    noise = _drawn(seed, images, per_channel, jax.random.normal)
    return _with_alpha(images[..., : _colors(images)] + amount * _unit(images) * noise, images)


@kernel(amount=Range(0, 10), seed=Random())
def speckle(images: jax.Array, *, amount: Parameter = 0.1, seed: Seed = 0, per_channel: bool = True) -> jax.Array:
    """Multiply by normal noise: ``x (1 + amount n)``; black stays black, and alpha as it is.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      amount: the standard deviation as a share of the level, 0 and up, one number or one an image.
      seed: a whole number, one an image, or a jax.random key.
      per_channel: noise of its own for each color; else one for all.

    Returns:
      The same shape and dtype; uint8 is rounded and clipped, float is neither.
    """
    noise = _drawn(seed, images, per_channel, jax.random.normal)
    return _with_alpha(images[..., : _colors(images)] * (1.0 + amount * noise), images)


@kernel(amount=Range(0, 1), seed=Random())
def salt_and_pepper(
    images: jax.Array, *, amount: Parameter = 0.05, seed: Seed = 0, per_channel: bool = False
) -> jax.Array:
    """Turn a share of the pixels white or black, half and half. Alpha stays.

    With u uniform in [0, 1): black where ``u < amount / 2``, white where ``u >= 1 - amount / 2``.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      amount: the share, 0 to 1, one number or one an image.
      seed: a whole number, one an image, or a jax.random key.
      per_channel: each color by itself; else all colors of a pixel together.

    Returns:
      The same shape and dtype; no gradient passes through a pixel that was replaced.
    """
    uniform = _drawn(seed, images, per_channel, jax.random.uniform)
    colors = images[..., : _colors(images)]
    white = jnp.asarray(255 if images.dtype == jnp.uint8 else 1, images.dtype)
    peppered = jnp.where(uniform < amount / 2, jnp.zeros((), images.dtype), colors)
    salted = jnp.where(uniform >= 1 - amount / 2, white, peppered)
    return jnp.concatenate([salted, images[..., colors.shape[-1] :]], axis=-1)
