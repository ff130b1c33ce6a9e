"""What a texture is to its caller: a function of a field, with the ranges of its parameters said beside it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import jax
from jax import Array

from gen_jax.errors import UserError
from gen_jax.registry import lookup


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Layers:
    """What a texture gives; float32 [b, h, w] in [0, 1] each."""

    height: Array
    """How far the surface stands out: the grey picture, and what the normal map is the slope of."""
    tone: Array | None = None
    """Where in the colour map a pixel lies; None: where its height says."""
    mask: Array | None = None
    """1 on the thing itself (bricks, dots, veins), 0 on what lies between; None: where the height is above one half."""
    cover: Array | None = None
    """Share of the colour at the tone; the rest is the first colour of the map. So the edge between a joint and a
    stone of any tone passes through no third colour; None: 1 everywhere."""


@dataclasses.dataclass(frozen=True)
class Number:
    """A parameter that is a number, one a picture; the texture gets float32 [b, 1, 1]."""

    default: float
    low: float
    high: float
    doc: str
    vary: float = 0.0
    """How far a seed moves it either way, as a share of the default value."""
    whole: bool = False
    """Whole numbers only."""

    def check(self, name: str, value: Any) -> float:
        """Return the value as a number.

        Raises:
          UserError: no number, not finite, or outside of the range.
        """
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if not self.low <= number <= self.high or (self.whole and number != round(number)):
            kind = "whole numbers" if self.whole else "numbers"
            raise UserError(f"{name} is {value!r}; allowed are {kind} from {self.low:g} to {self.high:g} ({self.doc})")
        return number


@dataclasses.dataclass(frozen=True)
class Choice:
    """A parameter that is one of a few words; another word is another program."""

    default: str
    allowed: tuple[str, ...]
    doc: str

    def check(self, name: str, value: Any) -> str:
        """Return the value. Raises UserError where it is none of the words."""
        if value not in self.allowed:
            raise UserError(f"{name} is {value!r}; allowed are {', '.join(self.allowed)} ({self.doc})")
        return value


@dataclasses.dataclass(frozen=True)
class Texture:
    """A texture: what draws it, and what its parameters may be."""

    draw: Callable[..., Layers]
    """``draw(field, **numbers [b, 1, 1], **choices) -> Layers``; pure, every op over the whole batch."""
    numbers: Mapping[str, Number]
    choices: Mapping[str, Choice]
    tiles: bool = True
    """Whether it can be made to continue at its own edges."""

    @property
    def doc(self) -> str:
        """What it looks like, in one line."""
        return (self.draw.__doc__ or "").strip().splitlines()[0]

    def check(self, name: str, parameters: Mapping[str, Any]) -> dict[str, float | str]:
        """Return the parameters, checked, without those that are not given.

        Raises:
          UserError: an unknown parameter, or a value that is not allowed.
        """
        known: dict[str, Number | Choice] = {**self.numbers, **self.choices}
        return {
            key: lookup(known, key, what=f"parameter of {name}").check(f"{name}.{key}", value)
            for key, value in parameters.items()
        }


def texture(*, tiles: bool = True, **parameters: Number | Choice) -> Callable[[Callable[..., Layers]], Texture]:
    """Make a Texture of a function; the parameters are named as the function names them."""
    numbers = {name: spec for name, spec in parameters.items() if isinstance(spec, Number)}
    choices = {name: spec for name, spec in parameters.items() if isinstance(spec, Choice)}

    def make(draw: Callable[..., Layers]) -> Texture:
        return Texture(draw, numbers, choices, tiles)

    return make
