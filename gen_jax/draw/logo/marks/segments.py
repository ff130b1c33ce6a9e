"""A ring cut into segments of their own lengths and widths."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, part
from gen_jax.draw.logo.marks.tone import Tone, tone_of
from gen_jax.draw.logo.scene import Arc, Circle


@dataclasses.dataclass(frozen=True, kw_only=True)
class Segments:
    """A ring cut into segments of their own lengths and widths."""

    kind: Literal["segments"] = "segments"
    count: Annotated[int, Range(2, 6)]
    """Number of segments."""
    rhythm: Literal["even", "growing", "golden"]
    """How long segments are, going round."""
    weight: Annotated[float, Range(0.26, 0.5)]
    """Width of the ring as a share of its outer radius."""
    taper: Literal["none", "inside", "outside"]
    """Whether segments get narrower going round, and from which side."""
    cap: Literal["butt", "round"]
    """Ends of the segments."""
    gap: Annotated[float, Range(7.0, 14.0)]
    """Between segments, in degrees."""
    core: Annotated[Literal["none", "disc", "ring"], Odds((2.0, 2.0, 1.0))]
    """What lies in the middle."""
    turn: Annotated[int, Range(0, 15)]
    """Turned by so many sixteenths."""
    clockwise: bool
    """Which way segments grow."""
    tone: Annotated[Tone, Odds((1.0, 1.0, 3.0, 2.0))]
    """How inks go round."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a segment, and the core."""
        shares = [
            {"even": 1.0, "growing": index + 1.0, "golden": 1.618**index}[self.rhythm] for index in range(self.count)
        ]
        smallest = 0.09 * sum(shares)
        shares = [max(share, smallest) for share in shares]
        at, parts = 22.5 * self.turn, []
        sign = 1.0 if self.clockwise else -1.0
        for index, share in enumerate(shares):
            whole = 360.0 * share / sum(shares)
            width = self.weight * (1.0 if self.taper == "none" else 0.4 + 0.6 * (index + 1) / self.count)
            radius = 1.0 - self.weight + width / 2.0 if self.taper == "outside" else 1.0 - width / 2.0
            cap = math.degrees(width / radius) if self.cap == "round" else 0.0
            sweep = max(whole - self.gap - cap, 2.0)
            arc = Arc(
                x=0.0, y=0.0, angle=at + sign * whole / 2.0, radius=radius, width=width, sweep=sweep, cap=self.cap
            )
            parts.append(part(arc, ink=tone_of(self.tone, index, self.count)))
            at += sign * whole
        inner = (1.0 - self.weight) * 0.55
        if self.core == "disc":
            parts.append(part(Circle(x=0.0, y=0.0, radius=inner), ink=2))
        elif self.core == "ring":
            parts.append(part(Arc(x=0.0, y=0.0, radius=inner * 0.85, width=inner * 0.4), ink=2))
        return parts
