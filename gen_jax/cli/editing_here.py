"""``gen-jax edit`` on this machine: photos in buckets of a shape, one call of the accelerator for each few."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from gen_jax.cli.edit_files import Job
from gen_jax.cli.editing import Done, Request
from gen_jax.data.decode import BadImageError
from gen_jax.data.threads import map_in_threads, usable_cores
from gen_jax.edit.buckets import Bucket, make_buckets
from gen_jax.edit.chain import Chain
from gen_jax.edit.together import edit_together
from gen_jax.io.photos import Photo, Writing, read_photo, write_photo
from gen_jax.io.pieces import made_of


def edit_here(chain: Chain, shapes: Mapping[Job, tuple[int, int, int]], request: Request, done: Done) -> None:
    """Edit the photos and write them.

    Args:
      chain: with its pictures.
      shapes: job -> (height, width, channels) of its photo.
      request: how.
      done: told of each job once its file is written, or with the reason where its photo cannot be read.
    """
    jobs = list(shapes)
    buckets = make_buckets(list(shapes.values()), most_pixels=request.most_pixels)
    with _writers(request.writing, done) as submit:
        for bucket in buckets:
            for places in _calls(bucket):
                members = [jobs[place] for place in places]
                photos = _photos_of(bucket, members, done)
                for job, photo in _edited(chain, bucket, photos, request):
                    submit(job, photo)


def _calls(bucket: Bucket) -> Iterator[tuple[int, ...]]:
    for start in range(0, len(bucket.members), bucket.batch):
        yield bucket.members[start : start + bucket.batch]


def _photos_of(bucket: Bucket, jobs: Sequence[Job], done: Done) -> list[tuple[Job, Photo]]:
    """Read the photos of one call, the bad ones left out."""
    photos: list[tuple[Job, Photo]] = []
    for job, photo in zip(jobs, map_in_threads(_read, jobs), strict=True):
        if isinstance(photo, Photo) and not _fits(photo, bucket):
            photo = "changed while it was read"
        if isinstance(photo, str):
            done(job, photo)
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


@contextlib.contextmanager
def _writers(writing: Writing, done: Done) -> Iterator[Callable[[Job, Photo], None]]:
    """Give ``submit(job, photo)``; at most a few writes wait, and the first failure is raised."""
    most = 4 * usable_cores()
    waiting: collections.deque[tuple[Job, Future[bytes]]] = collections.deque()

    def take_one() -> None:
        job, future = waiting.popleft()
        done(job, made_of(future.result()))

    with ThreadPoolExecutor(usable_cores(), thread_name_prefix="gen_jax-write") as pool:

        def submit(job: Job, photo: Photo) -> None:
            waiting.append((job, pool.submit(write_photo, job.target, photo, writing)))
            if len(waiting) > most:
                take_one()

        try:
            yield submit
            while waiting:
                take_one()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
