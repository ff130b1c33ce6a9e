"""Where mark and text lie on the canvas: fitted into the safe area, aligned by eye, long names shrunk or broken."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from gen_jax.draw.logo.marks.catalog import Mark
from gen_jax.draw.logo.marks.shapes import Bounds, Part, bounds_of, ink, joined, scaled
from gen_jax.draw.logo.parameters import LogoParameters
from gen_jax.draw.logo.scene import Text

WIDTHS = (1.5, 2.0, 2.5, 3.0, 4.0, 5.0)
"""Of the canvas where a text stands beside a mark or alone: few, so that many logos are drawn by few programs."""

_SQUARE = {"modules": 0.86, "sprite": 0.84, "maze": 0.88, "bars": 0.9, "monogram": 0.96, "chevrons": 0.92}


@dataclasses.dataclass(frozen=True)
class Area:
    """A rectangle of the canvas."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """From side to side."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return (self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0


def safe_area(padding: float, width: float = 1.0) -> Area:
    """Return the canvas less its padding, and a hair."""
    pad = padding + 1e-4
    return Area(pad, pad, width - pad, 1.0 - pad)


def words_of(parameters: LogoParameters) -> str:
    """Return the text as it is set: in its letter case."""
    text = parameters.text or parameters.initials
    return {"as_is": text, "upper": text.upper(), "lower": text.lower()}[parameters.case]


def optical(mark: Mark) -> float:
    """Return the share of its box that a mark fills: those that fill its corners look larger, and get less."""
    return _SQUARE.get(mark.kind, 1.0)


def bounds_of_parts(parts: Sequence[Part]) -> Bounds:
    """Return the box around parts."""
    return joined(bounds_of(part.shapes) for part in parts)


def fitted(parts: Sequence[Part], area: Area, *, share: float = 1.0) -> list[Part]:
    """Return parts scaled to fill ``share`` of an area, in its middle."""
    left, top, right, bottom = bounds_of_parts(parts)
    scale = share * min(area.width / (right - left), area.height / (bottom - top))
    x, y = area.centre
    dx, dy = x - scale * (left + right) / 2.0, y - scale * (top + bottom) / 2.0
    return [Part(tuple(scaled(shape, scale, dx, dy) for shape in p.shapes), p.ink) for p in parts]


def lines_of(text: str, font: str, tracking: float, *, most: int) -> list[str]:
    """Break a text at a space into the lines, at most ``most``, that are the most even, if it is long and has one."""
    words = text.split(" ")
    if most < 2 or len(words) < 2 or len(text) < 9:
        return [text]

    def widest(place: int) -> float:
        return max(_wide(" ".join(part), font, tracking) for part in (words[:place], words[place:]))

    place = min(range(1, len(words)), key=widest)
    return [" ".join(words[:place]), " ".join(words[place:])]


def set_lines(lines: Sequence[str], font: str, tracking: float, area: Area, *, cap: float) -> list[Text]:
    """Set lines in an area, centred, their capitals ``cap`` high or as high as fits; each line a text."""
    boxes = [ink(line, font, tracking) for line in lines]
    leading = 1.62
    height = 0.5 - min(boxes[0][1], -0.5) - 0.5 + leading * (len(lines) - 1) + max(boxes[-1][3], 0.5)
    wide = max(right - left for left, _, right, _ in boxes)
    size = min(cap, area.width / wide, area.height / height)
    x, y = area.centre
    top = y - size * height / 2.0
    first = top - size * min(boxes[0][1], -0.5)
    return [
        Text(
            x=x - size * (left + right) / 2.0,
            y=first + size * leading * index,
            text=line,
            font=font,
            size=size,
            tracking=tracking,
        )
        for index, (line, (left, _, right, _)) in enumerate(zip(lines, boxes, strict=True))
    ]


def on_canvas(parts: Sequence[Part], padding: float) -> tuple[float, list[Part]]:
    """Return the width of the canvas that parts fit on, and the parts, moved to its middle, shrunk where they must."""
    left, _, right, _ = bounds_of_parts(parts)
    width = canvas_width(right - left, padding)
    return width, centred(parts, safe_area(padding, width))


def centred(parts: Sequence[Part], safe: Area) -> list[Part]:
    """Return parts in the middle of the safe area, shrunk where they must be."""
    left, top, right, bottom = bounds_of_parts(parts)
    share = min(1.0, safe.width / (right - left), safe.height / (bottom - top))
    area = Area(*_about(safe.centre, (right - left) * share, (bottom - top) * share))
    return fitted(parts, area)


def _about(centre: tuple[float, float], width: float, height: float) -> tuple[float, float, float, float]:
    x, y = centre
    return x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0


def canvas_width(content: float, padding: float) -> float:
    """Return the least of WIDTHS that holds content so wide, or the widest."""
    return next((width for width in WIDTHS if width - 2.0 * padding >= content), WIDTHS[-1])


def _wide(text: str, font: str, tracking: float) -> float:
    left, _, right, _ = ink(text, font, tracking)
    return right - left
