"""Letters as outlines: a line of text, its kerning and its width, from a font file.

Letters stand side by side from left to right, one glyph a character, with the font's kerning (GPOS pair positioning,
or the kern table), without ligatures; scripts whose letters join or reorder are not shaped.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gen_jax.errors import UserError
from gen_jax.registry import lookup

Point = tuple[float, float]

Segment = tuple[Point, ...]
"""What a contour continues with: the end of a straight line, control and end of a quadratic Bezier curve, or two
controls and end of a cubic one."""

Contour = tuple[Point, tuple[Segment, ...]]
"""Where it starts, and its segments back to there."""

Glyph = tuple[Contour, ...]
"""A letter; inside is where contours wind round a point, in sum, other than 0 times; outer ones go clockwise."""


@dataclasses.dataclass(frozen=True)
class Font:
    """A font that is shipped with this package."""

    file: str
    """In ``logo/fonts/``, its licence beside it."""
    doc: str
    """Its character, in a few words."""


FONTS: dict[str, Font] = {
    "outfit": Font("Outfit-Bold.ttf", "geometric sans, bold: circles and straight lines, modern, neutral"),
    "manrope": Font("Manrope-ExtraBold.ttf", "grotesque sans, extra bold: open, technical, compact"),
    "fraunces": Font("Fraunces-Bold.ttf", "old-style serif, bold: soft, warm, with character"),
    "fredoka": Font("Fredoka-SemiBold.ttf", "rounded sans, semi-bold: friendly, playful"),
    "zilla_slab": Font("ZillaSlab-Bold.ttf", "slab serif, bold: sturdy, editorial"),
    "jetbrains_mono": Font("JetBrainsMono-Bold.ttf", "monospaced sans, bold: code, tools, tables"),
}
"""Names of the shipped fonts; all are under the SIL Open Font License 1.1."""


@dataclasses.dataclass(frozen=True)
class Line:
    """A line of letters in units of its capitals' height, y down, (0, 0) its centre as ``scene.Text`` has it."""

    glyphs: tuple[Glyph, ...]
    """From left to right; what shows nothing, such as a space, is left out."""
    width: float
    """Its advance: where a next letter would begin, less where the first one began."""


@functools.lru_cache(maxsize=1024)
def outline(text: str, font: str, tracking: float = 0.0) -> Line:
    """Return a line of text as outlines.

    Args:
      text: of characters that the font has; composed to NFC first.
      font: a name of FONTS, or the path of a .ttf or .otf file.
      tracking: added between letters, as a share of the capitals' height.

    Raises:
      UserError: an unknown font, a file that is none, or characters that the font does not have.
    """
    face = _face(font)
    names = _glyph_names(unicodedata.normalize("NFC", text), font, face)
    pen_at, places = 0.0, []
    for index, name in enumerate(names):
        if index:
            pen_at += face.kerning(names[index - 1], name) / face.cap_height + tracking
        places.append(pen_at)
        pen_at += face.advances[name][0] / face.cap_height
    placed = (_glyph(face, name, x - pen_at / 2) for name, x in zip(names, places, strict=True))
    return Line(tuple(glyph for glyph in placed if glyph), pen_at)


def text_width(text: str, font: str, tracking: float = 0.0) -> float:
    """Return the advance of a line in units of its capitals' height; raises as ``outline`` does."""
    return outline(text, font, tracking).width


@dataclasses.dataclass(frozen=True)
class _Face:
    """What is read from a font file, in its own units."""

    glyphs: Any
    """fontTools' glyph set."""
    characters: dict[int, str]
    advances: Any
    cap_height: float
    kerning: Callable[[str, str], float]


@functools.lru_cache(maxsize=32)
def _face(font: str) -> _Face:
    from fontTools.ttLib import TTFont, TTLibError

    path = Path(font)
    if path.suffix.lower() not in (".ttf", ".otf"):
        path = Path(__file__).parent / "fonts" / lookup(FONTS, font, what="font").file
    try:
        read = TTFont(path, lazy=False)
        glyphs, characters = read.getGlyphSet(), read.getBestCmap() or {}
    except (OSError, TTLibError, KeyError) as error:
        raise UserError(f"font {font}: {error}; allowed are {', '.join(FONTS)}, or a .ttf or .otf file") from None
    return _Face(glyphs, characters, read["hmtx"], _cap_height(read, glyphs, characters), _kerning(read))


def _cap_height(font: Any, glyphs: Any, characters: dict[int, str]) -> float:
    """Return the height of the letter H, or what the font says or is likely to have where it has no such letter."""
    from fontTools.pens.boundsPen import BoundsPen

    if ord("H") in characters:
        pen = BoundsPen(glyphs)
        glyphs[characters[ord("H")]].draw(pen)
        if pen.bounds is not None:
            return float(pen.bounds[3])
    return float(getattr(font["OS/2"], "sCapHeight", 0) or 0.7 * font["head"].unitsPerEm)


def _glyph_names(text: str, font: str, face: _Face) -> list[str]:
    missing = dict.fromkeys(character for character in text if ord(character) not in face.characters)
    if missing:
        listed = " ".join(character if character.isprintable() else repr(character) for character in missing)
        raise UserError(f"text {text!r}: the font {font} does not have {listed}; use other letters or another font")
    return [face.characters[ord(character)] for character in text]


def _glyph(face: _Face, name: str, x: float) -> Glyph:
    """Return a glyph whose origin lies at x on the base line, in units of the capitals' height."""
    from fontTools.pens.recordingPen import DecomposingRecordingPen

    pen = DecomposingRecordingPen(face.glyphs)
    face.glyphs[name].draw(pen)
    scale = 1.0 / face.cap_height

    def place(point: Point) -> Point:
        return (x + point[0] * scale, 0.5 - point[1] * scale)

    contours: list[Contour] = []
    start, segments = (0.0, 0.0), []
    for what, points in pen.value:
        if what == "moveTo":
            start, segments = place(points[0]), []
        elif what in ("closePath", "endPath"):
            contours.append((start, tuple(segments)))
        elif what == "qCurveTo" and points[-1] is None:
            start, segments = place(_middle(points[0], points[-2])), []
            segments += _quadratics([*map(place, points[:-1]), start])
        elif what == "qCurveTo":
            segments += _quadratics([place(point) for point in points])
        else:
            segments.append(tuple(place(point) for point in points))
    return tuple(contours) if _area(contours) >= 0 else tuple(_reversed(contour) for contour in contours)


def _area(contours: Sequence[Contour]) -> float:
    """Return twice the area within, of the corners and controls, above 0 where outer contours go clockwise."""
    total = 0.0
    for start, segments in contours:
        points = [start, *itertools.chain(*segments)]
        following = [*points[1:], start]
        total += sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, following, strict=True))
    return total


def _reversed(contour: Contour) -> Contour:
    ends = [contour[0], *(segment[-1] for segment in contour[1])]
    back = [(*reversed(segment[:-1]), end) for segment, end in zip(contour[1], ends[:-1], strict=True)]
    return ends[-1], tuple(reversed(back))


def _middle(a: Point, b: Point) -> Point:
    return ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)


def _quadratics(points: Sequence[Point]) -> list[Segment]:
    """Return TrueType's chain of controls as curves of one control each; between controls lies an end, unsaid."""
    controls, end = points[:-1], points[-1]
    if not controls:
        return [(end,)]
    ends = [_middle(one, two) for one, two in itertools.pairwise(controls)]
    return list(zip(controls, [*ends, end], strict=True))


def _kerning(font: Any) -> Callable[[str, str], float]:
    """Return the function from a pair of glyph names to what is added between them, in the font's units."""
    if "GPOS" in font and font["GPOS"].table.FeatureList is not None:
        table = font["GPOS"].table
        indices = {
            index
            for record in table.FeatureList.FeatureRecord
            if record.FeatureTag == "kern"
            for index in record.Feature.LookupListIndex
        }
        lookups = [_pair_tables(table.LookupList.Lookup[index]) for index in sorted(indices)]
        return lambda left, right: sum(_adjustment(tables, left, right) for tables in lookups)
    pairs = font["kern"].kernTables[0].kernTable if "kern" in font else {}
    return lambda left, right: pairs.get((left, right), 0)


def _pair_tables(lookup_table: Any) -> list[Any]:
    tables = [getattr(table, "ExtSubTable", table) for table in lookup_table.SubTable]
    return [table for table in tables if table.LookupType == 2]


def _adjustment(tables: Sequence[Any], left: str, right: str) -> float:
    """Return what the first table that knows a pair says of it (OpenType, GPOS lookup type 2)."""
    for table in tables:
        if left not in table.Coverage.glyphs:
            continue
        if table.Format == 1:
            records = table.PairSet[table.Coverage.glyphs.index(left)].PairValueRecord
            values = [record.Value1 for record in records if record.SecondGlyph == right]
        else:
            first, second = table.ClassDef1.classDefs.get(left, 0), table.ClassDef2.classDefs.get(right, 0)
            values = [table.Class1Record[first].Class2Record[second].Value1]
        if values:
            return getattr(values[0], "XAdvance", 0) or 0
    return 0
