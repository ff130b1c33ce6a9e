"""A disc, or a square with round corners, cut by stripes: a sunset, a sea, a record."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, part, polygon, turned, within
from gen_jax.draw.logo.scene import Bezier, Box, Circle, Shape


@dataclasses.dataclass(frozen=True, kw_only=True)
class Waves:
    """A disc, or a square with round corners, cut by stripes: a sunset, a sea, a record."""

    kind: Literal["waves"] = "waves"
    outline: Annotated[Literal["disc", "square", "drop"], Odds((3.0, 0.7, 1.0))]
    """What is cut."""
    cuts: Annotated[int, Range(3, 5)]
    """Number of stripes taken out."""
    form: Literal["sunset", "wave", "even", "swoosh"]
    """Straight and wider downwards, waves, straight and even, or one-sided curves."""
    swing: Annotated[float, Range(0.12, 0.26)]
    """How far waves go up and down."""
    weight: Annotated[float, Range(0.08, 0.15)]
    """Width of what is taken out."""
    half: Annotated[Literal["whole", "lower"], Odds((1.0, 1.5))]
    """Whether cuts go all over, or the upper part stays whole."""
    two: Annotated[bool, Odds((1.0, 1.5))]
    """Whether what lies below the first cut takes the second ink."""
    angle: Annotated[Literal[0, -15, -30, -45, 30, 90, 180], Odds((3.0, 1.0, 1.5, 1.0, 1.0, 0.7, 0.7))]
    """Turned by so many degrees."""

    def draw(self, style: Style) -> list[Part]:
        """Return the part above the first cut and the part below it, or both as one."""
        first = -0.1 if self.half == "lower" else -0.46
        last = 0.72
        if self.outline == "drop":
            first = max(first, -0.2)
        rows = [first + (last - first) * index / max(self.cuts - 1, 1) for index in range(self.cuts)]
        cuts = [shape for index, y in enumerate(rows) for shape in self._cut(y, index)]
        if not self.two:
            return [self._part([*self._outline(), *map(cut, cuts)], 0)]
        over = Box(x=0.0, y=rows[0] - 2.0, width=6.0, height=4.0)
        return [
            self._part([*self._outline(), *map(cut, cuts), within(self._upper(rows[0], over))], 0),
            self._part([*self._outline(), *map(cut, cuts), cut(self._upper(rows[0], over))], 1),
        ]

    def _upper(self, y: float, over: Box) -> Box:
        return over if self.form in ("sunset", "even") else dataclasses.replace(over, y=y - 2.0)

    def _part(self, shapes: list[Shape], ink: int) -> Part:
        upright = {"drop"}
        return part(*(turned(s, 0.0 if self.outline in upright else self.angle) for s in shapes), ink=ink)

    def _outline(self) -> list[Shape]:
        if self.outline == "disc":
            return [Circle(x=0.0, y=0.0, radius=1.0)]
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
        step, curves = 0.8, []
        for place in range(3):
            sign = 1.0 if place % 2 == 0 else -1.0
            x = -1.2 + step * place
            curves.append(
                Bezier(
                    x=0.0,
                    y=y,
                    start=(x, 0.0),
                    control=(x + step / 2.0, sign * self.swing * 2.0),
                    end=(x + step, 0.0),
                    width=self.weight,
                )
            )
        return curves
