"""From one tone a pixel to its colour: a few stops, joined by straight lines in OKLab."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw import hexcolor, oklab
from gen_jax.errors import UserError

Stops = Sequence[tuple[float, str]]
"""Positions in [0, 1], rising, and the colour at each; two at one position make a hard edge."""

GREYS: tuple[tuple[float, str], ...] = ((0.0, "#000000"), (1.0, "#ffffff"))
"""What a texture is drawn in that nobody gave colours."""

MOST_STOPS = 32


def check(colors: Stops, *, where: str) -> tuple[tuple[float, str], ...]:
    """Return the stops with their colours as #rrggbb.

    Raises:
      UserError: none or too many of them, a position outside of [0, 1] or before the last one, or no colour.
    """
    if not 1 <= len(colors) <= MOST_STOPS:
        raise UserError(f"{where} has {len(colors)} colours; give from 1 to {MOST_STOPS}")
    checked, last = [], 0.0
    for index, (position, color) in enumerate(colors):
        if not last <= position <= 1.0:
            raise UserError(f"{where}: position {index + 1} is {position!r}; positions rise from 0 to 1")
        last = float(position)
        checked.append((last, hexcolor.text_of(hexcolor.parse(color, where=f"{where}: colour {index + 1}"))))
    return tuple(checked)


def arrays(colors: Stops) -> tuple[np.ndarray, np.ndarray]:
    """Return float32 positions [k] and sRGB colours [k, 3] in [0, 1] of stops."""
    positions = np.array([position for position, _ in colors], np.float32)
    return positions, np.stack([hexcolor.parse(color, where="a colour") for _, color in colors])


def look_up(tone: Array, positions: Array, colors: Array) -> Array:
    """Return the colours of tones: OKLab interpolated between the stops at either side.

    Every pixel goes through the whole sum of ramps, ``c_0 + sum_i (c_i+1 - c_i) clip((t - p_i) / (p_i+1 - p_i))``:
    for the few stops that a colour map has this is faster than fetching from a table, and exact at the stops.

    Args:
      tone: [b, h, w].
      positions: [b, k], rising.
      colors: sRGB in [0, 1], [b, k, 3].

    Returns:
      sRGB [b, h, w, 3], clipped to [0, 1].
    """
    lab = oklab.to_oklab(colors)[:, :, None, None, :]
    result = jnp.broadcast_to(lab[:, 0], (*tone.shape, 3))
    for index in range(positions.shape[1] - 1):
        start, end = positions[:, index, None, None], positions[:, index + 1, None, None]
        share = jnp.clip((tone - start) / jnp.maximum(end - start, 1e-6), 0.0, 1.0)
        result = result + (lab[:, index + 1] - lab[:, index]) * share[..., None]
    return jnp.clip(oklab.from_oklab(result), 0.0, 1.0)
