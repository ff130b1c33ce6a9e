"""A polygon cut into facets, with one of its corners as their meeting point or its centre: low and sharp."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import (
    Part,
    Style,
    inset,
    part,
    polar,
    regular,
)
from gen_jax.draw.logo.marks.tone import Tone, tone_of
from gen_jax.draw.logo.scene import Polygon


@dataclasses.dataclass(frozen=True, kw_only=True)
class Gem:
    """A polygon cut into facets, with one of its corners as their meeting point or its centre: low and sharp."""

    kind: Literal["gem"] = "gem"
    sides: Annotated[int, Range(5, 8)]
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
    turn: Annotated[int, Range(0, 23)]
    """Turned by so many steps of 15 degrees."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a facet."""
        rim = regular(self.sides, 1.0, 15.0 * self.turn)
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
