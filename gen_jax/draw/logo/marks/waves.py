"""A disc, a drop, an arch or a square, cut by stripes: a sunset, a sea, a record."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, on_curve, part, polygon, turned, within
from gen_jax.draw.logo.scene import Bezier, Box, Circle, Polygon, Shape
from gen_jax.draw.logo.symmetry import mirrored


@dataclasses.dataclass(frozen=True, kw_only=True)
class Waves:
    """A disc, a drop, an arch or a square, cut by stripes: a sunset, a sea, a record."""

    kind: Literal["waves"] = "waves"
    outline: Annotated[Literal["disc", "square", "drop", "arch"], Odds((3.0, 0.7, 1.0, 1.0))]
    """What is cut."""
    cuts: Annotated[int, Range(3, 5)]
    """Number of stripes taken out."""
    form: Literal["sunset", "wave", "even", "swoosh"]
    """Straight and wider downwards, waves, straight and even, or one-sided curves."""
    first: Annotated[float, Range(-0.5, 0.2)]
    """Where the first cut lies, from the middle: what is above stays whole."""
    swing: Annotated[float, Range(0.1, 0.28)]
    """How far waves go up and down."""
    shift: Annotated[float, Range(-0.4, 0.4)]
    """How far waves are moved along."""
    weight: Annotated[float, Range(0.075, 0.15)]
    """Width of what is taken out."""
    sun: Annotated[Literal["none", "left", "right"], Odds((2.0, 1.0, 1.0))]
    """Where a disc is taken out of the part above the first cut, if it is large enough."""
    two: Annotated[bool, Odds((1.0, 2.0))]
    """Whether what lies below the first cut takes the second ink."""
    flip: bool
    """Whether left and right change places."""
    angle: Annotated[Literal[0, 15, 30, 45, 60, 90, 180], Odds((3.0, 1.5, 1.5, 1.5, 1.0, 0.7, 0.7))]
    """Turned by so many degrees; a drop and an arch stand upright, their cuts tilt to 30."""

    def draw(self, style: Style) -> list[Part]:
        """Return the part above the first cut and the part below it, or both as one."""
        first = max(self.first, -0.2) if self.outline in ("drop", "arch") else self.first
        count = min(self.cuts, 4) if self.form == "wave" else self.cuts
        rows = [first + (0.76 - first) * index / (count - 1) for index in range(count)]
        cuts = [[cut(shape) for shape in self._cut(y, index)] for index, y in enumerate(rows)]
        every = [shape for row in cuts for shape in row]
        every += self._sun(first)
        cuts[0] += self._sun(first)
        if not self.two:
            return [self._part([*self._outline(), *every], 0)]
        below = self._below(rows[0])
        return [
            self._part([*self._outline(), *cuts[0], cut(below)], 0),
            self._part([*self._outline(), within(below), *every], 1),
        ]

    def _sun(self, first: float) -> list[Shape]:
        room = first - self.swing * (self.form == "wave") + 0.86
        if self.sun == "none" or room < 0.55 or self.outline == "drop" or self.form == "swoosh":
            return []
        x = 0.34 if self.sun == "right" else -0.34
        return [cut(Circle(x=x, y=first - room * 0.52, radius=min(0.3 * room, 0.24)))]

    def _part(self, shapes: list[Shape], ink: int) -> Part:
        side = -1.0 if self.flip else 1.0
        shapes = [mirrored(shape, centre=(0.0, 0.0)) for shape in shapes] if self.flip else shapes
        if self.outline not in ("drop", "arch"):
            return part(*(turned(shape, side * self.angle) for shape in shapes), ink=ink)
        upright, tilt = len(self._outline()), side * min(self.angle, 30.0)
        return part(*shapes[:upright], *(turned(shape, tilt) for shape in shapes[upright:]), ink=ink)

    def _below(self, y: float) -> Polygon:
        """Return what lies below the middle of the first cut; its edge is hidden in the cut."""
        if self.form == "swoosh":
            curve = self._cut(y, 0)[0]
            assert isinstance(curve, Bezier)
            line = [on_curve(curve, step / 9.0) for step in range(10)]
            edge = [(px, py + y) for px, py in line]
        else:
            swing = self.swing if self.form == "wave" else 0.0
            xs = [-1.35 + 0.3 * step for step in range(10)]
            edge = [(x, y + swing * _parabolas((x - self._start()) / 0.8)) for x in xs]
        return Polygon(x=0.0, y=0.0, corners=((-1.6, 3.0), *edge, (1.6, 3.0)))

    def _start(self) -> float:
        return -1.6 + self.shift

    def _outline(self) -> list[Shape]:
        if self.outline == "disc":
            return [Circle(x=0.0, y=0.0, radius=1.0)]
        if self.outline == "arch":
            return [Circle(x=0.0, y=-0.2, radius=0.8), Box(x=0.0, y=0.4, width=1.6, height=1.2)]
        if self.outline == "square":
            return [Box(x=0.0, y=0.0, width=1.84, height=1.84, corner=0.4)]
        across, touch = 0.72 * math.sqrt(1.0 - (0.72 / 1.28) ** 2), 0.28 - 0.72 * 0.72 / 1.28
        return [Circle(x=0.0, y=0.28, radius=0.72), polygon([(0.0, -1.0), (across, touch), (-across, touch)])]

    def _cut(self, y: float, index: int) -> list[Shape]:
        if self.form == "sunset":
            return [Box(x=0.0, y=y, width=3.0, height=self.weight * (0.45 + 1.1 * index / self.cuts))]
        if self.form == "even":
            return [Box(x=0.0, y=y, width=3.0, height=self.weight)]
        if self.form == "swoosh":
            return [
                Bezier(
                    x=0.0,
                    y=y,
                    start=(-1.2, 0.3),
                    control=(0.1, -0.9 * self.swing * 4.0),
                    end=(1.2, 0.1),
                    width=self.weight,
                )
            ]
        curves = []
        for place in range(4):
            x, sign = self._start() + 0.8 * place, -1.0 if place % 2 else 1.0
            middle, end = (x + 0.4, sign * self.swing * 2.0), (x + 0.8, 0.0)
            curves.append(Bezier(x=0.0, y=y, start=(x, 0.0), control=middle, end=end, width=self.weight))
        return curves


def _parabolas(t: float) -> float:
    """Return the wave of unit swing that parabolas make, each from one whole number to the next."""
    place = math.floor(t)
    share = t - place
    return (-1.0 if place % 2 else 1.0) * 4.0 * share * (1.0 - share)
