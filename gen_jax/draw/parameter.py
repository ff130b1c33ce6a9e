"""What a parameter of a drawing may be: a number in a range, or one of a few words."""

from __future__ import annotations

import dataclasses
from typing import Any

from gen_jax.errors import UserError


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
