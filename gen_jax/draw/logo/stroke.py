"""The outlines of polygons that are grown and of strokes along curves: lines, arcs and Bezier curves.

Outlines go round clockwise on the screen, holes the other way.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence

import numpy as np

from gen_jax.draw.logo.letters import Point, Segment


@dataclasses.dataclass(frozen=True)
class ArcTo:
    """A segment along an ellipse, at most a quarter of it.

    Of a longer one the centre would be uncertain: rounded by e, the ends of half a circle move it by sqrt(e radius).
    """

    radii: Point
    end: Point
    clockwise: bool = True
    angle: float = 0.0
    """The ellipse is turned so far, in degrees."""


Contour = tuple[Point, Sequence[Segment | ArcTo]]
"""Where it starts, and its segments; a straight line closes it."""


def around(centre: Point, radius: float, first: float, last: float) -> list[ArcTo]:
    """Return the arc of a circle between two angles, in radians from "up" clockwise; back where the last is less."""
    count = max(1, math.ceil(abs(last - first) / (math.pi / 2) - 1e-6))
    turns = [first + (last - first) * (index + 1) / count for index in range(count)]
    return [ArcTo((radius, radius), on_circle(centre, radius, turn), last >= first) for turn in turns]


def on_circle(centre: Point, radius: float, turn: float) -> Point:
    """Return the place on a circle at an angle in radians from "up", clockwise."""
    return (centre[0] + radius * math.sin(turn), centre[1] - radius * math.cos(turn))


def ellipse(across: float, down: float, *, centre: Point = (0.0, 0.0), clockwise: bool = True) -> Contour:
    """Return a whole ellipse of these half-axes."""
    steps = [(across, 0.0), (0.0, down), (-across, 0.0), (0.0, -down)]
    ends = [(centre[0] + x, centre[1] + y) for x, y in (steps if clockwise else [*steps[2::-1], steps[3]])]
    return ends[-1], [ArcTo((across, down), end, clockwise) for end in ends]


@dataclasses.dataclass(frozen=True)
class _Corner:
    """A corner of a polygon that grows: where the sides before and after it lie then, and whether it stands out."""

    at: Point
    before: Point
    after: Point
    outer: bool
    trim: float
    """By how much the sides get shorter where it does not stand out."""


def _corners(corners: Sequence[Point], by: float) -> list[_Corner]:
    made = []
    for index, (x, y) in enumerate(corners):
        (px, py), (nx, ny) = corners[index - 1], corners[(index + 1) % len(corners)]
        ax, ay = _unit(x - px, y - py)
        bx, by_ = _unit(nx - x, ny - y)
        cross, dot = ax * by_ - ay * bx, ax * bx + ay * by_
        trim = by * abs(cross) / max(1.0 + dot, 1e-9)
        before, after = (x + by * ay, y - by * ax), (x + by * by_, y - by * bx)
        made.append(_Corner((x, y), before, after, cross > -1e-7, trim))
    return made


def _unit(x: float, y: float) -> Point:
    size = math.hypot(x, y)
    return x / size, y / size


def grown(corners: Sequence[Point], by: float) -> tuple[Contour, bool]:
    """Return a clockwise polygon grown by a distance, and whether its outline is known not to cross itself nearby.

    Corners that stand out become arcs, at others the sides are cut where they meet. Where a side is too short for
    that, the outline goes by way of the corners that do not stand out: it winds more than once round some points, which
    fills them all the same. A path there and back is a polygon, too; grown it is the stroke along the path.
    """
    kept = [corner for index, corner in enumerate(corners) if math.dist(corner, corners[index - 1]) > 1e-9]
    if len(kept) < 2:
        return ellipse(by, by, centre=corners[0]), True
    if by <= 0.0:
        return (kept[0], [(corner,) for corner in kept[1:]]), True
    made = _corners(kept, by)
    trims = [0.0 if corner.outer else corner.trim for corner in made]
    lengths = [math.dist(corner, kept[index - 1]) for index, corner in enumerate(kept)]
    clean = all(trims[index - 1] + trims[index] <= length for index, length in enumerate(lengths))
    points: list[Segment | ArcTo] = []
    for corner in made:
        if corner.outer:
            first, turn = _angle(corner.at, corner.before), _angle(corner.at, corner.after)
            points += [(corner.before,), *around(corner.at, by, first, first + max(0.0, _turn(first, turn)))]
        elif clean:
            (x, y), (px, py), (nx, ny) = corner.at, corner.before, corner.after
            scale = by * by / max((px - x) * (nx - x) + (py - y) * (ny - y) + by * by, 1e-12)
            points.append(((x + (px + nx - 2 * x) * scale, y + (py + ny - 2 * y) * scale),))
        else:
            points += [(corner.before,), (corner.at,), (corner.after,)]
    last = points[-1]
    return (last.end if isinstance(last, ArcTo) else last[-1], points), clean


def _angle(centre: Point, point: Point) -> float:
    """Return where a point lies about a centre, in radians from "up", clockwise."""
    return math.atan2(point[0] - centre[0], centre[1] - point[1])


def _turn(first: float, second: float) -> float:
    """Return how far to turn clockwise from one angle to another, at least about 0 and less than a whole turn."""
    return (second - first + 0.1) % math.tau - 0.1


def pieces(corners: Sequence[Point], by: float, *, closed: bool) -> list[list[Contour]]:
    """Return simple outlines whose union is a path grown by a distance: one a side, and the polygon if it is closed."""
    sides = zip(corners, [*corners[1:], corners[0]] if closed else corners[1:], strict=False)
    return [*([[grown(corners, 0.0)[0]]] if closed else []), *([grown(side, by)[0]] for side in sides)]


Curve = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Start, control and end of a quadratic Bezier curve."""

ROUGH = 2e-4
"""How far, at most, the side of a stroke may lie from where it should, in units of the canvas."""


def _along(curve: Curve, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return places and speeds [count, 2] at equal steps of a curve, and its second derivative [2]."""
    start, control, end = curve
    t = np.linspace(0.0, 1.0, count)[:, None]
    place = (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end
    return place, 2.0 * ((1 - t) * (control - start) + t * (end - control)), 2.0 * (start - 2.0 * control + end)


def runs(curve: Curve, half: float) -> list[tuple[Curve, bool]]:
    """Return a curve cut into runs, and of each whether a side of the stroke folds over there.

    It does where the curve turns more tightly than half the width, which happens in one place if at all.
    """
    _, first, second = _along(curve, 129)
    speed = np.hypot(*first.T)
    turning = np.abs(first[:, 0] * second[1] - first[:, 1] * second[0])
    tight = np.flatnonzero((speed <= 1e-6) | (turning * half > 0.95 * speed**3))
    steps = np.diff(first @ first[0] > 0.0) & (turning.max() < 1e-9)
    tight = np.concatenate([tight, np.flatnonzero(steps)])  # a straight curve that turns back
    if not len(tight):
        return [(curve, False)]
    cuts = [0.0, max(tight.min() - 1, 0) / 128, min(tight.max() + 2, 128) / 128, 1.0]
    return [(_cut(curve, a, b), index == 1) for index, (a, b) in enumerate(itertools.pairwise(cuts)) if b > a]


def _cut(curve: Curve, first: float, last: float) -> Curve:
    """Return the part of a curve between two of its places."""
    start, control, end = curve
    ends = [(1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end for t in (first, last)]
    speed = 2.0 * ((1 - first) * (control - start) + first * (end - control))
    return ends[0], ends[0] + speed * (last - first) / 2, ends[1]


def polyline(curve: Curve) -> list[Point]:
    """Return corners along a curve, whose chords keep to it within ``ROUGH``."""
    start, control, end = curve
    bend = np.hypot(*(start - 2.0 * control + end)) / 4
    count = 1 + max(1, math.ceil(math.sqrt(float(bend) / ROUGH)))
    return [(float(x), float(y)) for x, y in _along(curve, count)[0]]


def _overlaps(curve: Curve, half: float) -> bool:
    """Return whether parts of the stroke that lie apart along the curve may cover one another."""
    place, _, _ = _along(curve, 65)
    run = np.concatenate([[0.0], np.hypot(*np.diff(place, axis=0).T).cumsum()])
    near = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1)) < 2.0 * half
    return bool((near & (np.abs(run[:, None] - run[None]) > math.pi * half)).any())


def stroke(curve: Curve, half: float) -> list[Contour]:
    """Return the outlines of a stroke with round ends: of its runs, those that fold over as fine polygons."""
    outlines = []
    for run, folded in runs(curve, half):
        path = polyline(run) if folded else []
        outlines.append(grown([*path, *path[-2:0:-1]], half)[0] if folded else _smooth(run, half))
    return outlines


def stroke_parts(curve: Curve, half: float) -> list[list[Contour]]:
    """Return simple outlines whose union is a stroke with round ends."""
    parts: list[list[Contour]] = []
    for run, folded in runs(curve, half):
        rough = folded or _overlaps(run, half)
        parts += pieces(polyline(run), half, closed=False) if rough else [[_smooth(run, half)]]
    return parts


def _smooth(curve: Curve, half: float) -> Contour:
    """Return the outline of a stroke that folds over nowhere, its sides cubic curves."""
    left = right = []
    for count in (1, 2, 3, 4, 6, 8, 12):
        left, right = (_side(curve, side, count) for side in (half, -half))
        if max(_misses(curve, side, half) for side in (left, right)) < ROUGH:
            break
    back = [piece[::-1] for piece in reversed(right)]
    ends = (left[0][0], back[0][0])
    segments: list[Segment | ArcTo] = [piece[1:] for piece in left]
    return ends[0], [
        *segments,
        *_cap(left[-1][3], ends[1], half),
        *(piece[1:] for piece in back),
        *_cap(back[-1][3], ends[0], half),
    ]


def _cap(start: Point, end: Point, half: float) -> list[ArcTo]:
    """Return half a circle between two points, clockwise."""
    centre = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    first = _angle(centre, start)
    return around(centre, half, first, first + math.pi)


def _side(curve: Curve, side: float, count: int) -> list[tuple[Point, ...]]:
    """Return one side of a stroke as cubic curves with the places and the speeds of the true one at their ends."""
    place, first, second = _along(curve, count + 1)
    speed = np.hypot(*first.T)[:, None]
    change = second / speed - first * (first @ second)[:, None] / speed**3
    turned, turning = (np.stack([vector[:, 1], -vector[:, 0]], axis=1) for vector in (first / speed, change))
    place, slope = place + side * turned, (first + side * turning) / (3 * count)
    corners = [place[:-1], place[:-1] + slope[:-1], place[1:] - slope[1:], place[1:]]
    return [tuple((float(x), float(y)) for x, y in piece) for piece in np.stack(corners, axis=1)]


def _misses(curve: Curve, sides: Sequence[tuple[Point, ...]], half: float) -> float:
    """Return how far some places of a side are from lying at half the width from the curve."""
    places, _, _ = _along(curve, 1025)
    weights = np.array([[0.421875, 0.421875, 0.140625, 0.015625], [0.125, 0.375, 0.375, 0.125]])
    probes = (weights @ np.array(sides)).reshape(-1, 2)
    distances = np.hypot(*(probes[:, None] - places[None]).transpose(2, 0, 1)).min(axis=1)
    return float(np.abs(distances - half).max())
