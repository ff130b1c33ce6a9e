"""Turn the hues: through HSV, through Pillow's HSV of whole levels, or as a rotation about the grey axis."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.color.levels import check_choice, has_color, is_levels, keep_alpha, to_levels
from gen_jax.edit.color.linear import mix
from gen_jax.edit.kernel import kernel
from gen_jax.edit.roles import Range, is_known, one_an_image

_COLORLESS = 1e-12
"""Between the largest and the smallest channel: below it there is no hue, and none is computed."""


@dataclasses.dataclass(frozen=True)
class _Turns(Range):
    """A Range that also brings the shift in levels of hue, truncated in float64 where known."""

    def prepare(self, name: str, value: Any, canvas: Canvas) -> Any:
        """Return (turns, levels of hue in [0, 255]), each [b or 1, 1, 1, 1]."""
        levels = (one_an_image(name, value, canvas) * 255).astype(np.int32) % 256
        levels = levels.astype(np.int32) if is_known(value) else jnp.asarray(levels, jnp.int32)
        return super().prepare(name, value, canvas), levels.reshape(-1, 1, 1, 1)


@kernel(shift=_Turns(-0.5, 0.5))
def hue(images: jax.Array, *, shift: Any = 0.0, method: Literal["hsv", "pillow", "rotation"] = "hsv") -> jax.Array:
    """Turn every hue by the same part of the colour circle: a third of a turn makes red green, green blue.

    "hsv": ``h + shift`` in the hexagonal HSV, saturation and value kept; uint8 is rounded. "pillow": the same on uint8
    through Pillow's HSV of whole levels, as torchvision does with a PIL image (the way there and back alone changes
    levels by up to 7); float as "hsv". "rotation": a rotation by ``2 pi shift`` about the grey axis, linear, so that
    it can be fused with its neighbours; strong colours may leave the range. Grey and alpha stay.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      shift: -0.5 to 0.5 turns, one number or one an image.
      method: "hsv", "pillow" or "rotation".

    Returns:
      The same shape and dtype; float is not clipped.

    Raises:
      UserError: another method.
    """
    check_choice("hue.method", method, ("hsv", "pillow", "rotation"))
    turns, levels = shift
    if not has_color(images):
        return images
    if method == "rotation":
        return mix(images, hue_rotation(turns), jnp.zeros((1, 3), jnp.float32))
    if method == "pillow" and is_levels(images):
        return keep_alpha(_shift_levels(images, levels), images)
    shifted = _shift_hexagon(images.astype(jnp.float32), turns)
    return keep_alpha(to_levels(shifted + 0.5) if is_levels(images) else shifted, images)


def hue_rotation(turns: jax.Array) -> jax.Array:
    """Return the rotations [b or 1, 3, 3] about the axis of grey by turns [b or 1, 1, 1, 1] (Rodrigues)."""
    angle = 2.0 * math.pi * turns.reshape(-1, 1, 1)
    cross = np.array([[[0, -1, 1], [1, 0, -1], [-1, 1, 0]]], np.float32) / math.sqrt(3.0)
    mean = np.full((1, 3, 3), 1 / 3, np.float32)
    return jnp.cos(angle) * (np.eye(3, dtype=np.float32)[None] - mean) + mean + jnp.sin(angle) * cross


def _ordered(images: jax.Array) -> tuple[jax.Array, ...]:
    """Return red, green, blue, the largest and the smallest of them, each [b, h, w, 1]."""
    red, green, blue = (images[..., channel : channel + 1] for channel in range(3))
    largest = jnp.maximum(jnp.maximum(red, green), blue)
    return red, green, blue, largest, jnp.minimum(jnp.minimum(red, green), blue)


def _sextant(images: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return the hue in sixths of a turn, [-1, 5], the largest channel and its distance from the smallest.

    Each hue is one rounded sum of a whole number and ``(largest - middle) / distance``, as in Pillow's Convert.c.
    """
    red, green, blue, largest, smallest = _ordered(images)
    distance = largest - smallest
    middle = jnp.maximum(jnp.minimum(red, green), jnp.minimum(jnp.maximum(red, green), blue))
    colored = distance > _COLORLESS
    part = (largest - middle) / jnp.where(colored, distance, 1.0)
    hue_of_red = jnp.where(blue == smallest, 1.0 - part, part - 1.0)
    hue_of_green = jnp.where(red == smallest, 3.0 - part, 1.0 + part)
    hue_of_blue = jnp.where(red == smallest, 3.0 + part, 5.0 - part)
    sextant = jnp.where(red == largest, hue_of_red, jnp.where(green == largest, hue_of_green, hue_of_blue))
    return jnp.where(colored, sextant, 0.0), largest, distance


def _shift_hexagon(images: jax.Array, turns: jax.Array) -> jax.Array:
    """Return ``V - V S max(0, min(k, 4 - k, 1))`` with ``k = (5, 3, 1) + 6 (h + turns) mod 6``."""
    sextant, largest, distance = _sextant(images)
    starts = np.array([5.0, 3.0, 1.0, 0.0][: images.shape[-1]], np.float32).reshape(1, 1, 1, -1)
    position = starts + (sextant + 6.0 * turns)
    position = position - 6.0 * jax.lax.stop_gradient(jnp.floor(position / 6.0))
    return largest - distance * jnp.clip(jnp.minimum(position, 4.0 - position), 0.0, 1.0)


def _shift_levels(images: jax.Array, levels: jax.Array) -> jax.Array:
    """Return uint8 images whose uint8 hue was raised by ``levels``, modulo 256."""
    sextant, largest, distance = _sextant(images.astype(jnp.float32))
    # A divisor that the compiler cannot know is divided by, not multiplied by its reciprocal, which rounds otherwise.
    six = jnp.where(distance >= 0, 6.0, 1.0)
    turn = sextant / six
    hues = (jnp.where(sextant < 0, turn + 1.0, turn) * 255.0).astype(jnp.int32)
    saturations = (distance / jnp.where(largest > 0, largest, 1.0) * 255.0).astype(jnp.int32)
    return _from_hsv((hues + levels) & 255, saturations, largest.astype(jnp.int32), images.shape[-1])


def _from_hsv(hues: jax.Array, saturations: jax.Array, values: jax.Array, channels: int) -> jax.Array:
    """Return uint8 colours of uint8 hues, saturations and values, in whole numbers: there are no ties."""
    sector, rest = hues * 6 // 255, hues * 6 % 255
    low = (2 * values * (255 - saturations) + 255) // 510
    falling = (2 * values * (65025 - saturations * rest) + 65025) // 130050
    rising = (2 * values * (65025 - saturations * (255 - rest)) + 65025) // 130050
    order = [values, falling, low, low, rising, values]
    sector = jnp.where(sector == 6, 0, sector)

    def channel(start: int) -> jax.Array:
        chosen = order[(5 + start) % 6]
        for index in range(5):
            chosen = jnp.where(sector == index, order[(index + start) % 6], chosen)
        return chosen.astype(jnp.uint8)

    parts = [channel(0), channel(4), channel(2), channel(0)]
    return jnp.concatenate(parts[:channels], axis=-1)
