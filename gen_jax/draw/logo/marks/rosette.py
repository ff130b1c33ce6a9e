"""Petals around a centre: D_n, or C_n where they lean."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import (
    Part,
    Style,
    cut,
    leaf,
    part,
    polar,
    polygon,
    turned,
)
from gen_jax.draw.logo.marks.tone import Tone, tone_of
from gen_jax.draw.logo.scene import Box, Circle, Shape
from gen_jax.draw.logo.symmetry import rotated


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
    missing: Annotated[Literal[0, 1, 2], Odds((3.0, 1.5, 1.5))]
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
            radius = (0.7 + 0.3 * self.plump) * (room / 2.0) / (1.0 + room / 2.0)
            return [Circle(x=0.0, y=radius - 1.0, radius=radius)]
        if self.shape == "pill":
            begin = max(start, 0.18)
            width = min(self.plump * room * begin / max(1.0 - room / 2.0, 0.3), 0.6) + 0.02
            middle, length = -(begin + 1.0) / 2.0, max(1.0 - begin, width)
            return [Box(x=0.0, y=middle, width=width, height=length, corner=width / 2.0)]
        radius = min(self.plump * (room / 2.0) / (1.0 + room / 2.0), 0.42 * length)
        middle, far = 1.0 - radius, 1.0 - radius - start
        across = radius * math.sqrt(max(1.0 - (radius / far) ** 2, 0.0))
        touch = -(middle - radius * radius / far)
        return [Circle(x=0.0, y=-middle, radius=radius), polygon([(-across, touch), (across, touch), (0.0, -start)])]
