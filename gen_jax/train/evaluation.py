"""Measuring while training: samples of the averaged weights, the best checkpoint, and when to stop."""

from __future__ import annotations

import dataclasses
import json
import logging
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh

from gen_jax import parallel
from gen_jax.data.dataset import Dataset
from gen_jax.evaluate.result import to_json
from gen_jax.evaluate.run import evaluate
from gen_jax.evaluate.sets import ImageSet, decoder_of, held, of_dataset, of_model
from gen_jax.evaluate.sources import RealImages
from gen_jax.evaluate.subject import Subject
from gen_jax.experiment import HIGHER_IS_BETTER, EvaluateConfig, Experiment
from gen_jax.io import files
from gen_jax.io.checkpoint import Checkpoints
from gen_jax.io.checkpoint_reading import from_first_process
from gen_jax.io.feature_networks import load_network
from gen_jax.io.models import LoadedModel
from gen_jax.io.run_directory import RunDirectory
from gen_jax.io.writers import read_metrics
from gen_jax.train import program
from gen_jax.types import GanNetworks, PyTree

log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Progress:
    """How the number that matters has gone so far."""

    best: float | None = None
    waited: int = 0
    """Evaluations since the best one."""

    def after(self, value: float, *, higher: bool) -> Progress:
        """Return the progress after one more evaluation; a value that is not finite is never better."""
        sign = 1.0 if higher else -1.0
        if math.isfinite(value) and (self.best is None or sign * (value - self.best) > 0):
            return Progress(value, 0)
        return Progress(self.best, self.waited + 1)


def progress_of(lines: Sequence[Mapping[str, float]], config: EvaluateConfig) -> Progress:
    """Return the progress that the lines of ``metrics.jsonl`` tell; a resumed run goes on from it."""
    progress = Progress()
    for line in lines:
        if f"eval/{config.best}" in line:
            progress = progress.after(line[f"eval/{config.best}"], higher=config.best in HIGHER_IS_BETTER)
    return progress


class Evaluations:
    """The evaluations of a run; every process calls it, the first one measures."""

    def __init__(
        self, experiment: Experiment, networks: program.Networks, dataset: Dataset, mesh: Mesh, run: RunDirectory
    ) -> None:
        """Find the feature network and the real images; nothing is computed yet.

        Raises:
          UserError: weights are missing, or the part of the data to compare with is empty.
        """
        self._config, self._run = experiment.evaluate, run
        self._model = LoadedModel(
            run=run, experiment=experiment, info=dataset.info, networks=networks, weights=None, images_seen=0
        )
        self._gather = jax.jit(lambda tree: tree, out_shardings=parallel.replicated(mesh))
        self._decoder = decoder_of(self._model)
        self._subject = self._compare_with(dataset, experiment)
        self._best: Checkpoints | None = None
        self._progress: Progress | None = None

    def measure(self, images: int, weights: PyTree) -> tuple[dict[str, float], bool]:
        """Return the numbers, by the names of ``metrics.jsonl``, and whether these weights are the best so far.

        Args:
          images: seen so far.
          weights: ``state.ema``, on the devices of the run.
        """
        started = time.perf_counter()
        whole = self._gather(weights)
        text = from_first_process(lambda: json.dumps(self._measure(images, whole)))
        scalars = {name: float(value) for name, value in json.loads(text).items()}
        scalars["eval/seconds"] = time.perf_counter() - started
        if not self._config.best:
            return scalars, False
        before = self.progress()
        value, higher = scalars[f"eval/{self._config.best}"], self._config.best in HIGHER_IS_BETTER
        self._progress = before.after(value, higher=higher)
        return scalars, self._progress.waited == 0 and self._progress.best is not None

    def progress(self) -> Progress:
        """Return how the number that matters has gone so far, the time before a resume included."""
        if self._progress is None:
            lines = from_first_process(lambda: json.dumps(self._told()))
            self._progress = progress_of(
                [{f"eval/{self._config.best}": float(value)} for value in json.loads(lines)], self._config
            )
        return self._progress

    def enough(self) -> bool:
        """Return whether the run should stop early."""
        return self._config.patience > 0 and self.progress().waited >= self._config.patience

    def keep(self, images: int, items: Mapping[str, PyTree], metadata: Mapping[str, Any]) -> None:
        """Begin to write the best checkpoint; the one before goes when it is complete."""
        if self._best is None:
            self._best = Checkpoints(self._run.best, keep_last=1)
        self._best.save(images, items, metadata)

    def __enter__(self) -> Evaluations:
        return self

    def __exit__(self, *error: object) -> None:
        """Wait for the checkpoint under way."""
        if self._best is not None:
            self._best.__exit__(*error)  # type: ignore[arg-type]

    def _told(self) -> list[str]:
        name = f"eval/{self._config.best}"
        return [str(line[name]) for line in read_metrics(self._run.metrics) if name in line]

    def _measure(self, images: int, weights: PyTree) -> dict[str, str]:
        host = jax.tree.map(lambda leaf: np.asarray(leaf), weights)
        if isinstance(self._model.networks, GanNetworks):
            host = {"gen": host["gen"]}
        model = dataclasses.replace(self._model, weights=host, images_seen=images)
        config = self._config
        generated = held(of_model(model, count=config.num, seed=config.seed, decoder=self._decoder))
        subject = dataclasses.replace(self._subject.with_generated(generated), model=model)
        evaluation = evaluate(subject, config.metrics, called=str(self._run.path))
        # The features of the real images are found once and stay.
        self._subject = subject
        self._run.evaluations.mkdir(parents=True, exist_ok=True)
        path = self._run.evaluations / f"{images:012d}-training.json"
        files.write_json(path, to_json(evaluation))
        return {f"eval/{name}": str(value) for name, value in evaluation.scalars().items()}

    def _compare_with(self, dataset: Dataset, experiment: Experiment) -> Subject:
        config = self._config
        network = load_network(
            config.features,
            weights=config.feature_weights,
            size=config.feature_size,
            images=dataset.info.image_shape[:2],
        )
        real = RealImages(experiment.data, dataset.source)

        def part(split: str) -> ImageSet:
            chosen = dataset if split == experiment.data.split else real.dataset(split)
            return held(of_dataset(chosen, split=split, limit=config.num_reference, seed=config.seed))

        train = part(experiment.data.split)
        reference = train if config.reference == experiment.data.split else part(config.reference)
        split = real.held_out_split
        held_out = None if split is None else reference if split == reference.split else part(split)
        return Subject(
            generated=train,  # takes the place of the samples until there are some
            reference=reference,
            train=train,
            held_out=held_out,
            network=network,
            seed=config.seed,
        )
