"""What ``gen-jax edit`` does once its words are understood: files in, buckets, one chain, files out."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import numpy as np

from gen_jax.cli.edit_files import Job, find_jobs, missing_jobs
from gen_jax.data.decode import BadImageError
from gen_jax.data.threads import map_in_threads, usable_cores
from gen_jax.edit.buckets import Bucket, make_buckets
from gen_jax.edit.chain import Chain
from gen_jax.edit.operation import parameters_of
from gen_jax.edit.roles import Pixels
from gen_jax.edit.together import edit_together, mapped
from gen_jax.errors import RunError, UserError
from gen_jax.io.files import is_disk_full
from gen_jax.io.photos import Photo, Writing, measure, read_photo, write_photo


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


def edit_files(request: Request) -> int:
    """Edit every image that is not made yet; return the exit code: 1 where some file could not be read.

    Raises:
      UserError: no image, two images for one file, a parameter that does not suit, a folder that may not be written.
    """
    try:
        return _edit_files(request)
    except OSError as error:
        if is_disk_full(error):
            raise
        raise UserError(f"{error.filename or request.out}: {error.strerror or error}") from None


def _edit_files(request: Request) -> int:
    jobs, out_folder = find_jobs(request.inputs, request.out, request.into_folder, request.suffix)
    chain = with_pictures(request.chain, Path())
    recipe = {"edits": _described(request.chain), "precision": request.precision, **vars(request.writing)}
    waiting = missing_jobs(jobs, recipe, out_folder, overwrite=request.overwrite)
    bad: dict[Path, str] = {}
    shapes = _measured(waiting, bad, request)
    good = [job for job in waiting if job in shapes]
    buckets = make_buckets([shapes[job] for job in good], most_pixels=request.most_pixels)
    last: Photo | None = None
    with _progress(len(waiting), request.progress) as advance, _writers() as submit:
        advance(len(bad))
        for bucket in buckets:
            for places in _calls(bucket):
                members = [good[place] for place in places]
                for job, last in _edited(chain, bucket, _photos_of(bucket, members, bad, request), request):
                    submit(write_photo, job.target, last, request.writing)
                advance(len(members))
    if out_folder is None:
        print(_story_of_file(jobs[0], last))
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


def _measured(waiting: Sequence[Job], bad: dict[Path, str], request: Request) -> dict[Job, tuple[int, int, int]]:
    def head(job: Job) -> tuple[int, int, int] | str:
        try:
            return measure(job.source)
        except BadImageError as error:
            return str(error)

    shapes = {}
    for job, found in zip(waiting, map_in_threads(head, waiting), strict=True):
        if isinstance(found, str):
            _note_bad(job, found, bad, request)
        else:
            shapes[job] = found
    return shapes


def _note_bad(job: Job, reason: str, bad: dict[Path, str], request: Request) -> None:
    if not request.skip_bad or (len(request.inputs) == 1 and Path(request.inputs[0]) == job.source):
        raise UserError(f"{job.source}: {reason}")
    bad[job.source] = reason
    print(f"skipped {job.source}: {reason}", file=sys.stderr)


def _calls(bucket: Bucket) -> Iterator[tuple[int, ...]]:
    for start in range(0, len(bucket.members), bucket.batch):
        yield bucket.members[start : start + bucket.batch]


def _photos_of(bucket: Bucket, jobs: Sequence[Job], bad: dict[Path, str], request: Request) -> list[tuple[Job, Photo]]:
    """Read the photos of one call, the bad ones left out."""
    photos: list[tuple[Job, Photo]] = []
    for job, photo in zip(jobs, map_in_threads(_read, jobs), strict=True):
        if isinstance(photo, Photo) and not _fits(photo, bucket):
            photo = "changed while it was read"
        if isinstance(photo, str):
            _note_bad(job, photo, bad, request)
        else:
            photos.append((job, photo))
    return photos


def _edited(
    chain: Chain, bucket: Bucket, photos: Sequence[tuple[Job, Photo]], request: Request
) -> list[tuple[Job, Photo]]:
    """Edit the photos of one call."""
    if not photos:
        return []
    images = edit_together(chain, bucket, [photo.pixels for _, photo in photos], _seeds(photos), request.precision)
    return [(job, dataclasses.replace(photo, pixels=image)) for (job, photo), image in zip(photos, images, strict=True)]


def _fits(photo: Photo, bucket: Bucket) -> bool:
    height, width, channels = photo.pixels.shape
    whole = (height, width) == (bucket.height, bucket.width)
    inside = bucket.padded and height <= bucket.height and width <= bucket.width
    return channels == bucket.channels and (whole or inside)


def _read(job: Job) -> Photo | str:
    try:
        return read_photo(job.source)
    except BadImageError as error:
        return str(error)


def _seeds(photos: Sequence[tuple[Job, Photo]]) -> np.ndarray:
    """Return a number for each image that its name alone decides, so that no batch changes its noise."""
    return np.array([zlib.crc32(job.name.encode()) for job, _ in photos], np.uint32)


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
def _writers() -> Iterator[Callable[..., None]]:
    """Give ``submit(function, *arguments)``; at most a few writes wait, and the first failure is raised."""
    most = 4 * usable_cores()
    waiting: list[Future[None]] = []
    with ThreadPoolExecutor(usable_cores(), thread_name_prefix="gen_jax-write") as pool:

        def submit(function: Callable[..., None], *arguments: Any) -> None:
            waiting.append(pool.submit(function, *arguments))
            if len(waiting) > most:
                waiting.pop(0).result()

        try:
            yield submit
            for future in waiting:
                future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def _progress(count: int, wanted: bool) -> Iterator[Callable[[int], object]]:
    from tqdm import tqdm

    with tqdm(total=count, unit="img", disable=None if wanted and count > 1 else True) as bar:
        yield functools.partial(bar.update)


def _story_of_file(job: Job, photo: Photo | None) -> str:
    if photo is None:
        raise RunError(f"{job.source}: nothing was made of it")
    height, width, _ = photo.pixels.shape
    return f"{job.target}: {height} high, {width} wide"


def _story_of_folder(folder: Path, jobs: int, waiting: int, bad: int) -> str:
    if bad == jobs:
        raise RunError(f"none of {jobs} files could be read")
    parts = [f"{waiting - bad} edited"]
    parts += [f"{jobs - waiting} were there"] if jobs > waiting else []
    parts += [f"{bad} skipped"] if bad else []
    return f"{folder}: {', '.join(parts)}"
