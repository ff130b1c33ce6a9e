"""A run brought home: every file whole or absent, what is here already left out, and the result loaded once."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path, PurePosixPath

from gen_jax.azure import run_key
from gen_jax.azure.failures import is_missing, patiently, plain
from gen_jax.azure.storage import ALL_RUNS, Place, RemoteFile, Store, place_of, run_place
from gen_jax.azure.submitting import Say
from gen_jax.azure.watching import find_run
from gen_jax.azure.workspace import Workspace
from gen_jax.errors import RunError, UserError
from gen_jax.io import files
from gen_jax.io.run_directory import RunDirectory

WORKERS = 8
KINDS = ("checkpoints", "best")

Progress = Callable[[int], object]
"""Takes the bytes that have arrived."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is to be fetched, in this order, and what is left."""

    get: tuple[RemoteFile, ...]
    there: int
    """Files that are here already."""
    kept: tuple[str, ...]
    """Files that were changed here since, and stay."""

    @property
    def bytes(self) -> int:
        """How much is to be fetched."""
        return sum(file.size for file in self.get)


@dataclasses.dataclass(frozen=True)
class Fetched:
    """What a fetch did."""

    files: int
    bytes: int
    there: int
    images: int
    """Of the newest checkpoint."""


def where(workspace: Workspace, name: str, given: str | None) -> tuple[str, Place]:
    """Return the run key that a run key or the name of a job means, and where its files lie.

    Args:
      workspace: where its jobs are.
      name: run key or job.
      given: the folder of all runs; None: what its jobs say, else that of the shipped jobs.

    Raises:
      UserError: there is no such run.
    """
    if given is not None:
        return run_key.check(name), place_of(given).below(name)
    key, jobs = find_run(workspace, name)
    places = [run_place(job, key) for job in reversed(jobs)]
    return key, next((place for place in places if place), place_of(ALL_RUNS).below(key))


def plan(remote: Iterable[RemoteFile], place: Place, out: Path, *, overwrite: bool = False) -> Plan:
    """Return what is to be fetched.

    ``config.json`` comes last, so that a run that was fetched in part is not taken for a whole one.

    Raises:
      UserError: there is no run, or the one here is newer and ``overwrite`` was not asked for.
    """
    found = {file.name: file for file in remote if _wanted(file.name)}
    if "config.json" not in found:
        what = "holds no run (no config.json)" if found else "is empty, or does not exist"
        raise UserError(f"{place}: {what}; is the run key right, and has the job begun to train?")
    here, there = _newest(_local_names(out)), _newest(found)
    if here > there and not overwrite:
        raise UserError(
            f"{out}: is newer than the run in Azure ({here} images against {there}); "
            "take another --out, or throw the newer checkpoints away with --overwrite"
        )
    get, kept, same = [], [], 0
    for file in sorted(found.values(), key=_order):
        state = _state(file, out)
        if state == "same":
            same += 1
        elif state == "newer" and not overwrite:
            kept.append(file.name)
        else:
            get.append(file)
    return Plan(tuple(get), same, tuple(kept))


def fetch(
    store: Store,
    place: Place,
    out: Path,
    *,
    overwrite: bool = False,
    progress: Progress = lambda count: None,
    say: Say = print,
) -> Fetched:
    """Bring a run home; the same call again fetches what is missing.

    Args:
      store: the files.
      place: of the run.
      out: its folder here; made where it does not exist.
      overwrite: also over a run here that is newer.
      progress: takes the bytes as they arrive.
      say: takes lines for the user.

    Raises:
      UserError: there is no run, or the one here is newer.
      RunError: a file did not arrive whole, or the run cannot be loaded.
    """
    with plain(str(place)):
        remote = patiently(lambda: list(store.list(place.folder)))
    planned = plan(remote, place, out, overwrite=overwrite)
    if planned.kept:
        say(f"{len(planned.kept)} files were changed here and stay: {', '.join(planned.kept[:5])}")
    if overwrite:
        _drop_other_checkpoints(out, {file.name for file in remote})
    with plain(str(place)), _workers() as (pool, stop):
        tasks = [pool.submit(_get, store, place, file, out, stop) for file in _parts(planned.get)]
        for task in as_completed(tasks):
            progress(task.result())
        for file in planned.get[len(tasks) :]:
            progress(_get(store, place, file, out, stop))
    images = verify(out)
    return Fetched(len(planned.get), planned.bytes, planned.there, images)


def verify(out: Path) -> int:
    """Return the images seen of a run's newest checkpoint, which is read once with its configuration.

    Raises:
      RunError: they cannot be read.
    """
    from gen_jax.experiment import from_json
    from gen_jax.io.models import load_model

    run = RunDirectory(out)
    try:
        from_json(json.dumps(run.read_config()), where=str(run.config))
        return load_model(out).images_seen
    except UserError as error:
        raise RunError(f"{out}: was fetched, and cannot be loaded: {error}") from None


def _parts(get: tuple[RemoteFile, ...]) -> tuple[RemoteFile, ...]:
    """Return the files that may arrive in any order: all but ``config.json``."""
    return get[:-1] if get and get[-1].name == "config.json" else get


@contextlib.contextmanager
def _workers() -> Iterator[tuple[ThreadPoolExecutor, threading.Event]]:
    """Give threads that stop soon where the block fails, Ctrl-C included."""
    stop = threading.Event()
    pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="fetch")
    try:
        yield pool, stop
    except BaseException:
        stop.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _get(store: Store, place: Place, file: RemoteFile, out: Path, stop: threading.Event) -> int:
    path = out / file.name
    path.parent.mkdir(parents=True, exist_ok=True)

    def once() -> None:
        with files.replacing(path) as target:
            for piece in store.read(place.folder, file.name):
                if stop.is_set():
                    raise RunError("stopped")
                target.write(piece)
            size = target.tell()
            if size < file.size:
                raise RunError(f"{file.name}: {size} of {file.size} bytes arrived; repeat the command")
        # By its time a file that was fetched is known from one that was changed here.
        os.utime(path, (file.changed, file.changed))

    try:
        patiently(once)
    except Exception as error:
        # A run that still trains removes its oldest checkpoints.
        if not (is_missing(error) and file.name.startswith(KINDS)):
            raise
        return 0
    return file.size


def _state(file: RemoteFile, out: Path) -> str:
    try:
        local = (out / file.name).stat()
    except FileNotFoundError:
        return "missing"
    if local.st_size == file.size and abs(local.st_mtime - file.changed) < 2:
        return "same"
    return "newer" if local.st_mtime > file.changed + 2 else "older"


def _order(file: RemoteFile) -> tuple[int, str]:
    return (2 if file.name == "config.json" else 0 if file.name.startswith(KINDS) else 1, file.name)


def _wanted(name: str) -> bool:
    """Leave out locks, half-written files, and names that would lead out of the folder."""
    path = PurePosixPath(name)
    return not (path.is_absolute() or ".." in path.parts or path.name.startswith(".") or name.endswith("/"))


def _newest(names: Iterable[str]) -> int:
    """Return the images of the newest checkpoint that a list of files holds; -1 where it holds none."""
    parts = [name.split("/") for name in names]
    return max((int(p[1]) for p in parts if len(p) > 2 and p[0] == KINDS[0] and p[1].isdecimal()), default=-1)


def _local_names(out: Path) -> list[str]:
    folder = RunDirectory(out).checkpoints
    return [path.relative_to(out).as_posix() for path in folder.glob("*/*")] if folder.is_dir() else []


def _drop_other_checkpoints(out: Path, remote: set[str]) -> None:
    """Remove the checkpoints that Azure does not have: a newer one would hide what was fetched."""
    known = {tuple(name.split("/")[:2]) for name in remote}
    for kind in KINDS:
        for folder in (out / kind).glob("*"):
            if folder.is_dir() and folder.name.isdecimal() and (kind, folder.name) not in known:
                shutil.rmtree(folder)
