"""``gen-jax edit PHOTOS --out FOLDER/``: many images, shared among processes, continued after any of them ended."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from gen_jax.cli.edit_files import Jobs, begin, find_jobs, is_made, refuse_itself
from gen_jax.cli.editing import Editor, Request, Results, edit_file, edit_jobs, recipe_of
from gen_jax.cli.verifying import verify
from gen_jax.data.threads import map_in_threads
from gen_jax.errors import RunError, UserError
from gen_jax.io.files import is_disk_full
from gen_jax.io.pieces import Pieces, Record, incomplete
from gen_jax.io.whole import inspect


def edit_files(request: Request, edit: Editor, *, only_verify: bool = False) -> int:
    """Edit every image that is not made yet; return the exit code: 1 where some file could not be read.

    Args:
      request: which images, which edits, and where to.
      edit: makes the files.
      only_verify: make nothing; say which images of the folder are missing or broken.

    Raises:
      UserError: no image, two images for one file, a parameter that does not suit, a folder that may not be written.
    """
    try:
        jobs, out_folder = find_jobs(request.inputs, request.out, request.into_folder, request.suffix)
        if isinstance(jobs, Jobs) and out_folder is not None:
            return _verify(jobs, request) if only_verify else _edit_folder(jobs, request, edit)
        if only_verify or request.shard.fixed:
            raise UserError(f"--out {request.out}: is one file; --shard and --verify are for folders, leave them out")
        # One file is made by one process.
        return edit_file(jobs[0], request, edit) if request.shard.is_first else 0
    except OSError as error:
        if is_disk_full(error):
            raise
        raise UserError(f"{error.filename or request.out}: {error.strerror or error}") from None


def _verify(jobs: Jobs, request: Request) -> int:
    return verify(_pieces_of(jobs, request), jobs.out, jobs.written)


def _edit_folder(jobs: Jobs, request: Request, edit: Editor) -> int:
    if request.overwrite and request.shard.count > 1:
        raise UserError("--overwrite: several processes would undo each other's work; remove the folder, or use one")
    pieces = _pieces_of(jobs, request)
    # Before the images are listed: whatever a record names then is seen, or is gone.
    recorded = pieces.recorded()
    there = jobs.there()
    since = begin(jobs, there, recipe_of(request), overwrite=request.overwrite)
    pieces.create()
    stale = set(recorded) if request.overwrite else _stale(pieces, recorded, jobs, there)
    pieces.forget(stale)
    folder = _Folder(jobs, request, edit, there, since)
    answered = {number: len(pieces.members(number)) for number in pieces.own()}
    known = {number for number in answered if number in recorded and number not in stale}
    made = bad = 0
    with _progress(sum(answered.values()), request) as advance:
        advance(sum(answered[number] for number in known))
        for number in pieces.unfinished():
            results = Results(request, advance)
            pieces.finish(number, folder.make(pieces.members(number), results))
            known.add(number)
            made, bad = made + len(results.made), bad + len(results.bad)
    by_others = (pieces.read(number) for number in answered if number not in known)
    bad += sum(len(record.skipped) for record in by_others if record is not None)
    print(_story(jobs.out, sum(answered.values()), made, bad))
    return 1 if bad else 0


def _pieces_of(jobs: Jobs, request: Request) -> Pieces:
    recipe = zlib.crc32(json.dumps(recipe_of(request)).encode())

    def checksum(members: range) -> int:
        return zlib.crc32(os.fsencode("\n".join(map(jobs.written, members))), recipe)

    return Pieces(jobs.out, total=len(jobs), shard=request.shard, digest=checksum)


def _stale(pieces: Pieces, recorded: dict[int, float], jobs: Jobs, there: np.ndarray) -> set[int]:
    """Return the finished pieces of which an image is gone, or older than its source."""
    changed = np.frombuffer(jobs.changed, np.float64)
    parts = {number: pieces.members(number) for number in recorded}
    newer = {number for number, part in parts.items() if changed[part.start : part.stop].max() > recorded[number]}
    return newer.union(incomplete(pieces, there, recorded))


@dataclasses.dataclass(frozen=True)
class _Folder:
    """What all pieces share."""

    jobs: Jobs
    request: Request
    edit: Editor
    there: np.ndarray
    since: float

    def make(self, members: range, results: Results) -> Record:
        """Make the images of a piece that are not made yet."""
        jobs = {self.jobs[member]: self.jobs.written(member) for member in members}
        old = [job for job, member in zip(jobs, members, strict=True) if self.there[member]]
        old = [job for job in old if is_made(job, self.since)]
        found = map_in_threads(lambda job: inspect(job.target), old)
        kept = {job: file for job, file in zip(old, found, strict=True) if file is not None}
        waiting = [job for job in jobs if job not in kept]
        for job in waiting:
            if job.target.exists() and job.target.samefile(job.source):
                refuse_itself(job)
        results.advance(len(kept))
        edit_jobs(waiting, self.request, self.edit, results)
        made = kept | results.made
        return Record(
            {name: made[job] for job, name in jobs.items() if job in made},
            {name: results.bad[job] for job, name in jobs.items() if job in results.bad},
        )


@contextlib.contextmanager
def _progress(count: int, request: Request) -> Iterator[Callable[[int], object]]:
    from tqdm import tqdm

    shown = request.progress and count > 1 and request.shard.is_first
    with tqdm(total=count, unit="img", disable=None if shown else True) as bar:
        yield functools.partial(bar.update)


def _story(folder: Path, total: int, made: int, bad: int) -> str:
    if total and bad == total:
        raise RunError(f"none of {total} files could be read")
    there = total - made - bad
    parts = [f"{made} edited"]
    parts += [f"{there} were there"] if there else []
    parts += [f"{bad} skipped"] if bad else []
    return f"{folder}: {', '.join(parts)}"
