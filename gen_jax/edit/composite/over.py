"""One picture over another, as far as its alpha says (Porter and Duff, 1984, the operator over)."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from gen_jax.edit.composite.pictures import like, opaque, placed, with_channels
from gen_jax.edit.kernel import kernel
from gen_jax.edit.roles import Parameter, Pixels, Range

_BITS = 7  # of precision below one level, as many as 32 bits hold


@kernel(overlay=Pixels(), top=Range(whole=True), left=Range(whole=True), opacity=Range(low=0, high=1))
def alpha_over(
    images: jax.Array, *, overlay: Parameter, top: Parameter = 0, left: Parameter = 0, opacity: Parameter = 1.0
) -> jax.Array:
    """Lay a picture over the images, as transparent as its alpha says.

    With alpha ``s`` of the overlay and ``d`` of the image: ``alpha = s + d (1 - s)`` and
    ``color = (s overlay + d (1 - s) image) / alpha``. Images without alpha stay without. On uint8 equal to
    Pillow's ``Image.alpha_composite``; where ``s`` is 0 the image stays as it is.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      overlay: a picture of any size, or one an image; without alpha it hides what it covers.
      top: row where the overlay begins; negative, or so large that it stands out, is allowed.
      left: its column, likewise.
      opacity: the alpha of the overlay is multiplied by it, in [0, 1].

    Returns:
      The same shape and dtype.

    Raises:
      UserError: the overlay has a type that no picture has.
    """
    picture = with_channels(like(overlay, images, name="alpha_over.overlay"), 4 if images.shape[-1] > 2 else 2)
    canvas, inside = placed(picture, images.shape, top=top, left=left)
    return over(images, canvas, jnp.where(inside, opacity, 0.0))


def over(images: jax.Array, canvas: jax.Array, opacity: jax.Array) -> jax.Array:
    """Lay a canvas [b, h, w, color and alpha] over images of the same size and type, ``opacity`` times its alpha.

    ``opacity`` [b or 1, h, w, 1] is in [0, 1].
    """
    alpha = canvas[..., -1:]
    if images.dtype == jnp.uint8:
        faded = jnp.floor(alpha.astype(jnp.float32) * opacity + 0.5).astype(jnp.uint8)
        return _over_levels(images, canvas, jax.lax.optimization_barrier(faded).astype(jnp.uint32))
    has_alpha = images.shape[-1] in (2, 4)
    base, base_alpha = (images[..., :-1], images[..., -1:]) if has_alpha else (images, opaque(images))
    mixed, mixed_alpha = _over_float(canvas[..., :-1], alpha * opacity, base, base_alpha)
    return jnp.concatenate([mixed, mixed_alpha], axis=-1) if has_alpha else mixed


def _over_levels(images: jax.Array, canvas: jax.Array, alpha: jax.Array) -> jax.Array:
    """Mix levels with the rounding of Pillow: the share of the overlay in 1/128 of a level, divisions rounded."""
    if images.shape[-1] in (1, 3):
        return _mixed(images, canvas[..., :-1], alpha << _BITS)
    total = alpha * 255 + images[..., -1:].astype(jnp.uint32) * (255 - alpha)
    share = _quotient(alpha * (255 * 255 << _BITS), total).astype(jnp.uint16)
    share = jax.lax.optimization_barrier(share).astype(jnp.uint32)  # once a pixel, not once a channel
    new_alpha = _divided_by_255(total + 0x80).astype(jnp.uint8)
    is_alpha = jnp.arange(images.shape[-1])[None, None, None, :] == images.shape[-1] - 1
    return jnp.where(is_alpha, new_alpha, _mixed(images, canvas, share))


def _mixed(base: jax.Array, color: jax.Array, share: jax.Array) -> jax.Array:
    sums = color.astype(jnp.uint32) * share + base.astype(jnp.uint32) * ((255 << _BITS) - share)
    return (_divided_by_255(sums + (0x80 << _BITS)) >> _BITS).astype(jnp.uint8)


def _quotient(number: jax.Array, divisor: jax.Array) -> jax.Array:
    """Return ``number // divisor``, 0 where the divisor is 0; below 2**31, and the quotient below 2**20.

    A float division and a step of correction: processors have no integer division of many numbers at once.
    """
    whole, by = number.astype(jnp.int32), divisor.astype(jnp.int32)
    guess = (whole.astype(jnp.float32) / jnp.maximum(by, 1).astype(jnp.float32)).astype(jnp.int32)
    rest = whole - guess * by
    return (guess - (rest < 0) + ((rest >= by) & (by > 0))).astype(jnp.uint32)


def _divided_by_255(value: jax.Array) -> jax.Array:
    return ((value >> 8) + value) >> 8


def _over_float(
    color: jax.Array, alpha: jax.Array, base: jax.Array, base_alpha: jax.Array
) -> tuple[jax.Array, jax.Array]:
    total = alpha + base_alpha * (1.0 - alpha)
    # Where both are transparent there is no color to speak of; the image's stays, and no 0/0 gets into a gradient.
    share = jnp.where(total > 0.0, alpha / jnp.where(total > 0.0, total, 1.0), 0.0)
    return base + share * (color - base), total
