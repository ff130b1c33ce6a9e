"""k-fold cross-validation: each fold trains from scratch without its part of the data, and is measured on it."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import jax
import numpy as np

from gen_jax.data.dataset import Dataset, dataset_from_source, open_source
from gen_jax.errors import UserError
from gen_jax.evaluate import measures
from gen_jax.evaluate.cached import features_of, rows_of
from gen_jax.evaluate.measures.likelihood import bounds_of
from gen_jax.evaluate.result import Evaluation, Result, describe, from_json, to_json
from gen_jax.evaluate.run import environment
from gen_jax.evaluate.sets import ImageSet, held, of_arrays, of_dataset, of_model
from gen_jax.evaluate.subject import ROLES, Progress, Role, Subject, chosen
from gen_jax.experiment import Experiment
from gen_jax.io import files
from gen_jax.io.mlflow_writer import conclude
from gen_jax.io.models import LoadedModel, load_model
from gen_jax.metrics.features import FeatureNetwork
from gen_jax.metrics.frechet import frechet_distance
from gen_jax.train.loop import Outcome, train
from gen_jax.types import GanNetworks

RECORD = "crossval.json"
"""In the run directory of a fold: what was measured of it."""


def fold_experiment(experiment: Experiment, *, folds: int, fold: int) -> Experiment:
    """Return the experiment that trains on all folds but one; the data's own validation share is not used.

    Raises:
      UserError: fewer than 2 folds, or no such fold.
    """
    if folds < 2:
        raise UserError(f"--folds {folds}: must be 2 or more; 5 and 10 are usual")
    if not 0 <= fold < folds:
        raise UserError(f"--fold {fold}: must be from 0 to {folds - 1} with --folds {folds}")
    data: Any = dataclasses.replace(experiment.data, split="train", validation=0.0, folds=folds, fold=fold)
    return dataclasses.replace(experiment, name=f"{experiment.name}-fold-{fold}-of-{folds}", data=data)


def fold_path(root: Path, fold: int) -> Path:
    """Return the run directory of a fold."""
    return root / f"fold-{fold}"


def train_fold(experiment: Experiment, root: Path, *, folds: int, fold: int, progress: bool = True) -> Outcome:
    """Train one fold, or go on with it; raises as ``train.loop.train`` does."""
    part = fold_experiment(experiment, folds=folds, fold=fold)
    outcome = train(part, fold_path(root, fold), progress=progress, nested=True)
    if jax.process_index() == 0:
        conclude(outcome.run, nested=True)
    return outcome


@dataclasses.dataclass(frozen=True, kw_only=True)
class Measuring:
    """How folds are measured; all alike."""

    network: FeatureNetwork
    seed: int = 0
    num: int | None = None
    """Images in every distance; None: as many as the smallest fold holds out."""
    batch: int = 64
    latents: int = 16
    """Drawn an image for the importance-weighted bound of a VAE."""
    progress: Progress = lambda title, done, total: None

    def settings(self, count: int) -> dict[str, Any]:
        """Return what decides the numbers, to be compared with a record."""
        return {
            "features": self.network.label,
            "resize": self.network.resize,
            "seed": self.seed,
            "count": count,
            "latents": self.latents,
        }


def measure_fold(experiment: Experiment, root: Path, measuring: Measuring, *, folds: int, fold: int) -> Evaluation:
    """Measure one trained fold; one that has been measured in the same way is read from its record.

    Every Frechet distance is against the held-out part and of equally many images: ``fd`` of generated ones,
    ``fd_floor`` of training images, which is what a perfect model of the training set would get, and ``fd_excess``
    their difference.
    """
    path = fold_path(root, fold)
    model = load_model(path)
    parts = _parts(experiment, folds=folds, fold=fold)
    smallest = sum(map(len, parts)) // folds  # of the parts held out: every fold is measured on equally many
    count = min(measuring.num or smallest, smallest, len(parts[0]))
    settings = {**measuring.settings(count), "checkpoint": model.images_seen}
    recorded = read_record(path)
    if recorded is not None and recorded[1] == settings:
        return recorded[0]
    started = time.perf_counter()
    subject = _subject(model, parts, measuring, fold=fold, count=count)
    results = [*_distances(subject, count), *_memorization(subject), *_likelihood(subject, model, count)]
    evaluation = Evaluation(
        subject=f"fold {fold}",
        images_seen=model.images_seen,
        results=tuple(results),
        sets={role: describe(getattr(subject, role)) for role in ROLES},
        seconds=time.perf_counter() - started,
        environment=environment(),
    )
    files.write_json(path / RECORD, {"settings": settings, "evaluation": to_json(evaluation)})
    return evaluation


def read_record(path: Path) -> tuple[Evaluation, dict[str, Any]] | None:
    """Return what was measured of a fold and with which settings; None where there is no sound record."""
    try:
        tree = json.loads((path / RECORD).read_bytes())
        return from_json(tree["evaluation"]), tree["settings"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _parts(experiment: Experiment, *, folds: int, fold: int) -> tuple[Dataset, Dataset]:
    """Return the images that a fold trains on, and those it holds out."""
    data = fold_experiment(experiment, folds=folds, fold=fold).data
    source = open_source(data, size=experiment.model.size)
    train, held_out = (
        dataset_from_source(source, dataclasses.replace(data, split=split)) for split in ("train", "validation")
    )
    return train, held_out


def _subject(
    model: LoadedModel, parts: tuple[Dataset, Dataset], measuring: Measuring, *, fold: int, count: int
) -> Subject:
    """Return the comparison of a fold; all folds share the features of all images."""
    named = zip(parts, ("training part", "held-out part"), strict=True)
    train_images, held_out = (held(of_dataset(part, split=f"{name} of fold {fold}")) for part, name in named)
    subject = Subject(
        generated=held(of_model(model, count=count, seed=measuring.seed)),
        reference=held_out,
        train=train_images,
        held_out=held_out,
        model=model,
        network=measuring.network,
        seed=measuring.seed,
        batch=measuring.batch,
        latents=measuring.latents,
        progress=measuring.progress,
    )
    pool = dataclasses.replace(parts[0], indices=np.sort(np.concatenate([part.indices for part in parts])))
    everything = features_of(
        held(of_dataset(pool, split="all folds")),
        measuring.network,
        keep=True,
        batch=measuring.batch,
        progress=lambda done: measuring.progress("features of all folds", done, len(pool)),
    )
    roles: tuple[tuple[Role, Dataset], ...] = (("train", parts[0]), ("held_out", parts[1]))
    for role, part in roles:
        subject.know(role, rows_of(everything, np.searchsorted(pool.indices, part.indices)))
    return subject


def _distances(subject: Subject, count: int) -> list[Result]:
    held_out = subject.features("held_out")
    reference = held_out[chosen(len(held_out), count, subject.seed)]
    train = subject.features("train")
    some = train[chosen(len(train), count, subject.seed)]
    distance = frechet_distance(subject.features("generated"), reference).distance
    floor = frechet_distance(some, reference).distance
    common: dict[str, Any] = {"against": "held_out", "num_reference": count}
    return [
        subject.result("fd", "Frechet distance to held-out", distance, better="lower", baseline=floor, **common),
        subject.result(
            "fd_floor",
            "floor: training images to held-out",
            floor,
            better="neither",
            generated=subject.images("train").name,
            num_generated=count,
            **common,
        ),
        subject.result("fd_excess", "Frechet distance above its floor", distance - floor, better="lower", **common),
    ]


def _memorization(subject: Subject) -> list[Result]:
    wanted = ("authenticity", "c_t", "closer_to_train")
    return [result for result in measures.MEASURES["memorization"].run(subject) if result.key in wanted]


def _likelihood(subject: Subject, model: LoadedModel, count: int) -> list[Result]:
    """Return held-out bits per dimension of a VAE, those of as many training images, and the gap."""
    if isinstance(model.networks, GanNetworks):
        return []
    held_out = measures.MEASURES["likelihood"].run(subject)
    train = subject.images("train")
    rows = chosen(train.count, count, subject.seed)
    some = _subset(train, rows)
    # The gap is between the plain bounds, for which one latent an image is enough.
    value = bounds_of(model, some, samples=1, seed=subject.seed).bits_per_dimension
    first = held_out[0]
    trained = dataclasses.replace(
        first,
        key=f"train_{first.key}",
        name=f"{first.name}, training images",
        value=value,
        spread=None,
        better="neither",
        reference=train.name,
        split=train.split,
        num_reference=len(rows),
    )
    gap = dataclasses.replace(
        first,
        key="generalisation_gap",
        name="bits per dimension, held-out minus training",
        value=first.value - value,
        spread=None,
    )
    return [*held_out, trained, gap]


def _subset(images: ImageSet, rows: np.ndarray) -> ImageSet:
    labels = None if images.labels is None else images.labels[rows]
    return of_arrays(images.take(rows), labels, name=images.name, split=images.split, class_names=images.class_names)


def missing(root: Path, *, folds: int) -> list[int]:
    """Return the folds that have not been measured yet."""
    return [fold for fold in range(folds) if read_record(fold_path(root, fold)) is None]
