"""The draw of a logo's parameters: each is a number of the seed and of its own name, which any language can repeat.

``unit(seed, path)`` is SHA-256 of the UTF-8 text ``SEED/PATH``: the first 53 bits, read as a whole number, divided by
2^53. A parameter depends on no other draw, so that one more parameter, or one that is given, never moves another.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeVar

import annotated_types

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Range(annotated_types.GroupedMetadata):
    """From where to where a number may lie, both ends included; whole numbers where its type is int."""

    low: float
    high: float

    def __iter__(self) -> Iterator[object]:
        """Yield the two bounds: what pydantic checks."""
        yield annotated_types.Ge(self.low)
        yield annotated_types.Le(self.high)


@dataclasses.dataclass(frozen=True)
class Odds:
    """How often each choice is drawn, relative to one another; a truth value's are those of (False, True)."""

    weights: tuple[float, ...]


def unit(seed: str, path: str) -> float:
    """Return the number in [0, 1), a multiple of 2^-53, that the seed gives to what ``path`` names."""
    digest = hashlib.sha256(f"{seed}/{path}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / 2.0**53


def whole(seed: str, path: str, low: int, high: int) -> int:
    """Return a whole number from ``low`` to ``high``, both included: ``low + floor(u (high - low + 1))``."""
    return low + int(unit(seed, path) * (high - low + 1))


def real(seed: str, path: str, low: float, high: float) -> float:
    """Return ``low + u (high - low)``, rounded to 4 decimals."""
    return round(low + unit(seed, path) * (high - low), 4)


def choice(seed: str, path: str, options: Sequence[T], weights: Sequence[float] | None = None) -> T:
    """Return the first option whose share of the weights, added to those before it, is above ``u``."""
    weights = [1.0] * len(options) if weights is None else weights
    level = unit(seed, path) * sum(weights)
    for option, weight in zip(options, weights, strict=True):
        level -= weight
        if level < 0.0:
            return option
    return options[-1]


def drawn(kind: type[T], seed: str, path: str, given: Mapping[str, Any]) -> T:
    """Make a dataclass of what is given and draw the rest.

    Args:
      kind: whose fields are int or float with a ``Range``, Literal or bool, the last two perhaps with ``Odds``;
        a field with a default value is not drawn.
      seed: of the draw.
      path: its field ``petals`` is drawn as ``PATH/petals``.
      given: fields that are not drawn; they are not checked here.
    """
    values = {name: _draw(seed, f"{path}/{name}", hint) for name, hint in _fields(kind) if name not in given}
    return kind(**values, **given)


def names(kind: type) -> tuple[str, ...]:
    """Return the names of what is drawn of a dataclass."""
    return tuple(name for name, _ in _fields(kind))


@functools.cache
def _fields(kind: type) -> tuple[tuple[str, Any], ...]:
    """Return (name, annotation) of every field without a default."""
    hints = typing.get_type_hints(kind, include_extras=True)
    fields: tuple[Any, ...] = dataclasses.fields(kind)
    return tuple((field.name, hints[field.name]) for field in fields if field.default is dataclasses.MISSING)


def _draw(seed: str, path: str, hint: Any) -> Any:
    extras = getattr(hint, "__metadata__", ())
    base = typing.get_args(hint)[0] if extras else hint
    weights = next((extra.weights for extra in extras if isinstance(extra, Odds)), None)
    if base is bool:
        return choice(seed, path, (False, True), weights)
    if typing.get_origin(base) is Literal:
        return choice(seed, path, typing.get_args(base), weights)
    limits = next(extra for extra in extras if isinstance(extra, Range))
    if base is int:
        return whole(seed, path, int(limits.low), int(limits.high))
    return real(seed, path, limits.low, limits.high)
