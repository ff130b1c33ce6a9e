"""One table of 256 levels an image and channel, looked up by every pixel."""

from __future__ import annotations

import jax
import jax.numpy as jnp


def apply_tables(images: jax.Array, tables: jax.Array) -> jax.Array:
    """Return uint8 images with each level replaced by what its table holds.

    Args:
      images: uint8 [b, h, w, c].
      tables: levels, [b or 1, c or 1, 256], of any dtype.

    Returns:
      uint8 [b, h, w, c].
    """
    batch, _, _, channels = images.shape
    tables = jnp.broadcast_to(tables, (batch, channels, 256)).astype(jnp.uint8)
    # One table after another in memory, for each channel.
    planes = _computed_once(jnp.moveaxis(tables, 1, 0))

    def one(image: jax.Array, *rows: jax.Array) -> jax.Array:
        looked_up = (row.at[image[..., channel]].get(mode="promise_in_bounds") for channel, row in enumerate(rows))
        return jnp.stack(list(looked_up), axis=-1)

    return jax.vmap(one)(images, *planes)


def _computed_once(tables: jax.Array) -> jax.Array:
    """Return the tables, so that XLA does not compute them anew for every pixel that looks one up.

    It repeats what is cheap rather than store it, and takes whole tables for cheap. What enters a loop it must
    store; this one adds nothing, twice.
    """
    return jax.lax.fori_loop(0, 2, lambda turn, table: table + (turn // 2).astype(table.dtype), tables)


def apply_curves(images: jax.Array, curves: jax.Array) -> jax.Array:
    """Return float images sent through curves that are straight between the levels.

    The gradient is the slope of the piece; values outside [0, 1] get the curve's ends.

    Args:
      images: float32 [b, h, w, c] in [0, 1].
      curves: float32 [b, c or 1, 256], the value in [0, 255] of each level.

    Returns:
      float32 [b, h, w, c] in [0, 1].
    """
    batch, _, _, channels = images.shape
    curves = _computed_once(jnp.broadcast_to(curves / 255.0, (batch, channels, 256)))
    slopes = jnp.diff(curves, axis=-1)
    levels = images * 255.0
    # The ends belong to the curve: clip would halve the gradient of black and white.
    levels = jnp.where(levels < 0.0, 0.0, jnp.where(levels > 255.0, 255.0, levels))
    pieces = jnp.minimum(jax.lax.stop_gradient(levels).astype(jnp.int32), 254)
    image = jax.lax.broadcasted_iota(jnp.int32, (batch, 1, 1, 1), 0)
    channel = jax.lax.broadcasted_iota(jnp.int32, (1, 1, 1, channels), 3)
    start = curves.at[image, channel, pieces].get(mode="promise_in_bounds")
    slope = slopes.at[image, channel, pieces].get(mode="promise_in_bounds")
    return start + slope * (levels - pieces)
