"""Files of drawn pictures: what is written is what is read, to the bit."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gen_jax.errors import UserError
from gen_jax.io.drawings import Record, encode, icon, read_record

RECORD = Record(draw="logo", size=(3, 4), outputs=("svg",), recipes=({"text": "Zoë 日本", "hue": 0.1 + 0.2},))


def test_a_record_is_read_back_from_json_and_from_the_picture(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(RECORD.text())
    (tmp_path / "a.png").write_bytes(encode(np.zeros((3, 4, 3), np.uint8), ".png", RECORD))
    for name in ("a.json", "a.png"):
        assert read_record(str(tmp_path / name)) == RECORD


def test_sixteen_bits_are_kept() -> None:
    image = np.random.default_rng(0).integers(0, 65536, (5, 7, 1), np.uint16)
    with Image.open(io.BytesIO(encode(image, ".png", RECORD))) as opened:
        np.testing.assert_array_equal(np.asarray(opened), image[..., 0])


def test_a_picture_too_large_for_its_format_is_named() -> None:
    with pytest.raises(UserError, match="1x20000 pixels cannot be written as WEBP"):
        encode(np.zeros((1, 20000, 3), np.uint8), ".webp", RECORD)


def test_an_icon_holds_each_size_as_it_is() -> None:
    rng = np.random.default_rng(0)
    pictures = {size: rng.integers(0, 256, (size, size, 4), np.uint8) for size in (16, 32, 48)}
    with Image.open(io.BytesIO(icon(list(pictures.values())))) as opened:
        for size, picture in pictures.items():
            opened.size = (size, size)
            opened.load()
            np.testing.assert_array_equal(np.asarray(opened.convert("RGBA")), picture)
