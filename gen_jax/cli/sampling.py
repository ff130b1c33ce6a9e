"""What ``gen-jax sample`` does once its words are understood: rows, images, files."""

from __future__ import annotations

import dataclasses
import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import jax
import numpy as np

from gen_jax import rng
from gen_jax.errors import UserError
from gen_jax.io import images as image_files
from gen_jax.io.fingerprint import fingerprint
from gen_jax.io.image_sets import NumberedImages, write_npz
from gen_jax.io.models import LoadedModel
from gen_jax.latent import interpolate
from gen_jax.latent.decode import CHUNK, Decoder, make_decoder, share_of
from gen_jax.latent.sample import Source, Wanted, WantedBetween, make_interpolation, make_sample
from gen_jax.types import PyTree

MOST_COLUMNS = 16
MOST_PIXELS = 16_383
"""Longest side of a strip: WebP allows no more, and few viewers do."""
FRAMES_PER_SECOND = 20


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
    """Which images, and where to."""

    kind: Literal["sheet", "film", "npz", "folder"]
    out: Path
    count: int
    seed: int
    label: int | None = None
    """Class of all images; None takes the classes in turn."""
    temperature: float = 1.0
    truncation: float | None = None
    steps: int | None = None
    """From latent to latent of an interpolation; None makes the images of the latents themselves."""
    curve: interpolate.Curve = "spherical"
    format: Literal["png", "webp"] = "png"
    batch: int = 256


def make(model: LoadedModel, request: Request) -> str:
    """Make the images and write them; return what to tell the user, empty on every process but the first.

    A folder is shared among the processes; a file is made by the first.

    Raises:
      UserError: the place of the output may not be written, or holds other images.
    """
    _check_strip(model, request)
    rows = wanted_rows(request, model.networks.num_classes)
    source = Source(
        weights=model.weights,
        key=rng.stream(request.seed, "sample"),
        temperature=np.float32(request.temperature),
        truncation=None if request.truncation is None else np.float32(request.truncation),
    )
    of_rows = make_sample(model.bind) if request.steps is None else make_interpolation(model.bind, curve=request.curve)
    decoder = make_decoder(of_rows, batch=request.batch)
    _check_place(request)
    if request.kind == "folder":
        return _make_folder(model, request, decoder, source, rows)
    if jax.process_index() != 0:
        return ""
    total = _total(rows)
    parts = _with_bar(decoder.stream(source, rows), total=total)
    if request.kind == "npz":
        shape = (total, *model.networks.image_shape)
        names = model.info.class_names if rows.labels is not None else ()
        write_npz(request.out, parts, shape=shape, labels=rows.labels, class_names=names)
    else:
        pictures = np.concatenate(list(parts))
        if request.kind == "film":
            image_files.save_film(request.out, list(pictures), seconds=total / FRAMES_PER_SECOND)
        else:
            sheet = image_files.grid(pictures, columns=_columns(model, request))
            image_files.save_image(request.out, sheet)
    return f"{total} images: {request.out}"


def wanted_rows(request: Request, num_classes: int) -> Wanted | WantedBetween:
    """Return one row an image: its number, or its frame, and its class.

    A frame has the class of the nearer of its two ends.
    """
    if request.steps is None:
        index = np.arange(request.count, dtype=np.int32)
        return Wanted(index, _labels(index, request.label, num_classes))
    path = interpolate.rows if request.kind == "sheet" else interpolate.loop
    frames = path(request.count, request.steps)
    nearer = np.where(frames.share < 0.5, frames.start, frames.end)
    return WantedBetween(frames, _labels(nearer, request.label, num_classes))


def _labels(index: np.ndarray, label: int | None, num_classes: int) -> np.ndarray | None:
    if not num_classes:
        return None
    return (index % num_classes if label is None else np.full_like(index, label)).astype(np.int32)


def _columns(model: LoadedModel, request: Request) -> int | None:
    """Return how many images stand side by side: a step each, or a class each, or as the sheet looks best."""
    if request.steps is not None:
        return request.steps + 1
    classes = model.networks.num_classes
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


def _make_folder(model: LoadedModel, request: Request, decoder: Decoder, source: Source, rows: PyTree) -> str:
    total = _total(rows)
    folder = NumberedImages(request.out, format=request.format)
    there = folder.open(_settings(model, request), total=total)
    mine = share_of(total, process=jax.process_index(), processes=jax.process_count())
    missing = [number for number in mine if number not in there]
    chunks = sorted({number // CHUNK for number in missing})
    # Whole chunks, so that every image keeps its place; what is there already is made again and dropped.
    numbers = [number for chunk in chunks for number in range(chunk * CHUNK, min((chunk + 1) * CHUNK, total))]
    if numbers:
        parts = decoder.stream(source, jax.tree.map(lambda row: row[np.array(numbers)], rows))
        made = (image for part in _with_bar(parts, total=len(numbers)) for image in part)
        folder.write((n, image) for n, image in zip(numbers, made, strict=True) if n not in there)
    if jax.process_count() > 1:
        from jax.experimental import multihost_utils

        multihost_utils.sync_global_devices("samples")
    if jax.process_index() != 0:
        return ""
    if rows.labels is not None:
        folder.write_labels(rows.labels)
    kept = f" ({len(there)} were there)" if there else ""
    return f"{total} images{kept}: {request.out}"


def _settings(model: LoadedModel, request: Request) -> dict[str, Any]:
    """Return what decides the images of a folder; --num may grow, but it is part of a way through latents."""
    prints = fingerprint(model.weights)
    settings: dict[str, Any] = {
        "run": model.experiment.name,
        "checkpoint": model.images_seen,
        "weights": f"{zlib.crc32(repr(sorted(prints.items())).encode()):08x}",
        "seed": request.seed,
        "class": request.label,
        "temperature": request.temperature,
        "truncation": request.truncation,
    }
    if request.steps is not None:
        settings |= {"interpolate": request.steps, "interpolation": request.curve, "num": request.count}
    return settings


def _total(rows: PyTree) -> int:
    return len(jax.tree.leaves(rows)[0])


def _check_place(request: Request) -> None:
    """Find out before the work whether the result can be written."""
    folder = request.out if request.kind == "folder" else request.out.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise UserError(f"--out {request.out}: a file is in the way of the folder {folder}; choose another") from None
    except PermissionError as error:
        raise UserError(f"--out {request.out}: {error.strerror} to make {folder}; choose another place") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UserError(f"--out {request.out}: the folder {folder} may not be written; choose another place")


def _with_bar(parts: Iterable[np.ndarray], *, total: int) -> Iterator[np.ndarray]:
    from tqdm import tqdm

    # None: only on a terminal.
    with tqdm(total=total, unit="image", disable=None if jax.process_index() == 0 else True) as bar:
        for part in parts:
            yield part
            bar.update(len(part))
