"""Examples that the OpenAPI document shows; a test sends every one of them."""

from __future__ import annotations

from typing import Any

PHOTO = (
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAGUlEQVR42mNkYGhQYGDARCwMCgxYweCUAABobwJednxjlwAAAABJRU5ErkJggg=="
)
"""A PNG file of 8 by 8 pixels, in base64."""

_EDITS = [{"kind": "rotate", "degrees": 12, "expand": True}, {"kind": "invert"}]

BODIES: dict[str, dict[str, Any]] = {
    "GenerateRequest": {
        "one": {"summary": "One image, of a seed that the answer tells", "value": {}},
        "sixteen": {"summary": "Sixteen on one sheet", "value": {"num": 16, "seed": 7, "format": "webp"}},
        "apart": {"summary": "Each by itself, in JSON", "value": {"num": 2, "seed": 7, "format": "json"}},
    },
    "TextureRequest": {
        "oak": {"summary": "A board of oak", "value": {"name": "oak", "seed": 7, "height": 64}},
        "varied": {
            "summary": "Four bricks that tile, each by itself in an archive",
            "value": {"name": "bricks", "num": 4, "seed": 1, "height": 32, "tile": True, "format": "zip"},
        },
    },
    "LogoRequest": {
        "named": {"summary": "For a name", "value": {"text": "Aurora", "seed": 7, "height": 64}},
        "drawn": {"summary": "As a drawing", "value": {"text": "Aurora", "seed": 7, "format": "svg"}},
    },
    "EditBody": {
        "turned": {"summary": "Turned and inverted", "value": {"image": PHOTO, "edits": _EDITS}},
        "marked": {
            "summary": "With a picture laid over it",
            "value": {
                "image": PHOTO,
                "edits": [{"kind": "watermark", "image": "mark", "opacity": 0.5}],
                "pictures": {"mark": PHOTO},
                "format": "jpeg",
                "quality": 85,
            },
        },
    },
    "ReconstructBody": {"photo": {"summary": "One image", "value": {"image": PHOTO, "format": "png"}}},
}
"""Schema -> name -> example of a body in JSON."""

_URL = "http://127.0.0.1:8080"


def _curl(label: str, path: str, *words: str) -> dict[str, str]:
    return {"lang": "Shell", "label": label, "source": f"curl '{_URL}{path}' \\\n  " + " \\\n  ".join(words)}


_JSON = "-H 'Content-Type: application/json'"

SAMPLES: dict[str, list[dict[str, str]]] = {
    "/generate": [_curl("Images of a seed", "/generate", _JSON, """-d '{"num": 4, "seed": 7}'""", "-o images.png")],
    "/edit": [
        _curl(
            "As a form",
            "/edit",
            "-F image=@photo.png",
            "-F edit=rotate=12,expand=true",
            "-F edit=invert",
            "-F format=webp",
            "-o edited.webp",
        ),
        _curl(
            "As the image itself",
            "/edit?edit=rotate=12,expand=true&edit=invert&format=jpeg&quality=85",
            "-H 'Content-Type: image/png'",
            "--data-binary @photo.png",
            "-o edited.jpg",
        ),
        _curl(
            "With a list of edits and a picture of one of them",
            "/edit",
            "-F image=@photo.png",
            """-F 'edits=[{"kind": "watermark", "image": "mark"}]'""",
            "-F mark=@mark.png",
            "-o marked.png",
        ),
    ],
    "/draw/texture": [
        _curl("A board of oak", "/draw/texture", _JSON, """-d '{"name": "oak", "seed": 7}'""", "-o oak.png")
    ],
    "/draw/logo": [
        _curl(
            "A logo",
            "/draw/logo",
            _JSON,
            """-d '{"text": "Aurora", "seed": 7, "format": "svg"}'""",
            "-o aurora.svg",
        )
    ],
    "/reconstruct": [_curl("One image", "/reconstruct", "-F image=@photo.png", "-o again.png")],
    "/models": [_curl("All", "/models", "-s")],
    "/readyz": [_curl("Wait until it is ready", "/readyz", "--retry 60 --retry-delay 1 --retry-connrefused -f")],
}
"""Path -> commands."""


def _query(name: str, schema: dict[str, Any], story: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": story}


_FORMAT = _query("format", {"enum": ["png", "webp", "jpeg", "json"]}, "Of the answer.")

QUERY_OF_EDIT: list[dict[str, Any]] = [
    _query("edit", {"type": "array", "items": {"type": "string"}}, "Edits as words, such as rotate=12,expand=true.")
    | {"style": "form", "explode": True},
    {
        "name": "edits",
        "in": "query",
        "required": False,
        "description": "Edits as a list in JSON.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Edits"}}},
    },
    _FORMAT,
    _query("quality", {"type": "integer", "minimum": 1, "maximum": 100}, "Of JPEG and WebP."),
    _query("precision", {"enum": ["uint8", "float"]}, "uint8 rounds after every edit, float at the end."),
    _query("name", {"type": "string", "maxLength": 255}, "File name of the image; it decides the noise."),
]
"""Beside an image alone."""

QUERY_OF_RECONSTRUCT: list[dict[str, Any]] = [
    _query("model", {"type": "string"}, "Name of GET /models."),
    _query("class", {"type": "string"}, "Class of the image, by name or number."),
    _FORMAT,
]
"""Beside an image alone."""
