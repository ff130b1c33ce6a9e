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
        return ((jnp.arange(self.width, dtype=jnp.float32) + 0.5) * np.float32(self.pixel))[None, None, :]

    @property
    def y(self) -> Array:
        """Centres of the rows in units, float32 [1, h, 1]."""
        return ((jnp.arange(self.height, dtype=jnp.float32) + 0.5) * np.float32(self.pixel))[None, :, None]

    def seed_of(self, part: int) -> Array:
        """Return the seed [b, 1, 1] of a part of the texture, so that its parts are independent."""
        return fold(self.seed, part)


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

    def shifted(self, dx: Array, dy: Array) -> Lattice:
        """Return the lattice with its coordinates moved by so many cells [b, h, w] or broadcast to it."""
        return dataclasses.replace(self, x=self.x + dx, y=self.y + dy)

    def refined(self, factor: int) -> Lattice:
        """Return a lattice of ``factor`` times as many cells."""
        scaled = [None if period is None else period * factor for period in (self.period_x, self.period_y)]
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
        return Lattice(field.x * scale_x, field.y * scale_y, None, None)
    height, width = field.extent
    cells_x, cells_y = (jnp.maximum(jnp.round(s * side), 1.0) for s, side in ((scale_x, width), (scale_y, height)))
    return Lattice(field.x * (cells_x / width), field.y * (cells_y / height), cells_x, cells_y)
