"""Random pixels fully said: kind, seed and every number, so that the JSON draws the same picture again."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from gen_jax.draw import hexcolor
from gen_jax.draw.parameter import Number
from gen_jax.draw.reading import read_recipe
from gen_jax.errors import UserError
from gen_jax.registry import lookup

MOST_COLORS = 256
MOST_CELL = 4096


@dataclasses.dataclass(frozen=True)
class NoiseKind:
    """A way to make random pixels."""

    doc: str
    numbers: Mapping[str, Number] = dataclasses.field(default_factory=dict)


KINDS: dict[str, NoiseKind] = {
    "uniform": NoiseKind(
        "every level from low to high equally often; every pixel by itself",
        {
            "low": Number(0.0, 0.0, 1.0, "darkest level, 1 is white"),
            "high": Number(1.0, 0.0, 1.0, "brightest level"),
        },
    ),
    "gaussian": NoiseKind(
        "levels of a normal distribution, clipped to black and white; every pixel by itself",
        {
            "mean": Number(0.5, -1.0, 2.0, "mean level, 1 is white"),
            "std": Number(0.15, 0.0, 10.0, "standard deviation"),
        },
    ),
    "salt_pepper": NoiseKind(
        "a few white and black pixels on grey",
        {
            "amount": Number(0.1, 0.0, 1.0, "share of pixels that are white or black"),
            "salt": Number(0.5, 0.0, 1.0, "share of those that are white"),
            "ground": Number(0.5, 0.0, 1.0, "level of the others"),
        },
    ),
    "blue": NoiseKind("every level equally often and spread evenly, no clumps, no pattern: for dithering; seamless"),
    "colored": NoiseKind(
        "power falls with frequency f as 1/f^slope: 0 white, 1 pink, 2 brown, 3 like clouds, -2 violet; seamless",
        {
            "slope": Number(1.0, -2.0, 4.0, "of the power spectrum"),
            "mean": Number(0.5, 0.0, 1.0, "mean level, 1 is white"),
            "std": Number(0.18, 0.0, 1.0, "standard deviation, before levels are clipped to black and white"),
        },
    ),
}
"""Kind -> its parameters."""

NAMED: dict[str, tuple[str, dict[str, float]]] = {
    "white": ("colored", {"slope": 0.0}),
    "pink": ("colored", {"slope": 1.0}),
    "brown": ("colored", {"slope": 2.0}),
    "red": ("colored", {"slope": 2.0}),
    "azure": ("colored", {"slope": -1.0}),
    "violet": ("colored", {"slope": -2.0}),
}
"""Another name -> the kind that it means, and with which numbers."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class NoiseRecipe:
    """One picture of random pixels, but for its size."""

    kind: str
    """Name in ``KINDS``."""
    seed: int = 0
    """Whole number; what counts is its value modulo 2^32."""
    rgb: bool = False
    """Whether red, green and blue are drawn independently; otherwise the picture is grey."""
    cell: int = 1
    """Side of the squares that have one colour each, in pixels."""
    numbers: dict[str, float] = dataclasses.field(default_factory=dict)
    """Every parameter of the kind; what is left out gets its default."""
    palette: tuple[str, ...] = ()
    """#rrggbb each. Where there are some the pixels have these alone: without ``rgb`` from the first on the darkest to
    the last on the brightest, as many pixels each; with ``rgb`` every pixel the nearest in OKLab."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn; what is left out gets its default."""
        spec = lookup(KINDS, self.kind, what="kind of noise").numbers
        for name, value in self.numbers.items():
            lookup(spec, name, what=f"parameter of {self.kind}").check(f"{self.kind}.{name}", value)
        full = {name: float(self.numbers.get(name, number.default)) for name, number in spec.items()}
        if not 1 <= self.cell <= MOST_CELL:
            raise UserError(f"cell is {self.cell}; allowed are whole numbers from 1 to {MOST_CELL} (pixels)")
        if len(self.palette) > MOST_COLORS:
            raise UserError(f"palette has {len(self.palette)} colors; allowed are {MOST_COLORS} at most")
        colors = [hexcolor.text_of(hexcolor.parse(color, where="palette")) for color in self.palette]
        object.__setattr__(self, "numbers", full)
        object.__setattr__(self, "palette", tuple(colors))


def noise_recipe(
    name: str,
    *,
    seed: int = 0,
    rgb: bool = False,
    cell: int = 1,
    parameters: Mapping[str, Any] | None = None,
    palette: Sequence[str] = (),
) -> NoiseRecipe:
    """Return a picture of random pixels, fully said.

    Args:
      name: in ``KINDS`` or ``NAMED``.
      seed: decides every pixel.
      rgb: whether red, green and blue are drawn independently.
      cell: side of the squares that have one colour each, in pixels.
      parameters: values of the kind's parameters.
      palette: colours in words, none for all.

    Raises:
      UserError: an unknown name or parameter, or a value that is not allowed.
    """
    known = {**{kind: (kind, {}) for kind in KINDS}, **NAMED}
    kind, numbers = lookup(known, name, what="kind of noise")
    given = {
        key: lookup(KINDS[kind].numbers, key, what=f"parameter of {name}").check(f"{name}.{key}", value)
        for key, value in (parameters or {}).items()
    }
    return NoiseRecipe(kind=kind, seed=seed, rgb=rgb, cell=cell, numbers={**numbers, **given}, palette=tuple(palette))


def to_json(recipe: NoiseRecipe) -> dict[str, Any]:
    """Return the recipe as JSON knows it."""
    return {**dataclasses.asdict(recipe), "palette": list(recipe.palette)}


def from_json(data: Any, where: str) -> NoiseRecipe:
    """Return the recipe that ``to_json`` gave; what is left out gets its default.

    Raises:
      UserError: it is none; ``where`` is the file that it came from.
    """
    return read_recipe(NoiseRecipe, data, where=where)
