"""``gen-jax edit --endpoint``: a service edits the photos, which are sent as they lie on disk, several at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, Literal

from gen_jax.cli.edit_files import Job
from gen_jax.cli.editing import Done, Request
from gen_jax.data.decode import BadImageError
from gen_jax.edit.chain import Chain
from gen_jax.errors import RunError, UserError
from gen_jax.io import files
from gen_jax.io.photos import Writing, format_of, read_photo, write_photo
from gen_jax.io.pieces import Made, made_of
from gen_jax.serve.client import Client
from gen_jax.serve.client.calling import Refused
from gen_jax.serve.client.sending import edit_entries

_AT_A_TIME = 8
"""Photos on their way; enough to fill the calls of a service, and far below what it lets wait."""

_FORMATS: dict[str, Literal["png", "jpeg", "webp"]] = {"PNG": "png", "JPEG": "jpeg", "WEBP": "webp"}
"""What a service can answer with, by the format of a file."""


def edit_there(
    url: str, chain: Chain, shapes: Mapping[Job, tuple[int, int, int]], request: Request, done: Done
) -> None:
    """Have the photos edited and write them; the files are those of ``edit_here``.

    Args:
      url: of the service.
      chain: with its pictures.
      shapes: its keys are the jobs.
      request: how.
      done: told of each job, with the reason where the service refuses its photo.

    Raises:
      UserError: the service refuses the edits.
      RunError: the service fails, or cannot be reached.
    """
    entries, pictures = edit_entries(chain.operations, {})
    with Client(url) as client, ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="gen_jax-send") as pool:
        futures = {pool.submit(_edit, client, job, entries, pictures, request=request): job for job in shapes}
        try:
            for future in as_completed(futures):
                done(futures[future], future.result())
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _edit(
    client: Client, job: Job, entries: Sequence[Any], pictures: Mapping[str, bytes], *, request: Request
) -> Made | str:
    """Edit one photo and write it; return why not, where that is the photo's fault alone."""
    written = format_of(job.target)
    whole = _makes_the_file(written, request.writing)
    format = _FORMATS[written] if whole else "png"
    try:
        made = client.edit(
            job.source,
            entries,
            pictures=pictures,
            format=format,
            quality=None if format == "png" else request.writing.quality,
            precision=request.precision,
            name=job.name,
        )
    except Refused as error:
        return _fault_of_photo(job, error)
    except RunError as error:
        raise RunError(f"{job.source}: {error}") from None
    if whole:
        job.target.parent.mkdir(parents=True, exist_ok=True)
        files.write_bytes(job.target, made.data)
        return made_of(made.data)
    photo = dataclasses.replace(read_photo(job.source), pixels=made.array())
    return made_of(write_photo(job.target, photo, request.writing))


def _makes_the_file(written: str, writing: Writing) -> bool:
    """Tell whether the service's answer is the file; otherwise its pixels are, and the file is made of them here."""
    return (
        written in _FORMATS and writing.metadata and (written != "PNG" or writing.compression == Writing().compression)
    )


def _fault_of_photo(job: Job, refusal: Refused) -> str:
    if refusal.kind in ("content-too-large", "content-refused"):
        return str(refusal)
    try:
        read_photo(job.source)
    except BadImageError as error:
        return str(error)
    raise UserError(f"{job.source}: {refusal}") from None
