"""Rings that go over and under one another."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, part, polar, turned
from gen_jax.draw.logo.marks.tone import Tone, tone_of
from gen_jax.draw.logo.scene import Arc, Circle


@dataclasses.dataclass(frozen=True, kw_only=True)
class Links:
    """Rings that go over and under one another."""

    kind: Literal["links"] = "links"
    rings: Annotated[Literal[2, 3, 4], Odds((2.0, 3.0, 1.5))]
    """How many; in a row, three at most."""
    layout: Literal["row", "circle"]
    """How their centres lie."""
    overlap: Annotated[float, Range(0.35, 0.6)]
    """How far neighbours reach into one another, as a share of their radius."""
    weight: Annotated[float, Range(0.22, 0.36)]
    """Width of the stroke as a share of a ring's radius."""
    gap: Annotated[float, Range(0.05, 0.09)]
    """Beside the ring that passes over."""
    growth: Annotated[float, Range(-1.0, 1.0)]
    """How rings grow (above 0) or shrink from the first to the last."""
    second: Annotated[float, Range(0.6, 1.0)]
    """Of two rings: the radius of the second to that of the first."""
    angle: Annotated[int, Range(0, 23)]
    """Turned by so many steps of 15 degrees."""
    core: Annotated[Literal["none", "first", "last"], Odds((2.0, 1.0, 1.0))]
    """Which ring has a disc in its middle, where nothing passes through it: of two rings, and of rings in a row."""
    tone: Annotated[Tone, Odds((1.0, 1.0, 4.0, 1.5))]
    """How inks go from ring to ring."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a ring."""
        discs = self._discs(min(self.rings, 3) if self.layout == "row" else self.rings)
        pairs = [(index, index + 1) for index in range(len(discs) - 1)]
        if self.layout == "circle" and len(discs) > 2:
            pairs.append((len(discs) - 1, 0))
        bridges: dict[int, list[Arc]] = {index: [] for index in range(len(discs))}
        for one, two in pairs:
            for under, over, side in ((one, two, 1.0), (two, one, -1.0)):
                bridges[under].append(self._bridge(discs[one], discs[two], discs[over], side))
        tilt = 15.0 * self.angle
        parts = [
            part(
                turned(Arc(x=x, y=y, radius=radius, width=self.weight), tilt),
                *(turned(cut(bridge), tilt) for bridge in bridges[index]),
                ink=tone_of(self.tone, index, len(discs)),
            )
            for index, (x, y, radius) in enumerate(discs)
        ]
        if self.core == "none" or len(pairs) == len(discs):
            return parts
        x, y, radius = discs[0 if self.core == "first" else -1]
        # Beside the neighbour, which reaches in from one side.
        away = self.overlap * radius / 2.0 * (-1.0 if self.core == "first" else 1.0)
        core = Circle(x=x + away, y=y, radius=0.3 * radius * (1.5 - self.overlap))
        return [*parts, part(turned(core, tilt), ink=2)]

    def _discs(self, rings: int) -> list[tuple[float, float, float]]:
        if self.layout == "circle" and rings > 2:
            far = (1.0 - self.overlap / 2.0) / math.sin(math.pi / rings)
            sizes = [1.0 + 0.25 * self.growth * (index / (rings - 1) - 0.5) for index in range(rings)]
            return [(*polar(far, 360.0 * index / rings), size) for index, size in enumerate(sizes)]
        x, discs = 0.0, []
        for index in range(rings):
            radius = 1.0 + 0.22 * self.growth * (index - (rings - 1) / 2.0)
            if rings == 2:
                radius = self.second if index else 1.0
            x += radius * (2.0 - self.overlap) / 2.0 if index else 0.0
            discs.append((x, 0.0, radius))
            x += radius * (2.0 - self.overlap) / 2.0
        return discs

    def _bridge(
        self,
        one: tuple[float, float, float],
        two: tuple[float, float, float],
        over: tuple[float, float, float],
        side: float,
    ) -> Arc:
        """Return the stretch of ``over``, made wider by the gaps, where two rings cross on one side."""
        dx, dy = two[0] - one[0], two[1] - one[1]
        apart = math.hypot(dx, dy)
        along = (apart * apart + one[2] ** 2 - two[2] ** 2) / (2.0 * apart)
        across = math.sqrt(max(one[2] ** 2 - along * along, 0.0)) * side
        x = one[0] + (along * dx - across * dy) / apart
        y = one[1] + (along * dy + across * dx) / apart
        angle = math.degrees(math.atan2(x - over[0], over[1] - y))
        width = self.weight + 2.0 * self.gap
        sweep = math.degrees(width * 1.9 / over[2])
        return Arc(x=over[0], y=over[1], angle=angle, radius=over[2], width=width, sweep=min(sweep, 70.0), cap="butt")
