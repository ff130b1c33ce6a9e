"""Marks of a few large forms: a cube, a shield, overlapping forms, an arrow out of empty space."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, inset, line, part, polar, polygon, regular, turned, within
from gen_jax.draw.logo.scene import Box, Circle, Polygon, Shape, Star


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


_HEXAGON = math.cos(math.pi / 6.0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Shield:
    """A shield, divided as heralds do, or with a charge taken out."""

    kind: Literal["shield"] = "shield"
    division: Literal["pale", "bend", "chevron", "quarters", "fess", "star", "check"]
    """Upright, slanted, bent, quartered, across, a star taken out, or a tick taken out."""
    gap: Annotated[float, Range(0.06, 0.12)]
    """Between fields."""
    waist: Annotated[float, Range(0.25, 0.55)]
    """How far down its sides are straight, as a share of its height."""
    top: Literal["flat", "point", "dip"]
    """Its upper edge."""
    at: Annotated[float, Range(-0.25, 0.2)]
    """Where a division across lies, from the middle."""
    points: Annotated[int, Range(4, 7)]
    """Of the star."""
    swap: bool
    """Whether the fields change inks, and left and right."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a field."""
        one, two = (1, 0) if self.swap else (0, 1)
        if self.division == "star":
            star = Star(x=0.0, y=-0.12 + self.at / 4.0, points=self.points, radius=0.54, inner=0.45)
            return [part(*self._outline(), cut(star))]
        if self.division == "check":
            tick = [(-0.42, -0.12), (-0.08, 0.22), (0.46, -0.42)]
            strokes = [line(a, b, 0.2, round=self.swap) for a, b in itertools.pairwise(tick)]
            return [part(*self._outline(), *map(cut, strokes))]
        return [part(*self._outline(), *map(within, halves), ink=(one, two)[ink]) for ink, halves in self._fields()]

    def _outline(self) -> list[Shape]:
        """Return the shield: below its waist what two discs have in common, above it a box."""
        half, waist = 0.84, -1.0 + 2.0 * self.waist
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

    def _fields(self) -> list[tuple[int, list[Shape]]]:
        """Return (ink, shapes that keep a part within its field) of every field."""
        gap = self.gap / 2.0
        side = -1.0 if self.swap else 1.0
        right = Box(x=1.0 + gap, y=0.0, width=2.0, height=4.0)
        left = Box(x=-1.0 - gap, y=0.0, width=2.0, height=4.0)
        above = Box(x=0.0, y=self.at - 1.0 - gap, width=4.0, height=2.0)
        below = Box(x=0.0, y=self.at + 1.0 + gap, width=4.0, height=2.0)
        if self.division == "pale":
            return [(0, [left]), (1, [right])]
        if self.division == "fess":
            return [(0, [above]), (1, [below])]
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


@dataclasses.dataclass(frozen=True, kw_only=True)
class Overlap:
    """Forms that overlap, with an ink of its own where they do."""

    kind: Literal["overlap"] = "overlap"
    form: Literal["discs", "squares", "pills", "disc_and_square", "triangles"]
    """What overlaps."""
    count: Annotated[Literal[2, 3], Odds((2.0, 1.0))]
    """How many forms: two, or three discs."""
    apart: Annotated[float, Range(0.4, 0.62)]
    """Between the centres, as a share of a form's width."""
    ratio: Annotated[float, Range(0.62, 1.0)]
    """Size of the second form to that of the first."""
    angle: Annotated[int, Range(0, 11)]
    """Turned by so many twelfths."""
    common: Annotated[Literal["ink", "hole"], Odds((3.0, 2.0))]
    """Whether the common part is a third ink or empty."""
    swap: bool
    """Whether the two change inks."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a form less the common part, and that part."""
        hole = style.flat or self.common == "hole"
        forms = self._forms()
        parts, inks = [], ((1, 0, 2) if self.swap else (0, 1, 2))
        for index, form in enumerate(forms):
            others = [cut(other) for place, other in enumerate(forms) if place != index]
            parts.append(part(form, *others, ink=inks[index] if len(forms) == 2 else index))
        if len(forms) == 2:
            if not hole:
                parts.append(part(forms[0], within(forms[1]), ink=2))
            return parts
        middle = part(forms[0], within(forms[1]), within(forms[2]), ink=0 if hole else 2)
        if hole:
            return [*parts, middle]
        lenses = [(0, 1, 2, 1), (1, 2, 0, 0), (2, 0, 1, 0)]
        return [*parts, *(part(forms[a], within(forms[b]), cut(forms[c]), ink=2) for a, b, c, _ in lenses)]

    def _forms(self) -> list[Shape]:
        angle = 30.0 * self.angle
        if self.count == 3:
            return [Circle(x=x, y=y, radius=0.75) for x, y in regular(3, 0.75 * self.apart * 1.25, angle)]
        places = [polar(self.apart, angle), polar(self.apart, angle + 180.0)]
        (x1, y1), (x2, y2) = places
        big, small = 0.8, 0.8 * self.ratio
        if self.form == "discs":
            return [Circle(x=x1, y=y1, radius=big), Circle(x=x2, y=y2, radius=small)]
        if self.form == "squares":
            tilt = 45.0 * (self.angle % 2)
            return [
                Box(x=x, y=y, width=2.0 * half, height=2.0 * half, corner=half * 0.25, angle=tilt)
                for (x, y), half in zip(places, (big, small), strict=True)
            ]
        if self.form == "pills":
            spread = 30.0 + 45.0 * (self.ratio - 0.62)
            return [
                Box(x=0.28 * sign, y=0.0, angle=sign * spread + angle, width=0.74, height=2.1, corner=0.37)
                for sign in (-1.0, 1.0)
            ]
        if self.form == "disc_and_square":
            return [Circle(x=x1, y=y1, radius=big), Box(x=x2, y=y2, width=1.8 * small, height=1.8 * small)]
        return [
            Star(x=x, y=y, points=3, radius=1.1 * half, inner=0.5, angle=turn, round=0.06)
            for (x, y), half, turn in zip(places, (big, small), (angle, angle + 180.0), strict=True)
        ]


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
