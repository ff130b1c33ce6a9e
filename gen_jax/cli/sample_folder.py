"""``gen-jax sample --out FOLDER/``: one file an image, shared among processes, continued after any of them ended."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from gen_jax.cli.sample_plan import Plan, Request, curve_of, space_of
from gen_jax.cli.verifying import verify
from gen_jax.io.fingerprint import digest
from gen_jax.io.image_sets import NumberedImages
from gen_jax.io.models import LoadedModel
from gen_jax.io.pieces import Made, Pieces, Record, incomplete
from gen_jax.latent.decode import CHUNK, Decoder


def make_folder(model: LoadedModel, request: Request, decoder: Decoder, planned: Plan) -> str:
    """Make what is missing of a folder; return what to tell the user.

    Raises:
      UserError: the folder holds other images.
    """
    folder, pieces = _folder_of(request, planned)
    # Before the images are listed: whatever a record names then is seen, or is gone.
    recorded = pieces.recorded()
    there = folder.open(_settings(model, request), total=planned.total)
    pieces.create()
    pieces.forget(incomplete(pieces, there, recorded))
    source = decoder.put(planned.source)
    made = 0
    with _bar(planned.total, there, request) as bar:

        def decode(numbers: list[int]) -> Any:
            rows = jax.tree.map(lambda row: row[np.array(numbers)], planned.rows)
            for part in decoder.stream(source, rows):
                bar.update(len(part))
                yield from part

        for number in pieces.unfinished():
            members = pieces.members(number)
            kept = folder.inspect([member for member in members if there[member]])
            new = _made(folder, members, kept, decode)
            all_of_it = sorted((kept | new).items())
            pieces.finish(number, Record({folder.name(member): file for member, file in all_of_it}, {}))
            made += len(new)
    if planned.labels is not None and (request.shard.is_first or not folder.has_labels()):
        folder.write_labels(planned.labels)
    answered = sum(len(pieces.members(number)) for number in pieces.own())
    return f"{request.out}: {made} made, {answered - made} were there"


def verify_folder(model: LoadedModel, request: Request, planned: Plan) -> int:
    """Say which images of a folder are missing or broken; return the exit code.

    Raises:
      UserError: the folder holds other images.
    """
    folder, pieces = _folder_of(request, planned)
    folder.check(_settings(model, request))
    return verify(pieces, request.out, folder.name)


def _folder_of(request: Request, planned: Plan) -> tuple[NumberedImages, Pieces]:
    def checksum(members: range) -> int:
        return zlib.crc32(f"{members.start}-{members.stop} {request.format}".encode())

    folder = NumberedImages(request.out, format=request.format)
    return folder, Pieces(request.out, total=planned.total, shard=request.shard, digest=checksum)


def _made(
    folder: NumberedImages, members: range, kept: dict[int, Made], decode: Callable[[list[int]], Any]
) -> dict[int, Made]:
    """Make the images of a piece that are not kept."""
    chunks = sorted({member // CHUNK for member in members if member not in kept})
    # Whole chunks, so that every image keeps its place; what is there already is made again and dropped.
    numbers = [n for chunk in chunks for n in range(chunk * CHUNK, min((chunk + 1) * CHUNK, members.stop))]
    if not numbers:
        return {}
    return folder.write((n, image) for n, image in zip(numbers, decode(numbers), strict=True) if n not in kept)


def _bar(total: int, there: np.ndarray, request: Request) -> Any:
    from tqdm import tqdm

    # None: only on a terminal.
    shown = None if request.shard.is_first else True
    return tqdm(total=total, initial=int(there.sum()), unit="image", disable=shown)


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
