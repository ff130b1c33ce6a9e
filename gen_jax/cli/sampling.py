"""What ``gen-jax sample`` does once its words are understood: rows, images, files."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import jax
import numpy as np

from gen_jax.cli.sample_plan import Plan, Request, curve_of, latents_of, plan, space_of
from gen_jax.errors import UserError
from gen_jax.io import films
from gen_jax.io import images as image_files
from gen_jax.io.fingerprint import digest
from gen_jax.io.image_sets import NumberedImages, write_npz
from gen_jax.io.latents import write_latents
from gen_jax.io.models import LoadedModel
from gen_jax.latent.decode import CHUNK, Decoder, make_decoder, share_of

MOST_COLUMNS = 16
MOST_PIXELS = 16_383
"""Longest side of a strip: WebP allows no more, and few viewers do."""


def make(model: LoadedModel, request: Request) -> str:
    """Make the images and write them; return what to tell the user, empty on every process but the first.

    A folder is shared among the processes; a file is made by the first.

    Raises:
      UserError: the place of the output may not be written, or holds other images.
    """
    _check_strip(model, request)
    check_place(request.out, folder=request.kind == "folder")
    if request.save_latents is not None:
        check_place(request.save_latents, option="--save-latents")
        if jax.process_index() == 0:
            write_latents(request.save_latents, latents_of(model, request))
    planned = plan(model, request)
    decoder = make_decoder(*planned.stages, batch=request.batch)
    if request.kind == "folder":
        return _make_folder(model, request, decoder, planned)
    if jax.process_index() != 0:
        return ""
    parts = with_bar(decoder.stream(planned.source, planned.rows), total=planned.total)
    if request.kind == "npz":
        shape = (planned.total, *model.networks.image_shape)
        names = model.info.class_names if planned.labels is not None else ()
        write_npz(request.out, parts, shape=shape, labels=planned.labels, class_names=names)
    elif request.kind == "film":
        frames = (frame for part in parts for frame in part)
        films.save(request.out, frames, frames_per_second=request.frames_per_second, scale=request.scale)
    else:
        sheet = image_files.grid(np.concatenate(list(parts)), columns=_columns(model, request))
        image_files.save_image(request.out, sheet)
    return f"{planned.total} images: {request.out}"


def _columns(model: LoadedModel, request: Request) -> int | None:
    """Return how many images stand side by side: a step each, or a class each, or as the sheet looks best."""
    if request.steps is not None:
        return request.steps + 1
    classes = model.networks.num_classes
    if request.seeds is not None or request.latents is not None:
        return None
    return classes if request.label is None and 1 < classes <= MOST_COLUMNS else None


def _check_strip(model: LoadedModel, request: Request) -> None:
    if request.kind != "sheet" or request.steps is None:
        return
    height, width, _ = model.networks.image_shape
    sides = {"--interpolate": (request.steps + 1) * (width + 2), "--num": (request.count - 1) * (height + 2)}
    for option, pixels in sides.items():
        if pixels > MOST_PIXELS:
            value = request.steps if option == "--interpolate" else request.count
            raise UserError(
                f"{option} {value}: the strip would be {pixels} pixels long, and {MOST_PIXELS} is the most; "
                "give less, or --out a folder, an .npz file or a .gif"
            )


def _make_folder(model: LoadedModel, request: Request, decoder: Decoder, planned: Plan) -> str:
    total = planned.total
    folder = NumberedImages(request.out, format=request.format)
    there = folder.open(_settings(model, request), total=total)
    mine = share_of(total, process=jax.process_index(), processes=jax.process_count())
    missing = [number for number in mine if number not in there]
    chunks = sorted({number // CHUNK for number in missing})
    # Whole chunks, so that every image keeps its place; what is there already is made again and dropped.
    numbers = [number for chunk in chunks for number in range(chunk * CHUNK, min((chunk + 1) * CHUNK, total))]
    if numbers:
        parts = decoder.stream(planned.source, jax.tree.map(lambda row: row[np.array(numbers)], planned.rows))
        made = (image for part in with_bar(parts, total=len(numbers)) for image in part)
        folder.write((n, image) for n, image in zip(numbers, made, strict=True) if n not in there)
    if jax.process_count() > 1:
        from jax.experimental import multihost_utils

        multihost_utils.sync_global_devices("samples")
    if jax.process_index() != 0:
        return ""
    if planned.labels is not None:
        folder.write_labels(planned.labels)
    kept = f" ({len(there)} were there)" if there else ""
    return f"{total} images{kept}: {request.out}"


def _settings(model: LoadedModel, request: Request) -> dict[str, Any]:
    """Return what decides the images of a folder; --num may grow, but it is part of a way through latents."""
    settings: dict[str, Any] = {
        "run": model.experiment.name,
        "checkpoint": model.images_seen,
        "weights": digest(model.weights),
        "seed": request.seed,
        "class": request.label,
        "temperature": request.temperature,
        "truncation": request.truncation,
    }
    if request.steps is not None:
        way = {"interpolation": curve_of(model, request), "space": space_of(model, request)}
        settings |= {"interpolate": request.steps, "num": request.count, **way}
    if request.seeds is not None:
        settings["seeds"] = list(request.seeds)
    if request.latents is not None:
        settings["latents"] = request.latents.fingerprint()
    if request.cutoff is not None:
        settings["truncation_cutoff"] = request.cutoff
    if request.shift is not None:
        settings["direction"] = f"{zlib.crc32(request.shift.tobytes()):08x}"
    return settings


def check_place(out: Path, *, option: str = "--out", folder: bool = False) -> None:
    """Make the folder that a result goes to, or that it is, and find out before the work whether it can be written.

    Raises:
      UserError: it cannot.
    """
    place = out if folder else out.parent
    try:
        place.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise UserError(f"{option} {out}: a file is in the way of the folder {place}; choose another") from None
    except PermissionError as error:
        raise UserError(f"{option} {out}: {error.strerror} to make {place}; choose another place") from None
    if not os.access(place, os.W_OK | os.X_OK):
        raise UserError(f"{option} {out}: the folder {place} may not be written; choose another place")


def with_bar(parts: Iterable[np.ndarray], *, total: int) -> Iterator[np.ndarray]:
    """Show a progress bar on a terminal while the parts go by."""
    from tqdm import tqdm

    # None: only on a terminal.
    with tqdm(total=total, unit="image", disable=None if jax.process_index() == 0 else True) as bar:
        for part in parts:
            yield part
            bar.update(len(part))
