"""Edits that mix red, green and blue by a matrix: grayscale, sepia, colour matrix, temperature."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.color.levels import (
    LUMA,
    check_choice,
    has_alpha,
    has_color,
    is_levels,
    luma,
    to_levels,
)
from gen_jax.edit.exact import rounded
from gen_jax.edit.kernel import kernel, plan_of
from gen_jax.edit.roles import Numbers, Parameter, Range, is_known, one_an_image
from gen_jax.edit.step import Step

LUMA_ROW = np.array(LUMA, np.float32).reshape(1, 1, 3) / 65536
SEPIA = np.array([[[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]]], np.float32)


def mix(images: jax.Array, matrix: jax.Array, offset: jax.Array) -> jax.Array:
    """Return ``matrix (r, g, b) + offset`` of every pixel; alpha stays.

    A grey image stays grey: it becomes the grey of what its pixels, taken as colours, would become.
    uint8 is cut to [0, 255] and halves go up, as in Pillow's Matrix.c.

    Args:
      images: [b, h, w, c], uint8 or float32 in [0, 1].
      matrix: [b or 1, 3, 3], rows give red, green, blue.
      offset: [b or 1, 3], on the scale of the images: in levels for uint8, in [0, 1] for float.
    """
    columns = [matrix[:, :, channel] for channel in range(3)]
    if not has_color(images):
        weights = LUMA_ROW[0]
        columns, offset = (
            [jnp.sum(weights * sum(columns), 1, keepdims=True)],
            jnp.sum(weights * offset, 1, keepdims=True),
        )
    if has_alpha(images):
        alpha = jnp.zeros((1, images.shape[-1]), jnp.float32).at[:, -1].set(1.0)
        columns = [jnp.pad(column, ((0, 0), (0, 1))) for column in columns] + [alpha]
        offset = jnp.pad(offset, ((0, 0), (0, 1)))
    terms = [
        images[..., channel : channel + 1].astype(jnp.float32) * column[:, None, None]
        for channel, column in enumerate(columns)
    ]
    # Pillow adds from the left, and rounds each product and sum.
    total = functools.reduce(jnp.add, [rounded(term) for term in terms] if is_levels(images) else terms)
    mixed = total + offset[:, None, None]
    return to_levels(mixed + 0.5) if is_levels(images) else mixed


@kernel()
def grayscale(images: jax.Array, *, channels: Literal[1, 3] = 1) -> jax.Array:
    """Take the colour away.

    ``0.299 R + 0.587 G + 0.114 B``; alpha stays. uint8 equals Pillow's ``convert("L")``.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      channels: 1 gives grey images, 3 the same grey as red, green and blue; alpha comes on top.

    Returns:
      The same height, width and dtype; 1 or 3 channels, or 2 or 4 with alpha.

    Raises:
      UserError: another number of channels.
    """
    check_choice("grayscale.channels", channels, (1, 3))
    grey = luma(images)
    parts = [grey] * channels + [images[..., -1:]] * has_alpha(images)
    return parts[0] if len(parts) == 1 else jnp.concatenate(parts, axis=-1)


_plan_in_place = plan_of(grayscale)


def _plan_grayscale(canvas: Canvas, **parameters: Any) -> Step:
    """Return the plan with the canvas that grayscale leaves: it is the one edit here that changes the channels."""
    step: Any = _plan_in_place(canvas, **parameters)
    channels = dict(step.options)["channels"] + (canvas.channels in (2, 4))
    return dataclasses.replace(step, canvas=dataclasses.replace(canvas, channels=channels))


grayscale.plan = _plan_grayscale  # type: ignore[attr-defined]


def sepia_matrix(amount: jax.Array) -> jax.Array:
    """Return the matrices [b or 1, 3, 3] of amounts [b or 1, 1, 1, 1]."""
    part = amount.reshape(-1, 1, 1)
    return (1.0 - part) * np.eye(3, dtype=np.float32)[None] + part * SEPIA


@kernel(amount=Range(0, 1))
def sepia(images: jax.Array, *, amount: Parameter = 1.0) -> jax.Array:
    """Give the brown of old photographs.

    ``(1 - amount) x + amount S x`` with S = [.393 .769 .189; .349 .686 .168; .272 .534 .131]. Alpha stays, and so does
    the absence of colour: a grey image becomes the grey of its sepia. uint8 is rounded.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      amount: 0 gives the image, 1 all sepia; one number or one an image.

    Returns:
      The same shape and dtype; float is not clipped.

    Source: the weights of the W3C Filter Effects Module, ``sepia()``.
    """
    return mix(images, sepia_matrix(amount), jnp.zeros((1, 3), jnp.float32))


@kernel(matrix=Numbers(12))
def color_matrix(
    images: jax.Array, *, matrix: Any = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)
) -> jax.Array:
    """Mix the channels: each new one is a weighted sum of red, green and blue, and a constant.

    ``R' = m0 R + m1 G + m2 B + m3`` and so on. uint8 equals Pillow's ``convert("RGB", matrix)``. Alpha stays; a grey
    image becomes the grey of what the matrix makes of it.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      matrix: 12 numbers, three rows of red, green, blue, constant, or 12 an image [b, 12]; the constants are levels
        in [0, 255] whatever the dtype.

    Returns:
      The same shape and dtype; float is not clipped.
    """
    rows = jnp.asarray(matrix, jnp.float32).reshape(-1, 3, 4)
    return mix(images, rows[:, :, :3], rows[:, :, 3] * (1.0 if is_levels(images) else 1.0 / 255.0))


NEUTRAL_KELVIN = 6500.0


@dataclasses.dataclass(frozen=True)
class _Kelvin(Range):
    """A Range that the kernel gets as gains of red, green and blue, [b or 1, 3], computed in float64 where known."""

    def prepare(self, name: str, value: Any, canvas: Canvas) -> Any:
        """Return the gains."""
        kelvin = one_an_image(name, value, canvas)
        if is_known(value):
            return kelvin_gains(kelvin, np).astype(np.float32)
        return kelvin_gains(kelvin, jnp)


def kelvin_gains(kelvin: Any, xp: Any = jnp) -> Any:
    """Return the gains [b, 3] of sRGB values that make light of these temperatures [b] look neutral.

    In light they are ``white(6500) / white(kelvin)``. sRGB values are close to light^(1/2.2), so that they take the
    gains to that power; they are then scaled so that grey keeps its luma.
    """
    neutral = _black_body(xp.asarray([NEUTRAL_KELVIN], dtype=kelvin.dtype), xp)
    gains = (neutral / _black_body(kelvin, xp)) ** (1 / 2.2)
    return gains / xp.sum(gains * LUMA_ROW[0], axis=-1, keepdims=True)


def _black_body(kelvin: Any, xp: Any) -> Any:
    """Return the linear sRGB colour [b, 3] of a black body: Kim's cubic splines of its x and y, at Y = 1."""
    t = 1000.0 / kelvin
    x = xp.where(
        kelvin <= 4000,
        ((-0.2661239 * t - 0.2343589) * t + 0.8776956) * t + 0.179910,
        ((-3.0258469 * t + 2.1070379) * t + 0.2226347) * t + 0.240390,
    )
    y = xp.where(
        kelvin <= 2222,
        ((-1.1063814 * x - 1.34811020) * x + 2.18555832) * x - 0.20219683,
        xp.where(
            kelvin <= 4000,
            ((-0.9549476 * x - 1.37418593) * x + 2.09137015) * x - 0.16748867,
            ((3.0817580 * x - 5.87338670) * x + 3.75112997) * x - 0.37001483,
        ),
    )
    big_x, big_z = x / y, (1.0 - x - y) / y
    red = 3.2404542 * big_x - 1.5371385 - 0.4985314 * big_z
    green = -0.9692660 * big_x + 1.8760108 + 0.0415560 * big_z
    blue = 0.0556434 * big_x - 0.2040259 + 1.0572252 * big_z
    # Below 1900 K blue leaves the gamut; a floor keeps its gain finite.
    return xp.maximum(xp.stack([red, green, blue], axis=-1), 0.02)


@kernel(kelvin=_Kelvin(1700, 25000))
def temperature(images: jax.Array, *, kelvin: Any = NEUTRAL_KELVIN) -> jax.Array:
    """Set the white balance: warmer above 6500 K, cooler below, as the slider of a raw converter.

    The number says what light the scene is taken to have had; its tint is removed: ``gain_c x_c`` with
    ``gain_c ~ (white_c(6500) / white_c(kelvin))^(1 / 2.2)``, scaled so that grey keeps its luma. Alpha and grey
    images stay; uint8 is rounded.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      kelvin: 1700 to 25000, one number or one an image; 6500 changes nothing, 3000 makes lamp light white (an
        image in daylight blue), 10000 makes an image in daylight amber.

    Returns:
      The same shape and dtype; float is not clipped.

    Source: Kim et al. 2002, US patent 7024034 (cubic splines of the Planckian locus); IEC 61966-2-1 (sRGB).
    """
    if not has_color(images):
        return images
    matrix = jnp.asarray(kelvin, jnp.float32)[:, :, None] * np.eye(3, dtype=np.float32)[None]
    return mix(images, matrix, jnp.zeros((1, 3), jnp.float32))
