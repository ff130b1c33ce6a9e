"""The service without its transport: it opens models, warms them up, and makes answers of checked requests."""

from __future__ import annotations

import concurrent.futures
import functools
import time
from collections.abc import Mapping
from typing import Any

import jax

from gen_jax.compilation import keep_at_most, keep_programs
from gen_jax.serve.answers.finishing import Finishing
from gen_jax.serve.batching.batcher import Batcher, Observer
from gen_jax.serve.jobs import drawing, editing, generating, reconstructing, warming
from gen_jax.serve.jobs.models import ServedModel, open_models, shortened
from gen_jax.serve.problem import Problem
from gen_jax.serve.requests import EditRequest, GenerateRequest, LogoRequest, ReconstructRequest, TextureRequest
from gen_jax.serve.settings import Settings
from gen_jax.serve.work import Answer, Job

MOST_KEPT = 2 << 30
"""Bytes of compiled programs on disk: clients choose the sizes of images, and each is programs of its own."""


class Service:
    """What answers requests, whatever transport they come by; used by any number of threads at once.

    Args:
      settings: how it is set up.
      models: name -> model; the first answers requests that name none.
      batcher: started; ``close`` closes it.
      finishing: what every picture goes through on its way out.
    """

    def __init__(
        self, settings: Settings, *, models: Mapping[str, ServedModel], batcher: Batcher, finishing: Finishing
    ) -> None:
        self.limits = settings.limits
        self.models = models
        self.batcher = batcher
        self.finishing = finishing
        self._settings = settings
        self._warm = False
        self._closing = False

    @classmethod
    def open(cls, settings: Settings, *, observe: Observer | None = None) -> Service:
        """Load the runs that the settings name; nothing is compiled yet.

        Args:
          settings: how it is set up.
          observe: is told what the batcher does.

        Raises:
          UserError: there is no such run, or a setting cannot be met; said here, not at the first request.
        """
        # Small programs too: a service has many of them, and is to be ready again in seconds.
        keep_programs(settings.compilation_cache, least_seconds=0.0)
        keep_at_most(MOST_KEPT)
        warming.check(settings)
        finishing = Finishing.open(settings)
        models = open_models(settings)
        batcher = Batcher(wait=settings.wait, programs=settings.programs, forget=_forget, observe=observe)
        batcher.start()
        return cls(settings, models=models, batcher=batcher, finishing=finishing)

    @property
    def ready(self) -> bool:
        """Whether all that ``warm_up`` compiles is compiled, and the service is not closing."""
        return self._warm and not self._closing

    def warm_up(self) -> None:
        """Compile what requests will need, or take it from the cache on disk; ``ready`` from then on.

        Raises:
          UserError: an edit of the settings fails on an image of one of their sizes.
          Problem: not-ready, where the service is closed meanwhile.
        """
        warming.warm_up(self, self._settings)
        self._warm = True

    def close(self, *, seconds: float) -> None:
        """Take on nothing more, finish what waits, but after so many seconds refuse the rest."""
        self._closing = True
        self.batcher.close(seconds=seconds)

    # What follows does host work, so that it runs in a thread; it raises Problem or UserError.

    def generate(self, request: GenerateRequest) -> Job:
        """Return the job that makes images of a model."""
        return generating.make_job(self._model(request.model, "generate"), request, self.limits, self.finishing)

    def reconstruct(self, request: ReconstructRequest) -> Job:
        """Return the job that sends an image through a model and back."""
        return reconstructing.make_job(self._model(request.model, "reconstruct"), request, self.limits, self.finishing)

    def edit(self, request: EditRequest) -> Job:
        """Return the job that edits an image."""
        return editing.edit_job(request, self.limits, self.finishing)

    def texture(self, request: TextureRequest) -> Job:
        """Return the job that draws textures."""
        return drawing.texture_job(request, self.limits, self.finishing)

    def logo(self, request: LogoRequest) -> Job:
        """Return the job that draws logos."""
        return drawing.logo_job(request, self.limits, self.finishing)

    def answer(self, job: Job, *, seconds: float | None = None) -> Answer:
        """Run a job, wait for it, and return its answer.

        Args:
          job: of one of the methods above.
          seconds: for the work; left out, ``limits.seconds``.

        Raises:
          Problem: the service is busy or stopping, the time is up, or the answer is refused.
          UserError: the answer does not fit the format.
        """
        deadline = time.monotonic() + (self.limits.seconds if seconds is None else seconds)
        ticket = self.batcher.submit(job.work, job.rows, deadline=deadline)
        try:
            results = ticket.future.result(timeout=max(deadline - time.monotonic(), 0.0))
        except concurrent.futures.TimeoutError:
            ticket.cancel()
            raise Problem("deadline-exceeded", "the work took longer than allowed; ask for less at once") from None
        return job.finish(results)

    def describe_models(self) -> list[dict[str, Any]]:
        """Return what GET /models says, the model first that answers requests that name none."""
        return [model.describe() for model in self.models.values()]

    def describe_operations(self) -> dict[str, Any]:
        """Return what GET /operations says."""
        return _operations()

    def _model(self, name: str | None, ability: str) -> ServedModel:
        able = [model for model in self.models.values() if ability in model.abilities]
        if not able:
            raise Problem("unprocessable", f"this service has no model that can {ability}")
        if name is None:
            return able[0]
        known = ", ".join(model.name for model in able)
        if name not in self.models:
            raise Problem(
                "unprocessable", f"model {shortened(name)}: unknown; the models that can {ability} are {known}"
            )
        if self.models[name] not in able:
            raise Problem("unprocessable", f"model {name}: cannot {ability}; the models that can are {known}")
        return self.models[name]


def _forget() -> None:
    jax.clear_caches()
    keep_at_most(MOST_KEPT)


@functools.cache
def _operations() -> dict[str, Any]:
    from gen_jax.serve.jobs.operations import describe

    return describe()
