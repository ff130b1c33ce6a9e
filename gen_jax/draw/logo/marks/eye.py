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
    open: Annotated[float, Range(0.8, 1.45)]
    """Its height to half its width."""
    lid: Literal["solid", "outline", "upper", "split"]
    """Filled, an outline, an outline above alone, or filled in two halves."""
    iris: Literal["disc", "ring", "star", "target", "slit"]
    """What lies in it."""
    size: Annotated[float, Range(0.5, 0.78)]
    """Of the iris to the opening."""
    gaze: Annotated[float, Range(0.0, 1.0)]
    """How far it looks aside; below one half it looks ahead."""
    toward: Annotated[int, Range(0, 7)]
    """Where it looks, in eighths of a turn from up."""
    lashes: Annotated[Literal[0, 3, 5], Odds((3.0, 1.0, 1.0))]
    """Rays above it."""
    glint: bool
    """Whether a small disc is cut out of the iris."""
    points: Annotated[int, Range(4, 8)]
    """Of the star."""
    turn: Annotated[Literal[0, 15, -15, 30, -30, 45, -45, 90], Odds((4.0, 1.0, 1.0, 1.0, 1.0, 1.5, 1.5, 1.0))]
    """Turned by so many degrees."""

    def draw(self, style: Style) -> list[Part]:
        """Return the lid, the iris, and the lashes."""
        high, gap = self.open, 0.09
        radius = self.size * high * 0.5
        parts = []
        if self.lid in ("solid", "split"):
            x, y = self._gaze(high * 0.5 - radius - gap * 0.5)
            outline = [turned(shape, 90.0) for shape in leaf(2.0, high, base=-1.0)]
            hole = cut(Circle(x=x, y=y, radius=radius + gap))
            if self.lid == "solid":
                parts.append(part(*outline, hole))
            else:
                sides = [Box(x=0.0, y=sign * (2.0 + gap / 2.0), width=4.0, height=4.0) for sign in (-1.0, 1.0)]
                parts += [part(*outline, hole, within(side), ink=ink) for ink, side in enumerate(sides)]
        else:
            parts += self._strokes(high)
            radius = max(min(radius, high * 0.5 - 0.2), 0.24)
            x, y = self._gaze(max(high * 0.5 - radius - 0.16, 0.1))
        iris = [dataclasses.replace(shape, x=shape.x + x, y=shape.y + y) for shape in self._iris(radius)]
        parts.append(part(*iris, ink=2 if self.lid == "split" else 1))
        for index in range(self.lashes):
            place = index - (self.lashes - 1) / 2.0
            foot = high * 0.5 + 0.16 - 0.1 * abs(place) ** 1.3 * high * 0.5
            dx, dy = polar(0.24, 26.0 * place)
            parts.append(part(line((0.36 * place, -foot), (0.36 * place + dx, -foot + dy), 0.1), ink=0))
        return [Part(tuple(turned(shape, self.turn) for shape in p.shapes), p.ink) for p in parts]

    def _gaze(self, room: float) -> tuple[float, float]:
        """Return how far the iris is moved: up and down within the room, to the sides by more."""
        if self.gaze < 0.5:
            return 0.0, 0.0
        x, y = polar(1.0, 45.0 * self.toward)
        return x * (0.15 + 0.35 * (self.gaze - 0.5)), y * max(room, 0.0) * (0.5 + self.gaze * 0.5)

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
