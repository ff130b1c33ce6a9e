"""Discs that hide one another: moons, an eclipse, and a star."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, part, polar
from gen_jax.draw.logo.scene import Circle, Star


@dataclasses.dataclass(frozen=True, kw_only=True)
class Crescent:
    """Discs that hide one another: moons, an eclipse, and a star."""

    kind: Literal["crescent"] = "crescent"
    moons: Annotated[int, Range(1, 3)]
    """Crescents within one another."""
    rim: Literal["open", "closed"]
    """Whether a crescent's horns end at its open side, or, of two and more, go all round."""
    shift: Annotated[float, Range(0.2, 0.5)]
    """How far the hiding disc is moved aside: 0 closes the rim, 1 opens it wide."""
    size: Annotated[float, Range(0.56, 0.8)]
    """Of the hiding disc."""
    facing: Annotated[int, Range(0, 23)]
    """Where the open side is, in steps of 15 degrees."""
    companion: Literal["none", "star", "disc", "core"]
    """What stands in the open side, or in the middle of all."""
    share: Annotated[float, Range(0.28, 0.52)]
    """Size of the companion, a disc in the middle half as large again."""
    swing: Annotated[float, Range(-1.0, 1.0)]
    """Where a star or a disc stands: to one side of the opening or to the other."""
    points: Literal[4, 8]
    """Of the star."""
    sharp: Annotated[float, Range(0.32, 0.5)]
    """Of the star: the radius of its notches."""
    two: bool
    """Whether every other crescent takes the second ink."""

    def draw(self, style: Style) -> list[Part]:
        """Return one part a crescent, and the companion."""
        angle, radius, x, parts = 15.0 * self.facing, 1.0, 0.0, []
        for index in range(self.moons):
            hidden = radius * self.size
            # A disc moved by just the difference of the radii would touch the rim and leave a sliver.
            closed = 0.45 + 0.5 * self.shift
            shift = (radius - hidden) * (1.15 + 0.8 * self.shift if self.rim == "open" or self.moons == 1 else closed)
            place, other = polar(x, angle), polar(x + shift, angle)
            parts.append(
                part(
                    Circle(x=place[0], y=place[1], radius=radius),
                    cut(Circle(x=other[0], y=other[1], radius=hidden)),
                    ink=index % 2 if self.two else 0,
                )
            )
            x, radius = x + shift, hidden - 0.09
            if radius < 0.3:
                break
        where = polar(x, angle)
        if self.companion in ("star", "disc"):
            room = radius * (0.9 - self.share)
            dx, dy = polar(room * abs(self.swing), angle + 90.0 * (1.0 if self.swing > 0.0 else -1.0))
            where = (where[0] + dx, where[1] + dy)
        if self.companion == "star":
            size = radius * self.share * 1.4
            parts.append(part(Star(x=where[0], y=where[1], points=self.points, radius=size, inner=self.sharp), ink=2))
        elif self.companion != "none":
            share = self.share if self.companion == "disc" else 1.5 * self.share
            parts.append(part(Circle(x=where[0], y=where[1], radius=radius * share), ink=2))
        return parts
