"""Dots that grow along a direction: halftone."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, part, regular
from gen_jax.draw.logo.scene import Box, Circle, Shape


@dataclasses.dataclass(frozen=True, kw_only=True)
class Dots:
    """Dots that grow along a direction: halftone."""

    kind: Literal["dots"] = "dots"
    grid: Literal["square", "hexagon", "disc", "diamond"]
    """Where dots lie: a square of 5 x 5 or 6 x 6, a hexagon of 19 or 37, a disc of rings, a square on its corner."""
    fine: bool
    """The larger number of dots."""
    ramp: Literal["line", "centre", "rim", "wave", "corner"]
    """How the size changes: along a line, from the centre or to it, to and fro, from a corner."""
    least: Annotated[float, Range(0.15, 0.5)]
    """The smallest dot, as a share of the largest; what is smaller than a fifth is left out."""
    facing: Annotated[int, Range(0, 15)]
    """Where it grows to, in sixteenths of a turn."""
    shape: Annotated[Literal["disc", "square"], Odds((3.0, 1.0))]
    """Of a dot."""
    gone: Annotated[Literal["none", "ring", "half", "corner", "stripe"], Odds((3.0, 1.0, 1.0, 1.0, 1.0))]
    """Which dots are left out: a ring of them, those of one side, of a corner, or of a stripe."""
    tone: Annotated[Literal["plain", "sides"], Odds((2.0, 1.0))]
    """Whether the larger dots take the second ink."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part an ink."""
        places, pitch = self._places()
        inks: dict[int, list[Shape]] = {}
        for x, y in places:
            level = min(max(self._level(x, y), 0.0), 1.0)
            share = self.least + (1.0 - self.least) * level
            if share < 0.2 or self._gone(x, y):
                continue
            radius = pitch * 0.47 * share
            ink = 1 if self.tone == "sides" and level > 0.62 else 0
            dot = (
                Circle(x=x, y=y, radius=radius)
                if self.shape == "disc"
                else Box(x=x, y=y, width=radius * 1.8, height=radius * 1.8, corner=radius * 0.25)
            )
            inks.setdefault(ink, []).append(dot)
        return [part(*shapes, ink=ink) for ink, shapes in sorted(inks.items())]

    def _places(self) -> tuple[list[tuple[float, float]], float]:
        if self.grid == "hexagon":
            reach = 3 if self.fine else 2
            pitch = 1.0 / reach
            axial = itertools.product(range(-reach, reach + 1), repeat=2)
            return [
                (pitch * (q + r / 2.0), pitch * r * math.sqrt(0.75)) for q, r in axial if abs(q + r) <= reach
            ], pitch
        if self.grid == "disc":
            rings = 3 if self.fine else 2
            pitch = 1.0 / rings
            places = [(0.0, 0.0)]
            for ring in range(1, rings + 1):
                places += regular(6 * ring, pitch * ring)
            return places, pitch
        side = 6 if self.fine else 5
        pitch = 2.0 / (side - 1)
        places = [(pitch * c - 1.0, pitch * r - 1.0) for r, c in itertools.product(range(side), repeat=2)]
        if self.grid == "diamond":
            half = math.sqrt(0.5)
            places, pitch = [((x - y) * half, (x + y) * half) for x, y in places], pitch
        return places, pitch

    def _gone(self, x: float, y: float) -> bool:
        turn = math.radians(22.5 * ((self.facing * 5 + 4) % 16))
        along = x * math.sin(turn) - y * math.cos(turn)
        across = x * math.cos(turn) + y * math.sin(turn)
        away = math.hypot(x, y)
        return {
            "none": False,
            "ring": 0.42 < away < 0.7,
            "half": along > 0.3,
            "corner": along > 0.05 and across > 0.05,
            "stripe": -0.1 < along < 0.3,
        }[self.gone]

    def _level(self, x: float, y: float) -> float:
        turn = math.radians(22.5 * self.facing)
        along = x * math.sin(turn) - y * math.cos(turn)
        if self.ramp == "line":
            return 0.5 + 0.5 * along
        if self.ramp == "wave":
            return 0.5 + 0.5 * math.cos(math.pi * 1.4 * along)
        if self.ramp == "corner":
            return 1.15 - math.hypot(x - math.sin(turn), y + math.cos(turn)) / 1.9
        away = math.hypot(x - 0.35 * math.sin(turn), y + 0.35 * math.cos(turn)) / 1.25
        return 1.0 - away if self.ramp == "centre" else away
