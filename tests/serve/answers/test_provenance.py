"""Every made picture says that it is machine-made, to any reader of XMP."""

from __future__ import annotations

import io
import struct
import xml.etree.ElementTree as ET
import zlib

import numpy as np
import pytest
from PIL import Image

from gen_jax import __version__
from gen_jax.serve.answers.provenance import encode, mark_svg, packet

IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
XMP = "{http://ns.adobe.com/xap/1.0/}"
NEWSCODES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
PIXELS = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)


def png_packet(data: bytes) -> bytes:
    """Return the XMP of a PNG (an iTXt chunk of a keyword, as Adobe's specification says), read by hand."""
    place, found = 8, []
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 8 : place + 8 + length]
        assert zlib.crc32(kind + body) == struct.unpack(">I", data[place + 8 + length : place + 12 + length])[0]
        if kind == b"iTXt" and body.startswith(b"XML:com.adobe.xmp\0"):
            found.append(body.removeprefix(b"XML:com.adobe.xmp\0\0\0\0\0"))
        place += 12 + length
    [packet] = found
    return packet


def webp_packet(data: bytes) -> bytes:
    """Return the XMP chunk of a WebP file."""
    assert data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    place, found = 12, []
    while place < len(data):
        kind, length = struct.unpack("<4sI", data[place : place + 8])
        if kind == b"XMP ":
            found.append(data[place + 8 : place + 8 + length])
        place += 8 + length + length % 2
    [packet] = found
    return packet


def jpeg_packet(data: bytes) -> bytes:
    """Return the APP1 segment of a JPEG file that holds XMP."""
    place, found = 2, []
    while data[place + 1] != 0xDA:
        [length] = struct.unpack(">H", data[place + 2 : place + 4])
        body = data[place + 4 : place + 2 + length]
        if data[place + 1] == 0xE1 and body.startswith(b"http://ns.adobe.com/xap/1.0/\0"):
            found.append(body.removeprefix(b"http://ns.adobe.com/xap/1.0/\0"))
        place += 2 + length
    [packet] = found
    return packet


def said(element: ET.Element) -> tuple[str | None, str | None]:
    """Return the source type and the tool that an RDF description names."""
    [description] = element.iter(f"{RDF}Description")
    return description.get(f"{IPTC}DigitalSourceType"), description.get(f"{XMP}CreatorTool")


@pytest.mark.parametrize(
    ("format", "packet_of"),
    [("png", png_packet), ("webp", webp_packet), ("jpeg", jpeg_packet)],
    ids=lambda value: value,
)
@pytest.mark.parametrize(("origin", "type"), [("model", "trainedAlgorithmicMedia"), ("rule", "algorithmicMedia")])
def test_a_picture_says_what_made_it(format: str, packet_of, origin: str, type: str) -> None:
    data = encode(PIXELS, format, origin=origin, record="{}")
    assert said(ET.fromstring(packet_of(data))) == (NEWSCODES + type, f"gen_jax {__version__}")
    with Image.open(io.BytesIO(data)) as image:  # Pillow finds the same
        assert image.info["xmp"] == packet(origin)


def test_an_svg_file_says_it_in_its_metadata_and_stays_well_formed() -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9"><title>&lt;/svg></title><path d="M0 0"/></svg>\n'
    root = ET.fromstring(mark_svg(svg, "rule"))
    name = "{http://www.w3.org/2000/svg}"
    assert [child.tag for child in root] == [f"{name}title", f"{name}path", f"{name}metadata"]
    assert said(root[-1]) == (f"{NEWSCODES}algorithmicMedia", f"gen_jax {__version__}")


def test_the_mark_survives_an_edit(tmp_path) -> None:
    from gen_jax.io.photos import Writing, encode_photo, read_photo

    (tmp_path / "made.png").write_bytes(encode(PIXELS, "png", origin="model", record="{}"))
    for format, packet_of in (("PNG", png_packet), ("WEBP", webp_packet), ("JPEG", jpeg_packet)):
        edited = encode_photo(read_photo(tmp_path / "made.png"), format, Writing())
        assert said(ET.fromstring(packet_of(edited)))[0] == f"{NEWSCODES}trainedAlgorithmicMedia"
