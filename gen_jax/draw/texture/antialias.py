"""Edges without steps: what a pixel sees of a shape or of a wave, in closed form over the area that it covers."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import jax.numpy as jnp
from jax import Array

from gen_jax.draw.texture.field import Field, Lattice
from gen_jax.draw.texture.kind import Layers
from gen_jax.draw.texture.once import settled

_TINY = 1e-12
"""Under a root, so that its slope at nought is finite."""


def steps(grid: Lattice) -> tuple[Array, Array]:
    """Return the width and height of a pixel in cells, [b, 1, 1] each, of a lattice as ``lattice()`` lays it.

    The first pixel lies between the edge of the picture, where cells are counted from, and twice its own centre.
    """
    return 2.0 * grid.x[:, :, :1], 2.0 * grid.y[:, :1, :]


def length(x: Array, y: Array) -> Array:
    """Return ``sqrt(x^2 + y^2)``, to 1e-6, with a finite slope everywhere."""
    return jnp.sqrt(x * x + y * y + _TINY)


def coverage(distance: Array, width: Array | float) -> Array:
    """Return how much of a pixel lies inside of a straight edge, in [0, 1].

    Args:
      distance: from the middle of the pixel to the edge, negative inside.
      width: of the pixel, or of a softer edge, in the same unit.
    """
    return jnp.clip(0.5 - distance / width, 0.0, 1.0)


def box(x: Array, y: Array, half_width: Array, half_height: Array, corner: Array) -> Array:
    """Return the signed distance to a rectangle about (0, 0) whose corners are round with that radius."""
    out_x, out_y = jnp.abs(x) - half_width + corner, jnp.abs(y) - half_height + corner
    outside = length(jnp.maximum(out_x, 0.0), jnp.maximum(out_y, 0.0))
    return outside + jnp.minimum(jnp.maximum(out_x, out_y), 0.0) - corner


def _mean(integral: Array, earlier: Array, width: Array) -> Array:
    return jnp.clip((integral - earlier) / width, 0.0, 1.0)


def square_wave(phase: Array, duty: Array, width: Array) -> Array:
    """Return the mean over ``width`` about ``phase`` of the wave that is 1 in the first ``duty`` of every whole."""
    phase = phase - jnp.floor(phase)

    def integral(t: Array) -> Array:
        whole = jnp.floor(t)
        return whole * duty + jnp.minimum(t - whole, duty)

    return _mean(integral(phase + 0.5 * width), integral(phase - 0.5 * width), width)


def triangle_wave(phase: Array, width: Array) -> Array:
    """Return the mean over ``width`` about ``phase`` of the wave that is 0 at wholes and 1 at halves."""
    phase = phase - jnp.floor(phase)

    def integral(t: Array) -> Array:
        whole = jnp.floor(t)
        part = t - whole
        return 0.5 * whole + jnp.where(part < 0.5, part * part, 0.5 - (1.0 - part) ** 2)

    return _mean(integral(phase + 0.5 * width), integral(phase - 0.5 * width), width)


def saw_wave(phase: Array, width: Array) -> Array:
    """Return the mean over ``width`` about ``phase`` of the wave that rises from 0 to 1 and falls at every whole."""
    phase = phase - jnp.floor(phase)

    def integral(t: Array) -> Array:
        whole = jnp.floor(t)
        part = t - whole
        return 0.5 * (whole + part * part)

    return _mean(integral(phase + 0.5 * width), integral(phase - 0.5 * width), width)


def sine_wave(phase: Array, width: Array) -> Array:
    """Return the mean over ``width`` about ``phase`` of the wave that is 0 at wholes and 1 at halves, a cosine."""
    return 0.5 - 0.5 * jnp.cos(2.0 * jnp.pi * (phase - jnp.floor(phase))) * jnp.sinc(width)


def _halved(a: Array) -> Array:
    """Return the mean of every four pixels, [b, h, w] of [b, 2 h, 2 w]."""
    batch, height, width = a.shape
    return jnp.mean(a.reshape(batch, height // 2, 2, width // 2, 2), axis=(2, 4))


def supersampled(draw: Callable[..., Layers]) -> Callable[..., Layers]:
    """Make a texture draw four pixels for each and average them: for what ``coverage`` alone gets wrong.

    That is where edges bend or meet within a pixel, and where the height falls off within one.
    """

    @functools.wraps(draw)
    def drawn(field: Field, **parameters: Array | str) -> Layers:
        fine = dataclasses.replace(field, height=2 * field.height, width=2 * field.width)
        layers = draw(fine, **parameters)
        shape = fine.seed.shape[0], fine.height, fine.width
        given = {name: getattr(layers, name) for name in ("height", "tone", "mask", "cover")}
        fine_layers = settled({name: jnp.broadcast_to(a, shape) for name, a in given.items() if a is not None})
        means = {name: _halved(a) for name, a in fine_layers.items()}
        if "tone" in means and "cover" in means:
            # Where something covers a part of a pixel, the tone is that of the part.
            weight = fine_layers["cover"] + 1e-6
            means["tone"] = _halved(fine_layers["tone"] * weight) / _halved(weight)
        return Layers(**means)

    return drawn
