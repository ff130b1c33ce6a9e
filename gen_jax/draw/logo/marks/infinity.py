"""A loop that crosses itself once, over and under."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, line, part, turned
from gen_jax.draw.logo.scene import Arc, Circle, Shape


@dataclasses.dataclass(frozen=True, kw_only=True)
class Infinity:
    """A loop that crosses itself once, over and under."""

    kind: Literal["infinity"] = "infinity"
    weight: Annotated[float, Range(0.34, 0.52)]
    """Width of the stroke to the radius of the loop."""
    reach: Annotated[float, Range(1.2, 1.6)]
    """From the middle to the centre of a loop, in its radii: how flat the crossing is."""
    lopsided: Annotated[float, Range(0.55, 1.0)]
    """Radius of the second loop to that of the first."""
    gap: Annotated[float, Range(0.07, 0.13)]
    """Beside the stroke that passes over."""
    inside: Annotated[Literal["none", "first", "second", "both"], Odds((2.0, 1.0, 1.0, 0.7))]
    """Loops with a disc in the middle."""
    tone: Annotated[Literal["plain", "loops"], Odds((1.0, 1.5))]
    """Whether a loop takes the second ink."""
    over: bool
    """Which stroke passes over."""
    turn: Annotated[int, Range(0, 23)]
    """Turned by so many steps of 15 degrees."""

    def draw(self, style: Style) -> list[Part]:
        """Return the loops and the strokes across, and the discs."""
        beta = math.acos(1.0 / self.reach)
        sweep = 361.5 - 2.0 * math.degrees(beta)
        radii = (1.0, self.lopsided)
        loops = [
            Arc(x=sign * self.reach * r, y=0.0, angle=sign * 90.0, radius=r, width=self.weight, sweep=sweep, cap="butt")
            for sign, r in zip((1.0, -1.0), radii, strict=True)
        ]
        steep = math.asin(1.0 / self.reach)
        ends = [
            (math.sqrt(self.reach**2 - 1.0) * r * math.cos(steep), math.sqrt(self.reach**2 - 1.0) * r * math.sin(steep))
            for r in radii
        ]
        up = 1.0 if self.over else -1.0
        (rx, ry), (lx, ly) = ends
        over = line((rx, up * ry), (-lx, -up * ly), self.weight, round=False)
        under = line((rx, -up * ry), (-lx, up * ly), self.weight, round=False)
        bridge = dataclasses.replace(over, width=self.weight * 3.0, height=self.weight + 2.0 * self.gap)
        bridge = dataclasses.replace(bridge, x=0.0, y=0.0)
        inks = {"plain": (0, 0, 0, 0), "loops": (0, 1, 0, 1)}[self.tone]
        cuts = (cut(bridge),)
        shapes: list[tuple[Shape, ...]] = [(loops[0],), (loops[1],), (over,), (under, *cuts)]
        parts = [part(*group, ink=ink) for group, ink in zip(shapes, inks, strict=True)]
        filled = {"none": [], "first": loops[:1], "second": loops[1:], "both": loops}[self.inside]
        parts += [part(Circle(x=loop.x, y=0.0, radius=loop.radius * 0.36), ink=2) for loop in filled]
        return [Part(tuple(turned(shape, 15.0 * self.turn) for shape in p.shapes), p.ink) for p in parts]
