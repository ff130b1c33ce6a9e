"""Mountains and a sun, free or within a disc."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Annotated, Literal

from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, inset, line, part, polygon, within
from gen_jax.draw.logo.scene import Box, Circle, Shape, Star

_FOOT = 0.62
_FRAMES: dict[str, Shape] = {
    "disc": Circle(x=0.0, y=0.0, radius=1.0),
    "squircle": Box(x=0.0, y=0.0, width=1.86, height=1.86, corner=0.46),
    "hexagon": Star(x=0.0, y=0.0, angle=30.0, points=6, radius=1.03, inner=math.cos(math.pi / 6.0), round=0.05),
}

Hill = tuple[tuple[float, float], ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Peaks:
    """Mountains and a sun, free or within a disc."""

    kind: Literal["peaks"] = "peaks"
    peaks: Annotated[int, Range(1, 3)]
    """Number of mountains."""
    frame: Literal["none", "land", "hole"]
    """Free, sky and land, or empty space in a solid form (hole)."""
    outline: Annotated[Literal["disc", "squircle", "hexagon"], Odds((2.0, 1.0, 1.0))]
    """Of the frame."""
    steep: Annotated[float, Range(1.05, 1.6)]
    """Height of a mountain to half its foot."""
    sun: Annotated[Literal["none", "disc", "ring"], Odds((1.0, 3.0, 1.0))]
    """What stands in the sky."""
    size: Annotated[float, Range(0.16, 0.28)]
    """Of the sun."""
    third: Annotated[float, Range(0.6, 0.95)]
    """Height of the third mountain to that of the second."""
    at: Annotated[float, Range(0.0, 1.0)]
    """Where it stands: beside the highest peak, or further out."""
    snow: bool
    """Whether the highest peak has its top set off by a gap."""
    second: Annotated[float, Range(0.55, 0.75)]
    """Height of the lower mountains to that of the highest."""
    mirror: bool
    """Whether left and right change places."""
    water: Annotated[bool, Odds((3.0, 1.0))]
    """Whether a line of water lies at the foot of free mountains."""

    def draw(self, style: Style) -> list[Part]:
        """Return the sun or the sky, the lower peaks, and the highest one."""
        hills = self._hills()
        if self.frame == "none":
            ground = [part(line((-0.8, _FOOT + 0.2), (0.8, _FOOT + 0.2), 0.13), ink=2)] if self.water else []
            away = [cut(polygon(inset(hill, -0.09))) for hill in hills]
            return [*(part(shape, *hole, *away, ink=2) for shape, hole in self._sun()), *self._land(hills), *ground]
        form = _FRAMES[self.outline]
        suns = [cut(shape) for shape, _ in self._sun()]
        rings = [dataclasses.replace(ring, op="union") for _, hole in self._sun() for ring in hole]
        if self.frame == "hole":
            return [part(form, *(cut(polygon(hill)) for hill in hills), *suns, *rings)]
        wide = [self._deep(hill) for hill in hills]
        sky = part(form, *(cut(polygon(inset(hill, -0.09))) for hill in wide), *suns, *rings)
        return [sky, *(Part((*p.shapes, within(form)), 1) for p in self._land(wide))]

    def _hills(self) -> list[Hill]:
        """Return the mountains as triangles, the highest first, all on one foot."""
        side, high = (-1.0 if self.mirror else 1.0), 1.25
        wide = high / self.steep
        middle = -0.4 * wide if self.peaks == 2 else 0.0
        tops = [(middle, 1.0), (middle + 0.86 * wide, self.second), (middle - 0.86 * wide, self.second * self.third)]
        return [
            ((side * x - wide * share, _FOOT), (side * x, _FOOT - high * share), (side * x + wide * share, _FOOT))
            for x, share in tops[: self.peaks]
        ]

    def _land(self, hills: list[Hill]) -> list[Part]:
        parts = []
        for index, hill in enumerate(hills):
            front = [cut(polygon(inset(hills[0], -0.08)))] if index else self._snow(hill)
            parts.append(part(polygon(hill), *front, ink=1 if index else 0))
        return parts[::-1]

    def _deep(self, hill: Hill) -> Hill:
        """Return a mountain whose feet lie below the disc."""
        x, top = hill[1]
        return tuple((x + 2.4 * (px - x), top + 2.4 * (py - top)) for px, py in hill)

    def _snow(self, hill: Hill) -> list[Shape]:
        if not self.snow:
            return []
        x, top = hill[1]
        y = top + 0.42
        half = 0.42 / self.steep
        zigzag = [(x - half * 2.0, y), (x - half * 0.45, y + 0.14), (x, y - 0.04), (x + half * 0.45, y + 0.14)]
        return [cut(line(a, b, 0.085)) for a, b in itertools.pairwise([*zigzag, (x + half * 2.0, y)])]

    def _sun(self) -> list[tuple[Shape, list[Shape]]]:
        """Return the sun, and what is taken out of it."""
        if self.sun == "none":
            return []
        side = -1.0 if self.mirror else 1.0
        x = side * (0.36 + 0.2 * self.at) * (1.0 if self.peaks == 2 or self.at > 0.5 else -1.0)
        disc = Circle(x=x, y=-0.52 + 0.2 * self.at, radius=self.size)
        return [(disc, [cut(dataclasses.replace(disc, radius=self.size * 0.5))] if self.sun == "ring" else [])]
