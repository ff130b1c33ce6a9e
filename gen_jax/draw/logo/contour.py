"""The outlines of shapes, as the SVG file draws them, exact but for strokes along curves (to 2e-4 of the canvas).

Several shapes in one path are their union under the nonzero rule, as all outlines go round clockwise.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gen_jax.draw.logo import letters, stroke
from gen_jax.draw.logo.letters import Point, Segment
from gen_jax.draw.logo.scene import Arc, Bezier, Box, Circle, Polygon, Shape, Star, Text
from gen_jax.draw.logo.stroke import ArcTo, Contour

Parts = list[list[Contour]]
"""Outlines that wind round no point more than once; a shape is their union."""


def contours(shape: Shape) -> list[Contour]:
    """Return the outline of a shape where it lies on the canvas; parts of it may overlap.

    Raises UserError where the font of a text is unknown or lacks a letter.
    """
    return _placed(shape, [_OF[type(shape)](shape)])[0]


def parts(shape: Shape) -> Parts:
    """Return simple outlines whose union is the shape, for whoever needs what lies outside; raises as ``contours``."""
    split = _PARTS.get(type(shape))
    return _placed(shape, split(shape) if split else [_OF[type(shape)](shape)])


def _placed(shape: Shape, outlines: Parts) -> Parts:
    """Take outlines from a shape's own frame to the canvas."""
    turn = math.radians(shape.angle)
    cosine, sine = math.cos(turn), math.sin(turn)

    def place(point: Point) -> Point:
        return (shape.x + cosine * point[0] - sine * point[1], shape.y + sine * point[0] + cosine * point[1])

    def move(segment: Segment | ArcTo) -> Segment | ArcTo:
        if isinstance(segment, ArcTo):
            return dataclasses.replace(segment, end=place(segment.end), angle=segment.angle + shape.angle)
        return tuple(place(point) for point in segment)

    return [[(place(start), [move(segment) for segment in segments]) for start, segments in part] for part in outlines]


def _circle(shape: Circle) -> list[Contour]:
    return [stroke.ellipse(shape.radius, shape.radius * shape.ratio)]


def _box(shape: Box) -> list[Contour]:
    corner = min(shape.corner, shape.width / 2, shape.height / 2)
    x, y = shape.width / 2 - corner, shape.height / 2 - corner
    return [stroke.grown([(-x, -y), (x, -y), (x, y), (-x, y)], corner)[0]]


def _clockwise(shape: Polygon) -> tuple[Point, ...]:
    following = [*shape.corners[1:], shape.corners[0]]
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(shape.corners, following, strict=True))
    return shape.corners if area >= 0 else shape.corners[::-1]


def _polygon(shape: Polygon) -> list[Contour]:
    return [stroke.grown(_clockwise(shape), shape.round)[0]]


def _polygon_parts(shape: Polygon) -> Parts:
    """Return the polygon whole where it is convex or not grown: else its sides may come to overlap anywhere."""
    corners = _clockwise(shape)
    turns = itertools.pairwise([*corners[-2:], *corners])
    sides = [(b[0] - a[0], b[1] - a[1]) for a, b in turns]
    convex = all(a[0] * b[1] - a[1] * b[0] >= 0 for a, b in itertools.pairwise(sides))
    return [_polygon(shape)] if convex or shape.round <= 0 else stroke.pieces(corners, shape.round, closed=True)


def _star_corners(shape: Star) -> list[Point]:
    turns = [math.pi * index / shape.points for index in range(2 * shape.points)]
    radii = [shape.radius, shape.radius * shape.inner] * shape.points
    return [(radius * math.sin(turn), -radius * math.cos(turn)) for radius, turn in zip(radii, turns, strict=True)]


def _star(shape: Star) -> list[Contour]:
    return [stroke.grown(_star_corners(shape), shape.round)[0]]


def _star_parts(shape: Star) -> Parts:
    outline, simple = stroke.grown(_star_corners(shape), shape.round)
    return [[outline]] if simple else stroke.pieces(_star_corners(shape), shape.round, closed=True)


_CENTRE = (0.0, 0.0)


def _arc(shape: Arc) -> list[Contour]:
    width = min(shape.width / 2, shape.radius)
    outer, inner = shape.radius + width, shape.radius - width
    if shape.sweep >= 360.0:
        hole = [stroke.ellipse(inner, inner, clockwise=False)] if inner > 0 else []
        return [stroke.ellipse(outer, outer), *hole]
    half = math.radians(shape.sweep / 2)

    def cap(turn: float, first: float, after: Point) -> list[Segment | ArcTo]:
        centre = stroke.on_circle(_CENTRE, shape.radius, turn)
        return [*stroke.around(centre, width, first, first + math.pi)] if shape.cap == "round" else [(after,)]

    ends = [stroke.on_circle(_CENTRE, radius, turn) for radius, turn in ((inner, half), (outer, -half))]
    segments = [*stroke.around(_CENTRE, outer, -half, half), *cap(half, half, ends[0])]
    if inner > 0:
        segments += stroke.around(_CENTRE, inner, half, -half)
    return [(ends[1], [*segments, *cap(-half, math.pi - half, ends[1])])]


def _arc_parts(shape: Arc) -> Parts:
    """Return an arc whole where its round ends cannot touch another part of it."""
    half, width = math.radians(shape.sweep / 2), min(shape.width / 2, shape.radius)
    apart = shape.sweep <= 180.0 and width <= shape.radius * math.sin(half)
    if shape.sweep >= 360.0 or shape.cap == "butt" or apart:
        return [_arc(shape)]
    ends = [
        stroke.ellipse(width, width, centre=stroke.on_circle(_CENTRE, shape.radius, turn)) for turn in (half, -half)
    ]
    return [_arc(dataclasses.replace(shape, cap="butt")), *([end] for end in ends)]


def _curve(shape: Bezier) -> stroke.Curve:
    return np.array(shape.start), np.array(shape.control), np.array(shape.end)


def _bezier(shape: Bezier) -> list[Contour]:
    return stroke.stroke(_curve(shape), shape.width / 2)


def _bezier_parts(shape: Bezier) -> Parts:
    return stroke.stroke_parts(_curve(shape), shape.width / 2)


def _text(shape: Text) -> list[Contour]:
    return [contour for glyph in _text_parts(shape) for contour in glyph]


def _text_parts(shape: Text) -> Parts:
    def grow(point: Point) -> Point:
        return (point[0] * shape.size, point[1] * shape.size)

    return [
        [(grow(start), [tuple(map(grow, segment)) for segment in segments]) for start, segments in glyph]
        for glyph in letters.outline(shape.text, shape.font, shape.tracking).glyphs
    ]


_OF: dict[type, Callable[[Any], list[Contour]]] = {
    Circle: _circle,
    Box: _box,
    Polygon: _polygon,
    Star: _star,
    Arc: _arc,
    Bezier: _bezier,
    Text: _text,
}
_PARTS: dict[type, Callable[[Any], Parts]] = {
    Polygon: _polygon_parts,
    Star: _star_parts,
    Arc: _arc_parts,
    Bezier: _bezier_parts,
    Text: _text_parts,
}
"""Of the kinds whose outlines may wind more than once round a point."""
