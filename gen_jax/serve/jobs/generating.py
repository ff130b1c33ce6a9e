"""Images of a model for a client: what a request may say, one row an image, and the answer."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import numpy as np

from gen_jax.io.images import class_columns
from gen_jax.latent.sample import Wanted
from gen_jax.latent.styles import has_styles
from gen_jax.serve.answers.finishing import Finishing, Picture
from gen_jax.serve.jobs.models import ServedModel
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem
from gen_jax.serve.requests import GenerateRequest
from gen_jax.serve.work import Answer, Job

MOST_TRUNCATION = 1e6
"""Of a threshold: float32 holds it, and the Gaussian is long whole."""


def make_job(model: ServedModel, request: GenerateRequest, limits: Limits, finishing: Finishing) -> Job:
    """Return the images ``0`` to ``num - 1`` of a seed, those of ``gen-jax sample --seed``.

    Raises:
      Problem: what the request asks for is too much, or not for this model.
    """
    _check(model, request, limits)
    seed = secrets.randbelow(2**32) if request.seed is None else request.seed
    labels = _labels(model, request)
    facts = {"model": model.name, "checkpoint": model.loaded.images_seen, "seed": seed, **_said(request)}

    def finish(images: Sequence[np.ndarray]) -> Answer:
        pictures = [
            Picture(pixels=image, facts=_facts(model, seed, number, labels)) for number, image in enumerate(images)
        ]
        return finishing.generated(
            pictures, format=request.format, origin="model", facts=facts, columns=_columns(model, request)
        )

    work = model.making.whole if request.truncation is None else model.making.truncated
    return Job(work=work, rows=_rows(model, request, seed, labels), finish=finish)


def _check(model: ServedModel, request: GenerateRequest, limits: Limits) -> None:
    height, width, _ = model.loaded.networks.image_shape
    most = min(limits.images, limits.output_pixels // (height * width))
    if request.num > most:
        raise Problem(
            "content-too-large", f"num {request.num}: one request to {model.name} makes at most {most}; ask again"
        )
    kind, psi = model.loaded.experiment.model.kind, request.truncation
    if has_styles(model.loaded.networks):
        if request.temperature != 1.0:
            raise _refused(
                "temperature", request.temperature, f"has no effect, {kind} normalises its latents; use truncation"
            )
        if psi is not None and not -1 <= psi <= 2:
            raise _refused("truncation", psi, "must be from -1 to 2; 1 changes nothing, 0 is the mean image")
        if request.truncation_cutoff is not None and psi is None:
            raise _refused("truncation_cutoff", request.truncation_cutoff, "give truncation too")
        return
    if request.truncation_cutoff is not None:
        raise _refused("truncation_cutoff", request.truncation_cutoff, f"{kind} has no styles; leave it out")
    if psi is not None and not 0 < psi <= MOST_TRUNCATION:
        raise _refused("truncation", psi, "must be above 0, 1000000 at most; leave it out for the whole Gaussian")


def _refused(field: str, value: Any, why: str) -> Problem:
    return Problem("unprocessable", f"{field} {value}: {why}")


def _columns(model: ServedModel, request: GenerateRequest) -> int | None:
    """Return the columns of the sheet, those of ``gen-jax sample``."""
    return class_columns(model.loaded.networks.num_classes) if request.label is None else None


def _labels(model: ServedModel, request: GenerateRequest) -> np.ndarray | None:
    """Return the class of each image, int32; the classes take turns where the request names none."""
    if request.label is not None:
        return np.full(request.num, model.class_number(request.label), np.int32)
    count = model.loaded.networks.num_classes
    return np.arange(request.num, dtype=np.int32) % np.int32(count) if count else None


def _rows(model: ServedModel, request: GenerateRequest, seed: int, labels: np.ndarray | None) -> list[Wanted]:
    truncation = cutoff = None
    if request.truncation is not None:
        truncation = np.float32(request.truncation)
        if has_styles(model.loaded.networks):
            styles = model.loaded.networks.num_styles  # type: ignore[attr-defined]
            cutoff = np.int32(min(request.truncation_cutoff or styles, styles))
    return [
        Wanted(
            number=np.int32(number),
            labels=None if labels is None else labels[number],
            seed=np.uint32(seed),
            temperature=np.float32(request.temperature),
            truncation=truncation,
            cutoff=cutoff,
        )
        for number in range(request.num)
    ]


def _said(request: GenerateRequest) -> dict[str, Any]:
    """Return what else decides the images, where the request says it."""
    said: dict[str, Any] = {
        "truncation": request.truncation,
        "truncation_cutoff": request.truncation_cutoff,
        "temperature": None if request.temperature == 1.0 else request.temperature,
    }
    return {name: value for name, value in said.items() if value is not None}


def _facts(model: ServedModel, seed: int, number: int, labels: np.ndarray | None) -> dict[str, Any]:
    named = {} if labels is None else {"class": model.classes[labels[number]]}
    return {"seed": seed, "number": number, **named}
