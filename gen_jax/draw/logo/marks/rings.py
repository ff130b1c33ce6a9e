"""Marks of strokes along circles: arcs with gaps, interlocking rings, a ring of segments, orbits, a spiral."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.radial import Tone, tone_of
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, part, polar, turned
from gen_jax.draw.logo.scene import Arc, Circle
from gen_jax.draw.logo.symmetry import mirrored


@dataclasses.dataclass(frozen=True, kw_only=True)
class Arcs:
    """Concentric strokes with openings: a signal, an echo, a labyrinth."""

    kind: Literal["arcs"] = "arcs"
    strokes: Annotated[int, Range(3, 4)]
    """Number of circles."""
    cap: Literal["round", "butt"]
    """Ends of the strokes."""
    sweep: Literal[90, 120, 180, 240, 270, 300]
    """Degrees of a stroke."""
    step: Literal[0, 30, 45, 90, 120, 180, -60, -90]
    """Degrees from the opening of one stroke to that of the next."""
    change: Annotated[Literal[0, 30, -30], Odds((2.0, 1.0, 1.0))]
    """Degrees that each stroke is longer than the one within."""
    weight: Annotated[float, Range(0.5, 0.7)]
    """Width of a stroke as a share of the way from one to the next."""
    core: Annotated[Literal["disc", "none"], Odds((3.0, 1.0))]
    """What lies in the middle."""
    facing: Annotated[int, Range(0, 7)]
    """Where the first stroke's middle points, in eighths of a turn."""
    tone: Tone
    """How inks go from stroke to stroke."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a stroke, and the core."""
        pitch = 1.0 / (self.strokes + self.weight / 2.0 + 0.1)
        width = pitch * self.weight
        parts = []
        for index in range(self.strokes):
            sweep = min(max(self.sweep + self.change * index, 60), 315)
            arc = Arc(
                x=0.0,
                y=0.0,
                angle=45.0 * self.facing + self.step * index,
                radius=pitch * (index + 1.1),
                width=width,
                sweep=float(sweep),
                cap=self.cap,
            )
            parts.append(part(arc, ink=tone_of(self.tone, index, self.strokes)))
        if self.core == "disc":
            parts.append(part(Circle(x=0.0, y=0.0, radius=width * 0.62), ink=2))
        return parts


@dataclasses.dataclass(frozen=True, kw_only=True)
class Links:
    """Rings that go over and under one another."""

    kind: Literal["links"] = "links"
    rings: Annotated[Literal[2, 3, 4], Odds((2.0, 3.0, 1.5))]
    """How many."""
    layout: Literal["row", "circle"]
    """How their centres lie."""
    overlap: Annotated[float, Range(0.35, 0.6)]
    """How far neighbours reach into one another, as a share of their radius."""
    weight: Annotated[float, Range(0.16, 0.28)]
    """Width of the stroke as a share of a ring's radius."""
    gap: Annotated[float, Range(0.05, 0.09)]
    """Beside the ring that passes over."""
    growth: Annotated[Literal[0, 1, -1], Odds((2.0, 1.0, 1.0))]
    """Whether rings of a row grow or shrink to the right."""
    angle: Annotated[int, Range(0, 7)]
    """Turned by so many eighths of half a turn."""
    tone: Annotated[Tone, Odds((1.0, 1.0, 4.0, 1.5))]
    """How inks go from ring to ring."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a ring."""
        discs = self._discs()
        pairs = [(index, index + 1) for index in range(self.rings - 1)]
        if self.layout == "circle" and self.rings > 2:
            pairs.append((self.rings - 1, 0))
        bridges: dict[int, list[Arc]] = {index: [] for index in range(self.rings)}
        for one, two in pairs:
            for under, over, side in ((one, two, 1.0), (two, one, -1.0)):
                bridges[under].append(self._bridge(discs[one], discs[two], discs[over], side))
        tilt = 22.5 * self.angle
        return [
            part(
                turned(Arc(x=x, y=y, radius=radius, width=self.weight), tilt),
                *(turned(cut(bridge), tilt) for bridge in bridges[index]),
                ink=tone_of(self.tone, index, self.rings),
            )
            for index, (x, y, radius) in enumerate(discs)
        ]

    def _discs(self) -> list[tuple[float, float, float]]:
        if self.layout == "circle" and self.rings > 2:
            far = (1.0 - self.overlap / 2.0) / math.sin(math.pi / self.rings)
            return [(*polar(far, 360.0 * index / self.rings), 1.0) for index in range(self.rings)]
        x, discs = 0.0, []
        for index in range(self.rings):
            radius = 1.0 + 0.22 * self.growth * (index - (self.rings - 1) / 2.0)
            x += radius * (2.0 - self.overlap) / 2.0 if index else 0.0
            discs.append((x, 0.0, radius))
            x += radius * (2.0 - self.overlap) / 2.0
        return discs

    def _bridge(
        self,
        one: tuple[float, float, float],
        two: tuple[float, float, float],
        over: tuple[float, float, float],
        side: float,
    ) -> Arc:
        """Return the stretch of ``over``, made wider by the gaps, where two rings cross on one side."""
        dx, dy = two[0] - one[0], two[1] - one[1]
        apart = math.hypot(dx, dy)
        along = (apart * apart + one[2] ** 2 - two[2] ** 2) / (2.0 * apart)
        across = math.sqrt(max(one[2] ** 2 - along * along, 0.0)) * side
        x = one[0] + (along * dx - across * dy) / apart
        y = one[1] + (along * dy + across * dx) / apart
        angle = math.degrees(math.atan2(x - over[0], over[1] - y))
        width = self.weight + 2.0 * self.gap
        sweep = math.degrees(width * 1.9 / over[2])
        return Arc(x=over[0], y=over[1], angle=angle, radius=over[2], width=width, sweep=min(sweep, 70.0), cap="butt")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Segments:
    """A ring cut into segments of their own lengths and widths."""

    kind: Literal["segments"] = "segments"
    count: Annotated[int, Range(2, 6)]
    """Number of segments."""
    rhythm: Literal["even", "growing", "golden"]
    """How long segments are, going round."""
    weight: Annotated[float, Range(0.22, 0.46)]
    """Width of the ring as a share of its outer radius."""
    taper: Literal["none", "inside", "outside"]
    """Whether segments get narrower going round, and from which side."""
    cap: Literal["butt", "round"]
    """Ends of the segments."""
    gap: Annotated[float, Range(7.0, 14.0)]
    """Between segments, in degrees."""
    core: Annotated[Literal["none", "disc", "ring"], Odds((2.0, 2.0, 1.0))]
    """What lies in the middle."""
    turn: Annotated[int, Range(0, 15)]
    """Turned by so many sixteenths."""
    clockwise: bool
    """Which way segments grow."""
    tone: Annotated[Tone, Odds((1.0, 1.0, 3.0, 2.0))]
    """How inks go round."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a segment, and the core."""
        shares = [
            {"even": 1.0, "growing": index + 1.0, "golden": 1.618**index}[self.rhythm] for index in range(self.count)
        ]
        smallest = 0.09 * sum(shares)
        shares = [max(share, smallest) for share in shares]
        at, parts = 22.5 * self.turn, []
        sign = 1.0 if self.clockwise else -1.0
        for index, share in enumerate(shares):
            whole = 360.0 * share / sum(shares)
            width = self.weight * (1.0 if self.taper == "none" else 0.4 + 0.6 * (index + 1) / self.count)
            radius = 1.0 - self.weight + width / 2.0 if self.taper == "outside" else 1.0 - width / 2.0
            cap = math.degrees(width / radius) if self.cap == "round" else 0.0
            sweep = max(whole - self.gap - cap, 2.0)
            arc = Arc(
                x=0.0, y=0.0, angle=at + sign * whole / 2.0, radius=radius, width=width, sweep=sweep, cap=self.cap
            )
            parts.append(part(arc, ink=tone_of(self.tone, index, self.count)))
            at += sign * whole
        inner = (1.0 - self.weight) * 0.55
        if self.core == "disc":
            parts.append(part(Circle(x=0.0, y=0.0, radius=inner), ink=2))
        elif self.core == "ring":
            parts.append(part(Arc(x=0.0, y=0.0, radius=inner * 0.85, width=inner * 0.4), ink=2))
        return parts


@dataclasses.dataclass(frozen=True, kw_only=True)
class Orbit:
    """A body, orbits around it as tilted ellipses, and moons."""

    kind: Literal["orbit"] = "orbit"
    orbits: Annotated[int, Range(1, 3)]
    """How many."""
    flat: Annotated[float, Range(0.34, 0.52)]
    """Height of an orbit as a share of its width."""
    swell: Annotated[float, Range(0.0, 0.7)]
    """How far the inner edge of an orbit is moved aside, as a share of its stroke: thick here, thin there."""
    weight: Annotated[float, Range(0.09, 0.13)]
    """Width of the stroke."""
    body: Annotated[float, Range(0.14, 0.26)]
    """Radius of the body."""
    moons: Annotated[int, Range(0, 2)]
    """How many."""
    at: Annotated[int, Range(0, 7)]
    """Where the first moon stands, in eighths of its orbit."""
    angle: Annotated[int, Range(0, 7)]
    """Turned by so many eighths of half a turn."""
    tone: Annotated[Tone, Odds((2.0, 0.5, 2.0, 1.0))]
    """How inks go from orbit to orbit."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part an orbit, the body, and the moons."""
        parts, holes = [], [cut(Circle(x=0.0, y=0.0, radius=self.body + 0.07))]
        moons = []
        for moon in range(self.moons):
            turn = math.radians(45.0 * self.at + 150.0 * moon)
            away = 1.0 - self.weight / 2.0
            x, y = away * math.cos(turn), away * self.flat * math.sin(turn)
            tilt = self._tilt(moon % self.orbits)
            moons.append(turned(Circle(x=x, y=y, radius=0.12), tilt))
            holes.append(turned(cut(Circle(x=x, y=y, radius=0.19)), tilt))
        for index in range(self.orbits):
            inner = 1.0 - self.weight
            ring = [
                Circle(x=0.0, y=0.0, radius=1.0, ratio=self.flat),
                cut(
                    Circle(
                        x=self.swell * self.weight * 0.5,
                        y=0.0,
                        radius=inner,
                        ratio=(self.flat - self.weight * 0.85) / inner,
                    )
                ),
            ]
            tilted = [turned(shape, self._tilt(index)) for shape in ring]
            parts.append(part(*tilted, *holes, ink=tone_of(self.tone, index, self.orbits)))
        parts.append(part(Circle(x=0.0, y=0.0, radius=self.body), ink=1))
        return [*parts, *(part(moon, ink=2) for moon in moons)]

    def _tilt(self, index: int) -> float:
        return 22.5 * self.angle + 180.0 * index / self.orbits


@dataclasses.dataclass(frozen=True, kw_only=True)
class Spiral:
    """One stroke that winds outwards in half circles."""

    kind: Literal["spiral"] = "spiral"
    halves: Annotated[int, Range(3, 6)]
    """Half turns of an arm."""
    arms: Annotated[Literal[1, 2], Odds((3.0, 2.0))]
    """How many."""
    weight: Annotated[float, Range(0.45, 0.7)]
    """Width of the stroke as a share of the way between windings."""
    swell: Annotated[float, Range(0.0, 0.12)]
    """How much wider each half turn is than the one within."""
    clockwise: bool
    """Which way it winds outwards."""
    tip: Annotated[Literal["none", "disc"], Odds((2.0, 1.0))]
    """What lies at the inner end."""
    turn: Annotated[int, Range(0, 15)]
    """Turned by so many sixteenths."""
    tone: Annotated[Tone, Odds((3.0, 1.0, 1.0, 1.0))]
    """How inks go along an arm, or, with two arms, from one to the other."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part an ink."""
        inks: dict[int, list[Arc | Circle]] = {}
        halves = max(2, self.halves - 2) if self.arms == 2 else self.halves
        pitch = 1.0 if self.arms == 1 else 2.0
        for arm in range(self.arms):
            for index in range(halves):
                side = 1.0 if index % 2 == 0 else -1.0
                width = self.weight * (1.0 + self.swell * (index - halves / 2.0) / 2.0)
                radius = pitch * (index + 1.0) / 2.0
                arc = Arc(
                    x=side * pitch / 4.0,
                    y=0.0,
                    angle=0.0 if side > 0.0 else 180.0,
                    radius=radius,
                    width=width,
                    sweep=180.0,
                )
                ink = arm if self.arms == 2 and self.tone != "plain" else 0
                inks.setdefault(ink, []).append(self._placed(arc, arm))
        if self.tip == "disc" and self.arms == 1:
            inks.setdefault(2, []).append(self._placed(Circle(x=-0.25, y=0.0, radius=self.weight * 0.75), 0))
        return [part(*shapes, ink=ink) for ink, shapes in inks.items()]

    def _placed(self, shape: Arc | Circle, arm: int) -> Arc | Circle:
        placed = turned(shape, 180.0 * arm)
        if self.clockwise:
            placed = mirrored(placed, centre=(0.0, 0.0))
        placed = turned(placed, 22.5 * self.turn)
        assert isinstance(placed, Arc | Circle)
        return placed
