"""Marks of initials: in a container, cut by stripes, or beside a dot."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, ink, part, turned, within
from gen_jax.draw.logo.scene import Box, Circle, Shape, Star, Text


@dataclasses.dataclass(frozen=True, kw_only=True)
class Monogram:
    """The initials, one to three letters."""

    kind: Literal["monogram"] = "monogram"
    form: Annotated[Literal["solid", "frame", "free"], Odds((3.0, 1.5, 2.0))]
    """Empty space in a solid container, within a frame, or free."""
    container: Literal["disc", "squircle", "hexagon", "square", "tag"]
    """Of a solid or a frame; a tag has three round corners."""
    cuts: Annotated[Literal["none", "stripe", "stripes", "stencil"], Odds((2.0, 1.5, 1.5, 1.0))]
    """What is taken out of free letters: nothing, one slanted stripe, many level ones, or one upright."""
    dot: Annotated[Literal["none", "corner", "foot"], Odds((2.0, 1.0, 1.0))]
    """Whether a disc of the second ink stands at the upper corner or at the foot."""
    size: Annotated[float, Range(0.85, 1.05)]
    """Of the letters, to what fits well."""
    angle: Annotated[Literal[0, 45, 90, 135], Odds((4.0, 1.0, 1.0, 1.0))]
    """Which corner of a tag is square; a square at 45 or 135 stands on its corner."""
    shade: Annotated[int, Range(0, 15)]
    """Which half of a solid container takes the second ink, in eighths of a turn from the upper one; above 7: none."""
    at: Annotated[float, Range(-0.25, 0.25)]
    """Where a stripe cuts."""

    def draw(self, style: Style) -> list[Part]:
        """Return the letters and the container."""
        if self.form == "free":
            return self._free(style)
        inner = {"disc": 0.62, "squircle": 0.68, "hexagon": 0.62, "square": 0.68, "tag": 0.64}[self.container]
        if self.container == "square" and self.angle in (45, 135):
            inner = 0.5
        if self.form == "solid":
            return self._shaded([*self._container(1.0), cut(_letters(style, inner * self.size))])
        weight = 0.14
        frame = [*self._container(1.0), *self._hole(1.0 - weight)]
        return [part(*frame), part(_letters(style, inner * self.size * 0.86), ink=1)]

    def _shaded(self, shapes: list[Shape]) -> list[Part]:
        """Return a solid form, and the half of it that is shaded."""
        if self.shade > 7:
            return [part(*shapes)]
        half = turned(Box(x=0.0, y=-2.0, width=8.0, height=4.0), 45.0 * self.shade)
        return [part(*shapes), part(*shapes, within(half), ink=1)]

    def _free(self, style: Style) -> list[Part]:
        letters = _letters(style, 1.0)
        shapes: list[Shape] = [letters]
        half = letters.size / 2.0
        if self.cuts == "stripe":
            shapes.append(cut(Box(x=0.0, y=self.at * half * 2.0, angle=-24.0, width=6.0, height=half * 0.17)))
        if self.cuts == "stripes":
            count = 6
            for index in range(count):
                y = -half + 2.0 * half * (index + 0.5) / count
                shapes.append(cut(Box(x=0.0, y=y, width=6.0, height=half * 0.085)))
        if self.cuts == "stencil":
            shapes.append(cut(Box(x=0.0, y=self.at * half * 2.0, width=6.0, height=half * 0.15)))
        parts = [part(*shapes)]
        if self.dot != "none":
            right = _ink_right(letters)
            radius = half * 0.2
            y = half - radius if self.dot == "foot" else -half + radius
            parts.append(part(Circle(x=right + radius * 1.5, y=y, radius=radius), ink=2))
        return parts

    def _container(self, size: float) -> list[Shape]:
        if self.container == "disc":
            return [Circle(x=0.0, y=0.0, radius=size)]
        if self.container == "hexagon":
            return [Star(x=0.0, y=0.0, points=6, radius=size, inner=math.cos(math.pi / 6.0), round=0.05)]
        side = 1.84 * size
        if self.container == "tag":
            corner = {0: (-1, 1), 45: (1, 1), 90: (1, -1), 135: (-1, -1)}[self.angle]
            x, y = (sign * side / 4.0 for sign in corner)
            return [
                Box(x=0.0, y=0.0, width=side, height=side, corner=side / 2.0),
                Box(x=x, y=y, width=side / 2.0, height=side / 2.0),
            ]
        tilt = 45.0 if self.container == "square" and self.angle in (45, 135) else 0.0
        corner = side * (0.25 if self.container == "squircle" else 0.04)
        return [Box(x=0.0, y=0.0, angle=tilt, width=side, height=side, corner=corner)]

    def _hole(self, size: float) -> list[Shape]:
        return [cut(shape) for shape in self._container(size)]


def _letters(style: Style, reach: float) -> Text:
    """Return the initials, as large as keeps their corners within ``reach`` of the centre."""
    tracking = 0.0 if len(style.initials) == 1 else -0.02
    left, top, right, bottom = ink(style.initials, style.font, tracking)
    wide, high = right - left, bottom - top
    size = 2.0 * reach / math.hypot(wide, high) * (1.0 if wide < high * 1.3 else 1.12)
    x, y = -(left + right) / 2.0 * size, -(top + bottom) / 2.0 * size
    return Text(x=x, y=y, text=style.initials, font=style.font, size=size, tracking=tracking)


def _ink_right(letters: Text) -> float:
    return letters.x + ink(letters.text, letters.font, letters.tracking)[2] * letters.size
