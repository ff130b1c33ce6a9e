"""What is refused of a file before Pillow reads it: what costs far more to read than its size and pixels say."""

from __future__ import annotations

import struct

from gen_jax.data.decode import BadImageError
from gen_jax.io.tags import check_tags, values_of

MOST_CHUNKS = 1 << 16
"""Of a PNG; each is read by Python. Photos have one for every 8 kB or more."""
MOST_PACKED_CHUNKS = 64
"""Of a PNG: text and profiles, each of which may unpack to 1 MiB."""
MOST_JUNK = 1 << 12
"""Bytes before the picture of a JPEG that belong to nothing."""
MOST_SCANS = 1 << 31
"""Scans of a JPEG times its pixels: each goes over all of them. Progressive files have about ten."""
MOST_RUNS = 1 << 22
"""Bytes of a BMP of runs, which Python unpacks."""
MOST_RUN_WIDTH = 1 << 16
_TILE_SIDES = (322, 323)


def check_head(data: bytes, *, most_pixels: int) -> None:
    """Refuse a file by what its own bytes say.

    Args:
      data: the file; what is no image is left to Pillow to refuse.
      most_pixels: of a tile of a TIFF.

    Raises:
      BadImageError: one line.
    """
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        _check_png(data)
    elif data.startswith(b"\xff\xd8\xff"):
        check_tags(_exif_of_jpeg(data), what="its EXIF")
    elif data[:2] in (b"II", b"MM"):
        check_tags(data, what="the TIFF")
        width, height = values_of(data, _TILE_SIDES)
        if width * height > most_pixels:
            raise BadImageError(f"it has tiles of {height} x {width} pixels; allowed are {most_pixels}")
    elif data.startswith(b"BM") and len(data) >= 34:
        _check_bmp(data)


def check_scans(data: bytes, pixels: int) -> None:
    """Refuse a JPEG that goes over its pixels too often.

    Raises:
      BadImageError: one line.
    """
    scans = data.count(b"\xff\xda") if data.startswith(b"\xff\xd8\xff") else 0
    if scans * pixels > MOST_SCANS:
        raise BadImageError(f"it has {scans} scans; allowed are {MOST_SCANS // pixels} of so many pixels")


def _check_png(data: bytes) -> None:
    place, packed = 8, 0
    for _ in range(MOST_CHUNKS):
        if place + 8 > len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, place)
        packed += kind in (b"zTXt", b"iTXt", b"iCCP")
        if packed > MOST_PACKED_CHUNKS:
            raise BadImageError(f"it has more than {MOST_PACKED_CHUNKS} texts and profiles")
        place += 12 + length
    raise BadImageError(f"it has more than {MOST_CHUNKS} chunks")


def _exif_of_jpeg(data: bytes) -> bytes:
    """Return the EXIF that Pillow gathers while it looks for the picture, and refuse what it would search too long."""
    place, junk, found = 2, 0, []
    while True:
        start = data.find(b"\xff", place)
        junk += (len(data) if start < 0 else start) - place
        if junk > MOST_JUNK:
            raise BadImageError("it holds too much that is no part of a JPEG")
        while 0 <= start < len(data) and data[start] == 0xFF:
            start += 1
        marker = data[start : start + 1]
        junk += max(0, start - place - 1)
        if start < 0 or not marker or marker == b"\xda" or b"\x00" < marker < b"\xc0":
            return b"".join(found)
        place = start + 1
        if marker == b"\x00" or b"\xd0" <= marker <= b"\xd9":  # nothing belongs to these
            continue
        length = int.from_bytes(data[place : place + 2], "big")
        if marker == b"\xe1" and data[place + 2 : place + 8] == b"Exif\0\0":
            found.append(data[place + 8 : place + length])
        place += max(length, 2)


def _check_bmp(data: bytes) -> None:
    width, compression = abs(struct.unpack_from("<i", data, 18)[0]), struct.unpack_from("<I", data, 30)[0]
    if compression in (1, 2) and (width > MOST_RUN_WIDTH or len(data) > MOST_RUNS):
        raise BadImageError(f"it is a BMP of runs with more than {MOST_RUNS} bytes or {MOST_RUN_WIDTH} columns")
