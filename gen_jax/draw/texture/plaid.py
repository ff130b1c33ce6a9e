"""Cloth of coloured threads seen from afar: tartan, gingham, windowpane, houndstooth."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from gen_jax.draw import hashing
from gen_jax.draw.texture.antialias import length, square_wave, steps
from gen_jax.draw.texture.field import Field, lattice
from gen_jax.draw.texture.kind import Choice, Layers, Number, texture

_MOST_BANDS = 8
_THREADS = 32
"""In a sett; the diagonals of a twill repeat after four."""


def _tartan(place: Array, step: Array, seed: Array, bands: Array) -> Array:
    """Return the tones of a sett, mirrored at its ends: dark and light bands by turns, wide and narrow by chance."""
    folded = 1.0 - jnp.abs(2.0 * (place - jnp.floor(place)) - 1.0)
    total, starts, tones = jnp.zeros_like(bands), [], []
    for band in range(_MOST_BANDS):
        wide, light = (hashing.unit(hashing.fold(seed, 2 * band + part)) for part in (0, 1))
        starts.append(total)
        tones.append(0.35 * light if band % 2 == 0 else 0.5 + 0.5 * light)
        total = total + (0.08 + wide * wide) * (band < bands)
    tone = tones[0]
    for band in range(1, _MOST_BANDS):
        share = jnp.clip(0.5 + (folded - starts[band] / total) / (2.0 * step), 0.0, 1.0)
        tone = tone + (tones[band] - tones[band - 1]) * share * (band < bands)
    return tone


def _sett(place: Array, step: Array, *, sett: str, seed: Array, bands: Array) -> Array:
    """Return the tone of the threads at a place, averaged over a pixel."""
    match sett:
        case "tartan":
            return _tartan(place, step, seed, bands)
        case "gingham":
            return square_wave(place + 0.25, jnp.full_like(step, 0.5), step)
        case _:
            line = jnp.full_like(step, 0.04)
            return square_wave(place + 0.45, line, step) + square_wave(place + 0.59, line, step)


@texture(
    scale=Number(3.0, 0.25, 64.0, "repeats of the sett a unit", vary=0.2),
    bands=Number(5.0, 2.0, 8.0, "bands of colour in half a sett (tartan)", vary=0.3, whole=True),
    twill=Number(0.7, 0.0, 1.0, "how plain the diagonals of the weave are to see"),
    sett=Choice("tartan", ("tartan", "gingham", "windowpane"), "how the bands follow each other"),
)
def plaid(field: Field, *, scale: Array, bands: Array, twill: Array, sett: str) -> Layers:
    """Bands of coloured threads that cross each other, the same across as down; tartan by chance."""
    grid = lattice(field, scale)
    step_x, step_y = steps(grid)
    seed = field.seed_of(0)
    down = _sett(grid.x, step_x, sett=sett, seed=seed, bands=bands)
    across = _sett(grid.y, step_y, sett=sett, seed=seed, bands=bands)
    diagonal = 0.25 * _THREADS * (grid.x + grid.y)
    above = square_wave(diagonal, jnp.full_like(scale, 0.5), 0.25 * _THREADS * length(step_x, step_y))
    share = 0.5 + twill * (above - 0.5)
    return Layers(jnp.clip(down * share + across * (1.0 - share), 0.0, 1.0))


@texture(scale=Number(8.0, 0.5, 128.0, "teeth a unit", vary=0.2))
def houndstooth(field: Field, *, scale: Array) -> Layers:
    """Houndstooth: bands of dark and light threads both ways, in a twill whose diagonals are half as wide."""
    grid = lattice(field, scale)
    step_x, step_y = steps(grid)
    half = jnp.full_like(scale, 0.5)
    down, across = square_wave(grid.x, half, step_x), square_wave(grid.y, half, step_y)
    above = square_wave(2.0 * (grid.x + grid.y), half, 2.0 * length(step_x, step_y))
    return Layers(jnp.clip(down * above + across * (1.0 - above), 0.0, 1.0))
