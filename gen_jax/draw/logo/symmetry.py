"""Copies of shapes under the symmetries of a plane: rotations, mirrors, both, and steps along a line.

Every function takes shapes and returns shapes; nothing else of a shape changes but where and how it lies. Groups are
about a centre (x, y); angles in degrees, clockwise on the screen.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

from gen_jax.draw.logo.scene import Bezier, Polygon, Shape, Text
from gen_jax.errors import UserError

Centre = tuple[float, float]


def moved(shape: Shape, dx: float, dy: float) -> Shape:
    """Return a shape moved."""
    return dataclasses.replace(shape, x=shape.x + dx, y=shape.y + dy)


def rotated(shape: Shape, angle: float, *, centre: Centre = (0.5, 0.5)) -> Shape:
    """Return a shape turned about a centre."""
    turn = math.radians(angle)
    dx, dy = shape.x - centre[0], shape.y - centre[1]
    x = centre[0] + math.cos(turn) * dx - math.sin(turn) * dy
    y = centre[1] + math.sin(turn) * dx + math.cos(turn) * dy
    return dataclasses.replace(shape, x=x, y=y, angle=shape.angle + angle)


def mirrored(shape: Shape, axis: float = 0.0, *, centre: Centre = (0.5, 0.5)) -> Shape:
    """Return a shape mirrored in a line through a centre; axis 0 is upright, so that left and right change places.

    Raises UserError where the shape is a text: its letters would be no letters.
    """
    if isinstance(shape, Text):
        raise UserError(f"text {shape.text!r} cannot be mirrored; turn or move it, or mirror other shapes")
    turn = math.radians(2.0 * axis)
    dx, dy = shape.x - centre[0], shape.y - centre[1]
    x = centre[0] - math.cos(turn) * dx - math.sin(turn) * dy
    y = centre[1] - math.sin(turn) * dx + math.cos(turn) * dy
    placed = dataclasses.replace(shape, x=x, y=y, angle=2.0 * axis - shape.angle)
    # In its own frame a shape is mirrored left to right; those that are not so symmetric themselves have points.
    if isinstance(placed, Polygon):
        return dataclasses.replace(placed, corners=tuple((-px, py) for px, py in placed.corners))
    if isinstance(placed, Bezier):
        points = {name: (-getattr(placed, name)[0], getattr(placed, name)[1]) for name in ("start", "control", "end")}
        return dataclasses.replace(placed, **points)
    return placed


def cyclic(shapes: Iterable[Shape], order: int, *, centre: Centre = (0.5, 0.5)) -> tuple[Shape, ...]:
    """Return the copies of shapes under the group C_n: ``order`` turns of a whole one's share, turn by turn."""
    shapes = tuple(shapes)
    return tuple(rotated(shape, 360.0 * turn / order, centre=centre) for turn in range(order) for shape in shapes)


def mirror_pair(shapes: Iterable[Shape], axis: float = 0.0, *, centre: Centre = (0.5, 0.5)) -> tuple[Shape, ...]:
    """Return shapes and then their mirror images; raises as ``mirrored`` does."""
    shapes = tuple(shapes)
    return (*shapes, *(mirrored(shape, axis, centre=centre) for shape in shapes))


def dihedral(
    shapes: Iterable[Shape], order: int, *, axis: float = 0.0, centre: Centre = (0.5, 0.5)
) -> tuple[Shape, ...]:
    """Return the copies of shapes under the group D_n: ``order`` turns of them and of their mirror images.

    A shape that lies on its own mirror image stands there twice. Raises as ``mirrored`` does.
    """
    return cyclic(mirror_pair(shapes, axis, centre=centre), order, centre=centre)


def frieze(shapes: Iterable[Shape], count: int, *, step: tuple[float, float], glide: bool = False) -> tuple[Shape, ...]:
    """Return ``count`` copies of shapes along a line, each a step on; the first is the shapes themselves.

    Args:
      shapes: of the first place.
      count: of the places.
      step: how far each place lies from the one before it, (dx, dy).
      glide: every other copy is mirrored in the line along the step through (x, y) of the first shape.

    Raises:
      UserError: as ``mirrored`` does.
    """
    shapes = tuple(shapes)
    placed = []
    for place in range(count):
        for shape in shapes:
            copy = shape
            if glide and place % 2:
                axis = math.degrees(math.atan2(step[1], step[0])) + 90.0
                copy = mirrored(shape, axis, centre=(shapes[0].x, shapes[0].y))
            placed.append(moved(copy, step[0] * place, step[1] * place))
    return tuple(placed)
