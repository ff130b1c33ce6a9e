"""What ``gen-jax edit`` does once its words are understood: edits, what is bad among the images, one file."""

from __future__ import annotations

import dataclasses
import sys
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np

from gen_jax.cli.edit_files import Job, check_free
from gen_jax.data.decode import BadImageError
from gen_jax.data.threads import map_in_threads
from gen_jax.edit.chain import Chain
from gen_jax.edit.operation import parameters_of
from gen_jax.edit.roles import Pixels
from gen_jax.edit.together import mapped
from gen_jax.errors import UserError
from gen_jax.io.photos import Writing, measure, read_photo
from gen_jax.io.pieces import Made
from gen_jax.shard import Shard


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
    shard: Shard = dataclasses.field(default_factory=Shard)
    """Which images of a folder are this process's."""


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

    def __call__(self, job: Job, result: Made | str) -> None:
        """Take note; raises ``UserError`` where a bad file ends the command."""


Editor: TypeAlias = Callable[[Chain, Mapping[Job, tuple[int, int, int]], Request, Done], None]
"""Makes the files of jobs whose photos have these shapes."""


class Results:
    """What became of the jobs."""

    def __init__(self, request: Request, advance: Callable[[int], object]) -> None:
        """Begin with none; ``advance`` moves the progress bar."""
        self.made: dict[Job, Made] = {}
        self.bad: dict[Job, str] = {}
        self._request, self.advance = request, advance

    def done(self, job: Job, result: Made | str) -> None:
        """Take note; raises ``UserError`` where a bad file ends the command."""
        self.advance(1)
        if not isinstance(result, str):
            self.made[job] = result
            return
        inputs = self._request.inputs
        if not self._request.skip_bad or (len(inputs) == 1 and Path(inputs[0]) == job.source):
            raise UserError(f"{job.source}: {result}")
        self.bad[job] = result
        print(f"skipped {job.source}: {result}", file=sys.stderr)


def edit_file(job: Job, request: Request, edit: Editor) -> int:
    """Edit one image into one file; return the exit code.

    Raises:
      UserError: the file is there, or cannot be read.
    """
    check_free(job, overwrite=request.overwrite)
    results = Results(request, lambda count: None)
    edit_jobs([job], request, edit, results)
    height, width, _ = measure(job.target)
    print(f"{job.target}: {height} high, {width} wide")
    return 0


def edit_jobs(jobs: Sequence[Job], request: Request, edit: Editor, results: Results) -> None:
    """Edit images, and write them."""
    chain = with_pictures(request.chain, Path())
    edit(chain, _measured(jobs, results.done), request, results.done)


def recipe_of(request: Request) -> dict[str, Any]:
    """Return what decides the images of a folder, for a file of JSON."""
    return {"edits": _described(request.chain), "precision": request.precision, **vars(request.writing)}


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
