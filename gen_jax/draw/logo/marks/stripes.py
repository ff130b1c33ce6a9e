"""Marks of bars and bands: a chart that grows, chevrons, waves in a disc, a labyrinth of one stroke."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.radial import Tone, tone_of
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, line, part, polygon, turned, within
from gen_jax.draw.logo.scene import Bezier, Box, Circle, Shape
from gen_jax.draw.logo.symmetry import mirrored


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bars:
    """Bars side by side whose ends follow a curve."""

    kind: Literal["bars"] = "bars"
    bars: Annotated[int, Range(3, 6)]
    """Number of bars."""
    profile: Literal["rise", "fall", "hill", "valley", "wave", "step"]
    """Which curve their lengths follow."""
    align: Literal["foot", "middle", "head", "slide"]
    """Which ends are level; ``slide``: none, bars of one length are moved along."""
    end: Annotated[Literal["round", "square", "slant"], Odds((3.0, 1.5, 1.5))]
    """Of the bars; slanted ends go with the curve."""
    gap: Annotated[float, Range(0.25, 0.5)]
    """Between bars, as a share of a bar."""
    least: Annotated[float, Range(0.25, 0.5)]
    """The shortest bar as a share of the longest."""
    ball: Annotated[bool, Odds((3.0, 1.0))]
    """Whether a disc stands over the shortest bar of a chart."""
    turn: Annotated[Literal[0, 90, 45, -45], Odds((4.0, 1.5, 1.0, 1.0))]
    """Turned by so many degrees."""
    tone: Tone
    """How inks go from bar to bar."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a bar, and the ball."""
        pitch = 2.0 / (self.bars - 1 + 1.0 / (1.0 + self.gap))
        width = pitch / (1.0 + self.gap)
        parts = []
        levels = [self._level(index) for index in range(self.bars)]
        for index, level in enumerate(levels):
            x = -1.0 + width / 2.0 + pitch * index
            ink = tone_of(self.tone, index, self.bars)
            parts.append(part(turned(self._bar(x, width, level), self.turn), ink=ink))
        lowest = min(range(self.bars), key=lambda index: levels[index])
        if self.ball and self.align == "foot" and levels[lowest] < 0.55:
            top = 1.0 - 2.0 * (self.least + (1.0 - self.least) * levels[lowest])
            x = -1.0 + width / 2.0 + pitch * lowest
            if top - width - 0.15 > -1.0:
                parts.append(part(turned(Circle(x=x, y=top - width * 0.75, radius=width / 2.0), self.turn), ink=2))
        return parts

    def _level(self, index: int) -> float:
        t = index / (self.bars - 1)
        hill = 1.0 - abs(2.0 * t - 1.0)
        if self.bars % 2 == 0:
            hill = min(hill * self.bars / (self.bars - 2.0 + 1e-9), 1.0) if self.bars > 2 else hill
        wave = 0.5 + 0.5 * math.cos(2.0 * math.pi * (t * 0.85 + 0.1))
        step = float(index % 2)
        return {"rise": t, "fall": 1.0 - t, "hill": hill, "valley": 1.0 - hill, "wave": wave, "step": step}[
            self.profile
        ]

    def _bar(self, x: float, width: float, level: float) -> Shape:
        length = 2.0 * (self.least + (1.0 - self.least) * level)
        top = {"foot": 1.0 - length, "head": -1.0, "middle": -length / 2.0, "slide": -1.0}[self.align]
        if self.align == "slide":
            length = 1.3
            top = 0.7 - length + 0.3 - 0.7 * level
        corner = width / 2.0 if self.end == "round" else 0.0
        if self.end == "slant":
            rise = width * 0.5
            return polygon(
                [
                    (x - width / 2.0, top + rise),
                    (x + width / 2.0, top),
                    (x + width / 2.0, top + length - (rise if self.align in ("middle", "slide") else 0.0)),
                    (x - width / 2.0, top + length),
                ]
            )
        return Box(x=x, y=top + length / 2.0, width=width, height=length, corner=corner)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Chevrons:
    """Bent bands, nested or in a row; or a band folded over, in two tones."""

    kind: Literal["chevrons"] = "chevrons"
    bands: Annotated[int, Range(2, 4)]
    """Number of bands."""
    form: Literal["row", "nested", "folded", "facing"]
    """In a row, nested by size, a zigzag of tones, or two towards each other."""
    steep: Annotated[float, Range(30.0, 58.0)]
    """Of a band's arms, in degrees."""
    weight: Annotated[float, Range(0.22, 0.4)]
    """Width of a band."""
    gap: Annotated[float, Range(0.35, 0.8)]
    """Between bands, as a share of their width."""
    end: Literal["upright", "square"]
    """Whether a band's ends are upright, or square to it."""
    facing: Annotated[int, Range(0, 3)]
    """Where it points: up, and on by quarters of a turn."""
    tone: Annotated[Tone, Odds((1.0, 1.5, 3.0, 1.5))]
    """How inks go from band to band."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a band."""
        if self.form == "folded":
            parts = self._folded()
        elif self.form == "facing":
            half = self.weight * (0.5 + self.gap) + 0.08
            parts = [
                part(self._band(1.0, -half, 1.0), ink=0),
                part(self._band(1.0, half, -1.0), ink=1 if self.tone != "plain" else 0),
            ]
        else:
            pitch = self.weight * (1.0 + self.gap) / math.cos(math.radians(self.steep))
            parts = []
            for index in range(self.bands):
                reach = 1.0 - 0.24 * index if self.form == "nested" else 1.0
                band = self._band(reach, pitch * (index if self.form == "row" else index * 0.98), 1.0)
                parts.append(part(band, ink=tone_of(self.tone, index, self.bands)))
        return [Part(tuple(turned(shape, 90.0 * self.facing) for shape in p.shapes), p.ink) for p in parts]

    def _band(self, reach: float, y: float, up: float) -> Shape:
        """Return a bent band with its tip at the top, its arms down to ``reach`` aside."""
        turn = math.radians(self.steep)
        rise, thick = math.tan(turn) * reach, self.weight / math.cos(turn)
        outer, inner = reach, reach
        if self.end == "square":
            inner = reach - self.weight * math.sin(turn)
        low_outer, low_inner = rise, math.tan(turn) * inner + thick
        points = [
            (0.0, 0.0),
            (outer, low_outer),
            (inner, low_inner),
            (0.0, thick),
            (-inner, low_inner),
            (-outer, low_outer),
        ]
        return polygon([(px, up * (py - (rise + thick) / 2.0) + y) for px, py in points])

    def _folded(self) -> list[Part]:
        """Return a zigzag of slanted bands, one ink up and another down, with gaps at the folds."""
        rise, thick, gap = 2.0 * math.sin(math.radians(self.steep)), self.weight * 1.25, 0.05
        wide = 2.0 / self.bands
        parts = []
        for index in range(self.bands):
            left, right = -1.0 + wide * index + gap / 2.0, -1.0 + wide * (index + 1) - gap / 2.0
            start, end = (rise / 2.0, -rise / 2.0) if index % 2 == 0 else (-rise / 2.0, rise / 2.0)
            points = [(left, start - thick), (right, end - thick), (right, end + thick), (left, start + thick)]
            parts.append(part(polygon(points), ink=tone_of(self.tone, index, self.bands)))
        return parts


@dataclasses.dataclass(frozen=True, kw_only=True)
class Waves:
    """A disc, or a square with round corners, cut by stripes: a sunset, a sea, a record."""

    kind: Literal["waves"] = "waves"
    outline: Annotated[Literal["disc", "square", "drop"], Odds((3.0, 1.0, 1.0))]
    """What is cut."""
    cuts: Annotated[int, Range(2, 5)]
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
        first = -0.1 if self.half == "lower" else -0.62
        last = 0.72
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


@dataclasses.dataclass(frozen=True, kw_only=True)
class Maze:
    """One stroke with right angles: a square spiral, a meander, a bracket in a bracket."""

    kind: Literal["maze"] = "maze"
    form: Literal["spiral", "meander", "nested", "cross"]
    """Which way the stroke goes."""
    turns: Annotated[int, Range(5, 8)]
    """Straight lengths of a spiral."""
    weight: Annotated[float, Range(0.48, 0.66)]
    """Width of the stroke as a share of the way from one to the next."""
    round: bool
    """Whether its corners and ends are round."""
    flip: bool
    """Whether left and right change places."""
    dot: Annotated[bool, Odds((1.0, 1.0))]
    """Whether a disc of another ink stands at the end."""
    turn: Annotated[int, Range(0, 3)]
    """Quarter turns."""
    diamond: Annotated[bool, Odds((3.0, 1.0))]
    """Whether it stands on a corner."""

    def draw(self, style: Style) -> list[Part]:
        """Return the strokes as one part, and the disc."""
        paths = self._paths()
        shapes: list[Shape] = []
        for path in paths:
            for start, end in itertools.pairwise(path):
                shapes.append(self._stroke(start, end))
        parts = [part(*(self._placed(shape) for shape in shapes))]
        if self.dot:
            x, y = paths[-1][-1] if self.form != "cross" else (0.0, 0.0)
            radius = self.weight * 0.85
            parts[0] = part(*parts[0].shapes, cut(self._placed(Circle(x=x, y=y, radius=radius + 0.28))))
            parts.append(part(self._placed(Circle(x=x, y=y, radius=radius * 0.9)), ink=2))
        return parts

    def _placed(self, shape: Shape) -> Shape:
        if self.flip:
            shape = mirrored(shape, centre=(0.0, 0.0))
        return turned(shape, 90.0 * self.turn + 45.0 * self.diamond)

    def _stroke(self, start: tuple[float, float], end: tuple[float, float]) -> Shape:
        stroke = line(start, end, self.weight)
        return stroke if self.round else dataclasses.replace(stroke, corner=0.0)

    def _paths(self) -> list[list[tuple[float, float]]]:
        if self.form == "spiral":
            at, path, steps = (0.0, 0.0), [(0.0, 0.0)], ((1, 0), (0, 1), (-1, 0), (0, -1))
            for index in range(self.turns):
                dx, dy = steps[index % 4]
                length = (index // 2 + 1) if index < self.turns - 1 else index // 2 + (self.turns % 2 == 0)
                at = (at[0] + dx * length, at[1] + dy * length)
                path.append(at)
            return [list(reversed(path))]
        if self.form == "meander":
            rows = 3 if self.turns < 7 else 4
            path = []
            for row in range(rows):
                ends = [(0.0, float(row)), (rows - 1.0, float(row))]
                path += ends if row % 2 == 0 else ends[::-1]
            return [path]
        if self.form == "nested":
            return [
                [(0.0, 3.0), (0.0, 0.0), (3.0, 0.0)],
                [(1.0, 3.0), (1.0, 1.0), (3.0, 1.0)],
                [(2.0, 3.0), (2.0, 2.0), (3.0, 2.0)] if self.turns % 2 else [(2.0, 2.6), (2.0, 2.0), (2.6, 2.0)],
            ]
        arms = []
        for dx, dy in ((1, 0), (0, 1), (-1, 0), (0, -1)):
            arms.append([(0.0, 0.0), (2.0 * dx, 2.0 * dy), (2.0 * dx - 1.4 * dy, 2.0 * dy + 1.4 * dx)])
        return arms
