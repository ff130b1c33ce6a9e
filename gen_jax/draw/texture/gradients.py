"""Gradients: one tone running into another along a line, round a point, or out from it."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.texture.antialias import length, saw_wave, triangle_wave
from gen_jax.draw.texture.field import Field
from gen_jax.draw.texture.kind import Choice, Layers, Number, texture
from gen_jax.draw.texture.stripes import waves

_TURN = float(2.0 * np.pi)


def _aside(place: Array, centre: Array, side: float, tile: bool) -> Array:
    """Return how far a place lies from the centre, from the nearest of its copies where the field tiles."""
    aside = place - centre * side
    return aside - side * jnp.round(aside / side) if tile else aside


def _run(phase: Array, width: Array, repeat: str) -> Array:
    """Return the tone in [0, 1] of a phase that rises by 1 a run, averaged over ``width`` of it."""
    match repeat:
        case "none":
            return jnp.clip(phase, 0.0, 1.0)
        case "repeat":
            return saw_wave(phase, width)
        case _:
            return triangle_wave(0.5 * phase, 0.5 * width)


def _phase(field: Field, kind: str, scale: Array, angle: Array, centre: tuple[Array, Array]) -> tuple[Array, Array]:
    """Return the phase of a gradient that goes out from its centre or round it, and how far a pixel moves it."""
    height, width = field.extent
    x = _aside(field.x, centre[0], width, field.tile)
    y = _aside(field.y, centre[1], height, field.tile)
    if kind == "conic":
        # Away from the centre by less than a pixel, no direction is the true one; it only must not be infinite.
        inside = jnp.abs(x) + jnp.abs(y) < 1e-6
        turn = jnp.arctan2(y, jnp.where(inside, 1e-6, x)) / _TURN
        far = jnp.maximum(length(x, y), field.pixel)
        if field.tile:
            # Mirrored twice, or 4, 6, ... times, it is the same on both sides of every edge.
            runs = 2.0 * jnp.maximum(jnp.round(0.5 * scale), 1.0) * 2.0
            return turn * runs, runs * field.pixel / (_TURN * far)
        turn = turn - angle / 360.0
        return (turn - jnp.floor(turn)) * scale, scale * field.pixel / (_TURN * far)
    far = length(x, y) if kind == "radial" else jnp.abs(x) + jnp.abs(y)
    # One run reaches the middle of the nearest edges from the middle of the picture.
    return 2.0 * scale * far, jnp.broadcast_to(2.0 * scale * field.pixel, far.shape)


@texture(
    scale=Number(1.0, 0.1, 64.0, "runs a unit; of a conic one, runs a turn"),
    angle=Number(
        90.0, -180.0, 180.0, "degrees in which a linear one rises, or a conic one begins, clockwise from right"
    ),
    centre_x=Number(0.5, -1.0, 2.0, "of what goes round or out, as a share of the width"),
    centre_y=Number(0.5, -1.0, 2.0, "likewise, of the height"),
    kind=Choice("linear", ("linear", "radial", "conic", "diamond"), "along which way the tone runs"),
    repeat=Choice("none", ("none", "repeat", "mirror"), "after a run: stop, begin again, or turn back"),
)
def gradient(
    field: Field,
    *,
    scale: Array,
    angle: Array,
    centre_x: Array,
    centre_y: Array,
    kind: str,
    repeat: str,
) -> Layers:
    """A gradient: linear, radial, conic, or diamond.

    Where the field tiles, a linear one that does not repeat is mirrored, a conic one always is, and each has whole
    runs; the others go out from the nearest copy of the centre, and stay as they are.
    """
    if kind != "linear":
        phase, width = _phase(field, kind, scale, angle, (centre_x, centre_y))
        return Layers(_run(phase, width, "mirror" if kind == "conic" and field.tile else repeat))
    if not field.tile:
        phase, step_x, step_y = waves(field, scale, angle)
        # The lowest corner of the picture is the start.
        height, width = field.extent
        phase = phase - (jnp.minimum(step_x * width, 0.0) + jnp.minimum(step_y * height, 0.0)) / field.pixel
        return Layers(_run(phase, length(step_x, step_y), repeat))
    if repeat == "repeat":
        phase, step_x, step_y = waves(field, scale, angle)
        return Layers(_run(phase, length(step_x, step_y), repeat))
    phase, step_x, step_y = waves(field, 0.5 * scale, angle)
    return Layers(_run(2.0 * phase, 2.0 * length(step_x, step_y), "mirror"))
