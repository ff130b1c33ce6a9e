"""Hexagons that touch but for a gap, some left out, some drawn as outlines."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo import chance
from gen_jax.draw.logo.chance import Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, part, turned
from gen_jax.draw.logo.marks.tone import Tone, tone_of
from gen_jax.draw.logo.scene import Shape, Star


@dataclasses.dataclass(frozen=True, kw_only=True)
class Honeycomb:
    """Hexagons that touch but for a gap, some left out, some drawn as outlines."""

    kind: Literal["honeycomb"] = "honeycomb"
    cells: Annotated[int, Range(4, 9)]
    """How many."""
    growth: Annotated[int, Range(0, 99999)]
    """How they grew from the first one: the seed of their own draw."""
    gap: Annotated[float, Range(0.06, 0.16)]
    """Between cells, as a share of a cell."""
    outline: Annotated[int, Range(0, 12)]
    """The place of a cell that is an outline, in the order of growth; where there is none so late, none is."""
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
        places = _grown(self.cells, f"honeycomb/{self.growth}")
        turn = 0.0 if self.pointed else 30.0
        parts = []
        for order, (q, r) in enumerate(places):
            x, y = math.sqrt(3.0) * (q + r / 2.0), 1.5 * r
            shapes: list[Shape] = [self._cell(x, y, 1.0 - self.gap)]
            if order == self.outline:
                shapes.append(cut(self._cell(x, y, 0.55)))
            ink = tone_of(self.tone, (order + self.first) % len(places), len(places))
            parts.append(part(*(turned(shape, turn) for shape in shapes), ink=ink))
        return parts

    def _cell(self, x: float, y: float, radius: float) -> Star:
        round = self.corner * radius
        inner = math.cos(math.pi / 6.0)
        return Star(x=x, y=y, points=6, radius=radius - round / inner, inner=inner, round=round)


def _grown(count: int, seed: str) -> list[tuple[int, int]]:
    """Return the places of cells that hang together and lie within two of the first one, in axial coordinates.

    Of the free neighbours the next is the one with the largest draw; those that touch more cells get more.
    """
    steps = ((1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1))
    places = [(0, 0)]
    while len(places) < count:
        free: dict[tuple[int, int], int] = {}
        for q, r in places:
            for dq, dr in steps:
                place = (q + dq, r + dr)
                if place not in places and max(abs(place[0]), abs(place[1]), abs(place[0] + place[1])) <= 2:
                    free[place] = free.get(place, 0) + 1
        draws = {
            place: chance.unit(seed, f"{len(places)}/{place[0]}/{place[1]}") + 0.2 * min(near, 2)
            for place, near in free.items()
        }
        places.append(max(draws, key=lambda place: draws[place]))
    return places
