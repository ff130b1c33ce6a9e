"""What families of marks draw with: parts about (0, 0), polar places, moved and scaled shapes, their bounds."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence

from gen_jax.draw.logo import letters
from gen_jax.draw.logo.scene import Arc, Bezier, Box, Circle, Op, Polygon, Shape, Star, Text
from gen_jax.draw.logo.symmetry import rotated

Bounds = tuple[float, float, float, float]
"""Left, top, right, bottom."""


GROUND = -1
"""In place of an ink: the colour of the ground, for what is empty in something solid."""


@dataclasses.dataclass(frozen=True)
class Part:
    """Shapes joined in their order, as those of a layer, and which ink fills them."""

    shapes: tuple[Shape, ...]
    ink: int = 0
    """0, 1 or 2: the place in the palette; or GROUND."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Style:
    """What a family is told besides its own parameters."""

    flat: bool
    """Whether all inks are one colour, so that parts must differ by gaps."""
    initials: str
    font: str


def part(*shapes: Shape, ink: int = 0) -> Part:
    """Return shapes as a part."""
    return Part(shapes, ink)


def merged(parts: Iterable[Part]) -> list[Part]:
    """Join parts of one ink that are plain unions and follow one another: fewer layers, the same picture."""
    result: list[Part] = []
    for p in parts:
        plain = all(shape.op == "union" for shape in p.shapes)
        if plain and result and result[-1].ink == p.ink:
            result[-1] = Part((*result[-1].shapes, *p.shapes), p.ink)
        else:
            result.append(p)
    return result


def polar(radius: float, angle: float) -> tuple[float, float]:
    """Return the place so far from the centre, in degrees clockwise from straight up."""
    turn = math.radians(angle)
    return radius * math.sin(turn), -radius * math.cos(turn)


def turned(shape: Shape, angle: float) -> Shape:
    """Return a shape turned about (0, 0)."""
    return rotated(shape, angle, centre=(0.0, 0.0))


def turned_part(given: Part, angle: float) -> Part:
    """Return a part turned about (0, 0)."""
    return Part(tuple(turned(shape, angle) for shape in given.shapes), given.ink)


def cut(shape: Shape) -> Shape:
    """Return a shape that is taken from those before it."""
    return dataclasses.replace(shape, op="subtract")


def within(shape: Shape) -> Shape:
    """Return a shape that those before it are kept within."""
    return dataclasses.replace(shape, op="intersect")


def wedge(radius: float, sweep: float, angle: float, *, x: float = 0.0, y: float = 0.0) -> Arc:
    """Return a sector of a disc about (x, y), its middle at ``angle``."""
    return Arc(x=x, y=y, angle=angle, radius=radius / 2.0, width=radius, sweep=sweep, cap="butt")


def quarter(x: float, y: float, side: float, corner: int) -> Arc:
    """Return the quarter disc that fills a cell of which (x, y) is the centre.

    Args:
      x: of the cell's centre.
      y: likewise.
      side: of the cell.
      corner: where the right angle lies: 0 bottom left, and on clockwise.
    """
    dx, dy = ((-1, 1), (-1, -1), (1, -1), (1, 1))[corner % 4]
    return wedge(side, 90.0, 45.0 + 90.0 * (corner % 4), x=x + dx * side / 2.0, y=y + dy * side / 2.0)


def leaf(length: float, width: float, *, angle: float = 0.0, base: float = 0.0, op: Op = "intersect") -> list[Shape]:
    """Return two discs whose common part is a pointed leaf from ``base`` to ``base + length`` along ``angle``."""
    half, across = length / 2.0, max(width, 1e-3) / 2.0
    radius = (half * half + across * across) / (2.0 * across)
    y = -(base + half)
    sides = (radius - across, across - radius)
    return [
        turned(Circle(x=x, y=y, radius=radius, op="union" if index == 0 else op), angle)
        for index, x in enumerate(sides)
    ]


def polygon(points: Iterable[tuple[float, float]], *, round: float = 0.0, op: Op = "union") -> Polygon:
    """Return a polygon of corners about (0, 0); ``round`` is taken off the corners rather than added to the sides."""
    corners = tuple(points)
    if round:
        corners = inset(corners, round)
    return Polygon(x=0.0, y=0.0, corners=corners, round=round, op=op)


def inset(points: Sequence[tuple[float, float]], by: float) -> tuple[tuple[float, float], ...]:
    """Return a polygon with its sides moved inwards, its corners where the moved sides meet."""
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, [*points[1:], points[0]], strict=True))
    sign = 1.0 if area > 0.0 else -1.0
    moved = []
    for index, corner in enumerate(points):
        before, after = points[index - 1], points[(index + 1) % len(points)]
        one, two = (_normal(p, q, sign) for p, q in ((before, corner), (corner, after)))
        scale = by / max(1.0 + one[0] * two[0] + one[1] * two[1], 0.05)
        moved.append((corner[0] + scale * (one[0] + two[0]), corner[1] + scale * (one[1] + two[1])))
    return tuple(moved)


def regular(count: int, radius: float, angle: float = 0.0) -> list[tuple[float, float]]:
    """Return the corners of a regular polygon, the first one up."""
    return [polar(radius, angle + 360.0 * index / count) for index in range(count)]


def line(start: tuple[float, float], end: tuple[float, float], width: float, *, round: bool = True) -> Box:
    """Return a straight stroke from one place to another; round ends go beyond them by half the width."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy) + (width if round else 0.0)
    return Box(
        x=(start[0] + end[0]) / 2.0,
        y=(start[1] + end[1]) / 2.0,
        angle=math.degrees(math.atan2(dy, dx)),
        width=length,
        height=width,
        corner=width / 2.0 if round else 0.0,
    )


def scaled(shape: Shape, factor: float, dx: float = 0.0, dy: float = 0.0) -> Shape:
    """Return a shape scaled about (0, 0), then moved."""
    lengths: dict[str, object] = {"x": shape.x * factor + dx, "y": shape.y * factor + dy}
    for name in ("radius", "width", "height", "corner", "round", "size"):
        if hasattr(shape, name):
            lengths[name] = getattr(shape, name) * factor
    if isinstance(shape, Polygon):
        lengths["corners"] = tuple((px * factor, py * factor) for px, py in shape.corners)
    if isinstance(shape, Bezier):
        for name in ("start", "control", "end"):
            point = getattr(shape, name)
            lengths[name] = (point[0] * factor, point[1] * factor)
    return dataclasses.replace(shape, **lengths)


def bounds_of(shapes: Sequence[Shape]) -> Bounds:
    """Return the box around shapes joined in their order; what is subtracted makes it no smaller."""
    around, rest = bounds(shapes[0]), shapes[1:]
    if rest and rest[0].op == "intersect" and isinstance(shapes[0], Circle) and isinstance(rest[0], Circle):
        around, rest = _lens(shapes[0], rest[0]), rest[1:]
    for shape in rest:
        other = bounds(shape)
        if shape.op == "union":
            around = joined((around, other))
        elif shape.op == "intersect":
            left, top, right, bottom = around
            around = (max(left, other[0]), max(top, other[1]), min(right, other[2]), min(bottom, other[3]))
    return around


def _lens(one: Circle, two: Circle) -> Bounds:
    """Return the box around what two discs that overlap have in common."""
    points = []
    for disc, other in ((one, two), (two, one)):
        extremes = [polar(disc.radius, 90.0 * quarter) for quarter in range(4)]
        placed = [(disc.x + x, disc.y + y) for x, y in extremes]
        points += [p for p in placed if math.hypot(p[0] - other.x, p[1] - other.y) <= other.radius]
    dx, dy = two.x - one.x, two.y - one.y
    apart = math.hypot(dx, dy)
    along = (apart * apart + one.radius**2 - two.radius**2) / (2.0 * apart)
    across = math.sqrt(max(one.radius**2 - along * along, 0.0))
    for side in (across, -across):
        points.append((one.x + (along * dx - side * dy) / apart, one.y + (along * dy + side * dx) / apart))
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def joined(boxes: Iterable[Bounds]) -> Bounds:
    """Return the box around boxes."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def bounds(shape: Shape) -> Bounds:
    """Return the box around a shape."""
    turn = math.radians(shape.angle)
    cosine, sine = math.cos(turn), math.sin(turn)
    if isinstance(shape, Circle):
        across, down = shape.radius, shape.radius * shape.ratio
        return _around(shape, math.hypot(across * cosine, down * sine), math.hypot(across * sine, down * cosine))
    if isinstance(shape, Box):
        across, down = shape.width / 2.0 - shape.corner, shape.height / 2.0 - shape.corner
        half_width = abs(cosine) * across + abs(sine) * down + shape.corner
        return _around(shape, half_width, abs(sine) * across + abs(cosine) * down + shape.corner)
    points, margin = _outline(shape)
    xs = [shape.x + cosine * px - sine * py for px, py in points]
    ys = [shape.y + sine * px + cosine * py for px, py in points]
    return min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin


def _outline(shape: Polygon | Star | Arc | Bezier | Text) -> tuple[list[tuple[float, float]], float]:
    """Return points, before the shape is placed, and how far it reaches beyond the box around them."""
    if isinstance(shape, Polygon):
        return list(shape.corners), shape.round
    if isinstance(shape, Star):
        return regular(shape.points, shape.radius), shape.round
    if isinstance(shape, Bezier):
        return [on_curve(shape, step / 16.0) for step in range(17)], shape.width / 2.0
    if isinstance(shape, Text):
        left, top, right, bottom = ink(shape.text, shape.font, shape.tracking)
        corners = [(x * shape.size, y * shape.size) for x in (left, right) for y in (top, bottom)]
        return corners, 0.0
    # Where the stroke ends, and where it goes straight across or down.
    half = shape.sweep / 2.0
    turns = [-half, half]
    turns += [turn for turn in (90.0 * step - shape.angle % 360.0 for step in range(-2, 7)) if abs(turn) < half]
    if shape.cap == "round":
        return [polar(shape.radius, turn) for turn in turns], shape.width / 2.0
    sides = (shape.radius - shape.width / 2.0, shape.radius + shape.width / 2.0)
    return [polar(side, turn) for side in sides for turn in turns], 0.0


def ink(text: str, font: str, tracking: float) -> Bounds:
    """Return the box around the letters of a line, in units of its capitals' height, as ``letters.outline`` has it."""
    line_of_text = letters.outline(text, font, tracking)
    points = [
        point
        for glyph in line_of_text.glyphs
        for start, segments in glyph
        for point in (start, *(end for segment in segments for end in segment))
    ]
    if not points:
        return -line_of_text.width / 2.0, -0.5, line_of_text.width / 2.0, 0.5
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _around(shape: Shape, half_width: float, half_height: float) -> Bounds:
    return shape.x - half_width, shape.y - half_height, shape.x + half_width, shape.y + half_height


def on_curve(curve: Bezier, t: float) -> tuple[float, float]:
    """Return the place at ``t`` in [0, 1] along a curve, before it is placed."""
    weights = ((1.0 - t) ** 2, 2.0 * t * (1.0 - t), t * t)
    points = (curve.start, curve.control, curve.end)
    x, y = (sum(weight * point[axis] for weight, point in zip(weights, points, strict=True)) for axis in (0, 1))
    return x, y


def _normal(start: tuple[float, float], end: tuple[float, float], sign: float) -> tuple[float, float]:
    """Return the unit vector that points inwards from a side."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy) or 1.0
    return -dy / length * sign, dx / length * sign
