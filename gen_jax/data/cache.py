"""Small JSON notes in the user's cache directory; a cache that cannot be read or written is as good as none."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any


def cache_directory() -> Path:
    """Return ``$XDG_CACHE_HOME/gen_jax``, or ``~/.cache/gen_jax``."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path("~/.cache").expanduser()) / "gen_jax"


def load_note(kind: str, key: str) -> Any:
    """Return what was stored under (kind, key), or None."""
    try:
        return json.loads(_path(kind, key).read_text(encoding="utf-8"))
    except (OSError, ValueError, RuntimeError):
        return None


def store_note(kind: str, key: str, value: Any) -> None:
    """Store a JSON value under (kind, key), whole or not at all; failure is silent."""
    try:
        path = _path(kind, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".note-")
    except (OSError, RuntimeError):
        return
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(value, file, separators=(",", ":"))
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)


def _path(kind: str, key: str) -> Path:
    return cache_directory() / kind / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
