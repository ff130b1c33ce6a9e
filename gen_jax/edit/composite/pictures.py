"""Another picture brought to the images it shall meet: their type, their channels, a place on their canvas."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from gen_jax import pixels
from gen_jax.errors import UserError


def like(picture: jax.Array, images: jax.Array, *, name: str) -> jax.Array:
    """Return a picture in the type of the images: levels in [0, 255], or float in [0, 1].

    Raises:
      UserError: it is neither uint8 nor float nor bool, or has no 1 to 4 channels.
    """
    picture = jnp.asarray(picture)
    if picture.shape[-1] not in (1, 2, 3, 4) or 0 in picture.shape:
        raise UserError(f"{name} has shape {picture.shape}; allowed are pictures of 1 to 4 channels")
    if picture.dtype == jnp.bool_:
        picture = picture.astype(jnp.uint8) * jnp.uint8(255)
    elif picture.dtype != jnp.uint8 and not jnp.issubdtype(picture.dtype, jnp.floating):
        raise UserError(f"{name} is of {picture.dtype}; allowed are uint8 in [0, 255], float in [0, 1], and bool")
    if images.dtype == jnp.uint8:
        return picture if picture.dtype == jnp.uint8 else pixels.from_unit(picture)
    return pixels.to_unit(picture) if picture.dtype == jnp.uint8 else picture.astype(jnp.float32)


def color_and_alpha(picture: jax.Array, colors: int) -> tuple[jax.Array, jax.Array | None]:
    """Split a picture into ``colors`` channels of color (1 or 3) and its alpha, None where it has none.

    Grey becomes three equal channels; color becomes ``0.299 red + 0.587 green + 0.114 blue``.
    """
    has_alpha = picture.shape[-1] in (2, 4)
    color, alpha = (picture[..., :-1], picture[..., -1:]) if has_alpha else (picture, None)
    if color.shape[-1] < colors:
        color = jnp.broadcast_to(color, (*color.shape[:-1], colors))
    elif color.shape[-1] > colors:
        color = _grey(color)
    return color, alpha


def _grey(color: jax.Array) -> jax.Array:
    red, green, blue = (color[..., channel : channel + 1] for channel in range(3))
    if color.dtype == jnp.uint8:
        red, green, blue = (channel.astype(jnp.uint32) for channel in (red, green, blue))
        return ((19595 * red + 38470 * green + 7471 * blue + 32768) >> 16).astype(jnp.uint8)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def opaque(images: jax.Array) -> jax.Array:
    """Return the alpha that hides everything, of the images' type: 255 or 1.0."""
    return jnp.array(255, jnp.uint8) if images.dtype == jnp.uint8 else jnp.array(1.0, images.dtype)


def with_channels(picture: jax.Array, channels: int) -> jax.Array:
    """Return a picture as grey (1 channel), grey and alpha (2), RGB (3) or RGBA (4).

    As Pillow's ``convert`` does: alpha is dropped where there is no room for it, full where there was none.
    """
    if picture.shape[-1] == channels:
        return picture
    color, alpha = color_and_alpha(picture, 3 if channels > 2 else 1)
    if channels in (1, 3):
        return color
    full = jnp.broadcast_to(opaque(picture), (*picture.shape[:-1], 1))
    return jnp.concatenate([color, full if alpha is None else alpha], axis=-1)


def placed(
    picture: jax.Array, shape: tuple[int, ...], *, top: jax.Array, left: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Lay a picture on an empty canvas; it may stand out on any side.

    Args:
      picture: [b or 1, h', w', c], any dtype.
      shape: of the canvas, (b, h, w, ...).
      top: row of the canvas where the picture begins, [b or 1, 1, 1, 1], a whole number, may be negative.
      left: its column, likewise.

    Returns:
      The canvas [b, h, w, c], and where the picture lies on it, bool [b or 1, h, w, 1]; outside, the canvas
      holds copies of the picture's edge.
    """
    batch, height, width = shape[:3]
    count, rows, columns, channels = picture.shape
    y = jnp.arange(height)[None, :] - top.astype(jnp.int32).reshape(-1, 1)
    x = jnp.arange(width)[None, :] - left.astype(jnp.int32).reshape(-1, 1)
    inside = ((y >= 0) & (y < rows))[:, :, None] & ((x >= 0) & (x < columns))[:, None, :]
    first = (jnp.arange(batch) % count * (rows * columns))[:, None, None]
    row = jnp.clip(y, 0, rows - 1)[:, :, None] * columns
    index = first + row + jnp.clip(x, 0, columns - 1)[:, None, :]
    canvas = picture.reshape(-1, channels).at[index].get(mode="promise_in_bounds")
    # Kept apart from what follows, which would else find the place of each pixel anew for every use of it.
    return jax.lax.optimization_barrier(canvas), inside[..., None]
