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
    form: Annotated[Literal["solid", "windows", "striped", "notched", "nested"], Odds((0.4, 1.0, 1.5, 1.0, 1.0))]
    """Whole faces, faces with an opening, one face striped, a corner taken out, or a smaller cube in it."""
    gap: Annotated[float, Range(0.05, 0.14)]
    """Between faces."""
    opening: Annotated[float, Range(0.35, 0.62)]
    """Of a window, or the smaller cube, as a share of a face."""
    face: Annotated[int, Range(0, 2)]
    """Which face differs."""
    lengths: Annotated[Literal["even", "tall", "wide", "deep"], Odds((2.0, 1.0, 1.0, 1.0))]
    """Which edges are the longest; a nested cube is even."""
    share: Annotated[float, Range(0.5, 0.85)]
    """Of the other edges to the longest."""
    turn: Annotated[Literal[0, 60, 30, 90, 15, 45], Odds((2.0, 2.0, 1.0, 1.0, 0.5, 0.5))]
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
            shapes: list[Shape] = [self._face(face, 1.0)]
            if self.form == "windows" or (self.form == "notched" and differs):
                shapes.append(cut(self._face(face, self.opening, middle=self.form == "windows")))
            if self.form == "striped" and differs:
                shapes += map(cut, self._stripes(face))
            if self.form == "nested":
                shapes.append(cut(Star(x=0.0, y=0.0, points=6, radius=self.opening + self.gap, inner=_HEXAGON)))
                parts.append(part(turned(self._face(face, self.opening), angle + 180.0), ink=inks[face]))
            parts.append(part(*(turned(shape, angle) for shape in shapes), ink=inks[face]))
        return parts

    def _edges(self, face: int) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the two edges of a face from the corner in the middle, before the face is turned to its place."""
        longest = {"even": (0, 1, 2), "tall": (2,), "wide": (0,), "deep": (1,)}[self.lengths]
        if self.form == "nested":
            longest = (0, 1, 2)
        one, two = (1.0 if edge % 3 in longest else self.share for edge in (face, face + 1))
        return polar(one, -60.0), polar(two, 60.0)

    def _face(self, face: int, share: float, *, middle: bool = False) -> Polygon:
        (ax, ay), (bx, by) = self._edges(face)
        corners = [(0.0, 0.0), (ax, ay), (ax + bx, ay + by), (bx, by)]
        x, y = ((ax + bx) / 2.0, (ay + by) / 2.0) if middle else (0.0, 0.0)
        corners = [(x + share * (px - x), y + share * (py - y)) for px, py in corners]
        return Polygon(x=0.0, y=0.0, corners=tuple(corners) if middle else inset(corners, self.gap / 2.0))

    def _stripes(self, face: int) -> list[Shape]:
        """Return the stripes that are taken out of a face."""
        (ax, ay), (bx, by) = self._edges(face)
        thick = 1.0 / (2.0 * self.stripes - 1.0)
        shapes: list[Shape] = []
        for index in range(self.stripes - 1):
            near, far = ((bx * t, by * t) for t in (thick * (2 * index + 1), thick * (2 * index + 2)))
            corners = (near, far, (far[0] + ax, far[1] + ay), (near[0] + ax, near[1] + ay))
            shapes.append(Polygon(x=0.0, y=0.0, corners=corners))
        return shapes
