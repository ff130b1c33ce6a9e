"""A client's image through the encoder and decoder of a model: what is left of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gen_jax.latent.reconstruct import Shown
from gen_jax.metrics.psnr import psnr
from gen_jax.serve.answers.finishing import Finishing, Picture
from gen_jax.serve.jobs.models import ServedModel
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem
from gen_jax.serve.reading.intake import read_image
from gen_jax.serve.requests import ReconstructRequest
from gen_jax.serve.work import Answer, Job


def make_job(model: ServedModel, request: ReconstructRequest, limits: Limits, finishing: Finishing) -> Job:
    """Return the reconstruction of an image, as ``gen-jax reconstruct`` makes it.

    Raises:
      Problem: the model has no encoder, the image cannot be read or is too large, or the class is missing or none.
    """
    if model.reconstruction is None:
        kind = model.loaded.experiment.model.kind
        raise Problem("unprocessable", f"model {model.name}: {kind} has no encoder, so it cannot reconstruct")
    label = _label(model, request)
    photo = read_image(request.image, limits, what="image")
    finishing.check_input(photo.pixels, what="image")
    original = model.loaded.fitted(photo.pixels)

    def finish(images: Sequence[np.ndarray]) -> Answer:
        facts = {"model": model.name, "checkpoint": model.loaded.images_seen}
        picture = Picture(pixels=images[0], facts={"psnr": _decibels(images[0], original)})
        return finishing.generated([picture], format=request.format, origin="model", facts=facts)

    return Job(work=model.reconstruction, rows=[Shown(original, label)], finish=finish)


def _label(model: ServedModel, request: ReconstructRequest) -> np.int32 | None:
    if request.label is not None:
        return np.int32(model.class_number(request.label))
    if not model.classes:
        return None
    listed = ", ".join(model.classes[:20])
    raise Problem("unprocessable", f"class: {model.name} must be told the class of the image, such as {listed}")


def _decibels(made: np.ndarray, original: np.ndarray) -> float | None:
    """Return the peak signal-to-noise ratio; None, which JSON can say, of equal images."""
    decibels = float(psnr(made, original).mean)
    return decibels if math.isfinite(decibels) else None
