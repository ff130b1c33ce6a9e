"""Cloth seen near: threads that go over and under each other as the weave says."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.hashing import fold
from gen_jax.draw.texture.antialias import coverage, sine_wave, steps, supersampled
from gen_jax.draw.texture.cells import random_of, whole_lattice
from gen_jax.draw.texture.field import Field, Lattice
from gen_jax.draw.texture.kind import Choice, Layers, Number, texture
from gen_jax.draw.texture.lattice import value

_REPEAT = {"plain": 2, "basket": 4, "twill": 4, "denim": 4, "satin": 5}
"""Threads until the weave begins again, both ways."""


def _modulo(number: Array, divisor: int) -> Array:
    return number - divisor * jnp.floor(number / divisor)


def over(column: Array, row: Array, weave: str) -> Array:
    """Return 1 where the thread that runs down lies over the one that runs across, else -1."""
    match weave:
        case "plain":
            high = _modulo(column + row, 2) < 0.5
        case "basket":
            high = _modulo(jnp.floor(0.5 * column) + jnp.floor(0.5 * row), 2) < 0.5
        case "twill":
            high = _modulo(column + row, 4) < 1.5
        case "denim":
            high = _modulo(column + row, 4) < 2.5
        case _:
            high = _modulo(column + 2.0 * row, 5) > 0.5
    return jnp.where(high, 1.0, -1.0)


def _levels(grid: Lattice, weave: str) -> tuple[Array, Array]:
    """Return how high the threads that run down, and those that run across, lie at a place, in [-1, 1].

    A cosine takes a thread from the middle of a crossing to the middle of the next.
    """
    column, row = jnp.floor(grid.x), jnp.floor(grid.y)
    dx, dy = grid.x - column - 0.5, grid.y - row - 0.5
    here = over(column, row, weave)
    below, beside = over(column, row + jnp.sign(dy), weave), over(column + jnp.sign(dx), row, weave)

    def bent(there: Array, aside: Array) -> Array:
        return here + (there - here) * (0.5 - 0.5 * jnp.cos(np.pi * jnp.abs(aside)))

    return bent(below, dy), -bent(beside, dx)


def _threads(
    grid: Lattice, seed: Array, *, width: Array, step: Array, thickness: Array, uneven: Array
) -> tuple[Array, Array, Array, Array]:
    """Draw threads that follow each other along x of ``grid`` and run along its y, as if no others were there.

    Args:
      grid: counts threads along x.
      seed: uint32 [b, 1, 1].
      width: of a pixel along x, in threads.
      step: of a pixel along y.
      thickness: of a thread.
      uneven: how far that wanders.

    Returns:
      How much of a pixel lies on a thread; how round it is there, in [0, 1]; its strands, in [0, 1]; a random number
      in [-0.5, 0.5) of every thread.
    """
    number = jnp.floor(grid.x)
    path = Lattice(number, grid.y, grid.period_x, grid.period_y)
    half = 0.5 * thickness * (1.0 + 0.5 * uneven * jnp.minimum(value(path, seed), 0.0))
    aside = grid.x - number - 0.5
    across = jnp.clip(aside / half, -1.0, 1.0)
    strands = sine_wave(4.0 * grid.y + 1.5 * across, 4.0 * step)
    chance = random_of(fold(seed, 1), number, jnp.zeros_like(number), grid) - 0.5
    return coverage(jnp.abs(aside) - half, width), jnp.sqrt(1.0 - across * across + 1e-3), strands, chance


@texture(
    scale=Number(24.0, 1.0, 256.0, "threads a unit", vary=0.2),
    thickness=Number(0.85, 0.1, 1.0, "of a thread, as a share of its room", vary=0.08),
    bend=Number(0.6, 0.0, 1.0, "how deep a thread dives under the other"),
    twist=Number(0.25, 0.0, 1.0, "how plain the strands of a thread are to see"),
    uneven=Number(0.2, 0.0, 1.0, "how far the thickness of a thread wanders"),
    contrast=Number(0.4, 0.0, 0.8, "between the threads that run down, lighter, and those that run across"),
    tone_variation=Number(0.15, 0.0, 1.0, "how far the tone of a thread moves by chance"),
    weave=Choice("plain", tuple(_REPEAT), "which thread goes over; twill is 2/2, denim 3/1, satin 4/1"),
)
@supersampled
def weave(
    field: Field,
    *,
    scale: Array,
    thickness: Array,
    bend: Array,
    twist: Array,
    uneven: Array,
    contrast: Array,
    tone_variation: Array,
    weave: str,
) -> Layers:
    """Woven threads; those that run down have the tone 0.6 + contrast / 2, those that run across 0.6 - contrast / 2."""
    grid = whole_lattice(field, scale, scale, multiple_x=_REPEAT[weave], multiple_y=_REPEAT[weave])
    turned = Lattice(grid.y, grid.x, grid.period_y, grid.period_x)
    step_x, step_y = steps(grid)
    high_down, high_across = _levels(grid, weave)

    def lit(cells: Lattice, part: int, high: Array, base: Array) -> tuple[Array, Array, Array]:
        width, step = (step_x, step_y) if part == 0 else (step_y, step_x)
        cover, round_top, strands, chance = _threads(
            cells, field.seed_of(part), width=width, step=step, thickness=thickness, uneven=uneven
        )
        height = (0.35 + 0.65 * round_top) * (1.0 - 0.35 * twist * strands) * (1.0 - bend * (0.5 - 0.5 * high))
        return cover, height, jnp.clip(base + tone_variation * chance - 0.15 * twist * strands, 0.05, 1.0)

    cover_down, height_down, tone_down = lit(grid, 0, high_down, 0.6 + 0.5 * contrast)
    cover_across, height_across, tone_across = lit(turned, 1, high_across, 0.6 - 0.5 * contrast)
    # Who lies above changes within a pixel where both are as high.
    above = jnp.clip(0.5 + (high_down - high_across) / (2.0 * np.pi * jnp.maximum(step_x, step_y)), 0.0, 1.0)
    share_down = cover_down * (1.0 - cover_across * (1.0 - above))
    share_across = cover_across * (1.0 - cover_down * above)
    mask = jnp.clip(share_down + share_across, 0.0, 1.0)
    return Layers(
        jnp.clip(share_down * height_down + share_across * height_across, 0.0, 1.0),
        tone=(share_down * tone_down + share_across * tone_across) / jnp.maximum(mask, 1e-3),
        mask=mask,
        cover=mask,
    )
