"""Octaves of a lattice noise where columns and rows are apart: by tables of rows, several times as fast as by pixels.

What a row of lattice points gives to a column serves all the pixels between that row and the next: points are hashed
once a row and column rather than four times a pixel, and a pixel costs a few multiplications an octave. How many rows
an octave has is data, not shape. So one table holds the rows of all octaves one after the other, and as an octave
whose cells are under two pixels is left out, it never needs more rows than the picture: h (1/2 + 1/4 + ...), and a few.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.hashing import at, fold, mix, unit
from gen_jax.draw.texture.field import Lattice
from gen_jax.draw.texture.lattice import ROW, Basis, columns, wrapped

Octaves = tuple[Array, Array, Array, Array]
"""How often finer than the first, [o]; seed, and by how many cells moved right and down, [o, b, 1, 1] each."""

Join = Callable[[Callable[[Any], Array], Any, Array, Array], Array]
"""Of what draws an octave, what it is drawn from, and the octaves' ``weights`` and ``shows``, [o, b, 1, 1]."""

_BLOCKS = 8
"""The table is made in so many pieces, by a loop: XLA would merge one piece into its reader, and make it every time."""


def octaves_of(seed: Array, factors: list[int]) -> Octaves:
    """Return what octaves differ in.

    Each is moved by a part of a cell: else their lattice points, where slopes give 0, would coincide, and lie at the
    edge of the picture.
    """
    seeds = jnp.stack([fold(seed, octave) for octave in range(len(factors))])
    right, down = (unit(mix(seeds ^ np.uint32(way))) for way in (1, 2))
    return jnp.asarray(factors, jnp.float32), seeds, right, down


def octave_lattice(lattice: Lattice, octave: Octaves) -> Lattice:
    """Return the lattice of one octave."""
    factor, _, right, down = octave
    return lattice.refined(factor).shifted(right, down)


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class _Parts:
    """All of an octave that depends on the column or on the row alone: small arrays, with [o, b] before their axes."""

    across: Array
    """[s, w]: how far columns lie right of the points on their left; s is 2 where every other row begins elsewhere."""
    left: Array
    """int32 [s, w]: index of the point on the left."""
    right: Array
    """int32 [s, w]."""
    down: Array
    """[h]: how far rows of pixels lie under the row of points above them."""
    under: Array
    """int32 [h]: which row of points that is, counted from the first that is needed."""
    first: Array
    """[]: index of that one."""
    period: Array
    """[]: rows of points until they come round."""
    seed: Array
    """uint32 []."""
    count: Array
    """int32 []: rows of points that are needed."""


def by_rows(basis: Basis, lattice: Lattice, octaves: Octaves, *, join: Join, weights: Array, shows: Array) -> Array:
    """Return the octaves of an even lattice, joined; one that has nothing to show is drawn as anything finite.

    Args:
      basis: the noise.
      lattice: of the first octave; it must be ``even``.
      octaves: what they differ in.
      join: adds them up.
      weights: [o, b, 1, 1], for ``join``.
      shows: [o, b, 1, 1]: how far octaves are visible, 0 where cells are smaller than 2 pixels (the first: than 1).

    Returns:
      float32 [b, h, w].
    """
    count = weights.shape[0]
    rows = math.ceil((lattice.y.shape[1] / (ROW if basis.triangles else 1.0) + 4 * count) / _BLOCKS)
    repeats = lattice.period_y is not None

    def image(some: tuple[_Parts, Array, Array]) -> Array:
        parts, weights, shows = some
        start = jnp.cumsum(parts.count) - parts.count
        table = _table(basis, parts, start, rows, repeats)

        def draw(octave: tuple[Array, Array]) -> Array:
            row, down = octave
            above, below = (
                tuple(each.at[at_row].get(mode="promise_in_bounds") for each in table) for at_row in (row, row + 1)
            )
            return basis.blend(above, below, down[:, None])[None]

        row = jnp.minimum(parts.under + start[:, None], _BLOCKS * rows - 2)  # of what does not show, there are none
        return join(draw, (row, parts.down), weights[:, None], shows[:, None])[0]

    parts = jax.lax.map(lambda each: _parts(basis, lattice, *each), (octaves, shows))
    by_image = jax.tree.map(lambda each: jnp.moveaxis(each, 1, 0), (parts, weights, shows))
    return jax.lax.map(image, by_image)


def _parts(basis: Basis, lattice: Lattice, octave: Octaves, shows: Array) -> _Parts:
    """Return the parts of one octave."""
    lattice, seed = octave_lattice(lattice, octave), octave[1]
    sides = [columns(lattice.x - 0.5 * side, lattice.period_x) for side in range(1 + basis.triangles)]
    across, left, right = (jnp.concatenate(each, axis=1) for each in zip(*sides, strict=True))
    y, period = basis.rows(lattice)
    above = jnp.floor(y)
    first = above[:, 0, 0]
    under = above[:, :, 0].astype(jnp.int32) - first[:, None].astype(jnp.int32)
    return _Parts(
        across=across,
        left=left,
        right=right,
        down=(y - above)[:, :, 0],
        under=under,
        first=first,
        period=jnp.ones_like(first) if period is None else period[:, 0, 0],
        seed=seed[:, 0, 0],
        count=jnp.where(shows[:, 0, 0] > 0.0, under[:, -1] + 2, 0),
    )


def _table(basis: Basis, parts: _Parts, start: Array, rows: int, repeats: bool) -> list[Array]:
    """Return what every row of points of one image's octaves gives to every column: [8 rows, w] each."""
    place = jnp.arange(_BLOCKS * rows)
    octave = jnp.sum(place[:, None] >= start[None], axis=1) - 1
    number = (place - start[octave]).astype(jnp.float32) + parts.first[octave]
    number = wrapped(number, parts.period[octave] if repeats else None)
    side = number & 1 if basis.triangles else jnp.zeros_like(number)

    def block(some: tuple[Array, Array, Array, Array]) -> tuple[Array, ...]:
        octave, side, number, seed = some
        across, *points = (
            each.at[octave, side].get(mode="promise_in_bounds") for each in (parts.across, parts.left, parts.right)
        )
        return basis.entries(across, *(at(seed[:, None], number[:, None], point) for point in points))

    pieces = tuple(each.reshape(_BLOCKS, rows) for each in (octave, side, number, parts.seed[octave]))
    return [each.reshape(_BLOCKS * rows, -1) for each in jax.lax.map(block, pieces)]
