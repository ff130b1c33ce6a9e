"""A mark in a container: empty space in a solid form, or framed by a ring; with a text, both within it."""

from __future__ import annotations

from gen_jax.draw.logo.layout import Area, fitted, lines_of, optical, safe_area, set_lines, words_of
from gen_jax.draw.logo.lockup import draw_mark
from gen_jax.draw.logo.marks.shapes import GROUND, Part, merged, part, polygon, regular, turned, within
from gen_jax.draw.logo.parameters import LogoParameters
from gen_jax.draw.logo.scene import Arc, Box, Circle, Shape
from gen_jax.draw.logo.symmetry import moved

_ROUND = ("disc", "ring", "hexagon")
_SHADES = ("up", "up_right", "right", "down_right", "down", "down_left", "left", "up_left")
_STROKE = 0.05
_RIM = 0.03
"""Of a container that its mark goes beyond: what stays solid around it."""


def badge(parameters: LogoParameters, *, flat: bool) -> tuple[float, list[Part]]:
    """Return the width of the canvas, 1, and the parts of a badge."""
    safe = safe_area(parameters.padding)
    side, centre = min(safe.width, safe.height), safe.centre
    form = parameters.container.form
    framed = form == "ring"
    drawn = draw_mark(parameters, flat=flat or not framed)
    form_shapes = container(parameters, side, centre)
    if parameters.text:
        content = _with_text(parameters, drawn, side, centre)
    elif parameters.container.bleed != "no" and len(form_shapes) == 1 and not framed:
        return 1.0, [*_solid(parameters, form_shapes, centre), *_beyond(parameters, drawn, side, centre)]
    else:
        reach = side * (0.32 if form in _ROUND else 0.335)
        content = fitted(drawn, _square(centre, reach), share=optical(parameters.mark) * parameters.container.share)
    if framed:
        return 1.0, [part(*form_shapes, ink=1), *content]
    return 1.0, [*_solid(parameters, form_shapes, centre), *(Part(p.shapes, GROUND) for p in content)]


def _solid(parameters: LogoParameters, shapes: list[Shape], centre: tuple[float, float]) -> list[Part]:
    """Return a container, and the half of it that is shaded."""
    if parameters.container.shade == "none":
        return [part(*shapes)]
    half = Box(x=0.0, y=-1.0, width=4.0, height=2.0)
    turn = 45.0 * _SHADES.index(parameters.container.shade)
    return [part(*shapes), part(*shapes, within(moved(turned(half, turn), *centre)), ink=1)]


def container(parameters: LogoParameters, side: float, centre: tuple[float, float]) -> list[Shape]:
    """Return the shapes of a container, ``side`` wide and high at most, about a centre."""
    turn, half = parameters.container.turn, side / 2.0
    shapes: list[Shape]
    match parameters.container.form:
        case "disc":
            shapes = [Circle(x=0.0, y=0.0, radius=half)]
        case "squircle":
            shapes = [Box(x=0.0, y=0.0, width=side * 0.94, height=side * 0.94, corner=side * 0.24)]
        case "square":
            shapes = [Box(x=0.0, y=0.0, width=side * 0.92, height=side * 0.92, corner=side * 0.03)]
        case "ring":
            shapes = [Arc(x=0.0, y=0.0, radius=half - _STROKE * side / 2.0, width=_STROKE * side)]
        case "tag":
            corner = Box(x=-half * 0.48, y=half * 0.48, width=half * 0.96, height=half * 0.96, corner=half * 0.06)
            shapes = [Circle(x=0.0, y=0.0, radius=half * 0.96), turned(corner, 90.0 * turn)]
        case "hexagon":
            shapes = [polygon(regular(6, half, 30.0 * (turn % 2)), round=half * 0.06)]
        case "arch":
            wide = half * 0.88
            foot = Box(x=0.0, y=half * 0.46, width=2.0 * wide, height=half * 1.0, corner=half * 0.06)
            middle = Box(x=0.0, y=half * 0.2, width=2.0 * wide, height=half * 0.8)
            shapes = [Circle(x=0.0, y=wide - half * 0.96, radius=wide), middle, foot]
    return [moved(shape, *centre) for shape in shapes]


def _with_text(parameters: LogoParameters, drawn: list[Part], side: float, centre: tuple[float, float]) -> list[Part]:
    x, y = centre
    round = parameters.container.form in _ROUND
    reach = side * (0.33 if round else 0.345)
    inner = Area(x - reach * 0.72, y - reach * 1.14, x + reach * 0.72, y + reach * 0.22)
    lines = lines_of(words_of(parameters), parameters.font, parameters.tracking, most=2)
    wide, foot = (1.1 if len(lines) == 1 else 0.95, 0.94) if round else (1.2, 1.06)
    below = Area(x - reach * wide, y + reach * 0.4, x + reach * wide, y + reach * foot)
    texts = set_lines(lines, parameters.font, parameters.tracking, below, cap=side * 0.11)
    mark = fitted(drawn, inner, share=optical(parameters.mark))
    return [*mark, *(part(text, ink=parameters.text_ink) for text in texts)]


def _beyond(parameters: LogoParameters, drawn: list[Part], side: float, centre: tuple[float, float]) -> list[Part]:
    """Return a mark larger than its container, moved towards a corner and cut off at the rim."""
    corner = {"left": (-1, 1), "right": (1, 1), "down": (1, -1), "up": (-1, -1)}[parameters.container.bleed]
    x, y = (place + 0.22 * side * sign for place, sign in zip(centre, corner, strict=True))
    large = fitted(drawn, _square((x, y), side * 0.52), share=optical(parameters.mark))
    rim = [within(shape) for shape in container(parameters, side * (1.0 - 2.0 * _RIM), centre)]
    return [Part((*p.shapes, *rim), GROUND) for p in merged(Part(p.shapes, GROUND) for p in large)]


def _square(centre: tuple[float, float], reach: float) -> Area:
    x, y = centre
    return Area(x - reach, y - reach, x + reach, y + reach)
