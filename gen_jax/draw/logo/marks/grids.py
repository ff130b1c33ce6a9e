"""Marks on a grid: modules of quarter discs, mirrored pixels, dots of growing size, a honeycomb."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Annotated, Literal

from gen_jax.draw.logo import chance
from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.radial import Tone, tone_of
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, part, quarter, regular, turned, within
from gen_jax.draw.logo.scene import Box, Circle, Shape, Star


@dataclasses.dataclass(frozen=True, kw_only=True)
class Modules:
    """A square grid whose cells hold quarter discs, discs, half discs, leaves and squares: modernist."""

    kind: Literal["modules"] = "modules"
    side: Annotated[Literal[2, 3], Odds((3.0, 2.0))]
    """Cells to a side."""
    symmetry: Annotated[Literal["none", "turn", "diagonal", "mirror"], Odds((3.0, 2.0, 1.0, 1.0))]
    """What repeats a cell elsewhere: quarter turns (C_4), a mirror along the diagonal or upright (D_1), nothing."""
    gap: Annotated[Literal[0, 1, 2], Odds((2.0, 2.0, 1.0))]
    """Between cells, in fiftieths of the mark."""
    arrangement: Annotated[int, Range(0, 99999)]
    """What the cells hold: the seed of their own draw."""
    tone: Annotated[Literal["plain", "mixed"], Odds((1.0, 3.0))]
    """Whether cells take inks of their own."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a cell."""
        pitch = 2.0 / self.side
        size = pitch - 0.04 * (max(self.gap, 1) if style.flat and self.side == 3 else self.gap)
        parts = []
        for row, column in itertools.product(range(self.side), repeat=2):
            name, spin, flip = self._cell(row, column)
            shapes = _module(name, size)
            if flip:
                shapes = [dataclasses.replace(s, x=-s.x, angle=-s.angle) for s in shapes]
                spin = -spin
            placed = [turned(shape, 90.0 * spin) for shape in shapes]
            dx, dy = (column + 0.5) * pitch - 1.0, (row + 0.5) * pitch - 1.0
            ink = 0 if self.tone == "plain" else self._ink(row, column)
            if placed:
                parts.append(part(*(dataclasses.replace(s, x=s.x + dx, y=s.y + dy) for s in placed), ink=ink))
        return parts

    def _cell(self, row: int, column: int) -> tuple[str, int, bool]:
        """Return what a cell holds, its quarter turns, and whether it is mirrored."""
        row, column, spin, flip = self._source(row, column)
        seed = f"modules/{self.arrangement}"
        place = f"{row}/{column}"
        names = ("quarter", "leaf", "half", "disc", "square", "round", "dot", "none")
        weights = (5.0, 2.0, 2.0, 1.6, 0.7, 2.0, 0.8, 0.4 if self.side == 3 else 0.0)
        name = chance.choice(seed, f"{place}/holds", names, weights)
        return name, chance.whole(seed, f"{place}/spin", 0, 3) + spin, flip

    def _source(self, row: int, column: int) -> tuple[int, int, int, bool]:
        last = self.side - 1
        if self.symmetry == "turn":
            for spin in range(4):
                if row <= last // 2 and column < (self.side + 1) // 2 + (row == last / 2):
                    return row, column, spin, False
                row, column = last - column, row
        if self.symmetry == "diagonal" and column > row:
            return column, row, 1, True
        if self.symmetry == "mirror" and column > last // 2:
            return row, last - column, 0, True
        return row, column, 0, False

    def _ink(self, row: int, column: int) -> int:
        row, column, *_ = self._source(row, column)
        return chance.choice(f"modules/{self.arrangement}", f"{row}/{column}/ink", (0, 1, 2), (3.0, 2.0, 1.0))


def _module(name: str, size: float) -> list[Shape]:
    half = size / 2.0
    if name == "quarter":
        return [quarter(0.0, 0.0, size, 0)]
    if name == "leaf":
        return [
            Circle(x=-half, y=half, radius=size),
            within(Circle(x=half, y=-half, radius=size)),
        ]
    if name == "half":
        return [Circle(x=0.0, y=0.0, radius=half), Box(x=0.0, y=half / 2.0, width=size, height=half)]
    if name == "disc":
        return [Circle(x=0.0, y=0.0, radius=half)]
    if name == "square":
        return [Box(x=0.0, y=0.0, width=size, height=size)]
    if name == "round":
        return [
            Box(x=0.0, y=0.0, width=size, height=size, corner=half),
            Box(x=half / 2, y=half / 2, width=half, height=half),
        ]
    if name == "dot":
        return [Circle(x=0.0, y=0.0, radius=half * 0.5)]
    return []


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sprite:
    """Pixels mirrored left to right: a creature, a badge, an identicon (D_1)."""

    kind: Literal["sprite"] = "sprite"
    rows: Annotated[int, Range(5, 7)]
    """Pixels from top to bottom."""
    pixel: Annotated[Literal["joined", "round", "disc"], Odds((3.0, 2.0, 1.5))]
    """Rows of pixels as bars, as bars with round ends, or every pixel a disc."""
    pixels: Annotated[int, Range(0, 99999)]
    """Which ones are set: the seed of their own draw."""
    fill: Annotated[float, Range(0.42, 0.6)]
    """The share that is set."""
    two: Annotated[bool, Odds((1.0, 1.5))]
    """Whether rows from some row on take the second ink."""
    upside: Annotated[bool, Odds((3.0, 1.0))]
    """Whether it lies on its side."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part an ink."""
        columns = 5 if self.pixel == "disc" else self.rows
        rows = 5 if self.pixel == "disc" else self.rows
        grid = self._grid(rows, columns)
        pitch, inks = 2.0 / rows, {}
        split = 1 + int(chance.unit(f"sprite/{self.pixels}", "split") * (rows - 2))
        for row in range(rows):
            ink = 1 if self.two and row >= split else 0
            for start, length in _runs(grid[row], single=self.pixel == "disc"):
                x, y = (start + length / 2.0) * pitch - 1.0, (row + 0.5) * pitch - 1.0
                inks.setdefault(ink, []).append(self._bar(x, y, length * pitch, pitch))
        turn = -90.0 if self.upside else 0.0
        return [part(*(turned(shape, turn) for shape in shapes), ink=ink) for ink, shapes in inks.items()]

    def _bar(self, x: float, y: float, length: float, pitch: float) -> Shape:
        if self.pixel == "disc":
            return Circle(x=x, y=y, radius=pitch * 0.44)
        if self.pixel == "round":
            return Box(x=x, y=y, width=length - pitch * 0.12, height=pitch * 0.88, corner=pitch * 0.44)
        # Bars of neighbouring rows reach into one another by a hair, so that no line shows between them.
        return Box(x=x, y=y, width=length, height=pitch * 1.01)

    def _grid(self, rows: int, columns: int) -> list[list[bool]]:
        """Return which pixels are set, the columns mirrored; the best of a few draws, by how well it holds together."""
        half = (columns + 1) // 2
        best: tuple[float, list[list[bool]]] = (-1.0, [])
        for attempt in range(12):
            seed = f"sprite/{self.pixels}/{attempt}"
            left = [
                [
                    chance.unit(seed, f"{row}/{column}") < self.fill + 0.12 * (column == half - 1)
                    for column in range(half)
                ]
                for row in range(rows)
            ]
            grid = [[*row, *reversed(row[: columns // 2])] for row in left]
            score = _largest(grid) / max(sum(map(sum, grid)), 1) - abs(sum(map(sum, grid)) / (rows * columns) - 0.5)
            if any(grid[0]) and any(grid[-1]) and score > best[0]:
                best = (score, grid)
        return best[1] or [[True] * columns for _ in range(rows)]


def _runs(row: list[bool], *, single: bool) -> list[tuple[int, int]]:
    """Return (first column, length) of what is set in a row."""
    if single:
        return [(column, 1) for column, is_set in enumerate(row) if is_set]
    runs, column = [], 0
    for is_set, group in itertools.groupby(row):
        length = len(list(group))
        if is_set:
            runs.append((column, length))
        column += length
    return runs


def _largest(grid: list[list[bool]]) -> int:
    """Return the number of pixels of the largest piece that hangs together by sides."""
    left = {(r, c) for r, row in enumerate(grid) for c, is_set in enumerate(row) if is_set}
    largest = 0
    while left:
        todo, size = [left.pop()], 0
        while todo:
            row, column = todo.pop()
            size += 1
            for near in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
                if near in left:
                    left.remove(near)
                    todo.append(near)
        largest = max(largest, size)
    return largest


@dataclasses.dataclass(frozen=True, kw_only=True)
class Dots:
    """Dots that grow along a direction: halftone."""

    kind: Literal["dots"] = "dots"
    grid: Literal["square", "hexagon", "disc", "diamond"]
    """Where dots lie: a square of 5 x 5 or 6 x 6, a hexagon of 19 or 37, a disc of rings, a square on its corner."""
    fine: bool
    """The larger number of dots."""
    ramp: Literal["line", "centre", "rim", "wave", "corner"]
    """How the size changes: along a line, from the centre or to it, to and fro, from a corner."""
    least: Annotated[float, Range(0.0, 0.4)]
    """The smallest dot, as a share of the largest; what is smaller than a fifth is left out."""
    facing: Annotated[int, Range(0, 15)]
    """Where it grows to, in sixteenths of a turn."""
    shape: Annotated[Literal["disc", "square"], Odds((3.0, 1.0))]
    """Of a dot."""
    tone: Annotated[Literal["plain", "sides"], Odds((2.0, 1.0))]
    """Whether the larger dots take the second ink."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part an ink."""
        places, pitch = self._places()
        inks: dict[int, list[Shape]] = {}
        for x, y in places:
            level = min(max(self._level(x, y), 0.0), 1.0)
            share = self.least + (1.0 - self.least) * level
            if share < 0.2:
                continue
            radius = pitch * 0.47 * share
            ink = 1 if self.tone == "sides" and level > 0.62 else 0
            dot = (
                Circle(x=x, y=y, radius=radius)
                if self.shape == "disc"
                else Box(x=x, y=y, width=radius * 1.8, height=radius * 1.8, corner=radius * 0.25)
            )
            inks.setdefault(ink, []).append(dot)
        return [part(*shapes, ink=ink) for ink, shapes in sorted(inks.items())]

    def _places(self) -> tuple[list[tuple[float, float]], float]:
        if self.grid == "hexagon":
            reach = 3 if self.fine else 2
            pitch = 1.0 / reach
            axial = itertools.product(range(-reach, reach + 1), repeat=2)
            return [
                (pitch * (q + r / 2.0), pitch * r * math.sqrt(0.75)) for q, r in axial if abs(q + r) <= reach
            ], pitch
        if self.grid == "disc":
            rings = 3 if self.fine else 2
            pitch = 1.0 / rings
            places = [(0.0, 0.0)]
            for ring in range(1, rings + 1):
                places += regular(6 * ring, pitch * ring)
            return places, pitch
        side = 6 if self.fine else 5
        pitch = 2.0 / (side - 1)
        places = [(pitch * c - 1.0, pitch * r - 1.0) for r, c in itertools.product(range(side), repeat=2)]
        if self.grid == "diamond":
            half = math.sqrt(0.5)
            places, pitch = [((x - y) * half, (x + y) * half) for x, y in places], pitch
        return places, pitch

    def _level(self, x: float, y: float) -> float:
        turn = math.radians(22.5 * self.facing)
        along = x * math.sin(turn) - y * math.cos(turn)
        if self.ramp == "line":
            return 0.5 + 0.5 * along
        if self.ramp == "wave":
            return 0.5 + 0.5 * math.cos(math.pi * 1.4 * along)
        if self.ramp == "corner":
            return 1.15 - math.hypot(x - math.sin(turn), y + math.cos(turn)) / 1.9
        away = math.hypot(x - 0.35 * math.sin(turn), y + 0.35 * math.cos(turn)) / 1.25
        return 1.0 - away if self.ramp == "centre" else away


@dataclasses.dataclass(frozen=True, kw_only=True)
class Honeycomb:
    """Hexagons that touch but for a gap, some left out, some drawn as outlines."""

    kind: Literal["honeycomb"] = "honeycomb"
    cells: Annotated[int, Range(1, 126)]
    """Which of the seven are there: bits from the centre on; with fewer than three, the next number that has more."""
    gap: Annotated[float, Range(0.06, 0.16)]
    """Between cells, as a share of a cell."""
    outline: Annotated[int, Range(0, 6)]
    """One cell that is an outline; the centre, or one that is missing: none."""
    corner: Annotated[float, Range(0.0, 0.2)]
    """Radius of the corners, as a share of a cell."""
    pointed: bool
    """Whether cells stand on a corner."""
    first: Annotated[int, Range(0, 6)]
    """Where the inks begin."""
    tone: Tone
    """How inks go round."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a cell."""
        bits = self.cells
        while bits.bit_count() < 3 or not _together(bits):
            bits = bits % 126 + 1
        places = [(0.0, 0.0), *regular(6, math.sqrt(3.0), 30.0)]
        kept = [index for index in range(7) if bits >> index & 1]
        parts = []
        turn = 0.0 if self.pointed else 30.0
        for order, index in enumerate(kept):
            x, y = places[index]
            ink = tone_of(self.tone, (order + self.first) % len(kept), len(kept))
            shapes: list[Shape] = [self._cell(x, y, 1.0 - self.gap)]
            if index == self.outline and index:
                shapes.append(cut(self._cell(x, y, 0.55)))
            parts.append(part(*(turned(shape, turn) for shape in shapes), ink=ink))
        return parts

    def _cell(self, x: float, y: float, radius: float) -> Star:
        round = self.corner * radius
        inner = math.cos(math.pi / 6.0)
        return Star(x=x, y=y, points=6, radius=radius - round / inner, inner=inner, round=round)


def _together(bits: int) -> bool:
    """Return whether the cells hang together."""
    kept = {index for index in range(7) if bits >> index & 1}
    todo = [min(kept)]
    seen = set(todo)
    while todo:
        index = todo.pop()
        near = set(range(1, 7)) if index == 0 else {0, index % 6 + 1, (index - 2) % 6 + 1}
        for other in near & kept - seen:
            seen.add(other)
            todo.append(other)
    return seen == kept
