"""Forms that overlap, with an ink of its own where they do."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import GROUND, Part, Style, cut, part, polar, regular, turned, within
from gen_jax.draw.logo.scene import Box, Circle, Shape


@dataclasses.dataclass(frozen=True, kw_only=True)
class Overlap:
    """Forms that overlap, with an ink of its own where they do."""

    kind: Literal["overlap"] = "overlap"
    form: Literal["discs", "squares", "pills", "disc_and_square"]
    """What overlaps."""
    count: Annotated[Literal[2, 3], Odds((2.0, 1.0))]
    """How many forms: two, or three discs."""
    apart: Annotated[float, Range(0.4, 0.62)]
    """Between the centres, as a share of a form's width."""
    ratio: Annotated[float, Range(0.52, 1.0)]
    """Size of the second form to that of the first."""
    angle: Annotated[int, Range(0, 23)]
    """Turned by so many steps of 15 degrees; squares lie along a diagonal."""
    common: Annotated[Literal["ink", "hole"], Odds((3.0, 2.0))]
    """Whether the common part is a third ink or empty."""
    swap: bool
    """Whether the two change inks."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a form less the common part, and that part."""
        hole = style.flat or self.common == "hole"
        forms, inks = self._forms(), ((1, 0, 2) if self.swap else (0, 1, 2))
        parts = []
        for index, form in enumerate(forms):
            # What another ink is painted over stays whole, so that no line of the ground shows between them.
            others = [cut(other) for place, other in enumerate(forms) if place != index] if hole else []
            parts.append(part(form, *others, ink=inks[index]))
        if len(forms) == 2:
            return parts if hole else [*parts, part(forms[0], within(forms[1]), ink=2)]
        middle = part(forms[0], within(forms[1]), within(forms[2]), ink=inks[0])
        if hole:
            return [*parts, middle]
        lenses = [part(forms[a], within(forms[b]), ink=c) for a, b, c in ((0, 1, 2), (1, 2, 0), (2, 0, 1))]
        return [*parts, *lenses, part(forms[0], within(forms[1]), within(forms[2]), ink=GROUND)]

    def _forms(self) -> list[Shape]:
        angle = 15.0 * self.angle
        if self.count == 3:
            return [Circle(x=x, y=y, radius=0.75) for x, y in regular(3, 0.75 * self.apart * 1.25, angle)]
        places = [polar(self.apart, angle), polar(self.apart, angle + 180.0)]
        (x1, y1), (x2, y2) = places
        big, small = 0.8, 0.8 * self.ratio
        if self.form == "discs":
            return [Circle(x=x1, y=y1, radius=big), Circle(x=x2, y=y2, radius=small)]
        if self.form == "squares":
            places = [polar(1.0 * self.apart, 90.0 * (self.angle // 6) + turn) for turn in (45.0, 225.0)]
            tilt = 45.0 * (self.angle % 3 == 0)
            return [
                Box(x=x, y=y, width=1.9 * half, height=1.9 * half, corner=half * 0.2, angle=tilt)
                for (x, y), half in zip(places, (big, small), strict=True)
            ]
        if self.form == "pills":
            spread = 34.0 + 40.0 * (self.ratio - 0.52)
            return [
                turned(Box(x=0.3 * sign, y=0.0, angle=sign * spread, width=0.72, height=2.1, corner=0.36), angle)
                for sign in (-1.0, 1.0)
            ]
        x2, y2 = 0.85 * x2, 0.85 * y2
        turn = 45.0 * (self.angle % 2)
        return [Circle(x=x1, y=y1, radius=big), Box(x=x2, y=y2, angle=turn, width=2.0 * small, height=2.0 * small)]
