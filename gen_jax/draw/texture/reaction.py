"""Reaction and diffusion: two substances that feed on each other settle into spots, stripes and mazes.

The model is that of Gray and Scott: ``du/dt = Du lap(u) - u v^2 + F (1 - u)`` and
``dv/dt = Dv lap(v) + u v^2 - (F + k) v``.
Source: J. E. Pearson, "Complex patterns in a simple system", Science 261, 1993.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.texture.cells import bits_of, four_of
from gen_jax.draw.texture.field import Field, lattice
from gen_jax.draw.texture.kind import Choice, Layers, Number, texture

RATES: dict[str, tuple[float, float]] = {
    "spots": (0.030, 0.062),
    "mitosis": (0.0367, 0.0649),
    "stripes": (0.037, 0.060),
    "maze": (0.029, 0.057),
    "coral": (0.0545, 0.062),
    "worms": (0.058, 0.065),
    "holes": (0.039, 0.058),
    "islands": (0.046, 0.0594),
    "veins": (0.062, 0.0609),
}
"""Pattern -> feed rate F and kill rate k.

Source: Pearson's map of F and k, and its extension by R. Munafo, "Reaction-diffusion by the Gray-Scott model" (2009).
"""

QUALITIES = {"draft": (112, 2000), "normal": (192, 4000), "fine": (320, 8000)}
"""Quality -> points of the grid along the shorter side, steps of time."""

_INNER = 50
"""Steps between the states that are kept for a gradient; the others are computed again."""

_WAVELENGTH = 11.5
"""Of the patterns, in points of the grid, where Du is ``_DIFFUSION``; it grows as the root of that."""

_DIFFUSION = 0.16
"""Of u; v has half of that."""

_SHORTEST = 9.0
"""Shortest wavelength, in points: below it, patterns follow the rows and columns of the grid."""

_MOST_DIFFUSION = 0.34
"""In a step: the nine-point Laplacian is stable below 3/8, as its values reach from 0 to -16/3."""


def _laplacian(a: Array) -> Array:
    """Return the Laplacian of [b, h, w], which repeats, by nine points: its error is alike in all directions.

    Source: M. Patra, M. Karttunen, "Stencils with isotropic discretization error for differential operators", 2006.
    """
    around = jnp.pad(a, ((0, 0), (1, 1), (1, 1)), mode="wrap")
    height, width = a.shape[1:]

    def at(down: int, right: int) -> Array:
        return around[:, down : down + height, right : right + width]

    sides = at(0, 1) + at(1, 0) + at(1, 2) + at(2, 1)
    corners = at(0, 0) + at(0, 2) + at(2, 0) + at(2, 2)
    return (4.0 * sides + corners - 20.0 * a) * np.float32(1.0 / 6.0)


def gray_scott(v: Array, *, feed: Array | float, kill: Array | float, diffusion: Array, steps: int) -> Array:
    """Return v after so many steps of time, float32 [b, h, w], of a grid that repeats.

    Args:
      v: at the beginning, in [0, 1]; u is 1 - v.
      feed: F, a number or [b, 1, 1].
      kill: k, likewise.
      diffusion: of u, [b, 1, 1], in points^2 a unit of time. A step is 1, or less where that would be unstable.
      steps: how many.
    """
    time = jnp.minimum(1.0, _MOST_DIFFUSION / diffusion)
    spread_u, spread_v = diffusion * time, 0.5 * diffusion * time

    def step(state: tuple[Array, Array], _: None) -> tuple[tuple[Array, Array], None]:
        u, v = state
        reaction = u * v * v
        u = u + spread_u * _laplacian(u) + time * (feed * (1.0 - u) - reaction)
        v = v + spread_v * _laplacian(v) + time * (reaction - (feed + kill) * v)
        return (u, v), None

    @jax.checkpoint
    def several(state: tuple[Array, Array], _: None) -> tuple[tuple[Array, Array], None]:
        return jax.lax.scan(step, state, None, length=_INNER)

    (_, v), _ = jax.lax.scan(several, (1.0 - v, v), None, length=steps // _INNER)
    return v


def _drops(field: Field, scale: Array) -> Array:
    """Return what the patterns grow from: drops of v, about one a wavelength, strewn at random, in [0, 1/2]."""
    grid = lattice(field, 0.8 * scale)
    column, row = jnp.floor(grid.x), jnp.floor(grid.y)
    best = jnp.zeros(())
    for right in (-1.0, 0.0, 1.0):
        for below in (-1.0, 0.0, 1.0):
            bits = bits_of(field.seed_of(0), column + right, row + below, grid)
            across, down, size, _ = four_of(bits)
            square = (grid.x - column - right - across) ** 2 + (grid.y - row - below - down) ** 2
            best = jnp.maximum(best, jnp.where(size < 0.7, jnp.exp(-square / (0.03 + 0.04 * size)), 0.0))
    return 0.5 * best


def _resampled(a: Array, count: int, axis: int) -> Array:
    """Return an array that repeats along an axis with ``count`` points there, smooth in value, slope and curvature.

    By cubic B-splines, widened where points become fewer.
    """
    old = a.shape[axis]
    wide = max(1.0, old / count)
    place = (np.arange(count) + 0.5) * (old / count) - 0.5
    first = np.floor(place - 2.0 * wide).astype(int) + 1
    taps = first[:, None] + np.arange(int(np.ceil(4.0 * wide)))
    t = np.abs(taps - place[:, None]) / wide
    weights = np.where(t < 1.0, 2.0 / 3.0 - t**2 + 0.5 * t**3, np.maximum(2.0 - t, 0.0) ** 3 / 6.0)
    weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    shape = (1, count, 1) if axis == 1 else (1, 1, count)
    total = jnp.zeros(())
    for tap, weight in zip(taps.T, weights.T, strict=True):
        total = total + jnp.take(a, tap % old, axis=axis) * weight.reshape(shape)
    return total


@texture(
    scale=Number(12.0, 5.0, 35.0, "spots or stripes a unit; at most 12 in a draft, 21 normally", vary=0.15),
    contrast=Number(1.3, 0.5, 12.0, "of black and white; at 1, the whole range of the substance", vary=0.1),
    level=Number(0.5, 0.1, 0.9, "how much of the substance is middle grey: below, more white"),
    pattern=Choice("stripes", tuple(RATES), "what the substances settle into"),
    quality=Choice("normal", tuple(QUALITIES), "how fine the grid is, and how long they have to settle"),
)
def reaction_diffusion(
    field: Field, *, scale: Array, contrast: Array, level: Array, pattern: str, quality: str
) -> Layers:
    """Spots, stripes, mazes and holes that two substances settle into, like those of skins and corals.

    They are computed on a grid of their own, which always repeats, and then enlarged, so that the pattern does not
    depend on the number of pixels.
    """
    points, steps = QUALITIES[quality]
    least = min(field.height, field.width)
    height, width = (round(points * side / least) for side in (field.height, field.width))
    coarse = Field(field.seed, height, width, tile=True, most_octaves=1)
    scale = jnp.minimum(scale, points / _SHORTEST)
    feed, kill = RATES[pattern]
    diffusion = _DIFFUSION * (points / (_WAVELENGTH * scale)) ** 2
    v = gray_scott(_drops(coarse, scale), feed=feed, kill=kill, diffusion=diffusion, steps=steps)
    low, high = jnp.min(v, axis=(1, 2), keepdims=True), jnp.max(v, axis=(1, 2), keepdims=True)
    share = (v - low) / jnp.maximum(high - low, 1e-6)
    share = _resampled(_resampled(share, field.width, 2), field.height, 1)
    return Layers(jnp.clip(0.5 + contrast * (share - level), 0.0, 1.0))
