"""Rays from a centre, as of a sun, a spark or a star."""

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
    polygon,
    turned,
    wedge,
)
from gen_jax.draw.logo.marks.tone import Tone, tone_of
from gen_jax.draw.logo.scene import Box, Circle, Shape


@dataclasses.dataclass(frozen=True, kw_only=True)
class Burst:
    """Rays from a centre, as of a sun, a spark or a star."""

    kind: Literal["burst"] = "burst"
    rays: Annotated[int, Range(7, 16)]
    """Number of rays of the whole circle."""
    shape: Literal["pill", "spike", "dot", "bar"]
    """Of a ray."""
    rhythm: Literal["even", "alternate", "growing", "wave"]
    """How long the rays are, going round."""
    extent: Annotated[Literal["whole", "rising", "quarter"], Odds((3.0, 1.5, 1.0))]
    """Of the circle: all of it, its upper half over a horizon, or a corner of it."""
    core: Annotated[Literal["disc", "none", "ring"], Odds((2.0, 2.0, 1.0))]
    """What the rays come from."""
    hollow: Annotated[float, Range(0.25, 0.5)]
    """Where rays begin, as a share of the radius."""
    tone: Tone
    """How inks go round."""
    turn: Annotated[int, Range(0, 3)]
    """Quarter turns of a corner, or quarters of the way from ray to ray."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a ray, and the core."""
        span = {"whole": 360.0, "rising": 180.0, "quarter": 90.0}[self.extent]
        rays = self.rays if self.extent == "whole" else max(5, self.rays // (1 if self.extent == "rising" else 2))
        step = span / rays
        first = {"whole": step * self.turn / 4.0, "rising": -90.0 + step / 2.0}.get(
            self.extent, 90.0 * self.turn + step / 2.0
        )
        width = min(max(0.84 * self.hollow * math.radians(step), 0.09), 0.2)
        parts = [
            part(turned(self._ray(self._length(index, rays), width), first + step * index), ink=ink)
            for index, ink in ((index, tone_of(self.tone, index, rays)) for index in range(rays))
        ]
        if self.core != "none":
            parts.append(self._core(first - step / 2.0, span))
        return parts

    def _length(self, index: int, rays: int) -> float:
        whole = 1.0 - self.hollow
        if self.rhythm == "alternate":
            return whole * (1.0 if index % 2 == 0 else 0.62)
        if self.rhythm == "growing":
            return whole * (0.3 + 0.7 * (index + 1) / rays)
        if self.rhythm == "wave":
            return whole * (0.72 + 0.28 * math.cos(4.0 * math.pi * (index + 0.5) / rays))
        return whole

    def _ray(self, length: float, width: float) -> Shape:
        start, end = self.hollow, self.hollow + length
        if self.shape == "spike":
            return polygon([(-width * 0.75, -start), (0.0, -end), (width * 0.75, -start)])
        if self.shape == "dot":
            radius = max(width, 0.11) * (0.35 + 0.65 * length / (1.0 - self.hollow)) * 0.9
            return Circle(x=0.0, y=-(end - radius), radius=radius)
        corner = width / 2.0 if self.shape == "pill" else 0.0
        return Box(x=0.0, y=-(start + end) / 2.0, width=width, height=length, corner=corner)

    def _core(self, first: float, span: float) -> Part:
        radius = self.hollow * 0.72
        middle = first + span / 2.0
        if span < 360.0:
            sector = wedge(radius, span, middle)
            inner = [cut(wedge(radius * 0.55, 360.0, 0.0))] if self.core == "ring" else []
            return part(sector, *inner, ink=1)
        hole = [cut(Circle(x=0.0, y=0.0, radius=radius * 0.55))] if self.core == "ring" else []
        return part(Circle(x=0.0, y=0.0, radius=radius), *hole, ink=1)
