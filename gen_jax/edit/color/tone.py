"""Tone curves of one level at a time: gamma, exposure, levels, invert, posterize, solarize, threshold."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.color.levels import full_scale, is_levels, keep_alpha, straight_through, to_levels
from gen_jax.edit.color.tables import apply_tables
from gen_jax.edit.exact import rounded
from gen_jax.edit.kernel import kernel
from gen_jax.edit.roles import Parameter, Range, is_known, one_an_image

_SLACK = 1e-3
"""Of a level: float images that were divided by 255 come back this close to the whole level they were."""


@dataclasses.dataclass(frozen=True)
class _Exponent(Range):
    """A Range that also brings ``255.999 (level / 255)^exponent`` of every level, computed in float64 where known."""

    def prepare(self, name: str, value: Any, canvas: Canvas) -> Any:
        """Return (exponent [b or 1, 1, 1, 1], whole part of the table [b or 1, 256], its fraction)."""
        exponents = one_an_image(name, value, canvas)[:, None]
        if is_known(value):
            table = (256 - 1e-3) * (np.arange(256) / 255.0) ** exponents
            whole = np.floor(table)
            fraction = (table - whole).astype(np.float32)
            # A fraction just below 1 must not become 1.
            fraction = np.minimum(fraction, np.nextafter(np.float32(1), np.float32(0)))
        else:
            table = (256 - 1e-3) * (jnp.arange(256, dtype=jnp.float32)[None] / 255.0) ** exponents
            whole = jnp.floor(table)
            fraction = table - whole
        return super().prepare(name, value, canvas), whole.astype(np.float32), fraction


@kernel(gamma=_Exponent(low=0), gain=Range(low=0))
def gamma(images: jax.Array, *, gamma: Any = 1.0, gain: Parameter = 1.0) -> jax.Array:
    """Bend the tones: darker in the middle above 1, brighter below.

    ``gain x^gamma``; uint8: ``floor(255.999 gain (x / 255)^gamma)``, cut at 255. Alpha stays.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      gamma: 0 and up, one number or one an image.
      gain: 0 and up, one number or one an image.

    Returns:
      The same shape and dtype; float is not clipped, and 0 where it is negative. The gradient at 0 is 0.
    """
    exponent, whole, fraction = gamma
    if not is_levels(images):
        return keep_alpha(gain * power(images, exponent), images)
    gains = gain.reshape(-1, 1)
    scaled = rounded(gains * whole)
    start = jnp.floor(scaled)
    table = start + jnp.floor((scaled - start) + rounded(gains * fraction))
    return keep_alpha(apply_tables(images, to_levels(table)[:, None]), images)


def power(base: jax.Array, exponent: jax.Array) -> jax.Array:
    """Return ``base^exponent``, 0 below 0, with finite gradients: at 0 and below they are 0."""
    positive = base > 0
    raised = jnp.where(positive, base, 1.0) ** exponent
    return jnp.where(positive, raised, jnp.where(exponent == 0, 1.0, 0.0))


@kernel(stops=Range())
def exposure(images: jax.Array, *, stops: Parameter = 0.0, linear: bool = False) -> jax.Array:
    """Brighten or darken by stops of a camera: each doubles the values, or the light.

    ``2^stops x``; with ``linear`` the light that the values stand for is scaled, as a camera would:
    ``encode(2^stops decode(x))`` with the sRGB curve. Alpha stays; uint8 is rounded.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      stops: any number, one or one an image; 0 changes nothing, -1 halves.
      linear: whether light is scaled rather than sRGB values. One stop is then about 2^(1/2.4) of the value.

    Returns:
      The same shape and dtype; float is not clipped.

    Source: IEC 61966-2-1 (sRGB).
    """
    gain = jnp.exp2(stops)
    if not linear:
        scaled = gain * images.astype(jnp.float32)
        return keep_alpha(to_levels(rounded(scaled) + 0.5) if is_levels(images) else scaled, images)
    if not is_levels(images):
        return keep_alpha(_encode(gain * _decode(images)), images)
    table = _encode(gain[:, 0, 0] * _decode(_all_levels() / 255.0))
    return keep_alpha(apply_tables(images, to_levels(table * 255.0 + 0.5)[:, None]), images)


def _all_levels() -> jax.Array:
    return jnp.arange(256, dtype=jnp.float32)[None]


def _decode(values: jax.Array) -> jax.Array:
    """Return the light of sRGB values; the straight part goes on below 0."""
    curved = values > 0.04045
    light = ((jnp.where(curved, values, 1.0) + 0.055) / 1.055) ** 2.4
    return jnp.where(curved, light, values / 12.92)


def _encode(light: jax.Array) -> jax.Array:
    """Return the sRGB values of light; the inverse of ``_decode``."""
    curved = light > 0.0031308
    values = 1.055 * jnp.where(curved, light, 1.0) ** (1 / 2.4) - 0.055
    return jnp.where(curved, values, 12.92 * light)


@kernel(
    black=Range(0, 255),
    white=Range(0, 255),
    gamma=Range(low=0.01),
    output_black=Range(0, 255),
    output_white=Range(0, 255),
)
def levels(
    images: jax.Array,
    *,
    black: Parameter = 0.0,
    white: Parameter = 255.0,
    gamma: Parameter = 1.0,
    output_black: Parameter = 0.0,
    output_white: Parameter = 255.0,
) -> jax.Array:
    """Spread the tones between two levels over the range between two others: the levels of a photo editor.

    ``output_black + (output_white - output_black) ((x - black) / (white - black))^(1 / gamma)``; what is darker than
    ``black`` becomes ``output_black``. Alpha stays; uint8 is rounded.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      black: the level in [0, 255] that becomes ``output_black``; each parameter is one number or one an image.
      white: the level that becomes ``output_white``; at least one above ``black`` (below, that is used).
      gamma: 0.01 and up; above 1 brightens the middle tones.
      output_black: a level in [0, 255].
      output_white: a level in [0, 255]; below ``output_black``, the tones are reversed.

    Returns:
      The same shape and dtype; float above ``white`` goes on and is not clipped. The gradient at ``black`` is 0.
    """
    white = jnp.maximum(white, black + 1.0)

    def curve(values: jax.Array) -> jax.Array:
        return output_black + (output_white - output_black) * power((values - black) / (white - black), 1.0 / gamma)

    if not is_levels(images):
        return keep_alpha(curve(images * 255.0) / 255.0, images)
    table = curve(_all_levels()[:, None, None])[:, 0]
    return keep_alpha(apply_tables(images, to_levels(table + 0.5)), images)


@kernel()
def invert(images: jax.Array) -> jax.Array:
    """Make the negative: ``255 - x``, in float ``1 - x``; alpha stays. uint8 equals Pillow's ``ImageOps.invert``.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].

    Returns:
      The same shape and dtype.
    """
    return keep_alpha(jnp.asarray(full_scale(images), images.dtype) - images, images)


@kernel(bits=Range(1, 8, whole=True))
def posterize(images: jax.Array, *, bits: Parameter = 4, straight_through: bool = False) -> jax.Array:
    """Keep the highest bits of every level, so that smooth tones become steps.

    ``x & ~(2^(8 - bits) - 1)``; float is cut down to the same levels. Alpha stays. uint8 equals Pillow's
    ``ImageOps.posterize``.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      bits: 1 to 8, one number or one an image.
      straight_through: whether float images pass their gradient on as if nothing had been done; else it is 0.

    Returns:
      The same shape and dtype.
    """
    step = jnp.left_shift(1, 8 - jnp.asarray(bits).astype(jnp.int32))
    if is_levels(images):
        return keep_alpha(images & (256 - step).astype(jnp.uint8), images)
    stepped = jnp.floor((images * 255.0 + _SLACK) / step) * (step / 255.0)
    return _thresholded(stepped, images, straight_through)


@kernel(threshold=Range(0, 256))
def solarize(images: jax.Array, *, threshold: Parameter = 128.0) -> jax.Array:
    """Make the negative of what is bright: ``x`` below the threshold, ``255 - x`` from it on.

    Alpha stays. uint8 equals Pillow's ``ImageOps.solarize``.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      threshold: a level in [0, 256] whatever the dtype, one number or one an image; 256 changes nothing.

    Returns:
      The same shape and dtype.
    """
    white = jnp.asarray(full_scale(images), images.dtype)
    return keep_alpha(jnp.where(_reaches(images, threshold), white - images, images), images)


@kernel(level=Range(0, 256))
def threshold(images: jax.Array, *, level: Parameter = 128.0, straight_through: bool = False) -> jax.Array:
    """Make every channel black below a level and white from it on; alpha stays.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      level: in [0, 256] whatever the dtype, one number or one an image.
      straight_through: whether float images pass their gradient on as if nothing had been done; else it is 0.

    Returns:
      The same shape and dtype.
    """
    white = jnp.asarray(full_scale(images), images.dtype)
    return _thresholded(jnp.where(_reaches(images, level), white, jnp.zeros_like(white)), images, straight_through)


def _reaches(images: jax.Array, level: jax.Array) -> jax.Array:
    if is_levels(images):
        return images.astype(jnp.float32) >= level
    return images * 255.0 + _SLACK >= level


def _thresholded(edited: jax.Array, images: jax.Array, passes_gradient: bool) -> jax.Array:
    if passes_gradient and not is_levels(images):
        edited = straight_through(edited, images)
    return keep_alpha(edited, images)
