"""What ``gen-jax sample`` does once its words are understood: rows, images, files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from gen_jax.cli.sample_folder import make_folder
from gen_jax.cli.sample_plan import Request, latents_of, plan
from gen_jax.errors import UserError
from gen_jax.io import films
from gen_jax.io import images as image_files
from gen_jax.io.image_sets import write_npz
from gen_jax.io.latents import write_latents
from gen_jax.io.models import LoadedModel
from gen_jax.latent.decode import make_decoder

MOST_PIXELS = 16_383
"""Longest side of a strip: WebP allows no more, and few viewers do."""


def make(model: LoadedModel, request: Request) -> str:
    """Make the images and write them; return what to tell the user.

    Raises:
      UserError: the place of the output may not be written, or holds other images.
    """
    _check_strip(model, request)
    check_place(request.out, folder=request.kind == "folder")
    if request.save_latents is not None:
        check_place(request.save_latents, option="--save-latents")
        if request.shard.is_first:
            write_latents(request.save_latents, latents_of(model, request))
    planned = plan(model, request)
    decoder = make_decoder(*planned.stages, batch=request.batch)
    if request.kind == "folder":
        return make_folder(model, request, decoder, planned)
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
    if request.seeds is not None or request.latents is not None or request.label is not None:
        return None
    return image_files.class_columns(model.networks.num_classes)


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
    with tqdm(total=total, unit="image", disable=None) as bar:
        for part in parts:
            yield part
            bar.update(len(part))
