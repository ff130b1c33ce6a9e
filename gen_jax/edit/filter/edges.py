"""Edges by the Sobel operator."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from gen_jax.edit.borders import extend_edges
from gen_jax.edit.kernel import kernel


@kernel()
def edges(images: jax.Array, *, sizes: jax.Array | None = None) -> jax.Array:
    """Replace each color level by how fast it changes there: the Sobel magnitude, black where nothing does.

    ``sqrt((gx**2 + gy**2) / 2)``; gx is the change across, [1 2 1] over 4 of rows by [-1 0 1] of columns, gy
    the same turned, so that the result stays within the range of the levels. Alpha stays.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      sizes: [b, 2], true (height, width) of each image.

    Returns:
      The same shape and dtype; the gradient of a level that does not change is 0.

    Source: Sobel and Feldman, 1968.
    """
    exact, channels = images.dtype == jnp.uint8, images.shape[-1]
    colors = images[..., : channels - 1 + channels % 2]
    padded = jnp.pad(extend_edges(colors, sizes), ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    padded = padded.astype(jnp.int32 if exact else jnp.float32)
    down = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    across = padded[:, :, :-2] + 2 * padded[:, :, 1:-1] + padded[:, :, 2:]
    horizontal, vertical = down[:, :, 2:] - down[:, :, :-2], across[:, 2:] - across[:, :-2]
    squares = (horizontal * horizontal + vertical * vertical).astype(jnp.float32) / 32.0
    flat = squares == 0
    magnitude = jnp.where(flat, 0.0, jnp.sqrt(jnp.where(flat, 1.0, squares)))
    if exact:
        magnitude = jnp.floor(jnp.minimum(magnitude, 255.0) + 0.5).astype(jnp.uint8)
    return jnp.concatenate([magnitude, images[..., colors.shape[-1] :]], axis=-1)
