"""Marks that turn about a point: a rosette of petals, a burst of rays, a pinwheel, a gem, a sliced disc."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import (
    Part,
    Style,
    cut,
    inset,
    leaf,
    part,
    polar,
    polygon,
    regular,
    turned,
    turned_part,
    wedge,
    within,
)
from gen_jax.draw.logo.scene import Box, Circle, Polygon, Shape
from gen_jax.draw.logo.symmetry import mirrored, rotated

Tone = Literal["plain", "alternate", "sweep", "one"]
"""How inks go round: all the same, every other, in three groups, or one that differs."""


def tone_of(tone: Tone, index: int, count: int) -> int:
    """Return the ink of one of ``count`` like elements."""
    if tone == "alternate":
        return index % 2 if count % 2 == 0 else index * 3 // count
    if tone == "sweep":
        return index * 3 // count
    return 2 if tone == "one" and index == 0 else 0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rosette:
    """Petals around a centre: D_n, or C_n where they lean."""

    kind: Literal["rosette"] = "rosette"
    petals: Annotated[int, Range(3, 9)]
    """Number of petals."""
    shape: Literal["leaf", "disc", "pill", "drop"]
    """Of a petal."""
    plump: Annotated[float, Range(0.55, 0.95)]
    """Width of a petal as a share of the room that it has."""
    start: Annotated[float, Range(0.0, 0.3)]
    """Where petals begin, from the centre, as a share of the radius."""
    lean: Annotated[Literal[0, 1, -1], Odds((3.0, 1.0, 1.0))]
    """Which way petals lean."""
    centre: Annotated[Literal["none", "disc", "hole"], Odds((3.0, 1.5, 1.0))]
    """What lies in the middle."""
    missing: Annotated[Literal[0, 1, 2], Odds((4.0, 1.5, 1.0))]
    """Petals left out where there are six and more."""
    tone: Annotated[Tone, Odds((2.0, 2.0, 2.0, 2.0))]
    """How inks go round."""
    turn: Annotated[int, Range(0, 11)]
    """Turned by so many twelfths of the way from petal to petal."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a petal, and the centre."""
        step = 360.0 / self.petals
        start = max(self.start, 0.42 if self.centre == "disc" else 0.04)
        parts = []
        kept = self.petals - (self.missing if self.petals >= 6 else 0)
        for index in range(kept):
            petal = self._petal(start, step)
            if self.lean:
                base = polar(start, 0.0)
                petal = [rotated(shape, 28.0 * self.lean, centre=base) for shape in petal]
            ink = tone_of(self.tone, index, kept)
            around = [turned(shape, step * (index + self.turn / 12.0)) for shape in petal]
            hole = [cut(Circle(x=0.0, y=0.0, radius=0.30))] if self.centre == "hole" else []
            parts.append(part(*around, *hole, ink=ink))
        if self.centre == "disc":
            parts.append(part(Circle(x=0.0, y=0.0, radius=start - 0.14), ink=1))
        return parts

    def _petal(self, start: float, step: float) -> list[Shape]:
        length = 1.0 - start
        room = 2.0 * math.sin(math.radians(min(step, 120.0) / 2.0))
        if self.shape == "leaf":
            return leaf(length, min(self.plump * room * (start + length / 2.0), length * 0.9), base=start)
        if self.shape == "disc":
            # The largest disc that touches the rim and not its neighbour.
            radius = self.plump * (room / 2.0) / (1.0 + room / 2.0)
            return [Circle(x=0.0, y=radius - 1.0, radius=radius)]
        if self.shape == "pill":
            width = min(self.plump * room * (start + 0.12), 0.34)
            return [Box(x=0.0, y=-(start + 1.0) / 2.0, width=width, height=length, corner=width / 2.0)]
        radius = min(self.plump * (room / 2.0) / (1.0 + room / 2.0), 0.42 * length)
        middle, far = 1.0 - radius, 1.0 - radius - start
        across = radius * math.sqrt(max(1.0 - (radius / far) ** 2, 0.0))
        touch = -(middle - radius * radius / far)
        return [Circle(x=0.0, y=-middle, radius=radius), polygon([(-across, touch), (across, touch), (0.0, -start)])]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Burst:
    """Rays from a centre, as of a sun, a spark or a star."""

    kind: Literal["burst"] = "burst"
    rays: Annotated[int, Range(7, 18)]
    """Number of rays of the whole circle."""
    shape: Literal["pill", "spike", "dot", "bar"]
    """Of a ray."""
    rhythm: Literal["even", "alternate", "growing", "wave"]
    """How long the rays are, going round."""
    extent: Annotated[Literal["whole", "rising", "quarter"], Odds((3.0, 1.5, 1.0))]
    """Of the circle: all of it, its upper half over a horizon, or a corner of it."""
    core: Annotated[Literal["disc", "none", "ring"], Odds((2.0, 2.0, 1.0))]
    """What the rays come from."""
    hollow: Annotated[float, Range(0.25, 0.5)]
    """Where rays begin, as a share of the radius."""
    tone: Tone
    """How inks go round."""
    turn: Annotated[int, Range(0, 3)]
    """Quarter turns of a corner, or quarters of the way from ray to ray."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a ray, and the core."""
        span = {"whole": 360.0, "rising": 180.0, "quarter": 90.0}[self.extent]
        rays = self.rays if self.extent == "whole" else max(5, self.rays // (1 if self.extent == "rising" else 2))
        step = span / rays
        first = {"whole": step * self.turn / 4.0, "rising": -90.0 + step / 2.0}.get(
            self.extent, 90.0 * self.turn + step / 2.0
        )
        width = min(0.62 * self.hollow * math.radians(step) * 1.35, 0.2)
        parts = [
            part(turned(self._ray(self._length(index, rays), width), first + step * index), ink=ink)
            for index, ink in ((index, tone_of(self.tone, index, rays)) for index in range(rays))
        ]
        if self.core != "none":
            parts.append(self._core(first - step / 2.0, span))
        return parts

    def _length(self, index: int, rays: int) -> float:
        whole = 1.0 - self.hollow
        if self.rhythm == "alternate":
            return whole * (1.0 if index % 2 == 0 else 0.62)
        if self.rhythm == "growing":
            return whole * (0.3 + 0.7 * (index + 1) / rays)
        if self.rhythm == "wave":
            return whole * (0.72 + 0.28 * math.cos(4.0 * math.pi * (index + 0.5) / rays))
        return whole

    def _ray(self, length: float, width: float) -> Shape:
        start, end = self.hollow, self.hollow + length
        if self.shape == "spike":
            return polygon([(-width * 0.75, -start), (0.0, -end), (width * 0.75, -start)])
        if self.shape == "dot":
            radius = width * (0.35 + 0.65 * length / (1.0 - self.hollow)) * 0.9
            return Circle(x=0.0, y=-(end - radius), radius=radius)
        corner = width / 2.0 if self.shape == "pill" else 0.0
        return Box(x=0.0, y=-(start + end) / 2.0, width=width, height=length, corner=corner)

    def _core(self, first: float, span: float) -> Part:
        radius = self.hollow * 0.72
        middle = first + span / 2.0
        if span < 360.0:
            sector = wedge(radius, span, middle)
            inner = [cut(wedge(radius * 0.55, 360.0, 0.0))] if self.core == "ring" else []
            return part(sector, *inner, ink=1)
        hole = [cut(Circle(x=0.0, y=0.0, radius=radius * 0.55))] if self.core == "ring" else []
        return part(Circle(x=0.0, y=0.0, radius=radius), *hole, ink=1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pinwheel:
    """Blades that turn: C_n."""

    kind: Literal["pinwheel"] = "pinwheel"
    blades: Annotated[int, Range(3, 6)]
    """Number of blades."""
    shape: Literal["half_disc", "triangle", "sail", "hook"]
    """Of a blade."""
    gap: Annotated[float, Range(0.04, 0.12)]
    """Between blades."""
    tone: Annotated[Tone, Odds((1.0, 2.0, 2.0, 2.0))]
    """How inks go round."""
    clockwise: bool
    """Which way it turns."""
    hub: Annotated[bool, Odds((2.0, 1.0))]
    """Whether a disc is cut out of the middle, a smaller one in it."""
    turn: Annotated[int, Range(0, 5)]
    """Turned by so many sixths of the way from blade to blade."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a blade, and the hub."""
        step = 360.0 / self.blades
        parts = []
        for index in range(self.blades):
            hub = [cut(Circle(x=0.0, y=0.0, radius=0.26))] if self.hub else []
            blade = part(*self._blade(step), *hub, ink=tone_of(self.tone, index, self.blades))
            parts.append(turned_part(blade, step * (index + self.turn / 6.0)))
        if self.hub:
            parts.append(part(Circle(x=0.0, y=0.0, radius=0.16), ink=1))
        if self.clockwise:
            return parts
        return [Part(tuple(mirrored(shape, centre=(0.0, 0.0)) for shape in p.shapes), p.ink) for p in parts]

    def _blade(self, step: float) -> list[Shape]:
        """Return a blade that stands on the upright spoke and reaches clockwise to the next one."""
        gap = self.gap / 2.0
        tan = math.tan(math.radians(min(step, 89.0)))
        if self.shape == "half_disc":
            radius = min(0.5, 0.5 * tan) if step < 90.0 else 0.5
            half = wedge(2.0 * radius - gap, 360.0, 0.0)
            half = Circle(x=gap, y=-1.0 + radius, radius=half.width / 2.0)
            return [half, within(Box(x=gap + 0.5, y=-0.5 - gap, width=1.0, height=1.0)), *self._limit(step)]
        if self.shape == "triangle":
            wide = min(0.72, 0.72 * tan) if step < 90.0 else 0.72
            return [polygon([(gap, -gap * 2.0), (gap, -1.0), (wide, -0.72)], round=0.02), *self._limit(step)]
        if self.shape == "sail":
            return [
                Circle(x=gap, y=-gap - 0.48, radius=0.5),
                within(Box(x=gap + 0.5, y=-0.5 - gap, width=1.0, height=1.0)),
                cut(Circle(x=gap, y=-gap - 0.02, radius=0.42)),
                *self._limit(step),
            ]
        return [wedge(0.5, 180.0, 90.0, x=gap, y=-0.5), cut(Circle(x=gap, y=-0.5, radius=0.2)), *self._limit(step)]

    def _limit(self, step: float) -> list[Shape]:
        """Return what keeps a blade within its sector, so that the next one begins after a gap."""
        if step >= 120.0:
            return []
        far = polar(3.0, step)
        offset = polar(self.gap, step - 90.0)
        middle = polar(3.0, step / 2.0)
        corners = [offset, (0.0, offset[1]), (0.0, -3.0), middle, (far[0] + offset[0], far[1] + offset[1])]
        return [within(Polygon(x=0.0, y=0.0, corners=tuple(corners)))]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Gem:
    """A polygon cut into facets, with one of its corners as their meeting point or its centre: low and sharp."""

    kind: Literal["gem"] = "gem"
    sides: Annotated[int, Range(4, 8)]
    """Of the polygon."""
    style: Literal["facets", "ring", "fold"]
    """Triangles to the middle, a ring of quadrangles, or triangles to a corner."""
    gap: Annotated[float, Range(0.05, 0.1)]
    """Between facets."""
    middle: Annotated[float, Range(0.0, 0.4)]
    """How far the meeting point lies from the centre."""
    toward: Annotated[int, Range(0, 7)]
    """In which eighth of the circle."""
    hollow: Annotated[float, Range(0.35, 0.6)]
    """Of a ring, as a share of the radius."""
    open: Annotated[bool, Odds((2.0, 1.0))]
    """Whether one facet is left out."""
    first: Annotated[int, Range(0, 7)]
    """Where the inks begin."""
    tone: Annotated[Tone, Odds((0.5, 2.0, 3.0, 1.0))]
    """How inks go round."""
    turn: Annotated[int, Range(0, 2)]
    """Turned by so many quarters of a side."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a facet."""
        rim = regular(self.sides, 1.0, 90.0 * self.turn / self.sides)
        centre = polar(self.middle, 45.0 * self.toward)
        facets = []
        for index, corner in enumerate(rim):
            following = rim[(index + 1) % self.sides]
            if self.style == "facets":
                facets.append([centre, corner, following])
            elif self.style == "ring":
                inner = [
                    (centre[0] * 0.5 + self.hollow * x, centre[1] * 0.5 + self.hollow * y)
                    for x, y in (following, corner)
                ]
                facets.append([corner, following, *inner])
            elif index not in (0, self.sides - 1):
                facets.append([rim[0], corner, following])
        count = len(facets)
        if self.open and count > 3:
            del facets[self.first % count]
        return [
            part(
                Polygon(x=0.0, y=0.0, corners=inset(facet, self.gap / 2.0 + 0.015), round=0.015),
                ink=tone_of(self.tone, (index + self.first) % count, count),
            )
            for index, facet in enumerate(facets)
        ]
