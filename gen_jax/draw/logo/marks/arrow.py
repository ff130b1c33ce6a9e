"""An arrow of empty space in a solid form, or one that leaves it."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, line, part, polar, turned, within
from gen_jax.draw.logo.scene import Arc, Box, Circle, Polygon, Shape, Star
from gen_jax.draw.logo.symmetry import moved

_HEXAGON = math.cos(math.pi / 6.0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Arrow:
    """An arrow of empty space in a solid form, or one that leaves it."""

    kind: Literal["arrow"] = "arrow"
    ground: Literal["disc", "square", "squircle", "hexagon", "quarter"]
    """The solid form."""
    arrow: Literal["shaft", "head", "corner", "notch", "curve", "pair"]
    """With a shaft; two heads; a head off its shaft; a dart; bent round; two side by side, up and down."""
    weight: Annotated[float, Range(0.17, 0.26)]
    """Width of its strokes."""
    size: Annotated[float, Range(0.8, 1.05)]
    """From its tail to its tip, as a share of the form's radius."""
    wing: Annotated[float, Range(0.6, 1.0)]
    """How far its head reaches aside."""
    shift: Annotated[float, Range(-0.16, 0.16)]
    """How far it is moved along its own direction."""
    facing: Annotated[int, Range(0, 23)]
    """Where it points, in steps of 15 degrees from up; in a form with corners, the nearest eighth of a turn."""
    through: bool
    """Whether the shaft cuts through the rim."""
    split: Annotated[bool, Odds((2.0, 1.0))]
    """Whether the arrow divides the form into two inks."""

    def draw(self, style: Style) -> list[Part]:
        """Return the form less the arrow; where it is split, one part a side."""
        facing = self._facing()
        arrow = [cut(turned(moved(shape, 0.0, self.shift), facing)) for shape in self._arrow()]
        form = self._form()
        if not (self.split and self.through and self.arrow == "shaft"):
            return [part(*form, *arrow)]
        sides = [turned(Box(x=sign * 2.0, y=0.0, width=4.0, height=8.0), facing) for sign in (-1.0, 1.0)]
        return [part(*form, *arrow, within(side), ink=ink) for ink, side in enumerate(sides)]

    def _facing(self) -> float:
        return 15.0 * self.facing if self.ground == "disc" else 45.0 * ((self.facing + 1) // 3 % 8)

    def _form(self) -> list[Shape]:
        if self.ground == "disc":
            return [Circle(x=0.0, y=0.0, radius=1.0)]
        if self.ground == "hexagon":
            return [Star(x=0.0, y=0.0, points=6, radius=1.0, inner=_HEXAGON, round=0.04)]
        if self.ground == "quarter":
            turn = 90.0 * (self._facing() // 90.0)
            return [
                turned(shape, turn)
                for shape in (
                    Box(x=0.0, y=0.0, width=1.8, height=1.8, corner=0.9),
                    Box(x=-0.45, y=0.45, width=0.9, height=0.9),
                )
            ]
        corner = 0.46 if self.ground == "squircle" else 0.06
        return [Box(x=0.0, y=0.0, width=1.8, height=1.8, corner=corner)]

    def _arrow(self) -> list[Shape]:
        half, width = self.size * 0.62, self.weight
        if self.arrow == "notch":
            return [Polygon(x=0.0, y=0.0, corners=((0.0, -half), (0.62, 1.6), (0.0, 0.55), (-0.62, 1.6)))]
        if self.arrow == "curve":
            return self._curve()
        if self.arrow == "pair":
            away = 0.34 * self.wing + 0.06
            one = [moved(shape, -away, 0.0) for shape in self._straight(half * 0.92, half * 0.5, 0.8 * width)]
            return [*one, *(turned(shape, 180.0) for shape in one)]
        if self.arrow == "head":
            head = self._straight(half, half * self.wing, width)[:3]
            return [*head, *(moved(shape, 0.0, width * 2.1) for shape in head)]
        *head, shaft = self._straight(half, half * self.wing, width)
        return [*head, moved(shaft, 0.0, width * 1.4) if self.arrow == "corner" else shaft]

    def _straight(self, half: float, wing: float, width: float) -> list[Shape]:
        """Return the two strokes of a head, the square corner in which they meet, and a shaft."""
        head = [line((0.0, -half), (sign * wing, -half + wing), width, round=False) for sign in (-1.0, 1.0)]
        tail = 1.6 if self.through and self.arrow != "pair" else half
        shaft = Box(x=0.0, y=(tail - half) / 2.0, width=width, height=tail + half)
        return [*head, Box(x=0.0, y=-half, width=width, height=width, angle=45.0), shaft]

    def _curve(self) -> list[Shape]:
        """Return most of a circle, and a solid head where it ends."""
        radius, sweep = 0.36 + 0.16 * self.size, 150.0 + 140.0 * (self.wing - 0.6) / 0.4
        end = sweep / 2.0
        reach = self.weight * 1.15
        x, y = polar(radius, end)
        head = Polygon(x=x, y=y, angle=end, corners=((0.0, -reach), (1.5 * reach, 0.0), (0.0, reach)))
        return [Arc(x=0.0, y=0.0, radius=radius, width=self.weight, sweep=sweep, cap="butt"), head]
