"""Evaluation while training: the numbers, the best checkpoint, early stopping, and all of it after a resume."""

import dataclasses
import json
import typing

import numpy as np
import pytest

from gen_jax.cli.evaluate import main as evaluate
from gen_jax.data.config import EmbeddedData
from gen_jax.data.dataset import Dataset, dataset_from_source
from gen_jax.data.source import ArraySource
from gen_jax.errors import Interrupted, UserError
from gen_jax.evaluate.measures import MEASURES
from gen_jax.experiment import HIGHER_IS_BETTER, KEYS, EvaluateConfig, Experiment, Metric, TrainConfig
from gen_jax.io.checkpoint_reading import list_checkpoints
from gen_jax.io.models import load_model
from gen_jax.io.run_directory import RunDirectory
from gen_jax.io.writers import read_metrics
from gen_jax.models import DcganConfig
from gen_jax.objectives.config import AdversarialObjective
from gen_jax.train import evaluation, loop
from gen_jax.train.evaluation import Progress, progress_of

BATCH = 8
EVALUATE = EvaluateConfig(every=4 * BATCH, metrics=("fd",), features="pixels", num=20)
DATA = EmbeddedData(validation=0.3)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    images = np.random.default_rng(0).integers(0, 256, (60, 16, 16, 1), np.uint8)
    labels = np.arange(60, dtype=np.int32) % 3
    return dataset_from_source(ArraySource.from_arrays(images, labels, ("a", "b", "c")), DATA)


def experiment_of(evaluate: EvaluateConfig = EVALUATE, **train) -> Experiment:
    settings = TrainConfig(
        images=12 * BATCH,
        batch=BATCH,
        checkpoint_every=5 * BATCH,
        sample_every=12 * BATCH,
        log_every=3 * BATCH,
        num_samples=0,
        tensorboard=False,
        keep_last=10,
    )
    return Experiment(
        name="tiny",
        data=DATA,
        model=DcganConfig(size=16, width=8, latent_size=4, conditional=True),
        objective=AdversarialObjective(r1=1.0, r2=0.0),
        train=dataclasses.replace(settings, **train),
        evaluate=evaluate,
    )


def run(experiment, folder, dataset):
    return loop.train(experiment, folder, dataset=dataset, progress=False)


def evaluations(folder) -> dict[int, dict[str, float]]:
    """The evaluations of a run, by images, without the time they took."""
    lines = [line for line in read_metrics(folder / "metrics.jsonl") if "eval/seconds" in line]
    return {line["images"]: {k: v for k, v in line.items() if k not in ("images", "eval/seconds")} for line in lines}


@pytest.fixture(scope="module")
def whole(tmp_path_factory, dataset):
    """A run that nothing disturbed, evaluated three times."""
    folder = tmp_path_factory.mktemp("evaluated") / "run"
    run(experiment_of(), folder, dataset)
    return folder


def test_a_run_is_evaluated_at_every_interval_and_at_its_end(whole):
    found = evaluations(whole)
    assert list(found) == [4 * BATCH, 8 * BATCH, 12 * BATCH]
    for images in found:
        record = json.loads((whole / "evaluations" / f"{images:012d}-training.json").read_bytes())
        [result] = record["results"]
        assert result["value"] == pytest.approx(found[images]["eval/fd"], rel=1e-6)
        assert result["features"].startswith("pixels-") and result["num_generated"] == 20
        assert result["split"] == "train" and result["num_reference"] == 42 and result["baseline_count"] == 18


def test_the_best_checkpoint_is_kept_and_can_be_sampled(whole):
    found = {images: values["eval/fd"] for images, values in evaluations(whole).items()}
    best = min(found, key=found.__getitem__)
    assert list_checkpoints(whole / "best") == [best]
    assert load_model(whole / "best").images_seen == best
    assert load_model(whole / "best" / str(best)).images_seen == best


def test_training_and_the_command_measure_the_same_number(whole, dataset, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez(tmp_path / "train.npz", images=dataset.load_all(progress=False)[0])
    words = ["--checkpoint", str(10 * BATCH), "--num", "20", "--features", "pixels", "--metrics", "fd"]
    assert list_checkpoints(whole / "checkpoints")[-1] == 12 * BATCH
    words[1] = str(12 * BATCH)
    assert evaluate([str(whole), "--reference", str(tmp_path / "train.npz"), *words, "--out", "x.json"]) == 0
    [result] = json.loads((tmp_path / "x.json").read_bytes())["results"]
    assert result["value"] == pytest.approx(evaluations(whole)[12 * BATCH]["eval/fd"], rel=1e-5)


def test_a_resumed_run_measures_the_same_and_remembers_the_best(whole, dataset, tmp_path, monkeypatch):
    measure, calls = evaluation.Evaluations.measure, []

    def stop_in_the_second(self, images, weights):
        calls.append(images)
        if len(calls) == 2:
            raise Interrupted("stopped")
        return measure(self, images, weights)

    folder = tmp_path / "run"
    monkeypatch.setattr(evaluation.Evaluations, "measure", stop_in_the_second)
    with pytest.raises(Interrupted):
        run(experiment_of(), folder, dataset)
    monkeypatch.undo()
    outcome = run(experiment_of(), folder, dataset)
    assert outcome.resumed_from == 5 * BATCH
    assert evaluations(folder) == evaluations(whole)
    assert list_checkpoints(folder / "best") == list_checkpoints(whole / "best")


def test_evaluating_changes_nothing_of_the_training(whole, dataset, tmp_path):
    run(experiment_of(EvaluateConfig()), tmp_path / "plain", dataset)
    losses = [
        [line["loss/gen"] for line in read_metrics(folder / "metrics.jsonl") if "loss/gen" in line]
        for folder in (whole, tmp_path / "plain")
    ]
    assert losses[0] == losses[1] and len(losses[0]) == 4
    assert not (tmp_path / "plain" / "best").exists()


def test_a_run_stops_early_saves_and_stays_stopped(dataset, tmp_path, monkeypatch):
    values = iter([5.0, 4.0, 4.5, 4.2, 1.0])
    monkeypatch.setattr(
        evaluation.Evaluations, "_measure", lambda self, images, weights: {"eval/fd": str(next(values))}
    )
    patient = dataclasses.replace(EVALUATE, every=2 * BATCH, patience=2)
    outcome = run(experiment_of(patient), tmp_path / "run", dataset)
    assert outcome.stopped_early and outcome.images == 8 * BATCH
    assert list_checkpoints(tmp_path / "run" / "checkpoints")[-1] == 8 * BATCH
    assert list_checkpoints(tmp_path / "run" / "best") == [4 * BATCH]
    again = run(experiment_of(patient), tmp_path / "run", dataset)
    assert again.stopped_early and again.images == 8 * BATCH
    assert next(values) == 1.0  # nothing was measured again


@pytest.mark.parametrize(
    ("higher", "values", "best", "waited"),
    [
        (False, [3.0, 2.0, 2.0, float("nan")], 2.0, 2),
        (True, [0.1, 0.5, 0.4], 0.5, 1),
        (False, [float("inf"), 7.0], 7.0, 0),
        (False, [float("nan")], None, 1),
    ],
)
def test_only_a_finite_value_that_is_better_counts_as_better(higher, values, best, waited):
    progress = Progress()
    for value in values:
        progress = progress.after(value, higher=higher)
    assert progress == Progress(best, waited)


def test_progress_is_read_from_the_log_of_a_run():
    lines = [{"loss": 1.0}, {"eval/fd": 3.0}, {"eval/fd": 5.0}, {"eval/kid": 0.0}]
    assert progress_of(lines, EVALUATE) == Progress(3.0, 1)


def test_every_metric_of_training_is_a_measure_and_its_keys_have_a_direction():
    assert set(typing.get_args(Metric)) == KEYS.keys() <= MEASURES.keys()
    assert {key for keys in KEYS.values() for key in keys} >= HIGHER_IS_BETTER


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"metrics": ()}, "--evaluate.metrics: name one at least"),
        ({"best": "precision"}, "--evaluate.best precision: must be one of fd"),
        ({"best": "", "patience": 3}, "--evaluate.patience: needs --evaluate.best"),
        ({"metrics": ("fd", "likelihood")}, "--evaluate.metrics likelihood: needs a VAE"),
        ({"num": 1}, "--evaluate.num 1: must be 2 or more"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_before_training(config, message):
    with pytest.raises(UserError, match=message):
        experiment_of(dataclasses.replace(EVALUATE, **config))


def test_a_part_of_the_data_that_is_empty_is_refused_before_training(dataset, tmp_path):
    plain = dataset_from_source(dataset.source, EmbeddedData())
    experiment = dataclasses.replace(
        experiment_of(dataclasses.replace(EVALUATE, reference="validation")), data=EmbeddedData()
    )
    with pytest.raises(UserError, match="the validation part of 60 images is empty"):
        run(experiment, tmp_path / "run", plain)
    assert not list_checkpoints(RunDirectory(tmp_path / "run").checkpoints)
