"""What a texture is to its caller: a function of a field, with the ranges of its parameters said beside it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import jax
from jax import Array

from gen_jax.draw.parameter import Choice as Choice
from gen_jax.draw.parameter import Number as Number
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
