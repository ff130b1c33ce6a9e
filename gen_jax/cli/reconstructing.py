"""What ``gen-jax reconstruct`` does once its words are understood: images in, pairs or files out."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from gen_jax.cli.edit_files import Job, find_jobs, sources
from gen_jax.cli.sampling import check_place
from gen_jax.data.decode import BadImageError
from gen_jax.data.threads import map_in_threads
from gen_jax.errors import UserError
from gen_jax.io import images as image_files
from gen_jax.io.models import LoadedModel
from gen_jax.io.photos import read_photo
from gen_jax.latent.decode import make_decoder
from gen_jax.latent.reconstruct import Shown, make_reconstruct
from gen_jax.metrics.psnr import psnr
from gen_jax.registry import lookup

MOST_ON_SHEET = 1000
"""Pairs."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
    """Which images, and where to."""

    inputs: tuple[str, ...]
    """Files, folders or patterns."""
    out: Path
    into_folder: bool
    """Whether ``out`` is a folder for one file an image, not a sheet."""
    label: int | None = None
    """Class of all images."""
    format: Literal["png", "webp"] = "png"
    """Of the files in a folder."""
    batch: int = 256


class Pairs(NamedTuple):
    """Some images and what the model keeps of them, uint8 [n, h, w, c]."""

    original: np.ndarray
    made: np.ndarray


def make(model: LoadedModel, request: Request) -> str:
    """Reconstruct the images and write them; return what to tell the user.

    Raises:
      UserError: the model has no encoder or needs a class, an image cannot be read, or the place not be written.
    """
    _check_model(model, request)
    jobs: Sequence[Job] = [Job(path, request.out, name) for word in request.inputs for path, name in sources(word)]
    check_place(request.out, folder=request.into_folder)
    if request.into_folder:
        jobs, _ = find_jobs(request.inputs, request.out, True, f".{request.format}")
    else:
        _check_sheet(request.out, jobs)
    decibels: list[np.ndarray] = []
    sheet: list[np.ndarray] = []
    done = 0
    for pairs in _pairs(model, request, jobs):
        decibels.append(np.asarray(psnr(pairs.made, pairs.original).each))
        if request.into_folder:
            for job, image in zip(jobs[done : done + len(pairs.made)], pairs.made, strict=True):
                image_files.save_image(job.target, image)
        else:
            sheet.append(np.concatenate(pairs, axis=2))
        done += len(pairs.made)
    if sheet:
        image_files.save_image(request.out, image_files.grid(np.concatenate(sheet)))
    each = np.concatenate(decibels)
    return f"{done} images, PSNR {each.mean():.2f} dB ({each.min():.2f} to {each.max():.2f}): {request.out}"


def _pairs(model: LoadedModel, request: Request, jobs: Sequence[Job]) -> Iterator[Pairs]:
    """Yield some images at a time, in order."""
    decoder = make_decoder(make_reconstruct(model.bind), batch=request.batch)
    weights = decoder.put(model.weights)
    label = None if request.label is None else np.int32(request.label)

    def read(job: Job) -> np.ndarray:
        try:
            return model.fitted(read_photo(job.source).pixels)
        except BadImageError as error:
            raise UserError(f"{job.source}: {error}; repair it, or leave it out") from None

    for first in range(0, len(jobs), decoder.rows_per_call):
        images = np.stack(list(map_in_threads(read, jobs[first : first + decoder.rows_per_call])))
        labels = None if label is None else np.full(len(images), label)
        yield Pairs(images, decoder(weights, Shown(images, labels)))


def _check_sheet(out: Path, jobs: Sequence[Job]) -> None:
    lookup(image_files.FORMATS, out.suffix.lower(), what=f"suffix of --out {out}:")
    if len(jobs) > MOST_ON_SHEET:
        raise UserError(f"--out {out}: a sheet takes {MOST_ON_SHEET} pairs, here are {len(jobs)}; give a folder")
    if out.exists() and any(out.samefile(job.source) for job in jobs):
        raise UserError(f"--out {out}: is one of the images; choose another name")


def _check_model(model: LoadedModel, request: Request) -> None:
    kind = model.experiment.model.kind
    if not model.encodes:
        raise UserError(f"{model.run.path}: {kind} has no encoder, so it cannot reconstruct; name the run of a VAE")
    if model.networks.num_classes and request.label is None:
        listed = ", ".join(model.info.class_names[:20])
        raise UserError(f"{model.run.path}: the model must be told the class of the images; give --class, of {listed}")
