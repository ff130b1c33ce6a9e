"""Marks of a stroke and of an edge: a loop that crosses itself, a bolt."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, line, part, polar, polygon, turned, within
from gen_jax.draw.logo.scene import Arc, Box, Circle, Shape, Star


@dataclasses.dataclass(frozen=True, kw_only=True)
class Infinity:
    """A loop that crosses itself once, over and under."""

    kind: Literal["infinity"] = "infinity"
    weight: Annotated[float, Range(0.2, 0.36)]
    """Width of the stroke to the radius of the loop."""
    reach: Annotated[float, Range(1.15, 1.6)]
    """From the middle to the centre of a loop, in its radii: how flat the crossing is."""
    lopsided: Annotated[float, Range(0.6, 1.0)]
    """Radius of the second loop to that of the first."""
    gap: Annotated[float, Range(0.07, 0.13)]
    """Beside the stroke that passes over."""
    inside: Annotated[Literal["none", "one", "both"], Odds((3.0, 1.0, 1.0))]
    """Loops with a disc in the middle."""
    tone: Annotated[Literal["plain", "loops", "strokes"], Odds((1.0, 1.5, 1.0))]
    """Whether a loop, or a stroke across, takes the second ink."""
    over: bool
    """Which stroke passes over."""
    turn: Annotated[int, Range(0, 7)]
    """Turned by so many eighths."""

    def draw(self, style: Style) -> list[Part]:
        """Return the loops and the strokes across, and the discs."""
        beta = math.acos(1.0 / self.reach)
        sweep = 360.0 - 2.0 * math.degrees(beta)
        radii = (1.0, self.lopsided)
        loops = [
            Arc(x=sign * self.reach * r, y=0.0, angle=sign * 90.0, radius=r, width=self.weight, sweep=sweep, cap="butt")
            for sign, r in zip((1.0, -1.0), radii, strict=True)
        ]
        steep = math.asin(1.0 / self.reach)
        ends = [
            (math.sqrt(self.reach**2 - 1.0) * r * math.cos(steep), math.sqrt(self.reach**2 - 1.0) * r * math.sin(steep))
            for r in radii
        ]
        up = 1.0 if self.over else -1.0
        (rx, ry), (lx, ly) = ends
        over = line((rx, up * ry), (-lx, -up * ly), self.weight, round=False)
        under = line((rx, -up * ry), (-lx, up * ly), self.weight, round=False)
        bridge = dataclasses.replace(over, width=self.weight * 3.0, height=self.weight + 2.0 * self.gap)
        bridge = dataclasses.replace(bridge, x=0.0, y=0.0)
        inks = {"plain": (0, 0, 0, 0), "loops": (0, 1, 0, 1), "strokes": (0, 0, 0, 1)}[self.tone]
        cuts = (cut(bridge),)
        shapes: list[tuple[Shape, ...]] = [(loops[0],), (loops[1],), (over,), (under, *cuts)]
        parts = [part(*group, ink=ink) for group, ink in zip(shapes, inks, strict=True)]
        count = {"none": 0, "one": 1, "both": 2}[self.inside]
        parts += [part(Circle(x=loop.x, y=0.0, radius=loop.radius * 0.42), ink=2) for loop in loops[:count]]
        return [Part(tuple(turned(shape, 45.0 * self.turn) for shape in p.shapes), p.ink) for p in parts]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bolt:
    """A bolt of lightning, free or taken out of a solid form."""

    kind: Literal["bolt"] = "bolt"
    ground: Literal["none", "disc", "hexagon", "squircle", "ring", "drop"]
    """What it is taken out of; a ring is around it, open where it passes."""
    slant: Annotated[float, Range(0.1, 0.45)]
    """How far its tips are aside."""
    weight: Annotated[float, Range(0.3, 0.52)]
    """How broad it is."""
    step: Annotated[float, Range(0.02, 0.2)]
    """How far its two halves reach past one another."""
    mirror: bool
    """Whether left and right change places."""
    split: Annotated[bool, Odds((1.0, 1.0))]
    """Whether it parts the form into two inks."""
    count: Annotated[Literal[1, 2], Odds((4.0, 1.0))]
    """Bolts side by side, where there is no form."""
    turn: Annotated[Literal[0, 30, -30, 60], Odds((3.0, 1.0, 1.0, 1.0))]
    """Turned by so many degrees."""

    def draw(self, style: Style) -> list[Part]:
        """Return the bolt, or the form less the bolt."""
        high = {"none": 1.0, "ring": 1.0}.get(self.ground, 0.78)
        bolt = self._bolt(high)
        if self.ground == "none":
            away = self.weight * 0.85 if self.count == 2 else 0.0
            places = [-away, away][: self.count]
            parts = [
                part(polygon([(x + dx, y) for x, y in bolt], round=0.03), ink=index) for index, dx in enumerate(places)
            ]
        elif self.ground == "ring":
            ring = Arc(x=0.0, y=0.0, radius=0.86, width=0.17)
            wide = [(x * (1.0 + 0.1 / self.weight) + math.copysign(0.02, x), y * 1.3) for x, y in bolt]
            parts = [part(ring, cut(polygon(wide)), ink=1), part(polygon(bolt))]
        elif self.split:
            far = self._bolt(2.2)
            right = [far[0], far[1], far[2], far[3], (3.0, 3.0), (3.0, -3.0)]
            cutter = cut(polygon(self._bolt(high)))
            parts = [
                part(*self._form(), cutter, within(polygon(right)), ink=0),
                part(*self._form(), cutter, cut(polygon(right)), ink=1),
            ]
        else:
            parts = [part(*self._form(), cut(polygon(bolt)))]
        return [Part(tuple(turned(shape, self.turn) for shape in p.shapes), p.ink) for p in parts]

    def _form(self) -> list[Shape]:
        if self.ground == "disc":
            return [Circle(x=0.0, y=0.0, radius=1.0)]
        if self.ground == "hexagon":
            return [Star(x=0.0, y=0.0, points=6, radius=1.0, inner=math.cos(math.pi / 6.0), round=0.05)]
        if self.ground == "squircle":
            return [Box(x=0.0, y=0.0, width=1.84, height=1.84, corner=0.48)]
        tip = polar(1.2, -self.turn)
        del tip
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
        return [(-x, y) for x, y in points] if self.mirror else points
