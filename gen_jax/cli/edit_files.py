"""Which files ``gen-jax edit`` reads and writes, and which of them are made already."""

from __future__ import annotations

import dataclasses
import glob
import json
import os
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, overload

import numpy as np

from gen_jax.errors import UserError
from gen_jax.io import files
from gen_jax.io.photos import SUFFIXES, format_of

RECORD = ".gen_jax_edit.json"
"""In a folder of edited images: the edits that made them, and since when."""


@dataclasses.dataclass(frozen=True)
class Job:
    """One image to edit."""

    source: Path
    target: Path
    name: str
    """Of the source within its input: what decides its noise."""


class Found(NamedTuple):
    """An image file."""

    root: Path
    name: str
    """Below the root, with forward slashes."""
    changed: float
    """When it was last written."""


class Jobs(Sequence[Job]):
    """Images to edit into a folder; a million takes some 100 megabytes, most of them for the names."""

    def __init__(self, found: Iterator[Found], out: Path, suffix: str | None) -> None:
        """Name the images, their folder, and the suffix of what is written, None for their own."""
        self.out, self._suffix = out, suffix
        self._roots: dict[Path, int] = {}
        self._root_of, self._names, self.changed = array("I"), [], array("d")
        for root, name, changed in found:
            self._root_of.append(self._roots.setdefault(root, len(self._roots)))
            self._names.append(name)
            self.changed.append(changed)
        self._places = list(self._roots)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._names)

    @overload
    def __getitem__(self, index: int) -> Job: ...
    @overload
    def __getitem__(self, index: slice) -> list[Job]: ...
    def __getitem__(self, index: int | slice) -> Job | list[Job]:
        """Return a job, or some."""
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        name = self._names[index]
        return Job(self._places[self._root_of[index]] / name, self.out / self.written(index), name)

    def written(self, index: int) -> str:
        """Return the name below ``out`` of the file that is written."""
        name = self._names[index]
        return name if self._suffix is None else os.path.splitext(name)[0] + self._suffix

    def there(self) -> np.ndarray:
        """Return for which of them a file of that name is in the folder, bool [n]; it is listed once."""
        listed = (hash(name) for _, name, _ in _walk(self.out, dated=False)) if self.out.is_dir() else ()
        return np.isin(self._hashes(), np.fromiter(listed, np.int64))

    def once(self) -> Jobs:
        """Return each image once, where several inputs hold it.

        Raises:
          UserError: two images for one file.
        """
        # 64 bits, of which a million pairs rarely share all: a twentieth of the memory of the names in a set.
        if len(np.unique(self._hashes())) == len(self):
            return self
        owners: dict[str, int] = {}
        for index in range(len(self)):
            other = owners.setdefault(self.written(index), index)
            if self[other].source != self[index].source:
                job = self[index]
                raise UserError(
                    f"{self[other].source} and {job.source} would both become {job.target}: "
                    "give their folders, or other names"
                )
        found = (
            Found(self._places[self._root_of[n]], self._names[n], self.changed[n]) for n in sorted(owners.values())
        )
        return Jobs(found, self.out, self._suffix)

    def check_apart(self) -> None:
        """Refuse to write images over themselves; raises ``UserError``."""
        for place in range(len(self._roots)):
            if self.out.is_dir() and self.out.samefile(self._places[place]):
                for index in range(len(self)):
                    if self._root_of[index] == place and self.written(index) == self._names[index]:
                        refuse_itself(self[index])

    def _hashes(self) -> np.ndarray:
        return np.fromiter((hash(self.written(index)) for index in range(len(self))), np.int64, len(self))


def refuse_itself(job: Job) -> None:
    """Raise the ``UserError`` of an image that would be written over itself."""
    raise UserError(f"--out: {job.source} would be written over itself; choose another folder")


def find_jobs(
    inputs: Sequence[str], out: Path, into_folder: bool, suffix: str | None
) -> tuple[Sequence[Job], Path | None]:
    """Return what is to be made, and the folder it goes to, None where ``out`` is one file.

    Raises:
      UserError: an input that is not there or holds no image, or two inputs for one file.
    """
    hint = "; if it is meant as an edit, `gen-jax edit --list` names them all"
    jobs = Jobs((found for word in inputs for found in _find(word, hint=hint, skip=out)), out, suffix)
    single = len(jobs) == 1 and Path(inputs[0]).is_file()
    if not (into_folder or out.is_dir() or not out.suffix):
        if not single:
            raise UserError(f"--out {out}: is one file, and there are {len(jobs)} images; give a folder, such as out/")
        format_of(out)
        if suffix is not None and format_of(f"x{suffix}") != format_of(out):
            raise UserError(f"--format {suffix[1:]}: --out {out} says otherwise; leave one out")
        return [Job(jobs[0].source, out, jobs[0].name)], None
    jobs = jobs.once()
    jobs.check_apart()
    return jobs, out


def sources(word: str) -> Iterator[tuple[Path, str]]:
    """Yield each image that a word names: a file, a folder or a pattern; with the name that it has below that word.

    Raises:
      UserError: there is none.
    """
    yield from ((root / name, name) for root, name, _ in _find(word))


def _find(word: str, *, hint: str = "", skip: Path | None = None) -> Iterator[Found]:
    """Yield what a word names, in order; ``skip`` is a folder that is passed over, ``hint`` ends an error."""
    path = Path(word).expanduser()
    if path.is_file():
        yield Found(path.parent, path.name, path.stat().st_mtime)
        return
    if path.is_dir():
        found = False
        for found in _walk(path, skip=None if skip is None else os.path.realpath(skip)):
            yield found
        if not found:
            raise UserError(f"{word}: holds no image ({', '.join(SUFFIXES)})")
        return
    matches = sorted(Path(match) for match in glob.glob(os.fspath(path), recursive=True) if Path(match).is_file())
    if not matches:
        raise UserError(f"{word}: there is no such file, folder or pattern{'' if path.suffix else hint}")
    yield from (Found(match.parent, match.name, match.stat().st_mtime) for match in matches)


def _walk(root: Path, below: str = "", *, dated: bool = True, skip: str | None = None) -> Iterator[Found]:
    """Yield the image files below a folder, in order of their names; hidden ones are passed over."""
    entries: list[tuple[str, float | None]] = []
    with os.scandir(os.path.join(root, below)) as scanned:
        for entry in scanned:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                if skip is None or os.path.realpath(entry.path) != skip:
                    entries.append((entry.name, None))
            elif os.path.splitext(entry.name)[1].lower() in SUFFIXES and entry.is_file():
                entries.append((entry.name, entry.stat().st_mtime if dated else 0.0))
    entries.sort()
    for name, changed in entries:
        if changed is None:
            yield from _walk(root, f"{below}{name}/", dated=dated, skip=skip)
        else:
            yield Found(root, f"{below}{name}", changed)


def check_free(job: Job, *, overwrite: bool) -> None:
    """Refuse to write over a file unasked; raises ``UserError``."""
    if job.target.exists() and not overwrite:
        raise UserError(f"--out {job.target}: is there already; choose another name, or add --overwrite")


def begin(jobs: Jobs, there: np.ndarray, recipe: dict[str, Any], *, overwrite: bool) -> float:
    """Note the recipe in the folder; return when it was first used, by the clock of the file system.

    Args:
      jobs: what the folder is to hold.
      there: which of them it holds, listed before this call: another process notes the recipe before its first image.
      recipe: what decides the images.
      overwrite: make them all again.

    Raises:
      UserError: the folder has images of another recipe, or of none, and ``overwrite`` is not given.
    """
    record = jobs.out / RECORD
    try:
        known = json.loads(record.read_text())
    except (OSError, ValueError):
        known = None
    if known == recipe and not overwrite:
        return record.stat().st_mtime
    if there.any() and not overwrite:
        made = "made with other edits" if known else "not made by this command"
        first = jobs[int(there.argmax())].target
        raise UserError(f"{first}: is there already, {made}; choose another --out, or add --overwrite")
    jobs.out.mkdir(parents=True, exist_ok=True)
    files.write_json(record, recipe)
    return record.stat().st_mtime


def is_made(job: Job, since: float) -> bool:
    """Tell whether the file of a job is there, and is not older than its source or than the recipe."""
    try:
        made = job.target.stat().st_mtime
    except OSError:
        return False
    return made >= since and made >= job.source.stat().st_mtime
