"""Letters: the shipped fonts, widths and kerning as HarfBuzz has them, outlines as FreeType fills them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, features

from gen_jax.draw.logo import letters, lettertable
from gen_jax.errors import UserError

FOLDER = Path(letters.__file__).parent / "fonts"


def file_of(font: str) -> str:
    return str(FOLDER / letters.FONTS[font].file)


def points_of(line: letters.Line) -> np.ndarray:
    return np.array(
        [
            point
            for glyph in line.glyphs
            for start, segments in glyph
            for point in (start, *(segment[-1] for segment in segments))
        ]
    )


@pytest.mark.parametrize("font", letters.FONTS)
def test_a_shipped_font_has_its_licence_beside_it_and_is_small(font: str) -> None:
    file = Path(file_of(font))
    licence = (FOLDER / f"LICENSE-{file.stem.split('-')[0]}.txt").read_text()
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Reserved Font Name" not in licence.splitlines()[0]
    assert file.stat().st_size < 60_000


@pytest.mark.parametrize("font", letters.FONTS)
def test_a_capital_is_one_high_and_stands_about_the_middle(font: str) -> None:
    line = letters.outline("H", font)
    heights = points_of(line)[:, 1]
    assert heights.min() == pytest.approx(-0.5, abs=1e-6)
    assert heights.max() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("font", letters.FONTS)
def test_names_of_many_languages_can_be_set(font: str) -> None:
    assert letters.text_width("Northwind & Søn 24 Café Größe Ñandú!", font) > 10.0


@pytest.mark.parametrize("font", letters.FONTS)
@pytest.mark.skipif(not features.check("raqm"), reason="Pillow sets text with kerning where it has Raqm")
def test_widths_are_those_that_harfbuzz_finds(font: str) -> None:
    face = ImageFont.truetype(file_of(font), 1000, layout_engine=ImageFont.Layout.RAQM)
    plain = ["-liga", "-clig", "-calt"]
    capital = face.getbbox("H", anchor="ls")[1]
    for text in ("AVATAR", "Towel", "LYV, Te. Wo", "rag", "P.A.", "Kö"):
        expected = face.getlength(text, features=plain) / -capital
        assert letters.text_width(text, font) == pytest.approx(expected, rel=0.003), text


def test_tracking_is_added_between_letters_only() -> None:
    wide, narrow = (letters.text_width("abcd", "outfit", tracking) for tracking in (0.1, 0.0))
    assert wide - narrow == pytest.approx(0.3)
    assert letters.text_width("a", "outfit", 0.1) == letters.text_width("a", "outfit")


def test_outer_contours_go_clockwise_and_inner_ones_back() -> None:
    [glyph] = letters.outline("O", "zilla_slab").glyphs
    areas = []
    for start, segments in glyph:
        points = np.array([start, *(segment[-1] for segment in segments)])
        following = np.roll(points, -1, axis=0)
        areas.append((points[:, 0] * following[:, 1] - following[:, 0] * points[:, 1]).sum())
    assert sorted(np.sign(areas)) == [-1.0, 1.0]
    assert max(areas) > -min(areas)


@pytest.mark.parametrize(("font", "text"), [("fraunces", "g"), ("jetbrains_mono", "R"), ("fredoka", "8")])
def test_tables_are_negative_where_freetype_fills(font: str, text: str) -> None:
    face = ImageFont.truetype(file_of(font), 400, layout_engine=ImageFont.Layout.BASIC)
    image = Image.new("L", (600, 600))
    ImageDraw.Draw(image).text((100, 450), text, font=face, fill=255, anchor="ls")
    filled = np.asarray(image) > 127

    capital, advance = -face.getbbox("H", anchor="ls")[1], face.getlength(text)
    table = lettertable.table(text, font, 0.0, texels=1 << 14)
    rows, columns = (np.arange(count) + 0.5 for count in table.distances.shape)
    x = 100 + advance / 2 + (table.corner[0] + columns * table.texel) * capital
    y = 450 - capital / 2 + (table.corner[1] + rows * table.texel) * capital
    there = filled[np.ix_(y.astype(int), x.astype(int))]

    assert table.distances.size <= 1 << 14
    sure = np.abs(table.distances) > 1.0
    assert there.any() and np.array_equal(there[sure], table.distances[sure] < 0)


def test_distances_in_a_table_change_by_one_a_texel() -> None:
    table = lettertable.table("I", "outfit", 0.0, texels=1 << 12)
    row = table.distances[len(table.distances) // 2].astype(np.float64)
    near = np.abs(row[:-1]) < lettertable.MARGIN - 1
    steps = np.abs(np.diff(row))[near & (np.abs(row[1:]) < lettertable.MARGIN - 1)]
    np.testing.assert_allclose(steps, 1.0, atol=5e-3)


def test_a_letter_that_the_font_lacks_is_named() -> None:
    with pytest.raises(UserError, match=r"text 'aж世': the font outfit does not have ж 世;"):
        letters.outline("aж世", "outfit")


def test_an_unknown_font_is_answered_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Perhaps you meant 'outfit'"):
        letters.outline("a", "outfitt")
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    for path in (broken, tmp_path / "none.otf"):
        with pytest.raises(UserError, match=path.name):
            letters.outline("a", str(path))


def test_a_font_can_be_named_by_its_file() -> None:
    assert letters.outline("Ag", file_of("manrope")) == letters.outline("Ag", "manrope")


def test_a_decomposed_letter_is_the_composed_one() -> None:
    assert letters.outline("Cafe\u0301", "outfit") == letters.outline("Café", "outfit")


def test_spaces_are_wide_and_show_nothing() -> None:
    line = letters.outline("  ", "outfit")
    assert line.glyphs == () and line.width > 0
    assert (lettertable.table("  ", "outfit", 0.0, texels=64).distances > 0).all()
