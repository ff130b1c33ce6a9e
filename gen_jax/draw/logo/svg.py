"""Scenes as SVG files: one path a layer, of the same numbers as the raster, letters included.

Shapes that are joined share a path under the nonzero rule; what is subtracted or intersected is a clipping path, which
browsers, resvg and cairosvg all draw alike.
"""

from __future__ import annotations

import html
import zlib
from collections.abc import Sequence

from gen_jax.draw.logo.contour import contours, parts
from gen_jax.draw.logo.letters import Point
from gen_jax.draw.logo.scene import Layer, Scene
from gen_jax.draw.logo.stroke import ArcTo, Contour

UNITS = 1000
"""Height of the view box."""
STEPS = 10
"""Coordinates are whole multiples of 1 / STEPS of its units."""


def svg(scene: Scene, *, title: str | None = None) -> str:
    """Return the text of an SVG file.

    Args:
      scene: to be drawn.
      title: what browsers show and screen readers say.

    Raises:
      UserError: a font is unknown or lacks a letter.
    """
    width = _number(round(scene.width * UNITS * STEPS))
    # Files that stand in one page share their names: the names of clipping paths say whose they are.
    clips = _Clips(f"c{zlib.crc32(repr(scene).encode()):08x}", scene.width)
    body = "".join(_layer(layer, clips) for layer in scene.layers if layer.shapes)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {UNITS}">']
    if title:
        parts.append(f"<title>{html.escape(title)}</title>")
    if clips.made:
        parts.append(f"<defs>{''.join(clips.elements())}</defs>")
    if scene.background is not None:
        parts.append(f'<path fill="{scene.background}" d="M0 0H{width}V{UNITS}H0z"/>')
    return "".join([*parts, body, "</svg>\n"])


class _Clips:
    """The clipping paths of a file: their outlines, and the name of each."""

    def __init__(self, name: str, width: float) -> None:
        self.name = name
        self.made: dict[str, str] = {}
        # Against the clock: with a shape drawn clockwise in it, what is left is all but the shape.
        self.all_but: Contour = ((0.0, 0.0), [((0.0, 1.0),), ((width, 1.0),), ((width, 0.0),)])

    def add(self, outlines: Sequence[Contour], *, outside: bool) -> str:
        """Keep what lies inside of outlines, or outside of them; return the attribute that says so."""
        data = _data([self.all_but, *outlines] if outside else outlines)
        name = self.made.setdefault(data, f"{self.name}{len(self.made)}")
        return f'clip-path="url(#{name})"'

    def elements(self) -> list[str]:
        """Return the elements, one for all layers that are clipped alike."""
        return [f'<clipPath id="{name}"><path d="{data}"/></clipPath>' for data, name in self.made.items()]


def _layer(layer: Layer, clips: _Clips) -> str:
    """Return the elements of a layer: its first shapes, and round them a group for every clip, from the inside out."""
    body, pending = "", list[Contour]()
    for index, shape in enumerate(layer.shapes):
        if index == 0 or shape.op == "union":
            pending += contours(shape)
            continue
        body, pending = _with(body, pending), []
        outside = shape.op == "subtract"
        for outlines in parts(shape) if outside else [contours(shape)]:
            body = f"<g {clips.add(outlines, outside=outside)}>{body}</g>"
    body = _with(body, pending)
    if body.startswith("<path ") and body.count("<") == 1:
        return body.replace("<path ", f'<path fill="{layer.color}" ')
    return f'<g fill="{layer.color}">{body}</g>'


def _with(body: str, outlines: Sequence[Contour]) -> str:
    return f'{body}<path d="{_data(outlines)}"/>' if outlines else body


def _data(outlines: Sequence[Contour]) -> str:
    """Return path data: relative commands, rounded so that errors do not add up."""
    pen = _Pen()
    for start, segments in outlines:
        pen.move(start)
        for segment in segments:
            if isinstance(segment, ArcTo):
                pen.arc(segment)
            else:
                pen.draw(segment)
        pen.close()
    return "".join(pen.parts)


class _Pen:
    """Writes path data; its place is in whole steps."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.command = ""
        self.at = self.start = self.control = (0, 0)

    def move(self, point: Point) -> None:
        x, y = _steps(point)
        self.parts.append("M" + _join([x, y]))
        self.at = self.start = self.control = (x, y)
        self.command = ""

    def draw(self, points: Sequence[Point]) -> None:
        """Draw a line, a quadratic or a cubic curve, as there are one, two or three points."""
        steps = [_steps(point) for point in points]
        # What follows a quadratic curve smoothly needs no control of its own: it mirrors the one before.
        mirrored = (2 * self.at[0] - self.control[0], 2 * self.at[1] - self.control[1])
        if len(points) == 1 or (len(points) == 2 and _apart(steps[0], self.at, steps[1]) <= 2):
            self._line(steps[-1])
            self.control = steps[-1]
        elif len(points) == 2 and self.control != self.at and _apart(steps[0], mirrored, mirrored) <= 1:
            self._write("t", steps[1:])
            self.control = mirrored
        else:
            self._write("qc"[len(points) - 2], steps)
            self.control = steps[0] if len(points) == 2 else steps[-1]
        self.at = steps[-1]

    def _write(self, command: str, steps: Sequence[tuple[int, int]]) -> None:
        """Write a command, its letter left out where it is the one before; the places become relative."""
        text = _join([axis for x, y in steps for axis in (x - self.at[0], y - self.at[1])])
        again = command == self.command
        self.parts.append(("" if text.startswith("-") else " ") + text if again else command + text)
        self.command = command

    def _line(self, end: tuple[int, int]) -> None:
        dx, dy = end[0] - self.at[0], end[1] - self.at[1]
        if dx and dy:
            self._write("l", [end])
        elif dx or dy:
            self.parts.append(("h" if dx else "v") + _number(dx or dy))
            self.command = ""

    def arc(self, arc: ArcTo) -> None:
        end = _steps(arc.end)
        radii = " ".join(_number(round(radius * UNITS * STEPS)) for radius in arc.radii)
        angle = f"{arc.angle % 180:.4g}" if arc.radii[0] != arc.radii[1] else "0"
        self.parts.append(
            f"a{radii} {angle} 0 {int(arc.clockwise)} " + _join([end[0] - self.at[0], end[1] - self.at[1]])
        )
        self.at = self.control = end
        self.command = ""

    def close(self) -> None:
        self.parts.append("z")
        self.at = self.start


def _steps(point: Point) -> tuple[int, int]:
    return (round(point[0] * UNITS * STEPS), round(point[1] * UNITS * STEPS))


def _apart(step: tuple[int, int], first: tuple[int, int], second: tuple[int, int]) -> float:
    """Return how far, along an axis, a place lies from the middle of two: a curve comes half as far from its chord."""
    return max(abs(2 * step[axis] - first[axis] - second[axis]) / 2 for axis in (0, 1))


def _join(steps: Sequence[int]) -> str:
    """Return numbers with a space between them where a sign does not part them."""
    first, *others = (_number(value) for value in steps)
    return first + "".join(other if other.startswith("-") else f" {other}" for other in others)


def _number(steps: int) -> str:
    """Return steps in units, in as few characters as can be."""
    text = f"{steps / STEPS:.1f}".removesuffix(".0")
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
