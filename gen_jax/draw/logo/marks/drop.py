"""A drop, a leaf, a place mark or a heart, whole or with something in it."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, bounds_of, cut, part, polygon, scaled, turned, within
from gen_jax.draw.logo.scene import Bezier, Box, Circle, Shape, Star
from gen_jax.draw.logo.symmetry import moved


@dataclasses.dataclass(frozen=True, kw_only=True)
class Drop:
    """A drop, a leaf, a place mark or a heart, whole or with something in it."""

    kind: Literal["drop"] = "drop"
    form: Literal["drop", "petal", "pin", "heart"]
    """Point up, a square with one sharp corner, a place mark (point down), or a heart."""
    inside: Literal["none", "disc", "drop", "wave", "star", "ring"]
    """What is taken out of it."""
    slender: Annotated[float, Range(0.5, 0.82)]
    """Radius of its round part."""
    size: Annotated[float, Range(0.36, 0.66)]
    """Of what is taken out."""
    halves: Annotated[Literal["none", "upright", "level", "slanted"], Odds((3.0, 1.0, 1.0, 1.0))]
    """How it is parted into two inks."""
    at: Annotated[float, Range(-0.2, 0.2)]
    """How far what is taken out lies below the middle of its room."""
    points: Annotated[int, Range(4, 8)]
    """Of the star."""
    small: Annotated[Literal["none", "left", "right", "both"], Odds((2.0, 1.0, 1.0, 0.5))]
    """Where smaller ones of the same form stand beside it."""
    share: Annotated[float, Range(0.3, 0.55)]
    """Of a smaller one."""
    lean: Annotated[Literal[0, 15, -15, 30, -30, 45, -45, 60, -60], Odds((4.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.7, 0.7))]
    """Turned by so many degrees, where nothing stands beside it."""

    def draw(self, style: Style) -> list[Part]:
        """Return the form less what is taken out, or its two halves."""
        shapes = [*self._form(), *map(cut, self._inside())]
        if self.halves != "none":
            x, y, _ = self._room()
            angle = {"upright": 0.0, "level": 90.0, "slanted": 45.0}[self.halves]
            sides = [
                moved(turned(Box(x=sign * 2.035, y=0.0, width=4.0, height=8.0), angle), x, y) for sign in (-1.0, 1.0)
            ]
            parts = [part(*shapes, within(side), ink=ink) for ink, side in enumerate(sides)]
        else:
            parts = [part(*shapes)]
        if self.inside == "ring":
            x, y, room = self._room()
            parts.append(part(Circle(x=x, y=y, radius=room * self.size * 0.7), ink=2))
        sides = {"none": (), "left": (-1.0,), "right": (1.0,), "both": (-1.0, 1.0)}[self.small]
        for side in sides:
            # Feet on one level; a pin's tip and a heart's are its foot as well.
            x = side * (self._half_width() + 0.12 + self.share * self._half_width())
            small = [scaled(shape, self.share, x, (1.0 - self.share) * 0.9) for shape in self._form()]
            parts.append(part(*small, ink=1))
        lean = self.lean if self.small == "none" else 0.0
        return [Part(tuple(turned(shape, lean) for shape in p.shapes), p.ink) for p in parts]

    def _half_width(self) -> float:
        return bounds_of(self._form())[2]

    def _form(self) -> list[Shape]:
        radius = self.slender
        if self.form == "heart":
            lobe, y = 0.56, -0.3
            side = lobe * math.sqrt(0.5)
            square = [(-2.0 * side, y + side), (0.0, y - side), (2.0 * side, y + side), (0.0, y + 3.0 * side)]
            return [*(Circle(x=sign * side, y=y, radius=lobe) for sign in (-1.0, 1.0)), polygon(square)]
        if self.form == "petal":
            return [
                Circle(x=0.0, y=1.0 - radius, radius=radius),
                Box(x=0.0, y=1.0 - radius - radius / math.sqrt(2.0), angle=45.0, width=radius, height=radius),
            ]
        far = 2.0 - radius
        across, touch = radius * math.sqrt(1.0 - (radius / far) ** 2), radius * radius / far
        drop = [
            Circle(x=0.0, y=1.0 - radius, radius=radius),
            polygon([(0.0, -1.0), (across, 1.0 - radius - touch), (-across, 1.0 - radius - touch)]),
        ]
        return [turned(shape, 180.0) for shape in drop] if self.form == "pin" else drop

    def _room(self) -> tuple[float, float, float]:
        if self.form == "heart":
            return 0.0, -0.1 + 0.5 * self.at, 0.62
        middle = self.slender - 1.0 if self.form == "pin" else 1.0 - self.slender
        return 0.0, middle + self.at * self.slender, self.slender

    def _inside(self) -> list[Shape]:
        x, y, room = self._room()
        radius = room * self.size
        if self.inside == "disc":
            return [Circle(x=x, y=y, radius=radius)]
        if self.inside == "ring":
            return [Circle(x=x, y=y, radius=radius * 1.15)]
        if self.inside == "star":
            return [Star(x=x, y=y, points=self.points, radius=radius * 1.25, inner=0.45)]
        if self.inside == "wave":
            return [
                Bezier(
                    x=x,
                    y=y,
                    start=(-1.2 * room, 0.0),
                    control=(-0.6 * room, -self.size * room),
                    end=(0.0, 0.0),
                    width=0.13,
                ),
                Bezier(
                    x=x,
                    y=y,
                    start=(0.0, 0.0),
                    control=(0.6 * room, self.size * room),
                    end=(1.2 * room, 0.0),
                    width=0.13,
                ),
            ]
        if self.inside == "drop":
            small = radius * 0.85
            return [
                Circle(x=x, y=y + small * 0.25, radius=small),
                polygon(
                    [(x, y - small * 1.6), (x + small * 0.84, y - small * 0.29), (x - small * 0.84, y - small * 0.29)]
                ),
            ]
        return []
