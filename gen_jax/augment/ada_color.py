"""All color transforms of adaptive augmentation as one matrix an image, and the rectangle and noise on top."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array


def matrix(*, brightness: Array, contrast: Array, flip: Array, hue: Array, saturation: Array) -> Array:
    """Return what brightness, contrast, luma flip, hue and saturation do in this order, as matrices [b, 3, 4].

    With the grey axis ``v = (1, 1, 1) / sqrt(3)`` a color is its share along v, which brightness moves and the flip
    turns round, and the rest, which hue turns about v and saturation scales; contrast scales both. So the product is
    ``contrast (flip v v' + saturation (cos hue (1 - v v') + sin hue [v]x))``, the offset ``contrast flip brightness``.

    Args:
      brightness: [b], added to every channel.
      contrast: [b], factor about mid-grey (0).
      flip: [b], -1 to invert the luma, else 1.
      hue: [b], radians.
      saturation: [b], factor.

    Source: Karras et al., arXiv 2006.06676, appendix B.
    """
    along = jnp.full((3, 3), 1.0 / 3.0)
    across = jnp.eye(3) - along
    turned = jnp.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]]) / jnp.sqrt(3.0)
    luma = contrast * flip
    chroma = contrast * saturation
    parts = ((luma, along), (chroma * jnp.cos(hue), across), (chroma * jnp.sin(hue), turned))
    linear = sum((weight[:, None, None] * part[None] for weight, part in parts), start=jnp.zeros((1, 3, 3)))
    offset = jnp.broadcast_to((luma * brightness)[:, None, None], (*luma.shape, 3, 1))
    return jnp.concatenate([linear, offset], axis=-1)


def recolor(images: Array, matrices: Array) -> Array:
    """Multiply the colors of images [b, h, w, c], c 1, 3 or 4, by matrices [b, 3, 4].

    A grey image is treated as the color image of three equal channels, and the mean of the result is taken: a gain, the
    mean over the rows of their sums, and an offset. An alpha channel stays as it is.
    """
    channels = images.shape[-1]
    linear, offset = matrices[:, :, :3], matrices[:, :, 3]
    if channels == 1:
        gain = jnp.mean(jnp.sum(linear, axis=2), axis=1)
        return images * gain[:, None, None, None] + jnp.mean(offset, axis=1)[:, None, None, None]
    # Nine products an image, written out: a matrix product this thin leaves the units for it idle.
    colors = [images[..., i] for i in range(3)]
    mixed = [
        sum((linear[:, i, j, None, None] * colors[j] for j in range(3)), start=offset[:, i, None, None])
        for i in range(3)
    ]
    return jnp.stack([*mixed, *(images[..., i] for i in range(3, channels))], axis=-1)


def cut_out(images: Array, rectangle: Array) -> Array:
    """Make a rectangle of images [b, h, w, c] grey (0).

    Args:
      images: [b, h, w, c].
      rectangle: [b, 3]: x and y of its middle, and its sides, all as shares of the image's; a side of 0 cuts nothing.

    Source: Karras et al., arXiv 2006.06676, appendix B; DeVries and Taylor, arXiv 1708.04552.
    """
    height, width = images.shape[1:3]
    x = (jnp.arange(width, dtype=jnp.float32) + 0.5) / width
    y = (jnp.arange(height, dtype=jnp.float32) + 0.5) / height
    middle_x, middle_y, half = rectangle[:, 0, None], rectangle[:, 1, None], rectangle[:, 2, None] / 2
    outside_x = jnp.abs(x[None] - middle_x) >= half
    outside_y = jnp.abs(y[None] - middle_y) >= half
    return jnp.where(outside_y[:, :, None, None] | outside_x[:, None, :, None], images, 0.0)
