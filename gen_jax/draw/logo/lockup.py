"""A mark alone, over a text, or beside it."""

from __future__ import annotations

import dataclasses

from gen_jax.draw.logo.layout import (
    WIDTHS,
    Area,
    bounds_of_parts,
    centred,
    fitted,
    lines_of,
    on_canvas,
    optical,
    safe_area,
    set_lines,
    words_of,
)
from gen_jax.draw.logo.marks.shapes import Part, Style, bounds, part
from gen_jax.draw.logo.parameters import LogoParameters
from gen_jax.draw.logo.scene import Text


def draw_mark(parameters: LogoParameters, *, flat: bool) -> list[Part]:
    """Return the mark's parts about (0, 0)."""
    return parameters.mark.draw(Style(flat=flat, initials=parameters.initials, font=parameters.font))


def alone(parameters: LogoParameters, *, flat: bool) -> tuple[float, list[Part]]:
    """Return the width of the canvas, 1, and the mark."""
    area = safe_area(parameters.padding)
    return 1.0, fitted(draw_mark(parameters, flat=flat), area, share=optical(parameters.mark))


def stacked(parameters: LogoParameters, *, flat: bool) -> tuple[float, list[Part]]:
    """Return the width of the canvas, 1, and the mark over the text."""
    safe = safe_area(parameters.padding)
    lines = lines_of(words_of(parameters), parameters.font, parameters.tracking, most=2)
    share = 0.62 if len(lines) == 1 else 0.54
    mark_area = Area(safe.left, safe.top, safe.right, safe.top + share * safe.height)
    mark = fitted(draw_mark(parameters, flat=flat), mark_area, share=optical(parameters.mark))
    cap = 0.15 if len(lines) == 1 else 0.115
    below = Area(safe.left, safe.top + (share + 0.09) * safe.height, safe.right, safe.bottom)
    texts = set_lines(lines, parameters.font, parameters.tracking, below, cap=cap)
    return 1.0, centred([*mark, *(part(text, ink=parameters.text_ink) for text in texts)], safe)


def horizontal(parameters: LogoParameters, *, flat: bool) -> tuple[float, list[Part]]:
    """Return the width of the canvas, and the mark with the text on its right."""
    safe = safe_area(parameters.padding, WIDTHS[-1])
    side = safe.height
    lines = lines_of(words_of(parameters), parameters.font, parameters.tracking, most=2)
    mark_area = Area(safe.left, safe.top, safe.left + side, safe.bottom)
    mark = fitted(draw_mark(parameters, flat=flat), mark_area, share=optical(parameters.mark))
    left, _, right, _ = bounds_of_parts(mark)
    gap = 0.2 * side
    room = Area(0.0, safe.top, safe.width - (right - left) - gap, safe.bottom)
    cap = side * (0.44 if len(lines) == 1 else 0.3)
    texts = set_lines(lines, parameters.font, parameters.tracking, room, cap=cap)
    start = min(bounds(text)[0] for text in texts)
    placed: list[Part] = []
    for text in texts:
        own = bounds(text)[0]
        x = text.x + right + gap - (own if len(texts) > 1 else start)
        placed.append(part(dataclasses.replace(text, x=x, y=text.y + _middle(texts)), ink=parameters.text_ink))
    return on_canvas([*mark, *placed], parameters.padding)


def _middle(texts: list[Text]) -> float:
    """Return how far to move lines down so that their capitals lie about the middle of the canvas."""
    top, bottom = texts[0].y - texts[0].size / 2.0, texts[-1].y + texts[-1].size / 2.0
    return 0.5 - (top + bottom) / 2.0
