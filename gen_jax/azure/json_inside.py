"""The JSON object that Azure's SDK puts into the text of an error."""

from __future__ import annotations

import json
from typing import Any


def json_inside(text: str) -> dict[str, Any] | None:
    """Return the object that begins at the first brace of a text, whatever follows it; None where there is none."""
    start = text.find("{")
    if start < 0:
        return None
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text[start:])
    except ValueError:
        return None
    return value
