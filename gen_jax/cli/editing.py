"""What ``gen-jax edit`` does once its words are understood: which files, what is bad among them, how it ended."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np

from gen_jax.cli.edit_files import Job, find_jobs, missing_jobs
from gen_jax.data.decode import BadImageError
from gen_jax.data.threads import map_in_threads
from gen_jax.edit.chain import Chain
from gen_jax.edit.operation import parameters_of
from gen_jax.edit.roles import Pixels
from gen_jax.edit.together import mapped
from gen_jax.errors import RunError, UserError
from gen_jax.io.files import is_disk_full
from gen_jax.io.photos import Writing, measure, read_photo


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
    """Which images, which edits, and where to."""

    chain: Chain
    inputs: tuple[str, ...]
    out: Path
    into_folder: bool = False
    """Whether ``out`` is a folder for certain; otherwise its suffix tells."""
    suffix: str | None = None
    """Of the files in a folder; None keeps that of each input."""
    writing: Writing = dataclasses.field(default_factory=Writing)
    precision: Literal["uint8", "float"] = "uint8"
    overwrite: bool = False
    skip_bad: bool = True
    most_pixels: int = 1 << 22
    progress: bool = True


def read_recipe(path: str) -> Chain:
    """Read a chain from a JSON file; pictures in it are found beside the file.

    Raises:
      UserError: no such file, or no chain in it.
    """
    file = Path(path).expanduser()
    try:
        text = file.read_bytes()
    except OSError as error:
        raise UserError(f"--recipe {path}: {error.strerror or error}") from None
    chain = Chain.from_json(text, where=path)
    return with_pictures(chain, file.parent)


class Done(Protocol):
    """Told of each job that is made, and of each that cannot be, with the reason."""

    def __call__(self, job: Job, reason: str | None = None) -> None:
        """Take note; raises ``UserError`` where a bad file ends the command."""


Editor: TypeAlias = Callable[[Chain, Mapping[Job, tuple[int, int, int]], Request, Done], None]
"""Makes the files of jobs whose photos have these shapes."""


def edit_files(request: Request, edit: Editor) -> int:
    """Edit every image that is not made yet; return the exit code: 1 where some file could not be read.

    Raises:
      UserError: no image, two images for one file, a parameter that does not suit, a folder that may not be written.
    """
    try:
        return _edit_files(request, edit)
    except OSError as error:
        if is_disk_full(error):
            raise
        raise UserError(f"{error.filename or request.out}: {error.strerror or error}") from None


def _edit_files(request: Request, edit: Editor) -> int:
    jobs, out_folder = find_jobs(request.inputs, request.out, request.into_folder, request.suffix)
    chain = with_pictures(request.chain, Path())
    recipe = {"edits": _described(request.chain), "precision": request.precision, **vars(request.writing)}
    waiting = missing_jobs(jobs, recipe, out_folder, overwrite=request.overwrite)
    bad: dict[Path, str] = {}
    with _progress(len(waiting), request.progress) as advance:

        def done(job: Job, reason: str | None = None) -> None:
            if reason is not None:
                _note_bad(job, reason, bad, request)
            advance(1)

        edit(chain, _measured(waiting, done), request, done)
    if out_folder is None:
        print(_story_of_file(jobs[0]))
    else:
        print(_story_of_folder(out_folder, len(jobs), len(waiting), len(bad)))
    return 1 if bad else 0


def _described(chain: Chain) -> list[str]:
    """Return each operation in words, a picture in it by its checksum: another picture is another recipe."""

    def word(value: Any) -> str:
        if isinstance(value, np.ndarray):
            return f"picture {value.shape} {zlib.crc32(value.tobytes()):08x}"
        return repr(value)

    return [
        f"{operation.kind} " + ", ".join(f"{name}={word(value)}" for name, value in parameters_of(operation).items())
        for operation in chain.operations
    ]


def _measured(waiting: Sequence[Job], done: Done) -> dict[Job, tuple[int, int, int]]:
    def head(job: Job) -> tuple[int, int, int] | str:
        try:
            return measure(job.source)
        except BadImageError as error:
            return str(error)

    shapes = {}
    for job, found in zip(waiting, map_in_threads(head, waiting), strict=True):
        if isinstance(found, str):
            done(job, found)
        else:
            shapes[job] = found
    return shapes


def _note_bad(job: Job, reason: str, bad: dict[Path, str], request: Request) -> None:
    if not request.skip_bad or (len(request.inputs) == 1 and Path(request.inputs[0]) == job.source):
        raise UserError(f"{job.source}: {reason}")
    bad[job.source] = reason
    print(f"skipped {job.source}: {reason}", file=sys.stderr)


def with_pictures(chain: Chain, folder: Path) -> Chain:
    """Return the chain with the pictures that its operations name, read from files.

    Raises:
      UserError: a file that cannot be read.
    """

    def read(name: str, value: Any, kind: str) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return read_photo(folder / Path(value).expanduser()).pixels
        except BadImageError as error:
            raise UserError(f"{kind}.{name} {value}: {error}") from None

    return mapped(chain, Pixels, read)


@contextlib.contextmanager
def _progress(count: int, wanted: bool) -> Iterator[Callable[[int], object]]:
    from tqdm import tqdm

    with tqdm(total=count, unit="img", disable=None if wanted and count > 1 else True) as bar:
        yield functools.partial(bar.update)


def _story_of_file(job: Job) -> str:
    height, width, _ = measure(job.target)
    return f"{job.target}: {height} high, {width} wide"


def _story_of_folder(folder: Path, jobs: int, waiting: int, bad: int) -> str:
    if bad == jobs:
        raise RunError(f"none of {jobs} files could be read")
    parts = [f"{waiting - bad} edited"]
    parts += [f"{jobs - waiting} were there"] if jobs > waiting else []
    parts += [f"{bad} skipped"] if bad else []
    return f"{folder}: {', '.join(parts)}"
