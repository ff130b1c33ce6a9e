"""An edit as a job: the image read, the chain checked and planned before any accelerator works, the answer made."""

from __future__ import annotations

import dataclasses
import functools
import zlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from gen_jax.edit.canvas import TooManyPixels
from gen_jax.edit.chain import Chain
from gen_jax.edit.roles import Pixels
from gen_jax.edit.together import mapped
from gen_jax.io.photos import Photo
from gen_jax.serve.jobs.edit_work import EditWork
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem
from gen_jax.serve.reading.intake import read_image
from gen_jax.serve.requests import EditRequest
from gen_jax.serve.work import Answer, Job

if TYPE_CHECKING:
    from gen_jax.serve.answers.finishing import Finishing


def edit_job(request: EditRequest, limits: Limits, finishing: Finishing) -> Job:
    """Return the work that an edit is.

    Raises:
      Problem: an image that cannot be read, an edit that does not suit it, or more work than is allowed.
      UserError: a parameter that does not suit the image.
    """
    if len(request.edits) > limits.operations:
        raise Problem(
            "content-too-large", f"edits holds {len(request.edits)} operations; allowed are {limits.operations}"
        )
    photo = read_image(request.image, limits, what="image")
    finishing.check_input(photo.pixels, what="image")
    chain = with_pictures(Chain(request.edits, fuse=True), _reader(request, limits, finishing))
    work = _planned(chain, photo, request, limits)
    return Job(
        work=work,
        rows=[(photo.pixels, zlib.crc32(request.name.encode("utf-8", "surrogatepass")))],
        finish=functools.partial(_finish, photo=photo, request=request, finishing=finishing),
    )


def _reader(request: EditRequest, limits: Limits, finishing: Finishing) -> Callable[[str], np.ndarray]:
    """Return the function from the name of a picture to its pixels; each is read once, and only where it is used."""
    read: dict[str, np.ndarray] = {}

    def pixels_of(name: str) -> np.ndarray:
        if name not in read:
            what = f"picture {name!r:.80}"
            if name not in request.pictures:
                known = ", ".join(map(repr, sorted(request.pictures))) or "none"
                raise Problem("unprocessable", f"{what}: allowed are the pictures of the request: {known:.200}")
            read[name] = read_image(request.pictures[name], limits, what=what).pixels
            finishing.check_input(read[name], what=what)
            if sum(pixels.shape[0] * pixels.shape[1] for pixels in read.values()) > limits.pixels:
                raise Problem("content-too-large", f"pictures: allowed are {limits.pixels} pixels in all of them")
        return read[name]

    return pixels_of


def with_pictures(chain: Chain, pixels_of: Callable[[str], np.ndarray]) -> Chain:
    """Return the chain with the pictures that its operations name, a name being never a path."""
    return mapped(chain, Pixels, lambda _, value, kind: pixels_of(value) if isinstance(value, str) else value)


def _planned(chain: Chain, photo: Photo, request: EditRequest, limits: Limits) -> EditWork:
    """Return the work, once the host has planned it.

    Raises:
      Problem: an image would be too large on the way, or a number is out of all bounds.
      UserError: a parameter that does not suit the image.
    """
    try:
        return EditWork(chain, photo.pixels.shape, precision=request.precision, most_pixels=limits.output_pixels)
    except TooManyPixels as error:
        raise Problem("content-too-large", str(error)) from None
    except ArithmeticError as error:
        raise Problem("unprocessable", f"edits: a number is too large ({error})") from None


def _finish(results: Sequence[np.ndarray], *, photo: Photo, request: EditRequest, finishing: Finishing) -> Answer:
    edited = dataclasses.replace(photo, pixels=results[0])
    return finishing.edited(
        edited,
        format=request.format or _format_of(photo),
        quality=request.quality,
        facts={"edits": len(request.edits)},
        original=request.image,
    )


def _format_of(photo: Photo) -> Literal["png", "webp", "jpeg"]:
    kept: dict[str, Literal["png", "webp", "jpeg"]] = {"WEBP": "webp", "JPEG": "jpeg"}
    return kept.get(photo.format, "png")
