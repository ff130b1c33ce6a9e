"""What a folder or a .zip holds: the image files, the ignored ones, and the class of each image."""

from __future__ import annotations

import collections
import dataclasses
import json
import os
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from gen_jax.data.source import checked_labels
from gen_jax.errors import UserError

_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp"})
_LABEL_FILE = "dataset.json"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Listing:
    """The files of a folder or zip, before any is decoded."""

    path: str
    """The folder or the .zip, as the user wrote it."""
    files: tuple[str, ...]
    """The image files, relative to the folder, with "/"; sorted."""
    stamps: Mapping[str, tuple[int, int]]
    """For each file its size in bytes, and what changes when its content does: time (ns) or checksum."""
    ignored: Mapping[str, int]
    """How many other files there are, by suffix."""
    read: Callable[[str], bytes]
    """Read one file; safe from many threads. Raises OSError or zipfile.BadZipFile."""
    has_label_file: bool


def list_folder(path: str) -> Listing:
    """List the image files below a folder; hidden ones and ``__MACOSX`` are passed over.

    Raises:
      UserError: there is no such folder, or no image in it.
    """
    root = Path(path).expanduser()
    if not root.is_dir():
        kind = "a file, not a folder" if root.exists() else "no such folder"
        raise UserError(f"data.path={path}: {kind}; give a folder of PNG, JPEG or WebP images")
    stamps: dict[str, tuple[int, int]] = {}
    for relative, entry in _walk(root):
        try:
            status = entry.stat()
            stamps[relative] = (status.st_size, status.st_mtime_ns)
        except OSError:  # a dangling link is a file that cannot be read
            stamps[relative] = (-1, 0)

    base = str(root)

    def read(name: str) -> bytes:
        # Every image of every epoch passes here: no pathlib, no buffer.
        with open(f"{base}/{name}", "rb", buffering=0) as file:
            return file.readall()

    def head(name: str) -> bytes:
        with open(root / name, "rb") as file:
            return file.read(12)

    return _listing(path, stamps, read, head)


def list_zip(path: str) -> Listing:
    """List the image files in a .zip.

    Raises:
      UserError: there is no such file, it is not a zip, or it holds no image.
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise UserError(f"data.path={path}: no such file; give a .zip of PNG, JPEG or WebP images")
    try:
        with zipfile.ZipFile(file) as archive:
            entries = {entry.filename: entry for entry in archive.infolist() if not entry.is_dir()}
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise UserError(f"data.path={path} is not a readable .zip file: {error}") from error
    if any(entry.flag_bits & 1 for entry in entries.values()):
        raise UserError(f"data.path={path} is encrypted: unpack it with its password and give the folder")
    opened = threading.local()

    def archive_of_thread() -> zipfile.ZipFile:
        # One handle a thread: a shared one would make the readers wait for each other.
        if not hasattr(opened, "archive"):
            opened.archive = zipfile.ZipFile(file)
        return opened.archive

    def read(name: str) -> bytes:
        return archive_of_thread().read(entries[name])

    def head(name: str) -> bytes:
        with archive_of_thread().open(entries[name]) as stream:
            return stream.read(12)

    visible = {name: (e.file_size, e.CRC) for name, e in entries.items() if not _hidden(PurePosixPath(name).parts)}
    return _listing(path, visible, read, head)


def labels_of(listing: Listing, files: Sequence[str]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Return the class of each of ``files`` and the names of the classes; (None, ()) where there are none.

    ``dataset.json``, as StyleGAN's tools write it, comes first: ``{"labels": [["folder/name.png", 3], ...]}``, where
    ``"labels": null`` says that there are none. Otherwise the first-level subfolders are the classes where every
    image is in one; a single subfolder that holds everything is looked into.

    Raises:
      UserError: ``dataset.json`` cannot be understood, or misses an image.
    """
    if listing.has_label_file:
        return _labels_of_json(listing, files)
    # The classes are those of all files that are listed, so that a skipped bad file cannot renumber them.
    parts = [PurePosixPath(name).parts for name in listing.files]
    depth = 0
    while all(len(p) > depth + 1 for p in parts) and len({p[depth] for p in parts}) == 1:
        depth += 1
    if not all(len(p) > depth + 1 for p in parts):
        return None, ()
    class_names = tuple(sorted({p[depth] for p in parts}))
    number = {name: i for i, name in enumerate(class_names)}
    return np.array([number[PurePosixPath(f).parts[depth]] for f in files], np.int32), class_names


def _labels_of_json(listing: Listing, files: Sequence[str]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    where = f"{_LABEL_FILE} of {listing.path}"
    instead = "mend it, or train without classes (data.labels=false)"
    try:
        content = json.loads(listing.read(_LABEL_FILE))
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise UserError(f"{where} is not readable JSON ({error}): {instead}") from error
    pairs: Any = content.get("labels") if isinstance(content, dict) else content
    if pairs is None:
        return None, ()
    try:
        table: dict[str, object] = dict(pairs)
    except (TypeError, ValueError) as error:
        raise UserError(f'{where} must say {{"labels": [["path", 3], ...]}}: {instead}') from error
    missing = [name for name in files if name not in table]
    if missing:
        raise UserError(f"{where} has no label for {len(missing)} images, first {missing[0]!r}: {instead}")
    labels = [table[name] for name in files]
    odd = next((label for label in labels if isinstance(label, bool) or not isinstance(label, int)), None)
    if odd is not None:
        raise UserError(f"{where} must give class numbers, not {odd!r}: {instead}")
    numbers = [label for label in table.values() if isinstance(label, int)]
    names = tuple(str(i) for i in range(max(numbers) + 1))
    return checked_labels(np.array(labels, np.int64), names, where)


def _listing(
    path: str,
    stamps: dict[str, tuple[int, int]],
    read: Callable[[str], bytes],
    head: Callable[[str], bytes],
) -> Listing:
    files, ignored = [], collections.Counter[str]()
    for name in sorted(stamps):
        suffix = PurePosixPath(name).suffix.lower()
        if suffix in _SUFFIXES or (not suffix and _looks_like_image(head, name)):
            files.append(name)
        else:
            ignored[suffix or "(no suffix)"] += 1
    if not files:
        found = ", ".join(f"{count} {suffix}" for suffix, count in ignored.most_common(5))
        raise UserError(f"data.path={path} holds no PNG, JPEG or WebP image" + (f", only {found}" if found else ""))
    return Listing(
        path=path,
        files=tuple(files),
        stamps={name: stamps[name] for name in files},
        ignored=dict(ignored),
        read=read,
        has_label_file=_LABEL_FILE in stamps,
    )


def _looks_like_image(head: Callable[[str], bytes], name: str) -> bool:
    """Whether a file without suffix starts as a PNG, JPEG or WebP file does."""
    try:
        start = head(name)
    except (OSError, zipfile.BadZipFile):
        return False
    return start.startswith((b"\x89PNG", b"\xff\xd8\xff")) or (start[:4] == b"RIFF" and start[8:12] == b"WEBP")


def _walk(root: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield (relative name, entry) of every visible file; links to folders are followed, once each."""
    seen = {os.path.realpath(root)}
    waiting = [("", str(root))]
    while waiting:
        prefix, folder = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                relative = f"{prefix}{entry.name}"
                if _hidden((entry.name,)):
                    continue
                if not entry.is_dir():
                    yield relative, entry
                    continue
                if entry.is_symlink():
                    real = os.path.realpath(entry.path)
                    if real in seen:
                        continue
                    seen.add(real)
                waiting.append((f"{relative}/", entry.path))


def _hidden(parts: Sequence[str]) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in parts)
