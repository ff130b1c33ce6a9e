"""A square grid whose cells hold quarter discs, discs, half discs, leaves and squares: modernist."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Annotated, Literal

from gen_jax.draw.logo import chance
from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, part, quarter, turned, within
from gen_jax.draw.logo.scene import Box, Circle, Shape


@dataclasses.dataclass(frozen=True, kw_only=True)
class Modules:
    """A square grid whose cells hold quarter discs, discs, half discs, leaves and squares: modernist."""

    kind: Literal["modules"] = "modules"
    side: Annotated[Literal[2, 3], Odds((1.5, 2.0))]
    """Cells to a side."""
    symmetry: Annotated[Literal["none", "turn", "diagonal", "mirror"], Odds((4.0, 1.5, 1.0, 1.0))]
    """What repeats a cell elsewhere: quarter turns (C_4, of nine cells), a mirror, nothing."""
    gap: Annotated[Literal[0, 1, 2], Odds((2.0, 2.0, 1.0))]
    """Between cells, in fiftieths of the mark; at least one where cells take inks of their own."""
    arrangement: Annotated[int, Range(0, 99999)]
    """What the cells hold: the seed of their own draw."""
    tone: Annotated[Literal["plain", "mixed"], Odds((1.0, 3.0))]
    """Whether cells take inks of their own."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a cell."""
        pitch = 2.0 / self.side
        # Cells of one ink without a gap overlap by a hair, so that no line shows between them.
        gap = max(self.gap, 1) if self.tone == "mixed" else self.gap
        size = pitch - 0.04 * gap if gap else pitch * 1.004
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
        weights = (5.0, 2.0, 2.0, 1.6, 0.7, 2.0, 0.8, 0.4)
        if self.side == 2:
            weights = (5.0, 2.0, 2.0, 1.2, 0.5, 2.0, 0.4, 0.0)
        name = chance.choice(seed, f"{place}/holds", names, weights)
        return name, chance.whole(seed, f"{place}/spin", 0, 3) + spin, flip

    def _source(self, row: int, column: int) -> tuple[int, int, int, bool]:
        last = self.side - 1
        if self.symmetry == "turn" and self.side == 3:
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
