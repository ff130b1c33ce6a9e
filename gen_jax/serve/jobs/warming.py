"""What is compiled before a service is ready: every program of its models, and the edits that the settings name."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np

from gen_jax.edit.syntax import parse_operation
from gen_jax.errors import UserError
from gen_jax.io.images import encode
from gen_jax.serve.batching.batcher import Batcher
from gen_jax.serve.jobs.models import ServedModel
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem
from gen_jax.serve.requests import EditRequest, GenerateRequest, LogoRequest, ReconstructRequest, TextureRequest
from gen_jax.serve.settings import Settings
from gen_jax.serve.work import Job, Jobs, Work

_log = logging.getLogger(__name__)


class Service(Jobs, Protocol):
    """What ``service.Service`` is to its warm-up."""

    @property
    def models(self) -> Mapping[str, ServedModel]:
        """By name."""
        ...

    @property
    def batcher(self) -> Batcher:
        """Runs the rows of the jobs."""
        ...

    @property
    def limits(self) -> Limits:
        """Of every request."""
        ...


def check(settings: Settings) -> None:
    """Refuse edits and sizes that cannot be read.

    Raises:
      UserError: names the setting, its value, and what is allowed.
    """
    for text in settings.warm_edits:
        parse_operation(text)
    for text in settings.warm_sizes:
        _size(text)
    for one, other in (("warm_edits", "warm_sizes"), ("warm_sizes", "warm_edits")):
        if getattr(settings, one) and not getattr(settings, other):
            raise UserError(f"{one} is given and {other} is not: edits are compiled for sizes; give both, or neither")


def warm_up(service: Service, settings: Settings) -> None:
    """Run everything once, from the request to the answer.

    Raises:
      UserError: an edit of the settings fails on an image of one of their sizes.
      Problem: not-ready, where the service is closed meanwhile.
    """
    for what, job in _smallest(service):
        _run(service, job, what)
    for model in service.models.values():
        for what, job in _jobs_of(service, model):
            _run(service, job, f"model {model.name}: {what}", counts=_counts(service, job.work))
    for edit, size in itertools.product(settings.warm_edits, settings.warm_sizes):
        where = f"warm_edits {edit} at {size}"
        try:
            job = service.edit(EditRequest(image=_noise(*_size(size), 3), edits=(parse_operation(edit),)))
            _run(service, job, where, counts=_counts(service, job.work))
        except (Problem, UserError) as error:
            if isinstance(error, Problem) and error.kind == "not-ready":
                raise
            raise UserError(f"{where}: {error}") from None


def _smallest(service: Service) -> Iterator[tuple[str, Job]]:
    """Yield a job of every kind: libraries are imported at their first use, and all else stands still meanwhile."""
    edits = (parse_operation("rotate=12"), parse_operation("gaussian_blur=2"))
    yield "edits", service.edit(EditRequest(image=_noise(16, 16, 3), edits=edits))
    yield "textures", service.texture(TextureRequest(name="stripes", seed=0, height=16))
    yield "logos", service.logo(LogoRequest(seed=0, height=16, layout="mark"))


def _jobs_of(service: Service, model: ServedModel) -> Iterator[tuple[str, Job]]:
    yield "images", service.generate(GenerateRequest(model=model.name, seed=0))
    yield "truncated images", service.generate(GenerateRequest(model=model.name, seed=0, truncation=0.5))
    if "reconstruct" in model.abilities:
        label = 0 if model.classes else None
        image = _noise(*model.loaded.networks.image_shape)
        yield "reconstruction", service.reconstruct(ReconstructRequest(image=image, model=model.name, label=label))


def _run(service: Service, job: Job, what: str, *, counts: Sequence[int] = (1,)) -> None:
    """Run a job with these numbers of rows."""
    began = time.monotonic()
    for count in counts:
        results = service.batcher.submit(job.work, [*job.rows] * count, deadline=None).future.result()
        if count == 1:
            job.finish(results)
    _log.info("%s: ready in %.1f s", what, time.monotonic() - began)


def _counts(service: Service, work: Work) -> list[int]:
    """Return the least number of rows for each program of a work; powers of two are enough."""
    most = min(work.most, service.limits.waiting)
    powers = [1 << power for power in range(most.bit_length())]
    return list({work.program(count): count for count in reversed(powers)}.values())[::-1]


def _noise(height: int, width: int, channels: int) -> bytes:
    """Return a PNG file; no matter which, so that it is random without a seed of anybody's."""
    levels = np.random.default_rng(0).integers(0, 256, (height, width, channels), np.uint8)
    return encode(levels, "PNG")


def _size(text: str) -> tuple[int, int]:
    """Return height and width of ``HEIGHTxWIDTH``."""
    height, _, width = text.partition("x")
    if not (height.isdecimal() and width.isdecimal() and int(height) and int(width)):
        raise UserError(f"warm_sizes {text}: must be HEIGHTxWIDTH, such as 512x768")
    return int(height), int(width)
