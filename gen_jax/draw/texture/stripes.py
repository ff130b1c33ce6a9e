"""Stripes at any angle, straight or zigzag, in several profiles."""

from __future__ import annotations

from typing import Literal

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.texture.antialias import length, saw_wave, sine_wave, square_wave, steps, supersampled, triangle_wave
from gen_jax.draw.texture.field import Field, lattice
from gen_jax.draw.texture.kind import Choice, Layers, Number, texture

Profile = Literal["square", "sine", "triangle", "saw"]


def waves(field: Field, scale: Array, angle: Array) -> tuple[Array, Array, Array]:
    """Return the phase of plane waves, [b, h, w], and how far it moves by a pixel to the right and downwards.

    Where the field tiles, the numbers of waves along both sides are rounded to whole ones, never both to none.

    Args:
      field: of the pixels.
      scale: waves a unit, [b, 1, 1].
      angle: degrees in which the waves run, from the right, clockwise on the screen.
    """
    turn = angle * np.float32(np.pi / 180.0)
    across, down = scale * jnp.cos(turn), scale * jnp.sin(turn)
    if field.tile:
        height, width = field.extent
        count_x, count_y = across * width, down * height
        none = (jnp.round(count_x) == 0.0) & (jnp.round(count_y) == 0.0)
        flat = jnp.abs(count_x) >= jnp.abs(count_y)
        count_x = jnp.where(none & flat, 1.0, jnp.round(count_x))
        count_y = jnp.where(none & ~flat, 1.0, jnp.round(count_y))
        across, down = count_x / width, count_y / height
    return field.x * across + field.y * down, across * field.pixel, down * field.pixel


def profile_of(phase: Array, width: Array, duty: Array, profile: str) -> Array:
    """Return the wave of a profile, in [0, 1], averaged over ``width`` of its phase."""
    match profile:
        case "square":
            return square_wave(phase, duty, width)
        case "sine":
            return sine_wave(phase, width)
        case "triangle":
            return triangle_wave(phase, width)
        case _:
            return saw_wave(phase, width)


@texture(
    scale=Number(8.0, 0.25, 256.0, "stripes a unit", vary=0.3),
    angle=Number(0.0, -180.0, 180.0, "degrees in which they follow each other, clockwise from the right"),
    duty=Number(0.5, 0.02, 0.98, "share of a stripe that is white (square profile)", vary=0.3),
    softness=Number(0.0, 0.0, 1.0, "width of the edges, as a share of a stripe"),
    profile=Choice("square", ("square", "sine", "triangle", "saw"), "how the tone runs across a stripe"),
)
def stripes(field: Field, *, scale: Array, angle: Array, duty: Array, softness: Array, profile: str) -> Layers:
    """Straight stripes; where they tile, the angle is the nearest that gives whole stripes along both sides."""
    phase, step_x, step_y = waves(field, scale, angle)
    return Layers(profile_of(phase, jnp.maximum(length(step_x, step_y), softness), duty, profile))


@texture(
    scale=Number(8.0, 0.5, 128.0, "stripes a unit, downwards", vary=0.3),
    turns=Number(6.0, 0.5, 64.0, "waves a unit, to the right", vary=0.3),
    depth=Number(1.0, 0.0, 8.0, "how far a wave moves a stripe, in stripes", vary=0.3),
    duty=Number(0.5, 0.02, 0.98, "share of a stripe that is white (square profile)"),
    softness=Number(0.0, 0.0, 1.0, "width of the edges, as a share of a stripe"),
    shape=Choice("zigzag", ("zigzag", "wave"), "of a stripe along its way"),
    profile=Choice("square", ("square", "sine", "triangle", "saw"), "how the tone runs across a stripe"),
)
@supersampled
def chevron(
    field: Field,
    *,
    scale: Array,
    turns: Array,
    depth: Array,
    duty: Array,
    softness: Array,
    shape: str,
    profile: str,
) -> Layers:
    """Stripes that zigzag or wave from left to right."""
    grid = lattice(field, turns, scale)
    step_x, step_y = steps(grid)
    if shape == "zigzag":
        bend = triangle_wave(grid.x, step_x)
        slope = 2.0 * depth * step_x
    else:
        bend = sine_wave(grid.x, step_x)
        slope = np.float32(np.pi) * depth * step_x * jnp.abs(jnp.sin(2.0 * np.pi * grid.x))
    width = jnp.maximum(length(slope, step_y), softness)
    return Layers(profile_of(grid.y + depth * bend, width, duty, profile))
