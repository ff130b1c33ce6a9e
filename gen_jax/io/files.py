"""Write files that are whole or absent: a temporary name in the same folder, then a rename."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from gen_jax.io.hiccups import retrying

_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Give a binary file that takes the name ``path`` when the block ends, and vanishes when it fails.

    A reader, or a machine that loses power, sees the old file or the new one, never a part of one.

    Raises:
      OSError: the folder does not exist, may not be written, or is full (``ENOSPC``).
    """
    path = Path(path)
    temporary = path.parent / f".{path.name}.{secrets.token_hex(4)}.tmp"
    try:
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Write ``data`` to ``path`` as a whole, again where the storage fails for a moment; raises ``OSError``."""

    def attempt() -> None:
        with replacing(path) as file:
            file.write(data)

    retrying(attempt, what=f"writing {path}")


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write ``text`` to ``path`` as UTF-8, as a whole; raises ``OSError``."""
    write_bytes(path, text.encode())


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Write ``value`` to ``path`` as indented JSON, as a whole; raises ``OSError``, and ``ValueError`` for NaN."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n")


def is_disk_full(error: BaseException | None) -> bool:
    """Tell whether a full disk or a spent quota is behind ``error``, however deep it is wrapped."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        if any(os.strerror(number) in str(error) for number in _FULL):
            return True
        error = error.__cause__ or error.__context__
    return False
