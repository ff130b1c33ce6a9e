"""From parameters to a scene: the mark is drawn by its family, laid out with the text, and inked."""

from __future__ import annotations

import dataclasses

from gen_jax.draw.logo.layout import Area, bounds_of_parts, canvas_width, fitted, lines_of, set_lines
from gen_jax.draw.logo.letters import text_width
from gen_jax.draw.logo.marks.catalog import FAMILIES, Mark
from gen_jax.draw.logo.marks.shapes import GROUND, Part, Style, bounds, cut, part
from gen_jax.draw.logo.palette import readable
from gen_jax.draw.logo.parameters import LogoParameters
from gen_jax.draw.logo.scene import Arc, Box, Circle, Layer, Scene, Shape, Text

MOST_SHAPES = 48
"""No mark alone has more shapes: 40, a container and a text or two."""


def scene_of(parameters: LogoParameters) -> Scene:
    """Return the scene that both back ends draw.

    Everything lies within ``padding`` of the canvas's edges. The canvas is 1 wide, or wider where a text stands
    beside a mark or alone (``layout.WIDTHS``).
    """
    inks, ground, background = colors_of(parameters)
    width, parts = _LAYOUTS[parameters.layout](parameters, flat=len(set(inks)) == 1)
    layers = tuple(
        Layer(shapes=_united(p.shapes), color=ground if p.ink == GROUND else inks[p.ink]) for p in _merged(parts)
    )
    return Scene(layers=layers, background=background, width=width)


def colors_of(parameters: LogoParameters) -> tuple[tuple[str, str, str], str, str | None]:
    """Return the inks, the ground that they are readable on, and the background."""
    colors = parameters.palette
    inks, ground = {
        "light": (colors.light, colors.paper),
        "dark": (colors.dark, colors.ground),
        "one_colour": (("#000000",) * 3, "#ffffff"),
        "one_colour_dark": (("#ffffff",) * 3, "#000000"),
    }[parameters.variant]
    if parameters.background is None:
        return inks, ground, None
    if parameters.background == "auto":
        return inks, ground, ground
    first, second, third = (readable(color, parameters.background) for color in inks)
    return (first, second, third), parameters.background, parameters.background


def draw_mark(parameters: LogoParameters, *, flat: bool) -> list[Part]:
    """Return the mark's parts about (0, 0)."""
    return parameters.mark.draw(Style(flat=flat, initials=parameters.initials, font=parameters.font))


def _mark(parameters: LogoParameters, *, flat: bool) -> tuple[float, list[Part]]:
    area = _safe(parameters)
    return 1.0, fitted(draw_mark(parameters, flat=flat), area, share=_optical(parameters.mark))


def _safe(parameters: LogoParameters, width: float = 1.0) -> Area:
    pad = parameters.padding + 1e-4
    return Area(pad, pad, width - pad, 1.0 - pad)


def _words(parameters: LogoParameters) -> str:
    text = parameters.text or parameters.initials
    return {"as_is": text, "upper": text.upper(), "lower": text.lower()}[parameters.case]


def _stacked(parameters: LogoParameters, *, flat: bool) -> tuple[float, list[Part]]:
    safe = _safe(parameters)
    lines = lines_of(_words(parameters), parameters.font, parameters.tracking, most=2)
    share = 0.62 if len(lines) == 1 else 0.54
    mark_area = Area(safe.left, safe.top, safe.right, safe.top + share * safe.height)
    mark = fitted(draw_mark(parameters, flat=flat), mark_area, share=_optical(parameters.mark))
    cap = 0.15 if len(lines) == 1 else 0.115
    below = Area(safe.left, safe.top + (share + 0.09) * safe.height, safe.right, safe.bottom)
    texts = set_lines(lines, parameters.font, parameters.tracking, below, cap=cap)
    return 1.0, _centred([*mark, *(part(text, ink=parameters.text_ink) for text in texts)], safe)


def _horizontal(parameters: LogoParameters, *, flat: bool) -> tuple[float, list[Part]]:
    safe = _safe(parameters, 5.0)
    side = safe.height
    lines = lines_of(_words(parameters), parameters.font, parameters.tracking, most=2)
    mark_area = Area(safe.left, safe.top, safe.left + side, safe.bottom)
    mark = fitted(draw_mark(parameters, flat=flat), mark_area, share=_optical(parameters.mark))
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
    return _on_canvas([*mark, *placed], parameters)


def _middle(texts: list[Text]) -> float:
    """Return how far to move lines down so that their capitals lie about the middle of the canvas."""
    top, bottom = texts[0].y - texts[0].size / 2.0, texts[-1].y + texts[-1].size / 2.0
    return 0.5 - (top + bottom) / 2.0


def _wordmark(parameters: LogoParameters, *, flat: bool) -> tuple[float, list[Part]]:
    safe = _safe(parameters, 5.0)
    lines = lines_of(_words(parameters), parameters.font, parameters.tracking, most=1)
    cap = 0.36 if parameters.accent in ("bar",) else 0.42
    [text] = set_lines(lines, parameters.font, parameters.tracking, safe, cap=min(cap, safe.height * 0.6))
    text = dataclasses.replace(text, y=0.5)
    return _on_canvas(_accented(text, parameters.accent), parameters)


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


def _badge(parameters: LogoParameters, *, flat: bool) -> tuple[float, list[Part]]:
    safe = _safe(parameters)
    side, (x, y) = min(safe.width, safe.height), safe.centre
    framed = parameters.container == "ring"
    weight = 0.05 if framed else 0.0
    forms: dict[str, Shape] = {
        "disc": Circle(x=x, y=y, radius=side / 2.0),
        "squircle": Box(x=x, y=y, width=side * 0.94, height=side * 0.94, corner=side * 0.24),
        "square": Box(x=x, y=y, width=side * 0.92, height=side * 0.92, corner=side * 0.03),
        "ring": Arc(x=x, y=y, radius=(side - weight) / 2.0, width=weight),
    }
    round = parameters.container in ("disc", "ring")
    reach = side * (0.33 if round else 0.345)
    content = draw_mark(parameters, flat=True if not framed else flat)
    if parameters.text:
        inner = Area(x - reach * 0.72, y - reach * 1.14, x + reach * 0.72, y + reach * 0.22)
        placed = fitted(content, inner, share=_optical(parameters.mark))
        lines = lines_of(_words(parameters), parameters.font, parameters.tracking, most=2)
        wide, foot = (1.1 if len(lines) == 1 else 0.95, 0.94) if round else (1.2, 1.06)
        below = Area(x - reach * wide, y + reach * 0.4, x + reach * wide, y + reach * foot)
        texts = set_lines(lines, parameters.font, parameters.tracking, below, cap=side * 0.11)
        placed += [part(text, ink=parameters.text_ink) for text in texts]
    else:
        inner = Area(x - reach, y - reach, x + reach, y + reach)
        placed = fitted(content, inner, share=_optical(parameters.mark))
    if framed:
        return 1.0, [part(forms["ring"], ink=1), *placed]
    return 1.0, [part(forms[parameters.container]), *(Part(p.shapes, GROUND) for p in placed)]


def _on_canvas(parts: list[Part], parameters: LogoParameters) -> tuple[float, list[Part]]:
    """Return the width of the canvas that parts fit on, and the parts, moved to its middle, shrunk where they must."""
    left, _, right, _ = bounds_of_parts(parts)
    width = canvas_width(right - left, parameters.padding)
    return width, _centred(parts, _safe(parameters, width))


def _centred(parts: list[Part], safe: Area) -> list[Part]:
    left, top, right, bottom = bounds_of_parts(parts)
    share = min(1.0, safe.width / (right - left), safe.height / (bottom - top))
    area = Area(*_about(safe.centre, (right - left) * share, (bottom - top) * share))
    return fitted(parts, area)


def _about(centre: tuple[float, float], width: float, height: float) -> tuple[float, float, float, float]:
    x, y = centre
    return x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0


_SQUARE = {"modules": 0.86, "sprite": 0.84, "maze": 0.88, "bars": 0.9, "monogram": 0.96, "chevrons": 0.92}


def _optical(mark: Mark) -> float:
    """Return the share of its box that a mark fills: those that fill its corners look larger, and get less."""
    return _SQUARE.get(mark.kind, 1.0)


def _merged(parts: list[Part]) -> list[Part]:
    """Join parts of one ink that are plain unions and follow one another: fewer layers, the same picture."""
    merged: list[Part] = []
    for p in parts:
        plain = all(shape.op == "union" for shape in p.shapes)
        if plain and merged and merged[-1].ink == p.ink:
            merged[-1] = Part((*merged[-1].shapes, *p.shapes), p.ink)
        else:
            merged.append(p)
    return merged


def _united(shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """Return shapes with the first as the start, whatever it was."""
    return (dataclasses.replace(shapes[0], op="union"), *shapes[1:])


_LAYOUTS = {
    "mark": _mark,
    "stacked": _stacked,
    "horizontal": _horizontal,
    "wordmark": _wordmark,
    "badge": _badge,
}

__all__ = ["FAMILIES", "MOST_SHAPES", "colors_of", "draw_mark", "scene_of"]
