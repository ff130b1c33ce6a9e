"""Concentric strokes with openings: a signal, an echo, a labyrinth."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, part
from gen_jax.draw.logo.marks.tone import Tone, tone_of
from gen_jax.draw.logo.scene import Arc, Circle


@dataclasses.dataclass(frozen=True, kw_only=True)
class Arcs:
    """Concentric strokes with openings: a signal, an echo, a labyrinth."""

    kind: Literal["arcs"] = "arcs"
    strokes: Annotated[int, Range(3, 4)]
    """Number of circles."""
    cap: Literal["round", "butt"]
    """Ends of the strokes."""
    sweep: Literal[90, 120, 180, 240, 270, 300]
    """Degrees of a stroke."""
    step: Literal[0, 30, 45, 90, 120, 180, -60, -90]
    """Degrees from the opening of one stroke to that of the next."""
    change: Annotated[Literal[0, 30, -30], Odds((2.0, 1.0, 1.0))]
    """Degrees that each stroke is longer than the one within."""
    weight: Annotated[float, Range(0.5, 0.7)]
    """Width of a stroke as a share of the way from one to the next."""
    core: Annotated[Literal["disc", "none"], Odds((3.0, 1.0))]
    """What lies in the middle."""
    facing: Annotated[int, Range(0, 7)]
    """Where the first stroke's middle points, in eighths of a turn."""
    tone: Tone
    """How inks go from stroke to stroke."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a stroke, and the core."""
        pitch = 1.0 / (self.strokes + self.weight / 2.0 + 0.1)
        width = pitch * self.weight
        parts = []
        for index in range(self.strokes):
            sweep = min(max(self.sweep + self.change * index, 60), 315)
            arc = Arc(
                x=0.0,
                y=0.0,
                angle=45.0 * self.facing + self.step * index,
                radius=pitch * (index + 1.1),
                width=width,
                sweep=float(sweep),
                cap=self.cap,
            )
            parts.append(part(arc, ink=tone_of(self.tone, index, self.strokes)))
        if self.core == "disc":
            parts.append(part(Circle(x=0.0, y=0.0, radius=width * 0.62), ink=2))
        return parts
