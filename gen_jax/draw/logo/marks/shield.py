"""A shield, divided as heralds do, or with a charge taken out."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, ink, line, part, polar, polygon, turned, within
from gen_jax.draw.logo.scene import Box, Circle, Shape, Star, Text


@dataclasses.dataclass(frozen=True, kw_only=True)
class Shield:
    """A shield, divided as heralds do, or with a charge taken out."""

    kind: Literal["shield"] = "shield"
    division: Literal["pale", "bend", "chevron", "quarters", "fess", "star", "check", "rays", "bars", "letter"]
    """Upright, slanted, bent, quartered, across; a star, a tick, an initial, rays from a corner or bars taken out."""
    gap: Annotated[float, Range(0.06, 0.12)]
    """Between fields."""
    waist: Annotated[float, Range(0.25, 0.55)]
    """How far down its sides are straight, as a share of its height."""
    top: Literal["flat", "point", "dip"]
    """Its upper edge."""
    broad: Annotated[float, Range(0.66, 0.96)]
    """Half its width."""
    at: Annotated[float, Range(-0.3, 0.3)]
    """Where a division across lies, from the middle."""
    tilt: Annotated[Literal[0, 15, -15, 30, -30], Odds((3.0, 1.0, 1.0, 1.0, 1.0))]
    """How far an upright division or one across is turned, in degrees."""
    size: Annotated[float, Range(0.42, 0.62)]
    """Of the star."""
    points: Annotated[int, Range(4, 7)]
    """Of the star."""
    swap: bool
    """Whether the fields change inks, and left and right."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a field."""
        one, two = (1, 0) if self.swap else (0, 1)
        if self.division == "star":
            star = Star(x=0.0, y=-0.12 + self.at / 4.0, points=self.points, radius=self.size, inner=0.45)
            return [part(*self._outline(), cut(star))]
        if self.division == "check":
            tick = [(-0.42, -0.12), (-0.08, 0.22), (0.46, -0.42)]
            strokes = [line(a, b, 0.2, round=self.swap) for a, b in itertools.pairwise(tick)]
            return [part(*self._outline(), *map(cut, strokes))]
        if self.division == "letter":
            left, top, right, bottom = ink(style.initials[0], style.font, 0.0)
            size = min(0.95 / (bottom - top), 1.2 * self.broad / (right - left))
            x, y = -size * (left + right) / 2.0, -0.1 + self.at / 4.0 - size * (top + bottom) / 2.0
            return [part(*self._outline(), cut(Text(x=x, y=y, text=style.initials[0], font=style.font, size=size)))]
        if self.division in ("rays", "bars"):
            return [part(*self._outline(), *map(cut, self._cuts()))]
        return [part(*self._outline(), *map(within, halves), ink=(one, two)[place]) for place, halves in self._fields()]

    def _outline(self) -> list[Shape]:
        """Return the shield: below its waist what two discs have in common, above it a box."""
        half, waist = self.broad, -1.0 + 2.0 * self.waist
        drop = 1.0 - waist
        radius = (drop * drop + half * half) / (2.0 * half)
        shapes: list[Shape] = [
            Circle(x=half - radius, y=waist, radius=radius),
            within(Circle(x=radius - half, y=waist, radius=radius)),
            within(Box(x=0.0, y=waist + 1.0, width=2.0, height=2.0)),
            Box(x=0.0, y=(waist - 1.0) / 2.0 + 0.005, width=2.0 * half, height=waist + 1.01),
        ]
        if self.top == "point":
            shapes.append(within(polygon([(-2.0, -0.58), (0.0, -1.0), (2.0, -0.58), (2.0, 2.0), (-2.0, 2.0)])))
        if self.top == "dip":
            shapes += [cut(Circle(x=x, y=-1.42, radius=0.6)) for x in (-half * 0.5, half * 0.5)]
        return shapes

    def _cuts(self) -> list[Shape]:
        """Return rays from a place on the rim, or slanted bars, that are taken out."""
        side = -1.0 if self.swap else 1.0
        if self.division == "bars":
            tilt, count = side * (20.0 + 60.0 * abs(self.at)), self.points - 2
            return [
                Box(x=0.0, y=self.at + 0.34 * (index - (count - 1) / 2.0), angle=tilt, width=4.0, height=self.gap * 1.3)
                for index in range(count)
            ]
        foot = (side * (self.broad + 0.05), -1.05 + self.gap)
        return [
            line(foot, (foot[0] - side * dx, foot[1] + dy), self.gap, round=False)
            for dx, dy in (polar(3.0, 180.0 - 90.0 * (index + 0.5) / self.points) for index in range(self.points))
        ]

    def _fields(self) -> list[tuple[int, list[Shape]]]:
        """Return (ink, shapes that keep a part within its field) of every field."""
        gap = self.gap / 2.0
        side = -1.0 if self.swap else 1.0
        right = Box(x=1.0 + gap, y=0.0, width=2.0, height=4.0)
        left = Box(x=-1.0 - gap, y=0.0, width=2.0, height=4.0)
        above = Box(x=0.0, y=self.at - 1.0 - gap, width=4.0, height=2.0)
        below = Box(x=0.0, y=self.at + 1.0 + gap, width=4.0, height=2.0)
        if self.division == "pale":
            return [(0, [turned(left, self.tilt)]), (1, [turned(right, self.tilt)])]
        if self.division == "fess":
            return [(0, [turned(above, self.tilt)]), (1, [turned(below, self.tilt)])]
        if self.division == "quarters":
            return [(0, [above, left]), (1, [above, right]), (1, [below, left]), (0, [below, right])]
        if self.division == "bend":
            tilt = [
                dataclasses.replace(box, x=0.0, y=sign * (1.5 + gap), height=3.0)
                for box, sign in ((above, -1.0), (below, 1.0))
            ]
            return [(ink, [turned(box, 45.0 * side)]) for ink, box in enumerate(tilt)]
        roof = [(0.0, self.at - 0.15), (2.0, self.at + 1.45), (2.0, 3.0), (-2.0, 3.0), (-2.0, self.at + 1.45)]
        lower = [(x, y + gap * 2.6) for x, y in roof]
        band = [(x, y - 0.42) for x, y in roof]
        top = [(x, y - 0.42 - gap * 2.6) for x, y in roof[:1]] + [
            (2.0, roof[1][1] - 0.42 - gap * 2.6),
            (2.0, -2.0),
            (-2.0, -2.0),
            (-2.0, roof[1][1] - 0.42 - gap * 2.6),
        ]
        middle = [*band[:2], (2.0, roof[1][1]), (0.0, roof[0][1]), (-2.0, roof[1][1]), band[-1]]
        return [(0, [polygon(top)]), (1, [polygon(middle)]), (0, [polygon(lower)])]
