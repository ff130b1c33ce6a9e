"""A bolt of lightning, free or taken out of a solid form."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, part, polar, polygon, turned, within
from gen_jax.draw.logo.scene import Arc, Box, Circle, Shape, Star


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bolt:
    """A bolt of lightning, free or taken out of a solid form."""

    kind: Literal["bolt"] = "bolt"
    ground: Literal["none", "disc", "hexagon", "squircle", "ring", "drop"]
    """What it is taken out of; a ring is around it, open where it passes."""
    slant: Annotated[float, Range(0.08, 0.32)]
    """How far its tips are aside."""
    weight: Annotated[float, Range(0.38, 0.56)]
    """How broad it is."""
    size: Annotated[float, Range(0.64, 0.9)]
    """Of a bolt in a form, to the form."""
    aside: Annotated[int, Range(0, 12)]
    """Where it stands in a form: above 4 in the middle, else aside, in quarters of a turn."""
    step: Annotated[float, Range(0.02, 0.18)]
    """How far its two halves reach past one another."""
    mirror: bool
    """Whether left and right change places."""
    split: Annotated[bool, Odds((1.0, 1.0))]
    """Whether it parts the form, or itself, into two inks."""
    turn: Annotated[Literal[0, 15, -15, 30, -30, 45, -45, 60], Odds((3.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.7))]
    """Turned by so many degrees."""

    def draw(self, style: Style) -> list[Part]:
        """Return the bolt, or the form less the bolt."""
        bolt = self._bolt(1.0 if self.ground in ("none", "ring") else self.size)
        if self.ground == "none":
            whole = polygon(bolt, round=0.03)
            parts = self._halves([whole], gap=0.09) if self.split else [part(whole)]
        elif self.ground == "ring":
            opening = turned(Box(x=0.0, y=0.0, width=0.5, height=3.0), self._axis())
            parts = [part(Arc(x=0.0, y=0.0, radius=0.86, width=0.17), cut(opening), ink=1), part(polygon(bolt))]
        elif self.split:
            parts = self._halves([*self._form(), cut(polygon(bolt))], gap=0.0, tilt=True)
        else:
            parts = [part(*self._form(), cut(polygon(bolt)))]
        return [Part(tuple(turned(shape, self.turn) for shape in p.shapes), p.ink) for p in parts]

    def _halves(self, shapes: list[Shape], *, gap: float, tilt: bool = False) -> list[Part]:
        """Return shapes in two inks: above and below the middle, or left and right of the line through the tips."""
        angle = self._axis() if tilt else 90.0
        sides = [
            turned(Box(x=sign * (2.0 + max(gap, 0.07) / 2.0), y=0.0, width=4.0, height=8.0), angle)
            for sign in (-1.0, 1.0)
        ]
        return [part(*shapes, within(side), ink=ink) for ink, side in enumerate(sides)]

    def _axis(self) -> float:
        """Return the angle, from upright, of the line through the tips."""
        points = self._bolt(1.0)
        return math.degrees(math.atan2(points[0][0] - points[3][0], points[3][1] - points[0][1]))

    def _form(self) -> list[Shape]:
        if self.ground == "disc":
            return [Circle(x=0.0, y=0.0, radius=1.0)]
        if self.ground == "hexagon":
            return [Star(x=0.0, y=0.0, points=6, radius=1.0, inner=math.cos(math.pi / 6.0), round=0.05)]
        if self.ground == "squircle":
            return [Box(x=0.0, y=0.0, width=1.84, height=1.84, corner=0.48)]
        return [Circle(x=0.0, y=0.12, radius=0.95), Box(x=-0.475, y=-0.355, width=0.95, height=0.95)]

    def _bolt(self, high: float) -> list[tuple[float, float]]:
        half, slant, step = self.weight * high, self.slant * high, self.step * high
        points = [
            (slant + half * 0.45, -high),
            (half * 0.25, -step),
            (half * 1.25, -step),
            (-slant - half * 0.25, high),
            (-half * 0.25, step),
            (-half * 1.25, step),
        ]
        points = [(-x, y) for x, y in points] if self.mirror else points
        if self.ground in ("none", "ring") or self.aside > 4 or not self.aside:
            return points
        dx, dy = polar(0.16, 90.0 * self.aside - 45.0)
        return [(x + dx, y + dy) for x, y in points]
