"""How often each of the 256 levels occurs in each channel of each image: exact counts, on any device."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.color.levels import inside, is_levels


def histogram(
    images: jax.Array, sizes: jax.Array | np.ndarray | None = None, *, mask: jax.Array | None = None
) -> jax.Array:
    """Return how often each level occurs in each channel.

    Args:
      images: [b, h, w, c], uint8, or float32 in [0, 1], which is cut and rounded to levels.
      sizes: true (height, width) of each image, [b, 2]; None: they fill the array.
      mask: [b or 1, h, w, 1]; only pixels where it is not 0 are counted.

    Returns:
      uint32 [b, c, 256]; no gradient flows through it.
    """
    batch, height, width, _ = images.shape
    levels = jax.lax.stop_gradient(images)
    if not is_levels(levels):
        levels = (jnp.clip(levels, 0.0, 1.0) * 255.0 + 0.5).astype(jnp.uint8)
    counted = inside(images.shape, sizes)
    if mask is not None:
        chosen = jnp.broadcast_to(mask != 0, (batch, height, width, 1))
        counted = chosen if counted is None else counted & chosen
    return _scattered(levels, counted)


def _scattered(levels: jax.Array, counted: jax.Array | None) -> jax.Array:
    batch, _, _, channels = levels.shape
    image = jax.lax.broadcasted_iota(jnp.int32, (batch, 1, 1, 1), 0)
    channel = jax.lax.broadcasted_iota(jnp.int32, (1, 1, 1, channels), 3)
    places = levels.astype(jnp.int32) + 256 * (channel + channels * image)
    ones = jnp.ones((), jnp.uint32) if counted is None else counted.astype(jnp.uint32)
    ones = jnp.broadcast_to(ones.reshape((1,) * (4 - ones.ndim) + ones.shape), levels.shape)
    counts = jnp.zeros(batch * channels * 256, jnp.uint32)
    counts = counts.at[places.reshape(-1)].add(ones.reshape(-1), mode="promise_in_bounds")
    return counts.reshape(batch, channels, 256)
