"""Pictures drawn by rule as work: one after the other, so that few programs draw any number of them."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

import numpy as np

from gen_jax.draw.logo.pack import room
from gen_jax.draw.logo.raster import rasters
from gen_jax.draw.logo.scene import Scene
from gen_jax.draw.texture.recipe import TextureRecipe
from gen_jax.draw.texture.render import draw_textures

PIXELS_A_CALL = 1 << 22
"""So that a request for many pictures does not keep others waiting; one picture may have more."""


class TextureWork:
    """Rows are recipes; what decides a program (``render.py``) is in the signature, so it differs for few of them.

    Args:
      recipes: all rows.
      size: height and width.
      output: of ``render.OUTPUTS``.
    """

    def __init__(self, recipes: Sequence[TextureRecipe], size: tuple[int, int], output: str) -> None:
        self._size, self._output = size, output
        self.signature: Hashable = ("texture", size, output, frozenset(map(_structure, recipes)))
        self.most = max(1, PIXELS_A_CALL // (size[0] * size[1]))

    def program(self, rows: int) -> Hashable:
        """Name the programs: the same for any number of rows."""
        return self.signature

    def run(self, rows: Sequence[TextureRecipe]) -> list[np.ndarray]:
        """Return pictures uint8 [h, w, c]."""
        return list(draw_textures(rows, size=self._size, outputs=(self._output,))[self._output])


def _structure(recipe: TextureRecipe) -> Hashable:
    octaves = math.ceil(recipe.numbers.get("octaves", 1.0))
    return (recipe.texture, tuple(recipe.choices.items()), recipe.tile, octaves, len(recipe.colors))


class LogoWork:
    """Rows are scenes.

    Args:
      scenes: all rows.
      size: height in pixels.
    """

    def __init__(self, scenes: Sequence[Scene], size: int) -> None:
        self._size = size
        self.signature: Hashable = ("logo", size, frozenset((scene.width, *room([scene])) for scene in scenes))
        self.most = max(1, PIXELS_A_CALL // round(size * size * max(scene.width for scene in scenes)))

    def program(self, rows: int) -> Hashable:
        """Name the programs: the same for any number of rows."""
        return self.signature

    def run(self, rows: Sequence[Scene]) -> list[np.ndarray]:
        """Return pictures uint8 [h, w, 4]."""
        return [picture for scene in rows for picture in rasters([scene], self._size)]


class FileWork:
    """Rows are files that are made already: what needs no accelerator."""

    signature: Hashable = ("file",)
    most = 64

    def program(self, rows: int) -> Hashable:
        """Name the programs: none."""
        return ("file",)

    def run(self, rows: Sequence[bytes]) -> list[bytes]:
        """Return the files."""
        return list(rows)
