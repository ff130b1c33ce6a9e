"""Bent bands, nested or in a row; or a band folded over, in two tones."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, bounds, part, polygon, turned
from gen_jax.draw.logo.marks.tone import Tone, tone_of
from gen_jax.draw.logo.scene import Shape
from gen_jax.draw.logo.symmetry import moved


@dataclasses.dataclass(frozen=True, kw_only=True)
class Chevrons:
    """Bent bands, nested or in a row; or a band folded over, in two tones."""

    kind: Literal["chevrons"] = "chevrons"
    bands: Annotated[int, Range(2, 4)]
    """Number of bands."""
    form: Literal["row", "nested", "folded", "facing"]
    """In a row, nested by size, a zigzag of tones, or two towards each other."""
    steep: Annotated[float, Range(30.0, 58.0)]
    """Of a band's arms, in degrees."""
    weight: Annotated[float, Range(0.28, 0.44)]
    """Width of a band."""
    gap: Annotated[float, Range(0.35, 0.8)]
    """Between bands, as a share of their width."""
    end: Literal["upright", "square"]
    """Whether a band's ends are upright, or square to it."""
    facing: Annotated[int, Range(0, 3)]
    """Where it points: up, and on by quarters of a turn."""
    tone: Annotated[Tone, Odds((1.0, 1.5, 3.0, 1.5))]
    """How inks go from band to band."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a band."""
        if self.form == "folded":
            parts = self._folded()
        elif self.form == "facing":
            upper = self._band(1.0, 0.0, 1.0)
            half = bounds(upper)[3] + 0.16 * self.gap
            parts = [
                part(moved(upper, 0.0, -half), ink=0),
                part(moved(self._band(1.0, 0.0, -1.0), 0.0, half), ink=1 if self.tone != "plain" else 0),
            ]
        else:
            pitch = self.weight * (1.0 + self.gap) / math.cos(math.radians(self.steep))
            parts = []
            for index in range(self.bands):
                reach = 1.0 - 0.24 * index if self.form == "nested" else 1.0
                band = self._band(reach, pitch * (index if self.form == "row" else index * 0.98), 1.0)
                parts.append(part(band, ink=tone_of(self.tone, index, self.bands)))
        return [Part(tuple(turned(shape, 90.0 * self.facing) for shape in p.shapes), p.ink) for p in parts]

    def _band(self, reach: float, y: float, up: float) -> Shape:
        """Return a bent band with its tip at the top, its arms down to ``reach`` aside."""
        turn = math.radians(self.steep)
        rise, thick = math.tan(turn) * reach, self.weight / math.cos(turn)
        outer, inner = reach, reach
        if self.end == "square":
            inner = reach - self.weight * math.sin(turn)
        low_outer, low_inner = rise, math.tan(turn) * inner + thick
        points = [
            (0.0, 0.0),
            (outer, low_outer),
            (inner, low_inner),
            (0.0, thick),
            (-inner, low_inner),
            (-outer, low_outer),
        ]
        return polygon([(px, up * (py - (rise + thick) / 2.0) + y) for px, py in points])

    def _folded(self) -> list[Part]:
        """Return a zigzag of slanted bands, one ink up and another down, with gaps at the folds."""
        rise, thick, gap = 0.2 + 0.6 * math.sin(math.radians(self.steep)), 0.32 + 0.6 * self.weight, 0.06
        wide = 2.0 / self.bands
        parts = []
        for index in range(self.bands):
            left, right = -1.0 + wide * index + gap / 2.0, -1.0 + wide * (index + 1) - gap / 2.0
            start, end = (rise / 2.0, -rise / 2.0) if index % 2 == 0 else (-rise / 2.0, rise / 2.0)
            points = [(left, start - thick), (right, end - thick), (right, end + thick), (left, start + thick)]
            parts.append(part(polygon(points), ink=tone_of(self.tone, index, self.bands)))
        return parts
