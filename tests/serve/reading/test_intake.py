"""Image files from strangers: within the limits they are read, and beyond them refused in one line."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from gen_jax.io.photos import READS
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem
from gen_jax.serve.reading.intake import read_image

LIMITS = Limits(pixels=4096)
PIXELS = np.random.default_rng(0).integers(0, 256, (12, 18, 3), np.uint8)


def saved(format: str, pixels: np.ndarray = PIXELS, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format, **options)
    return buffer.getvalue()


def refusal(data: bytes, limits: Limits = LIMITS) -> Problem:
    with pytest.raises(Problem) as caught:
        read_image(data, limits, what="image")
    assert "\n" not in caught.value.detail and caught.value.detail.startswith("image")
    return caught.value


@pytest.mark.parametrize("format", READS)
def test_every_format_is_read(format: str) -> None:
    photo = read_image(saved(format), LIMITS, what="image")
    assert (photo.pixels.shape, photo.format) == ((12, 18, 3), format)


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"hello", saved("GIF"), saved("PPM"), b"BM", b"II*\0", b"\xff\xd8\xff"]
)
def test_what_is_no_image_that_is_read_is_refused(data: bytes) -> None:
    assert refusal(data).kind == "unprocessable"


@pytest.mark.parametrize("format", READS)
def test_an_image_that_is_cut_off_is_refused(format: str) -> None:
    data = saved(format)
    for length in (10, len(data) // 3):
        assert refusal(data[:length]).kind == "unprocessable"


@pytest.mark.parametrize("format", READS)
def test_too_many_pixels_are_refused_by_the_head_alone(format: str) -> None:
    problem = refusal(saved(format, np.zeros((65, 64, 3), np.uint8)))
    assert problem.kind == "content-too-large" and "65 x 64" in problem.detail


def test_a_bomb_of_pixels_is_not_decoded() -> None:
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )
    assert refusal(data, Limits()).kind == "content-too-large"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize(
    "packed",
    [
        chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1 << 20))) * 65,
        chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(1 << 20))) * 65,
        chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1 << 24))),
        chunk(b"tIME", b"") * (1 << 16),
    ],
    ids=["many texts", "many profiles", "a long text", "many chunks"],
)
def test_a_png_that_unpacks_without_end_is_refused(packed: bytes) -> None:
    plain = saved("PNG")
    assert refusal(plain[:33] + packed + plain[33:]).kind == "unprocessable"


def directory(entries: int, length: int) -> bytes:
    """A TIFF directory whose tags all name the same bytes."""
    tags = b"".join(struct.pack("<HHII", 1000 + tag, 7, length, 8) for tag in range(entries))
    return struct.pack("<2sHIH", b"II", 42, 8, entries) + tags + bytes(length)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_tags_that_share_their_bytes_are_refused_before_they_are_read(format: str) -> None:
    """Read, they would be kept once each: 64 kB become 100 MB."""
    bomb = directory(2000, 30_000)
    data = bomb if format == "TIFF" else saved(format, exif=b"Exif\0\0" + bomb)
    assert "values" in refusal(data).detail


def test_a_tiff_of_small_size_and_huge_tiles_is_refused() -> None:
    tags = {256: 8, 257: 8, 258: 8, 259: 5, 262: 1, 277: 1, 322: 1 << 15, 323: 1 << 15, 324: 200, 325: 10}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    data = struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + entries + bytes(200)
    assert "tiles" in refusal(data).detail


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    data = saved("JPEG", np.zeros((64, 64, 3), np.uint8), progressive=True)
    last = data.rindex(b"\xff\xda")
    endless = data[:last] + data[last:-2] * (1 << 20)
    assert "scans" in refusal(endless[: 1 << 23]).detail


def test_of_an_animation_the_first_frame_is_read() -> None:
    others = [Image.fromarray(PIXELS[::-1])]
    for format in ("PNG", "WEBP"):
        data = saved(format, save_all=True, append_images=others, lossless=True)
        np.testing.assert_array_equal(read_image(data, LIMITS, what="image").pixels, PIXELS)


def test_metadata_beyond_a_megabyte_is_left_out() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", "x" * (1 << 20))
    photo = read_image(saved("PNG", pnginfo=text, icc_profile=b"p" * 200), LIMITS, what="image")
    assert photo.xmp == photo.icc_profile == b""


def test_what_takes_too_much_memory_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("gen_jax.io.photos._photo", no_memory)
    assert refusal(saved("PNG")).kind == "content-too-large"
