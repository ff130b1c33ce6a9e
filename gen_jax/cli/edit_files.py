"""Which files ``gen-jax edit`` reads and writes, and which of them are made already."""

from __future__ import annotations

import dataclasses
import glob
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

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


def find_jobs(inputs: Sequence[str], out: Path, into_folder: bool, suffix: str | None) -> tuple[list[Job], Path | None]:
    """Return what is to be made, and the folder it goes to, None where ``out`` is one file.

    Raises:
      UserError: an input that is not there or holds no image, or two inputs for one file.
    """
    hint = "; if it is meant as an edit, `gen-jax edit --list` names them all"
    found = [pair for word in inputs for pair in sources(word, hint=hint)]
    single = len(found) == 1 and Path(inputs[0]).is_file()
    if not (into_folder or out.is_dir() or not out.suffix):
        if not single:
            raise UserError(f"--out {out}: is one file, and there are {len(found)} images; give a folder, such as out/")
        format_of(out)
        if suffix is not None and format_of(f"x{suffix}") != format_of(out):
            raise UserError(f"--format {suffix[1:]}: --out {out} says otherwise; leave one out")
        return [Job(found[0][0], out, found[0][1])], None
    jobs = []
    owners: dict[Path, Path] = {}
    for source, name in found:
        target = out / (name if suffix is None else str(Path(name).with_suffix(suffix)))
        other = owners.setdefault(target, source)
        if other != source:
            raise UserError(f"{other} and {source} would both become {target}: give their folders, or other names")
        if target.exists() and target.samefile(source):
            raise UserError(f"--out {out}: {source} would be written over itself; choose another folder")
        jobs.append(Job(source, target, name))
    return jobs, out


def sources(word: str, *, hint: str = "") -> Iterator[tuple[Path, str]]:
    """Yield each image that a word names: a file, a folder or a pattern; with the name that it has below that word.

    Args:
      word: as the user wrote it.
      hint: what an error says of a word without a suffix.

    Raises:
      UserError: there is none.
    """
    path = Path(word).expanduser()
    if path.is_file():
        yield path, path.name
        return
    if path.is_dir():
        below = sorted(file for file in path.rglob("*") if _is_image(file, path))
        if not below:
            raise UserError(f"{word}: holds no image ({', '.join(SUFFIXES)})")
        yield from ((file, file.relative_to(path).as_posix()) for file in below)
        return
    matches = sorted(Path(match) for match in glob.glob(os.fspath(path), recursive=True) if Path(match).is_file())
    if not matches:
        raise UserError(f"{word}: there is no such file, folder or pattern{'' if path.suffix else hint}")
    yield from ((match, match.name) for match in matches)


def _is_image(file: Path, root: Path) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
    return not hidden and file.suffix.lower() in SUFFIXES and file.is_file()


def missing_jobs(jobs: Sequence[Job], recipe: dict[str, Any], folder: Path | None, *, overwrite: bool) -> list[Job]:
    """Return the jobs whose file is not there, or is older than its source or than the recipe.

    A folder keeps the recipe in ``.gen_jax_edit.json``, so that an interrupted command goes on where it stopped.

    Raises:
      UserError: the file, or a folder made with another recipe, is there and ``overwrite`` is not given.
    """
    if folder is None:
        if jobs[0].target.exists() and not overwrite:
            raise UserError(f"--out {jobs[0].target}: is there already; choose another name, or add --overwrite")
        return list(jobs)
    since = _since(jobs, recipe, folder, overwrite=overwrite)
    return [job for job in jobs if not _is_made(job, since)]


def _since(jobs: Sequence[Job], recipe: dict[str, Any], folder: Path, *, overwrite: bool) -> float:
    """Return when the recipe of the folder was first used: the time of its record, by the clock of the file system."""
    record = folder / RECORD
    try:
        known = json.loads(record.read_text())
    except (OSError, ValueError):
        known = None
    if known == recipe and not overwrite:
        return record.stat().st_mtime
    there = [job.target for job in jobs if job.target.exists()]
    if there and not overwrite:
        made = "made with other edits" if known else "not made by this command"
        raise UserError(f"{there[0]}: is there already, {made}; choose another --out, or add --overwrite")
    folder.mkdir(parents=True, exist_ok=True)
    files.write_json(record, recipe)
    return record.stat().st_mtime


def _is_made(job: Job, since: float) -> bool:
    try:
        made = job.target.stat().st_mtime
    except OSError:
        return False
    return made >= since and made >= job.source.stat().st_mtime
