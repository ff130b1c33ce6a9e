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
    form: Annotated[Literal["row", "nested", "folded", "facing"], Odds((3.0, 2.0, 1.0, 0.4))]
    """In a row, nested by size, a zigzag of tones, or two towards each other."""
    steep: Annotated[float, Range(30.0, 58.0)]
    """Of a band's arms, in degrees."""
    weight: Annotated[float, Range(0.26, 0.48)]
    """Width of a band."""
    gap: Annotated[float, Range(0.35, 0.8)]
    """Between bands, as a share of their width."""
    end: Literal["upright", "square"]
    """Whether a band's ends are upright, or square to it."""
    taper: Annotated[float, Range(0.12, 0.36)]
    """Of nested bands: how much shorter each is than the one before it."""
    aside: Annotated[float, Range(-0.4, 0.4)]
    """How far each band of a row lies aside of the one before it, where more than 0.2 either way."""
    arm: Annotated[float, Range(0.5, 1.15)]
    """Length of the second arm to that of the first, where below 0.8: as of a tick."""
    facing: Annotated[int, Range(0, 7)]
    """Where it points: up, and on by eighths of a turn; a zigzag and a tick by quarters."""
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
                reach = 1.0 - self.taper * index if self.form == "nested" else 1.0
                band = self._band(reach, pitch * (index if self.form == "row" else index * 0.98), 1.0)
                aside = self.aside * index if self.form == "row" and abs(self.aside) > 0.2 else 0.0
                parts.append(part(moved(band, aside, 0.0), ink=tone_of(self.tone, index, self.bands)))
        upright = self.form == "folded" or self.arm < 0.8
        turn = 90.0 * (self.facing // 2) if upright else 45.0 * self.facing
        return [Part(tuple(turned(shape, turn) for shape in p.shapes), p.ink) for p in parts]

    def _band(self, reach: float, y: float, up: float) -> Shape:
        """Return a bent band with its tip at the top, its arms down to ``reach`` aside."""
        turn = math.radians(self.steep)
        rise, thick = math.tan(turn) * reach, self.weight / math.cos(turn)
        outer, inner = reach, reach
        if self.end == "square":
            inner = reach - self.weight * math.sin(turn)
        arm = self.arm if self.arm < 0.8 and self.form != "facing" else 1.0
        back = (-outer * arm, rise * arm), (-outer * arm + outer - inner, 0.0)
        back_inner = (back[1][0], -math.tan(turn) * back[1][0] + thick)
        points = [(0.0, 0.0), (outer, rise), (inner, math.tan(turn) * inner + thick), (0.0, thick), back_inner, back[0]]
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
