"""Bars side by side whose ends follow a curve."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo import chance
from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, part, polygon, turned
from gen_jax.draw.logo.marks.tone import Tone, tone_of
from gen_jax.draw.logo.scene import Box, Circle, Shape


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bars:
    """Bars side by side whose ends follow a curve."""

    kind: Literal["bars"] = "bars"
    bars: Annotated[int, Range(3, 6)]
    """Number of bars."""
    profile: Annotated[
        Literal["rise", "fall", "hill", "valley", "wave", "step", "free"], Odds((1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 4.0))
    ]
    """Which curve their lengths follow; free: each its own."""
    lengths: Annotated[int, Range(0, 99999)]
    """The seed of free lengths."""
    align: Literal["foot", "middle", "head", "slide"]
    """Which ends are level; ``slide``: none, bars of one length are moved along."""
    end: Annotated[Literal["round", "square", "slant"], Odds((3.0, 1.5, 1.5))]
    """Of the bars; slanted ends go with the curve."""
    gap: Annotated[float, Range(0.25, 0.5)]
    """Between bars, as a share of a bar."""
    least: Annotated[float, Range(0.25, 0.5)]
    """The shortest bar as a share of the longest."""
    ball: Annotated[bool, Odds((3.0, 1.0))]
    """Whether a disc stands over the shortest bar of a chart."""
    turn: Annotated[Literal[0, 90, 45, -45], Odds((4.0, 1.5, 1.0, 1.0))]
    """Turned by so many degrees."""
    tone: Tone
    """How inks go from bar to bar."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a bar, and the ball."""
        pitch = 2.0 / (self.bars - 1 + 1.0 / (1.0 + self.gap))
        width = pitch / (1.0 + self.gap)
        parts = []
        levels = [self._level(index) for index in range(self.bars)]
        for index, level in enumerate(levels):
            x = -1.0 + width / 2.0 + pitch * index
            ink = tone_of(self.tone, index, self.bars)
            parts.append(part(turned(self._bar(x, width, level), self.turn), ink=ink))
        lowest = min(range(self.bars), key=lambda index: levels[index])
        if self.ball and self.align == "foot" and levels[lowest] < 0.55:
            top = 1.0 - 2.0 * (self.least + (1.0 - self.least) * levels[lowest])
            x = -1.0 + width / 2.0 + pitch * lowest
            if top - width - 0.15 > -1.0:
                parts.append(part(turned(Circle(x=x, y=top - width * 0.75, radius=width / 2.0), self.turn), ink=2))
        return parts

    def _level(self, index: int) -> float:
        if self.profile == "free":
            return chance.whole(f"bars/{self.lengths}", f"{index}", 0, 4) / 4.0
        t = index / (self.bars - 1)
        hill = 1.0 - abs(2.0 * t - 1.0)
        if self.bars % 2 == 0:
            hill = min(hill * self.bars / (self.bars - 2.0 + 1e-9), 1.0) if self.bars > 2 else hill
        wave = 0.5 + 0.5 * math.cos(2.0 * math.pi * (t * 0.85 + 0.1))
        step = float(index % 2)
        return {"rise": t, "fall": 1.0 - t, "hill": hill, "valley": 1.0 - hill, "wave": wave, "step": step}[
            self.profile
        ]

    def _bar(self, x: float, width: float, level: float) -> Shape:
        length = 2.0 * (self.least + (1.0 - self.least) * level)
        top = {"foot": 1.0 - length, "head": -1.0, "middle": -length / 2.0, "slide": -1.0}[self.align]
        if self.align == "slide":
            length = 1.3
            top = 0.7 - length + 0.3 - 0.7 * level
        corner = width / 2.0 if self.end == "round" else 0.0
        if self.end == "slant":
            rise = width * 0.5
            return polygon(
                [
                    (x - width / 2.0, top + rise),
                    (x + width / 2.0, top),
                    (x + width / 2.0, top + length - (rise if self.align in ("middle", "slide") else 0.0)),
                    (x - width / 2.0, top + length),
                ]
            )
        return Box(x=x, y=top + length / 2.0, width=width, height=length, corner=corner)
