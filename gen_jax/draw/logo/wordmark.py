"""A text alone, set off by an accent."""

from __future__ import annotations

import dataclasses

from gen_jax.draw.logo.layout import WIDTHS, on_canvas, safe_area, set_lines, words_of
from gen_jax.draw.logo.letters import text_width
from gen_jax.draw.logo.marks.shapes import Part, bounds, cut, part
from gen_jax.draw.logo.parameters import LogoParameters
from gen_jax.draw.logo.scene import Box, Circle, Text


def wordmark(parameters: LogoParameters, *, flat: bool) -> tuple[float, list[Part]]:
    """Return the width of the canvas, and the text with its accent."""
    safe = safe_area(parameters.padding, WIDTHS[-1])
    cap = 0.36 if parameters.accent == "bar" else 0.42
    [text] = set_lines(
        [words_of(parameters)], parameters.font, parameters.tracking, safe, cap=min(cap, safe.height * 0.6)
    )
    text = dataclasses.replace(text, y=0.5)
    return on_canvas(_accented(text, parameters.accent), parameters.padding)


def _accented(text: Text, accent: str) -> list[Part]:
    left, _, right, bottom = bounds(text)
    size = text.size
    if accent == "bar":
        y = max(bottom, text.y + size / 2.0) + size * 0.3
        bar = Box(x=(left + right) / 2.0, y=y, width=right - left, height=size * 0.12)
        return [part(text), part(bar, ink=1)]
    if accent == "point":
        radius = size * 0.13
        return [part(text), part(Circle(x=right + radius * 1.7, y=text.y + size / 2.0 - radius, radius=radius), ink=2)]
    if accent == "cut":
        stripe = Box(x=text.x, y=text.y + size * 0.06, width=right - left + 1.0, height=size * 0.07)
        return [part(text, cut(stripe))]
    if accent == "two_tone" and len(text.text) > 3:
        return _two_tone(text)
    return [part(text)]


def _two_tone(text: Text) -> list[Part]:
    """Return a text in two inks, parted at its last space, else where its second half begins."""
    place = text.text.rfind(" ")
    head, tail = (text.text[:place], text.text[place + 1 :]) if place > 0 else _halves(text.text)
    whole = text_width(text.text, text.font, text.tracking) * text.size
    one, two = (text_width(word, text.font, text.tracking) * text.size for word in (head, tail))
    start = text.x - whole / 2.0
    return [
        part(dataclasses.replace(text, text=head, x=start + one / 2.0)),
        part(dataclasses.replace(text, text=tail, x=start + whole - two / 2.0), ink=1),
    ]


def _halves(word: str) -> tuple[str, str]:
    """Return a word in two: at an inner capital, else in the middle."""
    capitals = [index for index in range(1, len(word)) if word[index].isupper() and word[index - 1].islower()]
    place = capitals[0] if capitals else (len(word) + 1) // 2
    return word[:place], word[place:]
