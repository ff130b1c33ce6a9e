"""A body, orbits around it as tilted ellipses, and moons."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, part, turned
from gen_jax.draw.logo.marks.tone import Tone, tone_of
from gen_jax.draw.logo.scene import Circle


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
    """How many; one at least where there is one orbit."""
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
        for moon in range(max(self.moons, 2 - self.orbits)):
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
