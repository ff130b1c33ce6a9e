"""Blades that turn: C_n."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import (
    Part,
    Style,
    cut,
    part,
    polar,
    polygon,
    turned_part,
    wedge,
    within,
)
from gen_jax.draw.logo.marks.tone import Tone, tone_of
from gen_jax.draw.logo.scene import Box, Circle, Polygon, Shape
from gen_jax.draw.logo.symmetry import mirrored


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pinwheel:
    """Blades that turn: C_n."""

    kind: Literal["pinwheel"] = "pinwheel"
    blades: Annotated[int, Range(3, 6)]
    """Number of blades; of hooks not four."""
    shape: Literal["half_disc", "triangle", "sail", "hook"]
    """Of a blade."""
    gap: Annotated[float, Range(0.04, 0.12)]
    """Between blades."""
    tone: Annotated[Tone, Odds((1.0, 2.0, 2.0, 2.0))]
    """How inks go round."""
    clockwise: bool
    """Which way it turns."""
    hub: Annotated[bool, Odds((2.0, 1.0))]
    """Whether a disc is cut out of the middle, a smaller one in it."""
    turn: Annotated[int, Range(0, 5)]
    """Turned by so many sixths of the way from blade to blade."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a blade, and the hub."""
        # Four hooks would be a sign that nobody wants.
        blades = 5 if self.shape == "hook" and self.blades == 4 else self.blades
        step = 360.0 / blades
        parts = []
        for index in range(blades):
            hub = [cut(Circle(x=0.0, y=0.0, radius=0.26))] if self.hub else []
            blade = part(*self._blade(step), *hub, ink=tone_of(self.tone, index, blades))
            parts.append(turned_part(blade, step * (index + self.turn / 6.0)))
        if self.hub:
            parts.append(part(Circle(x=0.0, y=0.0, radius=0.16), ink=1))
        if self.clockwise:
            return parts
        return [Part(tuple(mirrored(shape, centre=(0.0, 0.0)) for shape in p.shapes), p.ink) for p in parts]

    def _blade(self, step: float) -> list[Shape]:
        """Return a blade that stands on the upright spoke and reaches clockwise to the next one."""
        gap = self.gap / 2.0
        tan = math.tan(math.radians(min(step, 89.0)))
        if self.shape == "half_disc":
            radius = min(0.5, 0.5 * tan) if step < 90.0 else 0.5
            half = wedge(2.0 * radius - gap, 360.0, 0.0)
            half = Circle(x=gap, y=-1.0 + radius, radius=half.width / 2.0)
            return [half, within(Box(x=gap + 0.5, y=-0.5 - gap, width=1.0, height=1.0)), *self._limit(step)]
        if self.shape == "triangle":
            wide = min(0.72, 0.72 * tan) if step < 90.0 else 0.72
            return [polygon([(gap, -gap * 2.0), (gap, -1.0), (wide, -0.72)], round=0.02), *self._limit(step)]
        if self.shape == "sail":
            return [
                Circle(x=gap, y=-gap - 0.48, radius=0.5),
                within(Box(x=gap + 0.5, y=-0.5 - gap, width=1.0, height=1.0)),
                cut(Circle(x=gap, y=-gap - 0.02, radius=0.42)),
                *self._limit(step),
            ]
        return [wedge(0.5, 180.0, 90.0, x=gap, y=-0.5), cut(Circle(x=gap, y=-0.5, radius=0.2)), *self._limit(step)]

    def _limit(self, step: float) -> list[Shape]:
        """Return what keeps a blade within its sector, so that the next one begins after a gap."""
        if step >= 120.0:
            return []
        far = polar(3.0, step)
        offset = polar(self.gap, step - 90.0)
        middle = polar(3.0, step / 2.0)
        corners = [offset, (0.0, offset[1]), (0.0, -3.0), middle, (far[0] + offset[0], far[1] + offset[1])]
        return [within(Polygon(x=0.0, y=0.0, corners=tuple(corners)))]
