"""Marks after things in nature: mountains and a sun, leaves, a crescent, an eye, a flame."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, leaf, line, part, polar, polygon, turned, within
from gen_jax.draw.logo.scene import Arc, Bezier, Box, Circle, Shape, Star


@dataclasses.dataclass(frozen=True, kw_only=True)
class Peaks:
    """Mountains and a sun, free or within a disc."""

    kind: Literal["peaks"] = "peaks"
    peaks: Annotated[int, Range(1, 3)]
    """Number of mountains."""
    frame: Literal["none", "disc", "hole"]
    """Free, cut to a disc, or empty space in a disc."""
    steep: Annotated[float, Range(0.75, 1.25)]
    """Height of a mountain to half its foot."""
    sun: Annotated[Literal["none", "disc", "ring"], Odds((1.0, 3.0, 1.0))]
    """What stands in the sky."""
    at: Annotated[float, Range(-0.55, 0.55)]
    """Where it stands, from the middle."""
    snow: bool
    """Whether the highest peak has its top cut off by a gap."""
    second: Annotated[float, Range(0.5, 0.8)]
    """Height of the lower mountains to that of the highest."""
    mirror: bool
    """Whether left and right change places."""
    water: Annotated[bool, Odds((3.0, 1.0))]
    """Whether a line of water lies at the foot of free mountains."""

    def draw(self, style: Style) -> list[Part]:
        """Return the sun, the highest peak and the lower ones."""
        side = -1.0 if self.mirror else 1.0
        tops = [(0.0, 1.0), (0.62, self.second), (-0.62, self.second * 0.85)][: self.peaks]
        if self.peaks == 2:
            tops = [(-0.28, 1.0), (0.45, self.second)]
        foot, height = 0.62, 1.25
        hills = []
        for x, share in tops:
            high, wide = height * share, height * share / self.steep
            hills.append([(side * x - wide, foot), (side * x, foot - high), (side * x + wide, foot)])
        parts = []
        for index in reversed(range(len(hills))):
            front = [cut(polygon(_grown(hills[0], 0.09)))] if index else []
            parts.append(part(polygon(hills[index]), *front, *self._snow(hills[0], index), ink=1 if index else 0))
        sky = self._sky(hills)
        if self.frame == "disc":
            disc = Circle(x=0.0, y=0.0, radius=1.0)
            low = Box(x=0.0, y=0.0, width=2.2, height=1.24)
            del low
            parts = [Part((*p.shapes, within(disc)), p.ink) for p in self._deep(hills)]
            return [*sky, *parts]
        if self.frame == "hole":
            holes = [cut(polygon(hill)) for hill in hills]
            snow = [polygon(_cap(hills[0]))] if self.snow else []
            suns = [cut(shape) for p in sky for shape in p.shapes if shape.op == "union"]
            return [part(Circle(x=0.0, y=0.0, radius=1.0), *holes, *suns, *snow)]
        if self.water:
            parts.append(part(line((-0.85, foot + 0.2), (0.85, foot + 0.2), 0.13), ink=2))
        return [*sky, *parts]

    def _deep(self, hills: list[list[tuple[float, float]]]) -> list[Part]:
        """Return the mountains with feet that go on below the disc."""
        deep = [
            [(top[0] + 2.4 * (x - top[0]), top[1] + 2.4 * (y - top[1])) for x, y in hill]
            for hill, top in ((hill, hill[1]) for hill in hills)
        ]
        parts = []
        for index in reversed(range(len(deep))):
            front = [cut(polygon(_grown(deep[0], 0.09)))] if index else []
            parts.append(part(polygon(deep[index]), *front, *self._snow(hills[0], index), ink=1 if index else 0))
        return parts

    def _snow(self, hill: list[tuple[float, float]], index: int) -> list[Shape]:
        if not self.snow or index:
            return []
        (left, foot), (x, top), (right, _) = hill
        y, half = top + 0.36 * (foot - top), 0.36 * (right - left) / 2.0
        zigzag = [(x - half * 2, y), (x - half * 0.4, y + 0.16), (x, y), (x + half * 0.4, y + 0.16), (x + half * 2, y)]
        return [cut(line(a, b, 0.08)) for a, b in itertools.pairwise(zigzag)]

    def _sky(self, hills: list[list[tuple[float, float]]]) -> list[Part]:
        if self.sun == "none":
            return []
        x, y, radius = self.at, -0.52 + 0.2 * abs(self.at), 0.24
        if self.peaks == 1 or abs(x - hills[0][1][0]) < 0.35:
            x = -0.5 if hills[0][1][0] > -0.1 else 0.45
        shapes: list[Shape] = [Circle(x=x, y=y, radius=radius)]
        if self.sun == "ring":
            shapes.append(cut(Circle(x=x, y=y, radius=radius * 0.55)))
        return [part(*shapes, *(cut(polygon(_grown(hill, 0.1))) for hill in hills), ink=2)]


def _grown(hill: list[tuple[float, float]], by: float) -> list[tuple[float, float]]:
    (left, foot), (x, top), (right, _) = hill
    return [(left - 2.0 * by, foot + by), (x, top - 1.6 * by), (right + 2.0 * by, foot + by)]


def _cap(hill: list[tuple[float, float]]) -> list[tuple[float, float]]:
    (left, foot), (x, top), (right, _) = hill
    y, half = top + 0.34 * (foot - top), 0.34 * (right - left) / 2.0
    inner = 0.06
    return [
        (x - half, y - inner),
        (x - half * 0.45, y + 0.1),
        (x, y - 0.04),
        (x + half * 0.45, y + 0.1),
        (x + half, y - inner),
        (x, top),
    ]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Leaves:
    """Leaves from one foot, or along a stem."""

    kind: Literal["leaves"] = "leaves"
    form: Literal["fan", "sprout", "branch", "single", "pair"]
    """A fan of leaves, two on a stem, pairs along a stem, one with a vein, two of unlike size."""
    leaves: Annotated[int, Range(3, 5)]
    """Of a fan, or pairs of a branch and one more."""
    plump: Annotated[float, Range(0.38, 0.62)]
    """Width of a leaf to its length."""
    spread: Annotated[float, Range(28.0, 46.0)]
    """Between leaves, in degrees."""
    vein: Annotated[Literal["none", "line", "half"], Odds((2.0, 1.0, 1.0))]
    """What is taken out of a leaf: nothing, its midrib, or one half of it for the second ink."""
    lean: Annotated[Literal[0, 20, -20, 45, -45], Odds((3.0, 1.0, 1.0, 1.0, 1.0))]
    """Turned by so many degrees."""
    tone: Literal["plain", "sides", "middle"]
    """Which leaves take the second ink: none, those on the right, the middle one."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a leaf, or half a leaf, and the stem."""
        parts: list[Part] = []
        if self.form == "fan":
            wide = min(self.spread, 180.0 / self.leaves)
            for index in range(self.leaves):
                angle = wide * (index - (self.leaves - 1) / 2.0)
                length = 1.0 - 0.16 * abs(index - (self.leaves - 1) / 2.0)
                width = min(self.plump * length, 2.0 * 0.62 * math.sin(math.radians(wide / 2.0)) * 1.1)
                parts += self._leaf(length, width, angle, base=0.12)
        elif self.form == "single":
            parts += self._leaf(2.0, 2.0 * self.plump * 1.2, 45.0, base=-1.0)
        elif self.form == "pair":
            parts += self._leaf(1.3, 1.3 * self.plump, -self.spread, base=0.06)
            parts += self._leaf(0.95, 0.95 * self.plump, self.spread + 12.0, base=0.06)
        elif self.form == "sprout":
            parts.append(part(Box(x=0.0, y=0.5, width=0.13, height=1.05, corner=0.065)))
            for sign in (-1.0, 1.0):
                parts += [
                    _lifted(p, 0.05) for p in self._leaf(0.98, 0.98 * self.plump, sign * (self.spread + 22.0), base=0.1)
                ]
        else:
            parts += self._branch()
        return [Part(tuple(turned(shape, self.lean) for shape in p.shapes), p.ink) for p in parts]

    def _branch(self) -> list[Part]:
        parts = [part(line((0.0, 0.95), (0.0, -0.35), 0.09))]
        for pair in range(self.leaves - 1):
            y = 0.62 - 1.15 * pair / (self.leaves - 1)
            length = 0.72 - 0.09 * pair
            for sign in (-1.0, 1.0):
                parts += [_lifted(p, y) for p in self._leaf(length, length * self.plump * 0.9, sign * 52.0, base=0.1)]
        return [*parts, *(_lifted(p, -0.4) for p in self._leaf(0.6, 0.6 * self.plump, 0.0, base=0.06))]

    def _leaf(self, length: float, width: float, angle: float, *, base: float) -> list[Part]:
        outline = leaf(length, width, angle=angle, base=base)
        ink = {"plain": 0, "sides": int(angle > 1.0), "middle": int(abs(angle) < 1.0)}[self.tone]
        if self.vein == "none":
            return [part(*outline, ink=ink)]
        rib = 0.045 + 0.02 * length
        if self.vein == "line":
            foot, tip = polar(base - 0.1, angle), polar(base + length * 0.66, angle)
            return [part(*outline, cut(line(foot, tip, rib)), ink=ink)]
        halves = [turned(Box(x=sign * (2.0 + rib / 2.0), y=0.0, width=4.0, height=8.0), angle) for sign in (-1.0, 1.0)]
        return [part(*outline, within(half), ink=(ink + place) % 2) for place, half in enumerate(halves)]


def _lifted(given: Part, dy: float) -> Part:
    return Part(tuple(dataclasses.replace(shape, y=shape.y + dy) for shape in given.shapes), given.ink)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Crescent:
    """Discs that hide one another: moons, an eclipse, and a star."""

    kind: Literal["crescent"] = "crescent"
    moons: Annotated[int, Range(1, 4)]
    """Crescents within one another."""
    shift: Annotated[float, Range(0.14, 0.3)]
    """How far the hiding disc is moved aside, at most as far as it still shows."""
    size: Annotated[float, Range(0.68, 0.84)]
    """Of the hiding disc."""
    facing: Annotated[int, Range(0, 11)]
    """Where the open side is, in twelfths."""
    companion: Literal["none", "star", "disc", "core"]
    """What stands in the open side, or in the middle of all."""
    points: Annotated[int, Range(4, 8)]
    """Of the star."""
    sharp: Annotated[float, Range(0.32, 0.5)]
    """Of the star: the radius of its notches."""
    two: bool
    """Whether every other crescent takes the second ink."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a crescent, and the companion."""
        angle, radius, x, parts = 30.0 * self.facing, 1.0, 0.0, []
        for index in range(self.moons):
            hidden = radius * self.size
            shift = (
                min(self.shift * radius * 1.4, radius - hidden + 0.5 * radius)
                if self.moons == 1
                else (radius - hidden) * 0.92
            )
            place, other = polar(x, angle), polar(x + shift, angle)
            parts.append(
                part(
                    Circle(x=place[0], y=place[1], radius=radius),
                    cut(Circle(x=other[0], y=other[1], radius=hidden)),
                    ink=index % 2 if self.two else 0,
                )
            )
            gap = 0.07
            x += shift + (gap * 0.8 if self.moons > 1 else 0.0)
            radius = hidden - gap
            if radius < 0.22:
                break
        where = polar(x + (0.05 if self.moons == 1 else 0.0), angle)
        if self.companion == "star":
            star = Star(x=where[0], y=where[1], points=self.points, radius=radius * 0.6, inner=self.sharp)
            parts.append(part(star, ink=2))
        elif self.companion != "none":
            share = 0.36 if self.companion == "disc" else 0.7
            parts.append(part(Circle(x=where[0], y=where[1], radius=radius * share), ink=2))
        return parts


@dataclasses.dataclass(frozen=True, kw_only=True)
class Eye:
    """An eye: two arcs that meet, and what looks out."""

    kind: Literal["eye"] = "eye"
    open: Annotated[float, Range(0.85, 1.3)]
    """Its height to half its width."""
    lid: Literal["solid", "outline", "upper", "split"]
    """Filled, an outline, an outline above alone, or filled in two halves."""
    iris: Literal["disc", "ring", "star", "target", "slit"]
    """What lies in it."""
    size: Annotated[float, Range(0.55, 0.8)]
    """Of the iris to the opening."""
    lashes: Annotated[Literal[0, 3, 5], Odds((3.0, 1.0, 1.0))]
    """Rays above it."""
    glint: bool
    """Whether a small disc is cut out of the iris."""
    points: Annotated[int, Range(4, 8)]
    """Of the star."""
    turn: Annotated[Literal[0, 90, 45, -45], Odds((4.0, 0.7, 1.0, 1.0))]
    """Turned by so many degrees."""

    def draw(self, style: Style) -> list[Part]:
        """Return the lid, the iris, and the lashes."""
        high = self.open
        radius = self.size * high * 0.5
        gap = 0.09
        outline = [turned(shape, 90.0) for shape in leaf(2.0, high, base=-1.0)]
        inner = [turned(shape, 90.0) for shape in leaf(2.0 - 0.5, high - 0.36, base=-0.75)]
        parts = []
        if self.lid in ("solid", "split"):
            hole = cut(Circle(x=0.0, y=0.0, radius=radius + gap))
            sides = [Box(x=0.0, y=sign * (2.0 + gap / 2.0), width=4.0, height=4.0) for sign in (-1.0, 1.0)]
            if self.lid == "solid":
                parts.append(part(*outline, hole))
            else:
                parts += [part(*outline, hole, within(side), ink=ink) for ink, side in enumerate(sides)]
        else:
            parts += self._strokes(high)
            radius = min(radius, high * 0.5 - 0.2)
        del inner
        parts.append(part(*self._iris(radius), ink=2 if self.lid == "split" else 1))
        for index in range(self.lashes):
            angle = 26.0 * (index - (self.lashes - 1) / 2.0)
            foot = high * 0.5 + 0.16 - 0.1 * abs(index - (self.lashes - 1) / 2.0) ** 1.3 * high * 0.5
            x = 0.36 * (index - (self.lashes - 1) / 2.0)
            dx, dy = polar(0.24, angle)
            parts.append(part(line((x, -foot), (x + dx, -foot + dy), 0.1), ink=0))
        return [Part(tuple(turned(shape, self.turn) for shape in p.shapes), p.ink) for p in parts]

    def _strokes(self, high: float) -> list[Part]:
        """Return the lids as strokes along the two circles of a leaf."""
        across = high / 2.0
        radius = (1.0 + across * across) / (2.0 * across)
        sweep = 2.0 * math.degrees(math.asin(1.0 / radius))
        arcs = [
            Arc(x=0.0, y=radius - across, radius=radius, width=0.15, sweep=sweep),
            Arc(x=0.0, y=across - radius, angle=180.0, radius=radius, width=0.15, sweep=sweep),
        ]
        return [part(*arcs[: 1 if self.lid == "upper" else 2])]

    def _iris(self, radius: float) -> list[Shape]:
        disc = Circle(x=0.0, y=0.0, radius=radius)
        glint = [cut(Circle(x=radius * 0.36, y=-radius * 0.36, radius=radius * 0.26))] if self.glint else []
        if self.iris == "ring":
            return [disc, cut(Circle(x=0.0, y=0.0, radius=radius * 0.5))]
        if self.iris == "star":
            return [disc, cut(Star(x=0.0, y=0.0, points=self.points, radius=radius * 0.78, inner=0.42))]
        if self.iris == "target":
            hole = Circle(x=0.0, y=0.0, radius=radius * 0.72)
            return [disc, cut(hole), Circle(x=0.0, y=0.0, radius=radius * 0.42)]
        if self.iris == "slit":
            return [disc, cut(Box(x=0.0, y=0.0, width=radius * 0.34, height=radius * 1.4, corner=radius * 0.17))]
        return [disc, *glint]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Drop:
    """A drop or a flame, whole or with something in it."""

    kind: Literal["drop"] = "drop"
    form: Literal["drop", "flame", "pin", "heart"]
    """Point up, a bent flame, a place mark (point down), or a heart."""
    inside: Literal["none", "disc", "drop", "wave", "star", "ring"]
    """What is taken out of it."""
    slender: Annotated[float, Range(0.55, 0.78)]
    """Radius of its round part."""
    size: Annotated[float, Range(0.4, 0.62)]
    """Of what is taken out."""
    halves: Annotated[bool, Odds((2.0, 1.0))]
    """Whether it has two inks, side by side."""
    points: Annotated[int, Range(4, 8)]
    """Of the star."""
    lean: Annotated[Literal[0, 30, -30, 45], Odds((4.0, 1.0, 1.0, 0.7))]
    """Turned by so many degrees."""

    def draw(self, style: Style) -> list[Part]:
        """Return the form less what is taken out, or its two halves."""
        shapes = [*self._form(), *map(cut, self._inside())]
        if self.halves:
            sides = [Box(x=sign * 2.035, y=0.0, width=4.0, height=8.0) for sign in (-1.0, 1.0)]
            parts = [part(*shapes, within(side), ink=ink) for ink, side in enumerate(sides)]
        else:
            parts = [part(*shapes)]
        if self.inside == "ring":
            x, y, room = self._room()
            parts.append(part(Circle(x=x, y=y, radius=room * self.size * 0.7), ink=2))
        return [Part(tuple(turned(shape, self.lean) for shape in p.shapes), p.ink) for p in parts]

    def _form(self) -> list[Shape]:
        radius = self.slender
        if self.form == "heart":
            lobe = 0.56
            across = lobe * math.sqrt(0.5)
            tip = 0.9
            return [
                Circle(x=-across, y=-0.3, radius=lobe),
                Circle(x=across, y=-0.3, radius=lobe),
                polygon(
                    [
                        (-2.0 * across, -0.3 + across),
                        (0.0, -0.3 - across),
                        (2.0 * across, -0.3 + across),
                        (0.0, -0.3 + 3.0 * across),
                    ]
                )
                if tip
                else Circle(x=0.0, y=0.0, radius=lobe),
            ]
        far = 2.0 - radius
        across, touch = radius * math.sqrt(1.0 - (radius / far) ** 2), radius * radius / far
        drop = [
            Circle(x=0.0, y=1.0 - radius, radius=radius),
            polygon([(0.0, -1.0), (across, 1.0 - radius - touch), (-across, 1.0 - radius - touch)]),
        ]
        if self.form == "pin":
            return [turned(shape, 180.0) for shape in drop]
        if self.form == "flame":
            return (
                [
                    Circle(x=0.0, y=1.0 - radius, radius=radius),
                    Box(x=-radius / 2.0, y=(1.0 - radius - 1.0) / 2.0, width=radius, height=2.0 - radius),
                    cut(Circle(x=-radius - 0.0, y=-radius + 0.0, radius=radius * 1.02)),
                ]
                if radius > 0.9
                else [
                    *leaf(2.0, 2.0 * radius, base=-1.0),
                    Circle(x=0.0, y=1.0 - radius, radius=radius),
                    cut(Circle(x=-0.62 * radius - 0.35, y=-0.72, radius=0.5)),
                ]
            )
        return drop

    def _room(self) -> tuple[float, float, float]:
        if self.form == "heart":
            return 0.0, -0.1, 0.62
        return 0.0, (self.slender - 1.0 if self.form == "pin" else 1.0 - self.slender), self.slender

    def _inside(self) -> list[Shape]:
        x, y, room = self._room()
        radius = room * self.size
        if self.inside == "disc":
            return [Circle(x=x, y=y, radius=radius)]
        if self.inside == "ring":
            return [Circle(x=x, y=y, radius=radius * 1.15)]
        if self.inside == "star":
            return [Star(x=x, y=y, points=self.points, radius=radius * 1.25, inner=0.45)]
        if self.inside == "wave":
            return [
                Bezier(
                    x=x,
                    y=y,
                    start=(-1.2 * room, 0.0),
                    control=(-0.6 * room, -self.size * room),
                    end=(0.0, 0.0),
                    width=0.13,
                ),
                Bezier(
                    x=x,
                    y=y,
                    start=(0.0, 0.0),
                    control=(0.6 * room, self.size * room),
                    end=(1.2 * room, 0.0),
                    width=0.13,
                ),
            ]
        if self.inside == "drop":
            small = radius * 0.85
            return [
                Circle(x=x, y=y + small * 0.25, radius=small),
                polygon(
                    [(x, y - small * 1.6), (x + small * 0.84, y - small * 0.29), (x - small * 0.84, y - small * 0.29)]
                ),
            ]
        return []
