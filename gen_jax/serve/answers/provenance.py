"""The mark of a machine-made picture: an XMP packet that says so, and what makes a PNG again.

Says it in the words of the IPTC (Digital Source Type), which picture agencies, search engines and C2PA read.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from PIL import PngImagePlugin

from gen_jax import __version__
from gen_jax.errors import UserError
from gen_jax.io import drawings, images

Origin = Literal["model", "rule"]
"""Of a picture: made by a trained model, or drawn by a rule."""

Encoding = Literal["png", "webp", "jpeg"]

SOURCE_TYPES: dict[Origin, str] = {
    "model": "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
    "rule": "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia",
}
"""Origin -> the IPTC's name of it."""

TOOL = f"gen_jax {__version__}"

_RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'xmp:CreatorTool="{tool}" Iptc4xmpExt:DigitalSourceType="{source}"/></rdf:RDF>'
)
_PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">{rdf}</x:xmpmeta><?xpacket end="r"?>'
)
_PNG_KEYWORD = "XML:com.adobe.xmp"


def packet(origin: Origin) -> bytes:
    """Return the XMP packet of a picture; it holds no time, so that equal requests give equal bytes."""
    return _PACKET.format(rdf=_rdf(origin)).encode()


def _rdf(origin: Origin) -> str:
    return _RDF.format(tool=TOOL, source=SOURCE_TYPES[origin])


def encode(pixels: np.ndarray, format: Encoding, *, origin: Origin, record: str) -> bytes:
    """Return the bytes of a marked image file; equal arguments give equal bytes.

    Args:
      pixels: uint8 [h, w, c] with 1, 3 or 4 channels.
      format: of the file; WebP is lossless, JPEG of quality 95 and without alpha.
      origin: what made the picture.
      record: what makes it again, in ASCII; a PNG holds it as text under ``gen_jax``.

    Raises:
      UserError: the image is too large for the format.
    """
    options: dict[str, object] = {"xmp": packet(origin)}
    if format == "png":
        text = PngImagePlugin.PngInfo()
        text.add_text(drawings.KEY, record)
        text.add_itxt(_PNG_KEYWORD, packet(origin).decode())
        options = {"pnginfo": text}
    try:
        return images.encode(pixels, format.upper(), **options)
    except (ValueError, OSError) as error:
        height, width = pixels.shape[:2]
        raise UserError(f"format {format}: {height}x{width} pixels do not fit ({error}); ask for png") from None


def mark_svg(svg: bytes, origin: Origin) -> bytes:
    """Return an SVG file with the same mark in a ``metadata`` element, its last."""
    body, tag, rest = svg.rpartition(b"</svg>")
    return b"".join([body, b"<metadata>", _rdf(origin).encode(), b"</metadata>", tag, rest])
