"""An arrow of empty space in a solid form, or one that leaves it."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, line, part, turned, within
from gen_jax.draw.logo.scene import Box, Circle, Polygon, Shape, Star

_HEXAGON = math.cos(math.pi / 6.0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Arrow:
    """An arrow of empty space in a solid form, or one that leaves it."""

    kind: Literal["arrow"] = "arrow"
    ground: Literal["disc", "square", "squircle", "hexagon", "quarter"]
    """The solid form."""
    arrow: Literal["shaft", "head", "corner", "notch"]
    """With a shaft, a head alone, a corner bracket with a shaft, or a solid triangle cut from the rim."""
    weight: Annotated[float, Range(0.17, 0.26)]
    """Width of its strokes."""
    size: Annotated[float, Range(0.8, 1.05)]
    """From its tail to its tip, as a share of the form's radius."""
    facing: Annotated[int, Range(0, 7)]
    """Where it points, in eighths of a turn from up."""
    through: bool
    """Whether the shaft cuts through the rim."""
    split: Annotated[bool, Odds((2.0, 1.0))]
    """Whether the arrow divides the form into two inks."""

    def draw(self, style: Style) -> list[Part]:
        """Return the form less the arrow; where it is split, one part a side."""
        facing = 45.0 * self.facing
        arrow = [cut(turned(shape, facing)) for shape in self._arrow()]
        form = self._form()
        if not (self.split and self.through and self.arrow == "shaft"):
            return [part(*form, *arrow)]
        sides = [turned(Box(x=sign * 2.0, y=0.0, width=4.0, height=8.0), facing) for sign in (-1.0, 1.0)]
        return [part(*form, *arrow, within(side), ink=ink) for ink, side in enumerate(sides)]

    def _form(self) -> list[Shape]:
        if self.ground == "disc":
            return [Circle(x=0.0, y=0.0, radius=1.0)]
        if self.ground == "hexagon":
            return [Star(x=0.0, y=0.0, points=6, radius=1.0, inner=_HEXAGON, round=0.04)]
        if self.ground == "quarter":
            turn = 90.0 * (self.facing // 2)
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
        wing = half * 0.85
        head = [line((0.0, -half), (sign * wing, -half + wing), width, round=False) for sign in (-1.0, 1.0)]
        # The two strokes of the head meet in a square corner.
        tip = Box(x=0.0, y=-half, width=width, height=width, angle=45.0)
        if self.arrow == "head":
            again = [dataclasses.replace(shape, y=shape.y + width * 2.1) for shape in (*head, tip)]
            return [*head, tip, *again]
        tail = 1.6 if self.through else half
        shaft = Box(x=0.0, y=(tail - half) / 2.0, width=width, height=tail + half)
        if self.arrow == "corner":
            return [*head, tip, dataclasses.replace(shaft, y=shaft.y + width * 1.4)]
        return [*head, tip, shaft]
