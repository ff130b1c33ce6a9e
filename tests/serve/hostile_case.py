"""One hostile request, and the good ones that they are made of."""

from __future__ import annotations

import base64
import dataclasses
from typing import Any

from tests.serve.hostile_images import photo


@dataclasses.dataclass(frozen=True, kw_only=True)
class Case:
    """One request, and the statuses that it may be refused with; most may be any of 4xx."""

    name: str
    method: str = "POST"
    path: str = "/edit"
    headers: dict[str, str]
    body: bytes = b""
    allowed: frozenset[int] = frozenset(range(400, 500))


JSON = {"Content-Type": "application/json"}
PNG = {"Content-Type": "image/png"}
PHOTO = base64.b64encode(photo()).decode()

GOOD: dict[str, dict[str, Any]] = {
    "/generate": {},
    "/draw/texture": {"name": "oak", "height": 16},
    "/draw/logo": {"text": "A", "height": 16},
    "/edit": {"image": PHOTO, "edits": [{"kind": "invert"}]},
    "/reconstruct": {"image": PHOTO},
}
"""Place -> JSON that it accepts."""
