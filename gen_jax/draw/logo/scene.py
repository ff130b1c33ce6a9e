"""What a logo is made of: shapes with exact numbers, joined into layers, one flat colour a layer.

A scene is what both back ends draw, the raster (``logo/raster.py``) and the SVG file (``logo/svg.py``), from the same
numbers. Coordinates: x to the right, y down, the canvas from (0, 0) to (width, 1); angles in degrees, clockwise on
the screen.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

Op = Literal["union", "subtract", "intersect"]
"""How a shape joins the shapes before it in its layer."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Placed:
    """What every shape has: where it lies and how it joins its layer."""

    x: float = 0.5
    """Of its centre."""
    y: float = 0.5
    angle: float = 0.0
    """Turned so far about its centre, clockwise."""
    op: Op = "union"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Circle(Placed):
    """A disc; an ellipse where ``ratio`` is not 1."""

    radius: float
    ratio: float = 1.0
    """Of its height to its width."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Box(Placed):
    """A rectangle with round corners: a stripe, a bar, a pill."""

    width: float
    height: float
    corner: float = 0.0
    """Radius of the corners, at most half the shorter side."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Polygon(Placed):
    """A polygon of at most 12 corners, any simple one; corners relative to (x, y)."""

    corners: tuple[tuple[float, float], ...]
    round: float = 0.0
    """The polygon grown by so much, which makes its corners round."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Star(Placed):
    """A star of ``points`` points, the first one up; a regular polygon where ``inner`` is cos(180 / points)."""

    points: int
    radius: float
    inner: float
    """Radius of the notches as a share of ``radius``, in (0, cos(180 / points)]."""
    round: float = 0.0
    """As a polygon's."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Arc(Placed):
    """A stroke along a circle, a whole ring where ``sweep`` is 360; its middle points up."""

    radius: float
    """To the middle of the stroke."""
    width: float
    """Of the stroke, at most twice the radius."""
    sweep: float = 360.0
    """Degrees from end to end."""
    cap: Literal["round", "butt"] = "round"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bezier(Placed):
    """A stroke along a quadratic Bezier curve, with round ends; its points are relative to (x, y)."""

    start: tuple[float, float]
    control: tuple[float, float]
    end: tuple[float, float]
    width: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class Text(Placed):
    """One line of letters, centred at (x, y): half the cap height above and below y, half the advance beside x."""

    text: str
    font: str
    """A name of ``logo/letters.py``'s FONTS, or the path of a .ttf or .otf file."""
    size: float
    """Height of a capital letter."""
    tracking: float = 0.0
    """Added between letters, as a share of ``size``."""


Shape = Circle | Box | Polygon | Star | Arc | Bezier | Text


@dataclasses.dataclass(frozen=True, kw_only=True)
class Layer:
    """Shapes joined into one outline, in their order, and filled with one colour; the first shape is the start."""

    shapes: tuple[Shape, ...]
    color: str
    """``#rrggbb``."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scene:
    """A logo: layers from back to front."""

    layers: tuple[Layer, ...]
    background: str | None = None
    """``#rrggbb``; None: transparent."""
    width: float = 1.0
    """Of the canvas; its height is 1."""
