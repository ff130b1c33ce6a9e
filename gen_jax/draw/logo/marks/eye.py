"""An eye: two arcs that meet, and what looks out."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, leaf, line, part, polar, turned, within
from gen_jax.draw.logo.scene import Arc, Box, Circle, Shape, Star


@dataclasses.dataclass(frozen=True, kw_only=True)
class Eye:
    """An eye: two arcs that meet, and what looks out."""

    kind: Literal["eye"] = "eye"
    open: Annotated[float, Range(0.85, 1.3)]
    """Its height to half its width."""
    lid: Literal["solid", "outline", "upper", "split"]
    """Filled, an outline, an outline above alone, or filled in two halves."""
    iris: Literal["disc", "ring", "star", "target", "slit"]
    """What lies in it."""
    size: Annotated[float, Range(0.55, 0.8)]
    """Of the iris to the opening."""
    lashes: Annotated[Literal[0, 3, 5], Odds((3.0, 1.0, 1.0))]
    """Rays above it."""
    glint: bool
    """Whether a small disc is cut out of the iris."""
    points: Annotated[int, Range(4, 8)]
    """Of the star."""
    turn: Annotated[Literal[0, 90, 45, -45], Odds((4.0, 0.7, 1.0, 1.0))]
    """Turned by so many degrees."""

    def draw(self, style: Style) -> list[Part]:
        """Return the lid, the iris, and the lashes."""
        high = self.open
        radius = self.size * high * 0.5
        gap = 0.09
        outline = [turned(shape, 90.0) for shape in leaf(2.0, high, base=-1.0)]
        inner = [turned(shape, 90.0) for shape in leaf(2.0 - 0.5, high - 0.36, base=-0.75)]
        parts = []
        if self.lid in ("solid", "split"):
            hole = cut(Circle(x=0.0, y=0.0, radius=radius + gap))
            sides = [Box(x=0.0, y=sign * (2.0 + gap / 2.0), width=4.0, height=4.0) for sign in (-1.0, 1.0)]
            if self.lid == "solid":
                parts.append(part(*outline, hole))
            else:
                parts += [part(*outline, hole, within(side), ink=ink) for ink, side in enumerate(sides)]
        else:
            parts += self._strokes(high)
            radius = max(min(radius, high * 0.5 - 0.2), 0.24)
        del inner
        parts.append(part(*self._iris(radius), ink=2 if self.lid == "split" else 1))
        for index in range(self.lashes):
            angle = 26.0 * (index - (self.lashes - 1) / 2.0)
            foot = high * 0.5 + 0.16 - 0.1 * abs(index - (self.lashes - 1) / 2.0) ** 1.3 * high * 0.5
            x = 0.36 * (index - (self.lashes - 1) / 2.0)
            dx, dy = polar(0.24, angle)
            parts.append(part(line((x, -foot), (x + dx, -foot + dy), 0.1), ink=0))
        return [Part(tuple(turned(shape, self.turn) for shape in p.shapes), p.ink) for p in parts]

    def _strokes(self, high: float) -> list[Part]:
        """Return the lids as strokes along the two circles of a leaf."""
        across = high / 2.0
        radius = (1.0 + across * across) / (2.0 * across)
        sweep = 2.0 * math.degrees(math.asin(1.0 / radius))
        arcs = [
            Arc(x=0.0, y=radius - across, radius=radius, width=0.15, sweep=sweep),
            Arc(x=0.0, y=across - radius, angle=180.0, radius=radius, width=0.15, sweep=sweep),
        ]
        return [part(*arcs[: 1 if self.lid == "upper" else 2])]

    def _iris(self, radius: float) -> list[Shape]:
        disc = Circle(x=0.0, y=0.0, radius=radius)
        glint = [cut(Circle(x=radius * 0.36, y=-radius * 0.36, radius=radius * 0.26))] if self.glint else []
        if self.iris == "ring":
            return [disc, cut(Circle(x=0.0, y=0.0, radius=radius * 0.5))]
        if self.iris == "star":
            return [disc, cut(Star(x=0.0, y=0.0, points=self.points, radius=radius * 0.78, inner=0.42))]
        if self.iris == "target":
            hole = Circle(x=0.0, y=0.0, radius=radius * 0.72)
            return [disc, cut(hole), Circle(x=0.0, y=0.0, radius=radius * 0.42)]
        if self.iris == "slit":
            return [disc, cut(Box(x=0.0, y=0.0, width=radius * 0.34, height=radius * 1.4, corner=radius * 0.17))]
        return [disc, *glint]
