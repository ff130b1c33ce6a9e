"""What every measure returns: a frozen dataclass of named values, of which the first is the headline."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np


class Measured:
    """Gives a result dataclass its headline: ``float(result)`` and ``result.value`` are its first field."""

    @property
    def value(self) -> float:
        """The first field."""
        return float(self)

    def __float__(self) -> float:
        """Return the first field."""
        first = dataclasses.fields(self)[0]  # type: ignore[arg-type]
        return float(getattr(self, first.name))

    def scalars(self) -> dict[str, float]:
        """Return the values that are single numbers, by name; arrays (one value an image) are left out."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}  # type: ignore[arg-type]
        return {name: _plain(value) for name, value in values.items() if np.ndim(value) == 0 and _is_number(value)}


def _is_number(value: Any) -> bool:
    return value is not None and not isinstance(value, str | bool)


def _plain(value: Any) -> float:
    return int(value) if isinstance(value, int | np.integer) else float(value)
