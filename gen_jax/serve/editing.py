"""An edit as a job: the image read, the chain checked and planned before any accelerator works, the answer made."""

from __future__ import annotations

import dataclasses
import functools
import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gen_jax.edit.chain import Chain
from gen_jax.edit.roles import Pixels
from gen_jax.edit.together import mapped
from gen_jax.io.photos import Photo
from gen_jax.serve.edit_work import EditWork
from gen_jax.serve.intake import read_image
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem
from gen_jax.serve.requests import EditRequest
from gen_jax.serve.work import Answer, Job

if TYPE_CHECKING:
    from gen_jax.serve.finishing import Finishing


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
    pictures = {}
    for name, data in request.pictures.items():
        pictures[name] = read_image(data, limits, what=f"picture {name}").pixels
        finishing.check_input(pictures[name], what=f"picture {name}")
    chain = with_pictures(Chain(request.edits, fuse=True), pictures)
    work = EditWork(chain, photo.pixels.shape, precision=request.precision, most_pixels=limits.output_pixels)
    return Job(
        work=work,
        rows=[(photo.pixels, zlib.crc32(request.name.encode("utf-8", "surrogatepass")))],
        finish=functools.partial(_finish, photo=photo, request=request, finishing=finishing),
    )


def with_pictures(chain: Chain, pictures: Mapping[str, np.ndarray]) -> Chain:
    """Return the chain with the pictures that its operations name; a name is never a path.

    Raises:
      Problem: a name that the request brought no picture for.
    """

    def read(name: str, value: Any, kind: str) -> Any:
        if not isinstance(value, str):
            return value
        if value not in pictures:
            known = ", ".join(sorted(pictures)) or "none"
            raise Problem(
                "unprocessable", f"{kind}.{name} is {value!r:.80}; allowed are the request's pictures: {known:.200}"
            )
        return pictures[value]

    return mapped(chain, Pixels, read)


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
