"""Axes and numbers as people read them: round ticks, short numbers, smoothed and thinned curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

_PREFIXES = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


class Axis(NamedTuple):
    """One axis of a chart."""

    low: float
    high: float
    log: bool
    ticks: tuple[float, ...]

    def place(self, value: float) -> float:
        """Return where ``value`` lies: 0 at the low end, 1 at the high end; may lie outside."""
        if self.log:
            if value <= 0:
                return -1.0
            return (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return (value - self.low) / (self.high - self.low)


def axis(values: Sequence[float], *, log: bool = False, ticks: int = 4) -> Axis:
    """Return an axis that holds the finite ``values``, on round numbers."""
    low, high = min(values), max(values)
    if log:
        return _log_axis(low, high)
    if high - low <= 1e-12 * max(abs(low), abs(high)):  # a constant
        low, high = (low - abs(low) / 2, high + abs(high) / 2) if low else (0.0, 1.0)
    step = _round_step((high - low) / ticks)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    marks = tuple(step * number for number in range(first, last + 1))
    return Axis(marks[0], marks[-1], False, marks)


def wants_log(values: Sequence[float]) -> bool:
    """Tell whether a log scale shows more: all positive, and the middle 90 % spans more than two decades."""
    ordered = sorted(values)
    if not ordered or ordered[0] <= 0:
        return False
    return ordered[int(0.95 * (len(ordered) - 1))] / ordered[int(0.05 * (len(ordered) - 1))] > 100


def short(value: float, digits: int = 3) -> str:
    """Write a number in a few significant digits: ``12.8k``, ``0.0312``, ``3.1e−5``."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    value = float(f"{value:.{digits}g}")
    scale, prefix = next(((scale, prefix) for scale, prefix in _PREFIXES if abs(value) >= scale), (1.0, ""))
    return f"{value / scale:.{digits}g}{prefix}".replace("e-0", "e-").replace("-", "−")


def smooth(values: Sequence[float], weight: float) -> list[float]:
    """Average exponentially, forwards and backwards, so that a curve is not shifted; NaN is stepped over.

    The mean of ``s_t = (w s_{t-1} + (1 - w) x_t) / (1 - w**t)`` and of the same from the other end.
    """
    there, back = _averages(values, weight), _averages(values[::-1], weight)[::-1]
    return [(one + other) / 2 for one, other in zip(there, back, strict=True)]


def _averages(values: Sequence[float], weight: float) -> list[float]:
    total, norm, result = 0.0, 0.0, []
    for value in values:
        if math.isfinite(value):
            total, norm = weight * total + (1 - weight) * value, weight * norm + (1 - weight)
        result.append(total / norm if math.isfinite(value) else math.nan)
    return result


def thin(rows: Sequence[int], most: int) -> list[int]:
    """Return at most ``most`` of ``rows``, evenly spaced, with the first and the last."""
    if len(rows) <= most:
        return list(rows)
    if most == 1:
        return [rows[-1]]
    return [rows[round(number * (len(rows) - 1) / (most - 1))] for number in range(most)]


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(nice * power for nice in (1, 2, 2.5, 5, 10) if nice * power >= rough * (1 - 1e-9))


def _log_axis(low: float, high: float) -> Axis:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    last = max(last, first + 1)
    stride = math.ceil((last - first) / 6)
    # 10.0 ** -5 is 1.0000000000000001e-05; reading the text gives the nearest number.
    return Axis(
        float(f"1e{first}"), float(f"1e{last}"), True, tuple(float(f"1e{n}") for n in range(first, last + 1, stride))
    )
