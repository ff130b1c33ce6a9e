"""A cube seen along its diagonal: three faces of a hexagon."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, inset, part, polar, turned
from gen_jax.draw.logo.scene import Polygon, Shape, Star

_HEXAGON = math.cos(math.pi / 6.0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cube:
    """A cube seen along its diagonal: three faces of a hexagon."""

    kind: Literal["cube"] = "cube"
    form: Literal["solid", "windows", "striped", "notched", "nested"]
    """Whole faces, faces with an opening, one face striped, a corner taken out, or a smaller cube in it."""
    gap: Annotated[float, Range(0.05, 0.14)]
    """Between faces."""
    opening: Annotated[float, Range(0.35, 0.62)]
    """Of a window, or the smaller cube, as a share of a face."""
    face: Annotated[int, Range(0, 2)]
    """Which face differs."""
    turn: Annotated[Literal[0, 60, 30, 90], Odds((3.0, 2.0, 1.0, 1.0))]
    """Turned by so many degrees."""
    swap: Annotated[int, Range(0, 5)]
    """Which face takes which ink."""
    stripes: Annotated[int, Range(2, 4)]
    """On a striped face."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a face, and more where one differs."""
        inks = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))[self.swap]
        parts = []
        for face in range(3):
            differs = face == self.face
            angle = 120.0 * face + self.turn
            shapes: list[Shape] = [self._face(1.0)]
            if self.form == "windows" or (self.form == "notched" and differs):
                shapes.append(cut(self._face(self.opening, middle=self.form == "windows")))
            if self.form == "striped" and differs:
                shapes = self._stripes()
            if self.form == "nested":
                shapes.append(cut(Star(x=0.0, y=0.0, points=6, radius=self.opening + self.gap, inner=_HEXAGON)))
                parts.append(part(*(turned(s, angle + 180.0) for s in (self._face(self.opening),)), ink=inks[face]))
            parts.append(part(*(turned(shape, angle) for shape in shapes), ink=inks[face]))
        return parts

    def _face(self, share: float, *, middle: bool = False) -> Polygon:
        corners = [(0.0, 0.0), polar(1.0, -60.0), polar(1.0, 0.0), polar(1.0, 60.0)]
        if middle:
            corners = [(share * x, -0.5 + share * (y + 0.5)) for x, y in corners]
            return Polygon(x=0.0, y=0.0, corners=tuple(corners))
        corners = [(share * x, share * y) for x, y in corners]
        return Polygon(x=0.0, y=0.0, corners=inset(corners, self.gap / 2.0))

    def _stripes(self) -> list[Shape]:
        shapes: list[Shape] = [self._face(1.0)]
        a, b = polar(1.0, -60.0), polar(1.0, 60.0)
        thick = 1.0 / (2.0 * self.stripes - 1.0)
        for index in range(self.stripes - 1):
            low, high = thick * (2 * index + 1), thick * (2 * index + 2)
            far = [(b[0] * t, b[1] * t) for t in (low, high)]
            points = [far[0], far[1], (far[1][0] + a[0], far[1][1] + a[1]), (far[0][0] + a[0], far[0][1] + a[1])]
            shapes.append(cut(Polygon(x=0.0, y=0.0, corners=tuple(points))))
        return shapes
