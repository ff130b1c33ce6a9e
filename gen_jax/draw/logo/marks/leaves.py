"""Leaves from one foot, or along a stem."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, leaf, line, part, polar, turned, within
from gen_jax.draw.logo.scene import Box


@dataclasses.dataclass(frozen=True, kw_only=True)
class Leaves:
    """Leaves from one foot, or along a stem."""

    kind: Literal["leaves"] = "leaves"
    form: Annotated[Literal["fan", "sprout", "branch", "single", "pair"], Odds((2.0, 1.0, 1.5, 0.6, 1.5))]
    """A fan of leaves, two on a stem, pairs along a stem, one with a vein, two of unlike size."""
    leaves: Annotated[int, Range(3, 5)]
    """Of a fan, or pairs of a branch and one more."""
    plump: Annotated[float, Range(0.34, 0.7)]
    """Width of a leaf to its length."""
    spread: Annotated[float, Range(24.0, 52.0)]
    """Between leaves, in degrees."""
    fall: Annotated[float, Range(0.05, 0.3)]
    """How much shorter a leaf is than the one before it, from the middle of a fan or the foot of a branch."""
    second: Annotated[float, Range(0.5, 1.0)]
    """Of a pair, and on a stem: length of the second leaf to that of the first."""
    left: bool
    """Whether the first of two leaves is the left one."""
    vein: Annotated[Literal["none", "line", "half"], Odds((2.0, 1.0, 1.0))]
    """What parts a leaf: nothing (a single one: its midrib), its midrib, or that and two inks."""
    lean: Annotated[Literal[0, 15, -15, 30, -30, 45, -45], Odds((3.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0))]
    """Turned by so many degrees."""
    tone: Literal["plain", "sides", "middle"]
    """Which leaves take the second ink: none, those on the right, the middle one."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a leaf, or half a leaf, and the stem."""
        parts: list[Part] = []
        if self.form == "fan":
            wide = min(self.spread, 180.0 / self.leaves)
            for index in range(self.leaves):
                angle = wide * (index - (self.leaves - 1) / 2.0)
                length = 1.0 - self.fall * abs(index - (self.leaves - 1) / 2.0)
                width = min(self.plump * length, 2.0 * 0.62 * math.sin(math.radians(wide / 2.0)) * 1.1)
                parts += self._leaf(length, width, angle, base=0.12)
        elif self.form == "single":
            parts += self._leaf(2.0, 2.0 * self.plump * 1.2, 45.0, base=-1.0)
        elif self.form == "pair":
            side, short = (-1.0 if self.left else 1.0), 1.3 * self.second
            parts += self._leaf(1.3, 1.3 * self.plump, side * self.spread, base=0.06)
            parts += self._leaf(short, short * self.plump, -side * (self.spread + 12.0), base=0.06)
        elif self.form == "sprout":
            parts.append(part(Box(x=0.0, y=0.5, width=0.13, height=1.05, corner=0.065)))
            for sign, length in ((-1.0, 0.98), (1.0, 0.98 * self.second)):
                angle = (sign if self.left else -sign) * (self.spread + 22.0)
                parts += [_lifted(p, 0.05) for p in self._leaf(length, length * self.plump, angle, base=0.1)]
        else:
            parts += self._branch()
        return [Part(tuple(turned(shape, self.lean) for shape in p.shapes), p.ink) for p in parts]

    def _branch(self) -> list[Part]:
        parts = [part(line((0.0, 0.95), (0.0, -0.35), 0.09))]
        pairs = min(self.leaves, 5) - 1
        for pair in range(pairs):
            y = 0.62 - 1.15 * pair / (pairs + 1)
            length = 0.72 - 0.4 * self.fall * pair
            # No broader than lets the pair above stand clear.
            width = min(length * self.plump * 0.9, 0.8 / (pairs + 1))
            for sign in (-1.0, 1.0):
                parts += [_lifted(p, y) for p in self._leaf(length, width, sign * 52.0, base=0.1)]
        return [*parts, *(_lifted(p, -0.4) for p in self._leaf(0.6, 0.6 * self.plump, 0.0, base=0.06))]

    def _leaf(self, length: float, width: float, angle: float, *, base: float) -> list[Part]:
        outline = leaf(length, width, angle=angle, base=base)
        ink = {"plain": 0, "sides": int(angle > 1.0), "middle": int(abs(angle) < 1.0)}[self.tone]
        if self.vein == "none" and self.form != "single":
            return [part(*outline, ink=ink)]
        rib = 0.045 + 0.02 * length
        if self.vein != "half" or self.form == "branch":
            foot, tip = polar(base - 0.1, angle), polar(base + length * 0.66, angle)
            return [part(*outline, cut(line(foot, tip, rib)), ink=ink)]
        halves = [turned(Box(x=sign * (2.0 + rib / 2.0), y=0.0, width=4.0, height=8.0), angle) for sign in (-1.0, 1.0)]
        return [part(*outline, within(half), ink=(ink + place) % 2) for place, half in enumerate(halves)]


def _lifted(given: Part, dy: float) -> Part:
    return Part(tuple(dataclasses.replace(shape, y=shape.y + dy) for shape in given.shapes), given.ink)
