"""One stroke that winds outwards in half circles."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, bounds_of, cut, part, polar, scaled, turned
from gen_jax.draw.logo.marks.tone import Tone
from gen_jax.draw.logo.scene import Arc, Box, Circle
from gen_jax.draw.logo.symmetry import mirrored

_SQUIRCLE = Box(x=0.0, y=0.0, width=1.84, height=1.84, corner=0.46)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Spiral:
    """One stroke that winds outwards in half circles."""

    kind: Literal["spiral"] = "spiral"
    halves: Annotated[int, Range(3, 6)]
    """Half turns of an arm."""
    arms: Annotated[Literal[1, 2], Odds((3.0, 2.0))]
    """How many."""
    weight: Annotated[float, Range(0.45, 0.7)]
    """Width of the stroke as a share of the way between windings."""
    swell: Annotated[float, Range(0.0, 0.35)]
    """How much narrower the innermost half turn is than the outermost, as a share."""
    clockwise: bool
    """Which way it winds outwards."""
    tip: Annotated[Literal["none", "disc"], Odds((2.0, 1.0))]
    """What lies at the inner end."""
    turn: Annotated[int, Range(0, 23)]
    """Turned by so many steps of 15 degrees."""
    ground: Annotated[Literal["none", "disc", "squircle"], Odds((3.0, 1.0, 1.0))]
    """What solid form it is taken out of."""
    aside: Annotated[int, Range(0, 8)]
    """Where it lies in the form: in the middle at 0, else aside, in eighths of a turn."""
    tone: Annotated[Tone, Odds((3.0, 1.0, 1.0, 1.0))]
    """How inks go along an arm, or, with two arms, from one to the other."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part an ink."""
        inks: dict[int, list[Arc | Circle]] = {}
        halves = max(2, self.halves - 2) if self.arms == 2 else self.halves
        pitch = 1.0 if self.arms == 1 else 2.0
        for arm in range(self.arms):
            for index in range(halves):
                side = 1.0 if index % 2 == 0 else -1.0
                width = self.weight * (1.0 - self.swell * (halves - 1 - index) / (halves - 1))
                radius = pitch * (index + 1.0) / 2.0
                arc = Arc(
                    x=side * pitch / 4.0,
                    y=0.0,
                    angle=0.0 if side > 0.0 else 180.0,
                    radius=radius,
                    width=width,
                    sweep=180.0,
                )
                ink = arm if self.arms == 2 and self.tone != "plain" else 0
                inks.setdefault(ink, []).append(self._placed(arc, arm))
        if self.tip == "disc" and self.arms == 1:
            inks.setdefault(2, []).append(self._placed(Circle(x=-0.25, y=0.0, radius=self.weight * 0.75), 0))
        if self.ground == "none":
            return [part(*shapes, ink=ink) for ink, shapes in inks.items()]
        every = [shape for shapes in inks.values() for shape in shapes]
        left, top, right, bottom = bounds_of(every)
        scale = 1.24 / max(right - left, bottom - top)
        x, y = polar(0.24 if self.aside else 0.0, 45.0 * self.aside)
        dx, dy = x - scale * (left + right) / 2.0, y - scale * (top + bottom) / 2.0
        form = Circle(x=0.0, y=0.0, radius=1.0) if self.ground == "disc" else _SQUIRCLE
        return [part(form, *(cut(scaled(shape, scale, dx, dy)) for shape in every))]

    def _placed(self, shape: Arc | Circle, arm: int) -> Arc | Circle:
        placed = turned(shape, 180.0 * arm)
        if self.clockwise:
            placed = mirrored(placed, centre=(0.0, 0.0))
        placed = turned(placed, 15.0 * self.turn)
        assert isinstance(placed, Arc | Circle)
        return placed
