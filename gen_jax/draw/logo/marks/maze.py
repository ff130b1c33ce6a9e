"""One stroke with right angles: a square spiral, a meander, a bracket in a bracket."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Annotated, Literal

from gen_jax.draw.logo import chance
from gen_jax.draw.logo.chance import Odds, Range
from gen_jax.draw.logo.marks.shapes import Part, Style, cut, line, part, turned
from gen_jax.draw.logo.scene import Circle, Shape
from gen_jax.draw.logo.symmetry import mirrored


@dataclasses.dataclass(frozen=True, kw_only=True)
class Maze:
    """One stroke with right angles: a square spiral, a meander, a bracket in a bracket."""

    kind: Literal["maze"] = "maze"
    form: Annotated[Literal["walk", "spiral", "meander", "nested"], Odds((9.0, 1.0, 0.2, 0.7))]
    """Which way the stroke goes; a walk goes over a grid and passes no place twice."""
    side: Literal[3, 4, 5]
    """Of the grid that a walk fills."""
    share: Annotated[float, Range(0.55, 0.9)]
    """Of the places of its grid that a walk passes."""
    way: Annotated[int, Range(0, 99999)]
    """The seed of a walk."""
    turns: Annotated[int, Range(5, 8)]
    """Straight lengths of a spiral."""
    weight: Annotated[float, Range(0.48, 0.66)]
    """Width of the stroke as a share of the way from one to the next."""
    round: bool
    """Whether its corners and ends are round."""
    flip: bool
    """Whether left and right change places."""
    dot: Annotated[bool, Odds((1.0, 1.0))]
    """Whether a disc of another ink stands at the end, of brackets in place of the innermost."""
    turn: Annotated[int, Range(0, 3)]
    """Quarter turns."""
    diamond: Annotated[bool, Odds((3.0, 1.0))]
    """Whether it stands on a corner; a walk does not."""

    def draw(self, style: Style) -> list[Part]:
        """Return the strokes as one part, and the disc."""
        paths = self._paths()
        end = paths[-1][-1]
        if self.dot and self.form == "nested":
            end = paths.pop()[1]
        strokes = [self._stroke(start, end) for path in paths for start, end in itertools.pairwise(path)]
        parts = [part(*(self._placed(stroke) for stroke in strokes))]
        if self.dot:
            x, y = end
            radius = self.weight * 0.85
            parts[0] = part(*parts[0].shapes, cut(self._placed(Circle(x=x, y=y, radius=radius + 0.28))))
            parts.append(part(self._placed(Circle(x=x, y=y, radius=radius * 0.9)), ink=2))
        return parts

    def _placed(self, shape: Shape) -> Shape:
        if self.flip:
            shape = mirrored(shape, centre=(0.0, 0.0))
        return turned(shape, 90.0 * self.turn + 45.0 * (self.diamond and self.form != "walk"))

    def _stroke(self, start: tuple[float, float], end: tuple[float, float]) -> Shape:
        stroke = line(start, end, self.weight)
        return stroke if self.round else dataclasses.replace(stroke, corner=0.0)

    def _paths(self) -> list[list[tuple[float, float]]]:
        if self.form == "walk":
            return [_walk(self.side, round(self.share * self.side**2), self.way)]
        if self.form == "spiral":
            at, path, steps = (0.0, 0.0), [(0.0, 0.0)], ((1, 0), (0, 1), (-1, 0), (0, -1))
            for index in range(self.turns):
                dx, dy = steps[index % 4]
                length = (index // 2 + 1) if index < self.turns - 1 else index // 2 + (self.turns % 2 == 0)
                at = (at[0] + dx * length, at[1] + dy * length)
                path.append(at)
            return [list(reversed(path))]
        if self.form == "meander":
            rows = 3 if self.turns < 7 else 4
            path = []
            for row in range(rows):
                ends = [(0.0, float(row)), (rows - 1.0, float(row))]
                path += ends if row % 2 == 0 else ends[::-1]
            return [path]
        ends = (3.0, 3.0, 3.0) if self.turns % 2 else (3.0, 2.0, 1.0)
        return [[(at, end), (at, at), (end, at)] for at, end in zip((0.0, 1.0, 2.0), ends, strict=True) if end > at]


def _walk(side: int, count: int, way: int) -> list[tuple[float, float]]:
    """Return a way over ``count`` places of a square grid by depth-first search, in an order that its seed draws.

    One that is the same upside down is drawn again: some such signs are better left unmade.
    """
    attempts = (_search(side, count, f"maze/{way}/{attempt}") for attempt in range(20))
    good = (path for path in attempts if _spread(path, side) and _has_a_foot(path, side))
    return _corners(next(good, [(x, 0) for x in range(side)] + [(side - 1, y) for y in range(1, side)]))


def _search(side: int, count: int, seed: str) -> list[tuple[int, int]]:
    path = [(chance.whole(seed, "x", 0, side - 1), chance.whole(seed, "y", 0, side - 1))]

    def extend() -> bool:
        if len(path) == count:
            return True
        x, y = path[-1]
        near = [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]
        for place in sorted(near, key=lambda place: chance.unit(seed, f"{len(path)}/{place[0]}/{place[1]}")):
            if place not in path and min(place) >= 0 and max(place) < side:
                path.append(place)
                if extend():
                    return True
                path.pop()
        return False

    extend()
    return path


def _has_a_foot(path: list[tuple[int, int]], side: int) -> bool:
    """Return whether a way is another one upside down."""
    return set(path) != {(side - 1 - x, side - 1 - y) for x, y in path}


def _spread(path: list[tuple[int, int]], side: int) -> bool:
    """Return whether a way touches all four sides of its grid."""
    return all({min(axis), max(axis)} == {0, side - 1} for axis in zip(*path, strict=True))


def _corners(path: list[tuple[int, int]]) -> list[tuple[float, float]]:
    """Return a way without the places that lie on a straight line between their neighbours."""
    inner = [
        place
        for before, place, after in zip(path[:-2], path[1:-1], path[2:], strict=True)
        if (before[0] + after[0], before[1] + after[1]) != (2 * place[0], 2 * place[1])
    ]
    return [(float(x), float(y)) for x, y in (path[0], *inner, path[-1])]
