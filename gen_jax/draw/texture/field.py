"""Where a texture is drawn: the pixels of a batch of pictures, in the units that textures count in."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.hashing import fold


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Field:
    """The pixels of ``b`` pictures. A unit is the shorter side of a picture; y points down."""

    seed: Array
    """uint32 [b, 1, 1]: of each picture."""
    height: int = dataclasses.field(metadata={"static": True})
    """In pixels."""
    width: int = dataclasses.field(metadata={"static": True})
    """In pixels."""
    tile: bool = dataclasses.field(metadata={"static": True})
    """Whether the picture continues at its own opposite edges."""
    most_octaves: int = dataclasses.field(metadata={"static": True})
    """Upper bound of every ``octaves`` in the batch, at least 1: so many are computed."""

    @property
    def pixel(self) -> float:
        """Side of a pixel in units: what antialiasing goes by."""
        return 1.0 / min(self.height, self.width)

    @property
    def extent(self) -> tuple[float, float]:
        """Height and width of the picture in units."""
        return self.height * self.pixel, self.width * self.pixel

    @property
    def x(self) -> Array:
        """Centres of the columns in units, float32 [1, 1, w]."""
        return jnp.asarray(_centres(self.width) * np.float32(self.pixel))[None, None, :]

    @property
    def y(self) -> Array:
        """Centres of the rows in units, float32 [1, h, 1]."""
        return jnp.asarray(_centres(self.height) * np.float32(self.pixel))[None, :, None]

    def seed_of(self, part: int) -> Array:
        """Return the seed [b, 1, 1] of a part of the texture, so that its parts are independent."""
        return fold(self.seed, part)


def _centres(count: int) -> np.ndarray:
    """Return 0.5, 1.5, ... as numbers that stand in the program.

    Were they computed in it, XLA would join the size of a pixel to a scale, where that is one number and not one a
    picture: with one picture the coordinates would differ in their last bits from those of the same one in a batch.
    """
    return np.arange(count, dtype=np.float32) + np.float32(0.5)


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Lattice:
    """Coordinates in cells, and after how many cells they come round."""

    x: Array
    """float32 [b, 1, w] where it depends on the column alone, else [b, h, w]."""
    y: Array
    """float32 [b, h, 1] where it depends on the row alone, else [b, h, w]."""
    period_x: Array | None
    """Whole numbers as float32 [b, 1, 1]; None where nothing repeats."""
    period_y: Array | None
    """Likewise downwards."""
    step: Array | None = None
    """Cells a pixel, [b, 1, 1], the larger of both ways: what is finer than pixels can be left out by it; None where
    that is not known. Where columns and rows are apart, rows then lie evenly, at most so far from one another."""

    @property
    def even(self) -> bool:
        """Whether columns and rows are apart, and the rows even: noise is then quicker."""
        return self.step is not None and self.x.shape[1] == 1 and self.y.shape[2] == 1

    def shifted(self, dx: Array, dy: Array) -> Lattice:
        """Return the lattice with its coordinates moved by so many cells [b, h, w] or broadcast to it."""
        y = self.y + dy
        if y.shape[2] == 1 and jnp.shape(dy)[1:2] not in ((), (1,)):  # the rows are no longer even
            y = jnp.broadcast_to(y, (*y.shape[:2], self.x.shape[2]))
        return dataclasses.replace(self, x=self.x + dx, y=y)

    def refined(self, factor: int | Array) -> Lattice:
        """Return a lattice of ``factor`` times as many cells, a whole number."""
        scaled = [None if known is None else known * factor for known in (self.period_x, self.period_y, self.step)]
        return Lattice(self.x * factor, self.y * factor, *scaled)


def lattice(field: Field, scale_x: Array, scale_y: Array | None = None) -> Lattice:
    """Lay cells over a field.

    Args:
      field: of the pixels.
      scale_x: cells per unit, [b, 1, 1]; where the field tiles, the nearest number that gives whole cells, 1 at least.
      scale_y: likewise downwards; left out, the same.

    Returns:
      Separable coordinates (columns and rows apart), in cells from the top left corner.
    """
    scale_y = scale_x if scale_y is None else scale_y
    if not field.tile:
        step = jnp.maximum(scale_x, scale_y) * field.pixel
        return Lattice(field.x * scale_x, field.y * scale_y, None, None, step)
    height, width = field.extent
    cells_x, cells_y = (jnp.maximum(jnp.round(s * side), 1.0) for s, side in ((scale_x, width), (scale_y, height)))
    step = jnp.maximum(cells_x / width, cells_y / height) * field.pixel
    return Lattice(field.x * (cells_x / width), field.y * (cells_y / height), cells_x, cells_y, step)
