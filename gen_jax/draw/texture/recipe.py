"""A texture fully said: every number, choice and colour, so that its JSON draws the same picture again."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from gen_jax.draw import hexcolor
from gen_jax.draw.reading import read_recipe
from gen_jax.draw.texture import colormap
from gen_jax.draw.texture.catalog import TEXTURES
from gen_jax.draw.texture.kind import Choice, Number
from gen_jax.draw.texture.plan import SURFACE, plan
from gen_jax.errors import UserError
from gen_jax.registry import lookup


@dataclasses.dataclass(frozen=True, kw_only=True)
class TextureRecipe:
    """One picture of a texture, but for its size."""

    texture: str
    """Name in ``catalog.TEXTURES``."""
    preset: str | None = None
    """What it was made from; it draws nothing by itself."""
    seed: int = 0
    """Whole number; what counts is its value modulo 2^32."""
    tile: bool = False
    """Whether the picture continues at its own opposite edges."""
    numbers: dict[str, float]
    """Every parameter that is a number."""
    choices: dict[str, str] = dataclasses.field(default_factory=dict)
    """Every parameter that is a word."""
    colors: tuple[tuple[float, str], ...]
    """Positions in [0, 1] and the colour at each, #rrggbb."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def __post_init__(self) -> None:
        """Refuse what no texture can draw; what is left out gets its default."""
        spec = lookup(TEXTURES, self.texture, what="texture")
        known: dict[str, Number | Choice] = {**SURFACE, **spec.numbers, **spec.choices}
        given = {**self.numbers, **self.choices}
        for name, value in given.items():
            lookup(known, name, what=f"parameter of {self.texture}").check(f"{self.texture}.{name}", value)
        full = {name: given.get(name, parameter.default) for name, parameter in known.items()}
        numbers = {name: float(full[name]) for name, parameter in known.items() if isinstance(parameter, Number)}
        object.__setattr__(self, "numbers", numbers)
        object.__setattr__(self, "choices", {name: str(full[name]) for name in spec.choices})
        object.__setattr__(self, "colors", colormap.check(self.colors, where=f"colors of {self.texture}"))
        if self.tile and not spec.tiles:
            raise UserError(f"tile is true, but {self.texture} has edges that cannot meet; leave it out")


def texture_recipe(
    name: str,
    *,
    seed: int = 0,
    tile: bool = False,
    parameters: Mapping[str, Any] | None = None,
    colors: colormap.Stops | None = None,
    vary: float = 1.0,
) -> TextureRecipe:
    """Return a picture of a texture or preset, fully said.

    Args:
      name: of a preset or of a texture.
      seed: decides what varies, and every random detail.
      tile: whether the picture continues at its own opposite edges.
      parameters: values that are given: they do not vary.
      colors: stops that are given: they do not vary.
      vary: share of the usual variation; 0 gives the preset itself.

    Raises:
      UserError: an unknown name or parameter, or a value that is not allowed.
    """
    said = plan(name, parameters=parameters, colors=colors, vary=vary)
    seeds = np.array([seed & 0xFFFFFFFF], np.uint32)
    shown = [hexcolor.text_of(color) for color in said.colors_of(seeds)[0]]
    return TextureRecipe(
        texture=said.texture,
        preset=said.preset,
        seed=seed,
        tile=tile,
        numbers={key: _shortest(value[0]) for key, value in said.numbers_of(seeds).items()},
        choices=dict(said.choices),
        colors=tuple((position, color) for (position, _), color in zip(said.colors, shown, strict=True)),
    )


def to_json(recipe: TextureRecipe) -> dict[str, Any]:
    """Return the recipe as JSON knows it."""
    return {**dataclasses.asdict(recipe), "colors": [list(stop) for stop in recipe.colors]}


def from_json(data: Any, where: str) -> TextureRecipe:
    """Return the recipe that ``to_json`` gave; what is left out gets its default.

    Raises:
      UserError: it is none; ``where`` is the file that it came from.
    """
    return read_recipe(TextureRecipe, data, where=where)


def _shortest(value: np.float32) -> float:
    """Return the number with the fewest digits that is this float32."""
    return float(str(value))
