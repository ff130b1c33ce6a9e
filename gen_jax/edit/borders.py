"""Where an image ends inside its canvas: its edge carried on into the padding, and the pixels next to the edge."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike


def extend_edges(images: jax.Array, sizes: ArrayLike | None) -> jax.Array:
    """Fill the padding of each image with its last true row and column; the corner with its last pixel.

    ``out[i, y, x] = images[i, min(y, height[i] - 1), min(x, width[i] - 1)]``

    Args:
      images: [b, h, w, c], any dtype.
      sizes: [b, 2], true (height, width) of each image, traced or known; None: there is no padding.

    Returns:
      The same shape and dtype; what was in the padding has no influence on it, nor on its gradient.
    """
    if sizes is None:
        return images
    return extend_rows(extend_columns(images, jnp.asarray(sizes)[:, 1]), jnp.asarray(sizes)[:, 0])


def extend_rows(images: jax.Array, heights: jax.Array) -> jax.Array:
    """Fill the rows below each image with its last true row; ``heights`` is [b]."""
    last = jnp.take_along_axis(images, heights[:, None, None, None] - 1, axis=1, mode="promise_in_bounds")
    inside = jnp.arange(images.shape[1])[None, :, None, None] < heights[:, None, None, None]
    return jnp.where(inside, images, last)


def extend_columns(images: jax.Array, widths: jax.Array) -> jax.Array:
    """Fill the columns right of each image with its last true column; ``widths`` is [b]."""
    last = jnp.take_along_axis(images, widths[:, None, None, None] - 1, axis=2, mode="promise_in_bounds")
    inside = jnp.arange(images.shape[2])[None, None, :, None] < widths[:, None, None, None]
    return jnp.where(inside, images, last)


def border_mask(height: int, width: int, sizes: ArrayLike | None, margin: int) -> jax.Array:
    """Return which pixels lie less than ``margin`` from the edge of their image, or in the padding.

    Args:
      height: of the canvas.
      width: of the canvas.
      sizes: [b, 2], true (height, width) of each image, traced or known; None: the canvas's.
      margin: in pixels; 1 marks the outermost rows and columns.

    Returns:
      bool [b or 1, height, width, 1].
    """
    table = jnp.asarray(np.array([[height, width]], np.int32) if sizes is None else sizes)
    rows, columns = jnp.arange(height)[None, :, None, None], jnp.arange(width)[None, None, :, None]
    heights, widths = table[:, 0, None, None, None], table[:, 1, None, None, None]
    border = (rows < margin) | (rows >= heights - margin)
    return border | (columns < margin) | (columns >= widths - margin)
