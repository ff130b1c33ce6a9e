"""What autocontrast computes on the side: how many pixels to cut, and Pillow's table for what remains."""

from __future__ import annotations

import dataclasses
import functools
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
import pydantic

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.roles import Range, is_known
from gen_jax.errors import UserError


@dataclasses.dataclass(frozen=True)
class Cutoff:
    """Percent to cut from the dark and the bright end: a number, a tuple (low, high), or arrays of one an image.

    The kernel gets (share, counts): the share of all pixels in 1/2**32, uint32 [b or 1, 2], rounded up so that a
    whole percent of a hundred pixels is whole; and, where the sizes are known, the pixels to cut as Pillow counts
    them in float64, uint32 [b or 1, 2], else None.
    """

    def annotation(self) -> Any:
        """Return a number or a pair of numbers in [0, 100]."""
        percent = Annotated[float, pydantic.Field(ge=0, le=100)]
        return percent | tuple[percent, percent]

    def check(self, name: str, value: Any) -> None:
        """Raise UserError where a known value is outside [0, 100], or a tuple has not two."""
        if isinstance(value, tuple | list) and len(value) != 2:
            raise UserError(f"{name} has {len(value)} values; allowed are one number, or two: (low, high)")
        Range(0, 100).check(name, value)

    def prepare(self, name: str, value: Any, canvas: Canvas) -> Any:
        """Return (share, counts)."""
        if not is_known(value):
            percent = _pairs(name, value, canvas, jnp)
            # float32 has no 2**32 - 1; its last whole number below 2**32 is 2**32 - 256.
            return jnp.minimum(jnp.ceil(percent / 100.0 * 2.0**32), 2.0**32 - 256).astype(jnp.uint32), None
        percent = _pairs(name, value, canvas, np)
        share = np.minimum(np.ceil(percent / 100 * 2.0**32), 2.0**32 - 1).astype(np.uint32)
        if canvas.sizes is not None and not isinstance(canvas.sizes, np.ndarray):
            return share, None
        pixels = np.asarray(canvas.heights(), np.float64) * np.asarray(canvas.widths(), np.float64)
        return share, np.floor_divide(pixels[:, None] * percent, 100.0).astype(np.uint32)


def _pairs(name: str, value: Any, canvas: Canvas, xp: Any) -> Any:
    """Return [b or 1, 2]."""
    number = np.float64 if xp is np else jnp.float32
    if isinstance(value, tuple | list):
        low, high = (xp.asarray(part, dtype=number).reshape(-1) for part in value)
        pairs = xp.stack(xp.broadcast_arrays(low, high), axis=-1)
    else:
        pairs = xp.asarray(value, dtype=number)
        pairs = pairs if pairs.ndim == 2 else xp.stack([pairs.reshape(-1)] * 2, axis=-1)
    if pairs.shape not in ((1, 2), (canvas.batch, 2)):
        raise UserError(
            f"{name} has shape {np.shape(value)}, and there are {canvas.batch} images: give one number, a pair, "
            f"or one of these an image"
        )
    return pairs


def cut_counts(pixels: jax.Array, share: jax.Array) -> jax.Array:
    """Return ``floor(pixels share / 2**32)`` of uint32 numbers, without 64 bits."""
    high, low = pixels >> 16, pixels & 0xFFFF
    share_high, share_low = share >> 16, share & 0xFFFF
    first, second = high * share_low, low * share_high
    carry = ((low * share_low) >> 16) + (first & 0xFFFF) + (second & 0xFFFF)
    return high * share_high + (first >> 16) + (second >> 16) + (carry >> 16)


def stretch_table(low: jax.Array, high: jax.Array) -> jax.Array:
    """Return ``int(level * scale - low * scale)`` of every level, with ``scale = 255 / (high - low)``, as float64 does.

    Whole quotients are where the fraction that float64 drops shows: each is found here or one too small, depending
    on its rounding errors, which are therefore computed, in units of the last bit of ``scale``.

    Args:
      low: int32 [..., 1] in [0, 255].
      high: int32 [..., 1], above ``low``.

    Returns:
      int32 [..., 256] in [0, 255].
    """
    level = jax.lax.broadcasted_iota(jnp.int32, (1,) * (low.ndim - 1) + (256,), low.ndim - 1)
    width = high - low
    quotient = jnp.maximum(level - low, 0) * 255 // width
    whole = jnp.maximum(level - low, 0) * 255 % width == 0
    scales = _scales()
    scale = {name: jnp.asarray(table)[width[..., 0]] for name, table in scales.items()}
    excess = (level - low) * scale["excess"][..., None] // width
    excess = excess - _rounding(level, scale) + _rounding(low, scale)
    # How far below a whole quotient a sum may lie and still be rounded up to it.
    bits = _ceil_log2(quotient) - 1 - scale["exponent"][..., None]
    reach = jnp.where(bits > 0, jnp.left_shift(1, jnp.maximum(bits - 1, 0)), 0)
    short = whole & (level > low) & (excess < 0) & (-excess > reach)
    return jnp.clip(quotient - short, 0, 255)


def _rounding(level: jax.Array, scale: dict[str, jax.Array]) -> jax.Array:
    """Return ``level * scale`` less what float64 makes of it, in units of the last bit of ``scale``."""
    reached = level[..., None] >= scale["thresholds"][..., None, :]
    dropped = jnp.sum(reached, axis=-1).astype(jnp.int32)
    product = level * scale["low_bits"][..., None]
    unit = jnp.left_shift(1, dropped)
    rest = product & (unit - 1)
    odd = (product >> dropped) & 1
    up = (2 * rest > unit) | ((2 * rest == unit) & (odd == 1))
    return rest - jnp.where(up, unit, 0)


def _ceil_log2(number: jax.Array) -> jax.Array:
    powers = np.array([1, 2, 4, 8, 16, 32, 64, 128], np.int32).reshape((1,) * number.ndim + (8,))
    return jnp.sum(number[..., None] > powers, axis=-1).astype(jnp.int32)


@functools.cache
def _scales() -> dict[str, np.ndarray]:
    """Return what is to be known of ``255 / width`` in float64, mantissa M times 2**-E, for each width in [0, 255].

    ``exponent`` is 52 - E; ``excess`` is ``M width - 255 2**E``; ``low_bits`` are the last 16 bits of M;
    ``thresholds`` [256, 8] are the smallest levels whose product with M has 54, 55, ... bits.
    """
    tables = {name: np.zeros(256, np.int32) for name in ("exponent", "excess", "low_bits")}
    thresholds = np.full((256, 8), 2**30, np.int32)
    for width in range(1, 256):
        numerator, denominator = (255.0 / width).as_integer_ratio()
        exponent = (numerator // denominator).bit_length() - 1
        mantissa = (numerator << (52 - exponent)) // denominator
        tables["exponent"][width] = exponent
        tables["excess"][width] = mantissa * width - (255 << (52 - exponent))
        tables["low_bits"][width] = mantissa & 0xFFFF
        thresholds[width] = [-(-(1 << (53 + bit)) // mantissa) for bit in range(8)]
    return {**tables, "thresholds": thresholds}
