"""Two pictures mixed without regard to alpha: the same share everywhere, or a mask's (Pillow's blend and paste)."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.composite.pictures import like, placed, with_channels
from gen_jax.edit.exact import rounded
from gen_jax.edit.kernel import kernel, planned
from gen_jax.edit.roles import Parameter, Pixels, Range, is_known
from gen_jax.edit.step import PixelStep
from gen_jax.errors import UserError


@planned(other=Pixels(), alpha=Range())
def blend(canvas: Canvas, *, other: Parameter, alpha: Parameter = 0.5) -> PixelStep:
    """Mix the images with another picture of their size, or go beyond either.

    ``image + alpha (other - image)``; uint8 is cut to [0, 255] and truncated, equal to Pillow's ``Image.blend``.

    Args:
      canvas: of the images, [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      other: a picture as high and wide as the images, or one an image.
      alpha: share of the other; 0 gives the image, 1 the other, values outside [0, 1] go beyond them.

    Returns:
      The same shape and dtype; float is not clipped.

    Raises:
      UserError: the other has another size.
    """
    size = other.shape[1:3]
    for height, width in zip(canvas.heights(), canvas.widths(), strict=True):
        if is_known(height) and size != (height, width):
            raise UserError(
                f"blend.other is {size[0]} x {size[1]}; allowed is {height} x {width}, the size of the image: "
                "resize one of them first"
            )
    missing: Any = ((0, 0), (0, canvas.height - size[0]), (0, canvas.width - size[1]), (0, 0))
    other = np.pad(other, missing) if is_known(other) else jnp.pad(other, missing)
    return PixelStep(canvas=canvas, arrays={"other": other, "alpha": alpha}, body=_blended, options=(), sized=False)


def _blended(images: jax.Array, *, other: jax.Array, alpha: jax.Array) -> jax.Array:
    other = with_channels(like(other, images, name="blend.other"), images.shape[-1])
    if images.dtype != jnp.uint8:
        return images + alpha * (other - images)
    levels = images.astype(jnp.float32)
    mixed = levels + rounded(alpha * (other.astype(jnp.float32) - levels))
    return jnp.clip(mixed, 0.0, 255.0).astype(jnp.uint8)


@kernel(image=Pixels(), top=Range(whole=True), left=Range(whole=True), mask=Pixels(optional=True))
def paste(
    images: jax.Array, *, image: Parameter, top: Parameter = 0, left: Parameter = 0, mask: Parameter = None
) -> jax.Array:
    """Copy a picture into the images, wholly, or as far as a mask says.

    ``mask image + (1 - mask) images`` for every channel, alpha included; without a mask a copy. On uint8 equal
    to Pillow's ``Image.paste``. To lay a transparent picture on another use ``alpha_over``.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      image: a picture of any size, or one an image; it is brought to the channels of the images.
      top: row where the picture begins; negative, or so large that it stands out, is allowed.
      left: its column, likewise.
      mask: as large as the picture: one channel, or the alpha of 2 or 4 channels.

    Returns:
      The same shape and dtype.

    Raises:
      UserError: the mask has another size than the picture, or 3 channels.
    """
    picture = with_channels(like(image, images, name="paste.image"), images.shape[-1])
    canvas, inside = placed(picture, images.shape, top=top, left=left)
    if mask is None:
        return jnp.where(inside, canvas, images)
    mask = like(mask, images, name="paste.mask")
    if mask.shape[1:3] != picture.shape[1:3] or mask.shape[-1] == 3:
        raise UserError(
            f"paste.mask is {mask.shape[1]} x {mask.shape[2]} of {mask.shape[3]} channels; allowed is the size of "
            f"paste.image, {picture.shape[1]} x {picture.shape[2]}, and 1 channel, or 2 or 4 of which the last is used"
        )
    shares, inside = placed(mask[..., -1:], images.shape, top=top, left=left)
    shares = jnp.where(inside, shares, jnp.zeros((), shares.dtype))
    if images.dtype != jnp.uint8:
        return images + shares * (canvas - images)
    share = jax.lax.optimization_barrier(shares).astype(jnp.uint32)  # once a pixel, not once a channel
    total = images.astype(jnp.uint32) * (255 - share) + canvas.astype(jnp.uint32) * share + 128
    return (((total >> 8) + total) >> 8).astype(jnp.uint8)
