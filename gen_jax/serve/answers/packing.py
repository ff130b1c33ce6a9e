"""Several files in one body, the same bytes every time: a JSON document, or a zip archive."""

from __future__ import annotations

import base64
import dataclasses
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

MEDIA_TYPES = {
    "png": "image/png",
    "webp": "image/webp",
    "jpeg": "image/jpeg",
    "svg": "image/svg+xml",
    "json": "application/json",
    "zip": "application/zip",
}
"""Format of an answer -> its media type."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip archive can state; a real one would change the bytes."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PackedImage:
    """A PNG file, and what is said of it."""

    data: bytes
    height: int
    width: int
    facts: Mapping[str, Any]
    """Values of JSON."""


def json_document(images: Sequence[PackedImage], facts: Mapping[str, Any]) -> bytes:
    """Return ``{**facts, "images": [{**facts, "media_type", "height", "width", "data"}]}``; data is base64."""
    entries = [
        {
            **image.facts,
            "media_type": MEDIA_TYPES["png"],
            "height": image.height,
            "width": image.width,
            "data": base64.b64encode(image.data).decode(),
        }
        for image in images
    ]
    return json.dumps({**facts, "images": entries}, allow_nan=False).encode()


def zip_archive(images: Sequence[PackedImage], facts: Mapping[str, Any]) -> bytes:
    """Return an archive of ``000000.png`` and so on, stored as they are, and ``facts.json``, which names them."""
    names = [f"{place:06d}.png" for place in range(len(images))]
    entries = [
        {**image.facts, "file": name, "height": image.height, "width": image.width}
        for name, image in zip(names, images, strict=True)
    ]
    table = json.dumps({**facts, "images": entries}, indent=2, allow_nan=False) + "\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, image in zip(names, images, strict=True):
            archive.writestr(_entry(name), image.data)
        archive.writestr(_entry("facts.json"), table)
    return buffer.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.create_system = 3  # Unix, on whatever system it is made
    entry.external_attr = 0o644 << 16
    return entry
