"""Pixels mirrored left to right: a creature, a badge, an identicon (D_1)."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Annotated, Literal

from gen_jax.draw.logo import chance
from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, part, turned
from gen_jax.draw.logo.scene import Box, Circle, Shape


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
