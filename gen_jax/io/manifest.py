"""The list of a checkpoint's files with their sizes and checksums, so that damage is seen before reading."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

from gen_jax.io import files

NAME = "manifest.json"
_CHUNK = 1 << 20


def write_manifest(folder: Path) -> None:
    """List every file in the subfolders of ``folder`` with its size and CRC-32.

    Files directly in ``folder`` are not listed: they are the store's own, and it still changes them.
    """
    listed = {}
    for path in sorted(folder.glob("*/**/*")):
        if path.is_file():
            listed[path.relative_to(folder).as_posix()] = {"bytes": path.stat().st_size, "crc32": _crc(path)}
    files.write_json(folder / NAME, {"files": listed, "crc32": _crc_of_listing(listed)})


def problem(folder: Path) -> str:
    """Return what is wrong with the files of ``folder``, in one line; empty when they are as they were written.

    Raises:
      OSError: a file is there and cannot be read (permissions, a failing disk): not damage.
    """
    try:
        manifest = json.loads((folder / NAME).read_bytes())
        listed = manifest["files"]
        if _crc_of_listing(listed) != manifest["crc32"]:
            return f"{NAME} has changed since it was written"
        return next(filter(None, (_file_problem(folder / name, **facts) for name, facts in listed.items())), "")
    except FileNotFoundError:
        return f"{NAME} is missing: the write was cut short"
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"{NAME} is not readable"


def _file_problem(path: Path, *, bytes: int, crc32: int) -> str:
    name = "/".join(path.parts[-3:])
    if not path.is_file():
        return f"{name} is missing"
    if path.stat().st_size != bytes:
        return f"{name} has {path.stat().st_size} bytes and should have {bytes}"
    if _crc(path) != crc32:
        return f"{name} has changed since it was written"
    return ""


def _crc(path: Path) -> int:
    value = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            value = zlib.crc32(chunk, value)
    return value


def _crc_of_listing(listed: dict) -> int:
    return zlib.crc32(json.dumps(listed, sort_keys=True).encode())
