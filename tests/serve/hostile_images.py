"""Files that are no images, or damaged ones, or images that would fill the memory."""

from __future__ import annotations

import io
import itertools
import pickle
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image

File = tuple[str, bytes] | tuple[str, bytes, str]
"""What it is, its bytes, and its media type; without one, image/png."""


def photo(format: str = "PNG", side: int = 24) -> bytes:
    """Return an image file of noise."""
    pixels = np.random.default_rng(side).integers(0, 256, (side, side, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format)
    return file.getvalue()


def damaged_images() -> Iterator[File]:
    """Yield files that were cut off or changed."""
    for format, share in itertools.product(("PNG", "JPEG", "WEBP", "TIFF", "BMP"), (0.02, 0.1, 0.3, 0.5, 0.7, 0.85)):
        whole = photo(format)
        yield (f"{format} cut at {share}", whole[: max(1, int(share * len(whole)))], f"image/{format.lower()}")
    whole = photo("PNG")
    yield ("PNG with a wrong checksum", whole[:29] + b"abcd" + whole[33:])
    yield ("PNG whose data are zeros", whole[:41] + bytes(len(whole) - 60) + whole[-19:])


def no_images() -> Iterator[File]:
    """Yield what is no image at all."""
    contents = {
        "text": b"hello",
        "one zero": b"\0",
        "zeros": bytes(1000),
        "a signature alone": photo()[:8],
        "a pickle": pickle.dumps({"a": [1, 2]}),
        "a zip": b"PK\x03\x04" + bytes(100),
        "a program": b"\x7fELF" + bytes(100),
        "a script": b"#!/bin/sh\nrm -rf /\n",
        "a page": b"<html><script>alert(1)</script></html>",
        "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        "a PDF": b"%PDF-1.4\n",
        "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run\n",
        "a GIF": b"GIF89a" + bytes(100),
        "a PPM": b"P6 2 2 255 " + bytes(12),
        "an icon": b"\0\0\1\0\1\0\x10\x10" + bytes(100),
        "an array": b"\x93NUMPY\x01\0" + bytes(100),
        "JSON": b'{"image": "x"}',
    }
    for name, content in contents.items():
        yield (f"{name} in place of an image", content)
    yield ("nothing in place of an image", b"")


def png(width: int, height: int, *chunks: tuple[bytes, bytes], data: bytes = b"\0") -> bytes:
    """Return a PNG file that says it is so large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    framed = [
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


def bombs() -> Iterator[File]:
    """Yield small files that would be large."""
    zeros = _compressed_zeros(200 << 20)
    yield ("PNG of 50,000 x 50,000", png(50_000, 50_000))
    yield ("PNG of 2^31 x 2^31", png(2**31 - 1, 2**31 - 1))
    yield ("PNG of no size", png(0, 0))
    yield ("PNG with 200 MB of text and no pixels", png(8, 8, (b"zTXt", b"a\0\0" + zeros)))
    yield ("PNG with 200 MB of profile and no pixels", png(8, 8, (b"iCCP", b"a\0\0" + zeros)))
    yield ("PNG with 200 MB of XMP and no pixels", png(8, 8, (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zeros)))
    yield (
        "BMP of 2^31",
        b"BM" + struct.pack("<IHHIIiiHHIIiiII", 100, 0, 0, 54, 40, 2**31 - 1, 2**31 - 1, 1, 24, *[0] * 6),
    )
    yield ("BMP of -1", b"BM" + struct.pack("<IHHIIiiHHIIiiII", 100, 0, 0, 54, 40, -1, -1, 1, 24, *[0] * 6))
    jpeg = photo("JPEG")
    place = jpeg.index(b"\xff\xc0") + 5
    yield ("JPEG of 65,500 x 65,500", jpeg[:place] + b"\xff\xdc\xff\xdc" + jpeg[place + 4 :], "image/jpeg")
    yield (
        "TIFF of 2^32",
        _tiff({256: 2**32 - 1, 257: 2**32 - 1, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 1}),
        "image/tiff",
    )
    yield ("TIFF whose directory is its own next", b"II*\0\x08\0\0\0\0\0\x08\0\0\0", "image/tiff")
    yield ("TIFF with a tag of 2^31 values", _tiff({256: 8, 257: 8, 258: 8}, count=2**31 - 1), "image/tiff")
    yield ("WebP of 16,384 x 16,384", b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x3f\0\xff\x3f\0", "image/webp")


def _compressed_zeros(size: int) -> bytes:
    compressor = zlib.compressobj(9)
    blocks = [compressor.compress(bytes(1 << 20)) + compressor.flush(zlib.Z_FULL_FLUSH) for _ in range(2)]
    return blocks[0] + blocks[1] * ((size >> 20) - 1)


def _tiff(tags: dict[int, int], count: int = 1) -> bytes:
    entries = [struct.pack("<HHII", tag, 4, count, value) for tag, value in tags.items()]
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + b"".join(entries) + bytes(4)
