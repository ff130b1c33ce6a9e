"""What sources that are drawn by rule have in common: their numbers, and the channels of their images."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from gen_jax.data.config import DrawnData
from gen_jax.errors import UserError

FIRST_NEW = 2**31
"""Images of this number and above train; below lie the numbered images of the source, which never do."""


def check_drawn(config: DrawnData, size: int | None) -> int:
    """Return the side of the images.

    Raises:
      UserError: no side is known, or there are more numbered images than numbers.
    """
    if size is None:
        raise UserError(f"data.kind={config.kind}: drawn images have no size of their own; give one")  # type: ignore[attr-defined]
    if config.images < 1 or config.test_images < 0 or config.images + config.test_images > FIRST_NEW:
        raise UserError(
            f"data.images={config.images}, data.test_images={config.test_images}: must be 1 or more, and 0 or more, "
            f"and {FIRST_NEW} at most together"
        )
    if config.stacked:
        raise UserError(f"data.stacked={config.stacked}: drawn images cannot be stacked; leave it out")
    return size


def with_channels(images: Array, channels: int) -> Array:
    """Bring uint8 images [b, h, w, 1, 3 or 4] to 1, 3 or 4 channels.

    Alpha is laid over white where it is not asked for; grey is Pillow's ``convert("L")``; a new alpha is opaque.
    """
    if images.shape[-1] == 4 and channels < 4:
        alpha = images[..., 3:].astype(jnp.float32) / 255.0
        images = jnp.round(images[..., :3] * alpha + 255.0 * (1.0 - alpha)).astype(jnp.uint8)
    if channels == 1 and images.shape[-1] == 3:
        red, green, blue = (images[..., i : i + 1].astype(jnp.uint32) for i in range(3))
        return ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16).astype(jnp.uint8)
    if channels >= 3 and images.shape[-1] == 1:
        images = jnp.broadcast_to(images, (*images.shape[:-1], 3))
    if channels == 4 and images.shape[-1] == 3:
        images = jnp.concatenate([images, jnp.full_like(images[..., :1], 255)], axis=-1)
    return images
