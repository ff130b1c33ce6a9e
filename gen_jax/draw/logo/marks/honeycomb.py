"""Hexagons that touch but for a gap, some left out, some drawn as outlines."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, part, regular, turned
from gen_jax.draw.logo.marks.tone import Tone, tone_of
from gen_jax.draw.logo.scene import Shape, Star


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
