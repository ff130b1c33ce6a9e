"""The loop in one process: exact resume, divergence, changed configurations, transfer, placements."""

import dataclasses
import json

import jax
import numpy as np
import pytest

from gen_jax.augment.affine import RandomAffine
from gen_jax.augment.color import ColorJitter
from gen_jax.data.config import EmbeddedData
from gen_jax.data.dataset import Dataset, dataset_from_source
from gen_jax.data.source import ArraySource
from gen_jax.errors import RunError, UserError
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.io.checkpoint import list_checkpoints
from gen_jax.io.checkpoint_reading import restore_item
from gen_jax.io.writers import read_metrics
from gen_jax.models import ConvVaeConfig, DcganConfig
from gen_jax.objectives.config import AdversarialObjective, ElboObjective
from gen_jax.train import loop

BATCH = 8
AUGMENT = (RandomAffine(degrees=10, resample="bilinear"), ColorJitter(brightness=0.2))
ITEMS = ("params", "ema", "opt_state", "stats", "progress")


pytestmark = pytest.mark.usefixtures("compiled_once")


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    images = np.random.default_rng(0).integers(0, 256, (50, 16, 16, 1), np.uint8)
    labels = np.arange(50, dtype=np.int32) % 3
    return dataset_from_source(ArraySource.from_arrays(images, labels, ("a", "b", "c")))


def experiment_of(**changes) -> Experiment:
    settings = TrainConfig(
        images=12 * BATCH,
        batch=BATCH,
        checkpoint_every=4 * BATCH,
        sample_every=6 * BATCH,
        log_every=3 * BATCH,
        num_samples=6,
        tensorboard=False,
        keep_last=10,
    )
    experiment = Experiment(
        name="tiny",
        data=EmbeddedData(mirror=True, augment=AUGMENT),
        model=DcganConfig(size=16, width=8, latent_size=4, conditional=True),
        objective=AdversarialObjective(r1=1.0, r2=0.0),
        train=dataclasses.replace(settings, **changes.pop("train", {})),
    )
    return dataclasses.replace(experiment, **changes)


def run(experiment, folder, dataset, **options):
    return loop.train(experiment, folder, dataset=dataset, progress=False, **options)


def arrays_of(folder, images=None):
    return {name: restore_item(folder / "checkpoints", name, images)[0] for name in ITEMS}


def same(left, right) -> bool:
    leaves = zip(jax.tree.leaves(left), jax.tree.leaves(right), strict=True)
    return all(np.array_equal(a, b, equal_nan=True) for a, b in leaves)


def lines_of(folder):
    lines = read_metrics(folder / "metrics.jsonl")
    return [{name: value for name, value in line.items() if not name.startswith("perf/")} for line in lines]


def pictures_of(folder):
    return {path.name: path.read_bytes() for path in (folder / "samples").iterdir()}


class PowerCut(Exception):
    """Stands for kill -9 in the tests that stay in one process."""


def cut_power_at(monkeypatch, step):
    whole = loop.Loop._at_stop

    def at_stop(self):
        if self.step == step:
            raise PowerCut
        whole(self)

    monkeypatch.setattr(loop.Loop, "_at_stop", at_stop)


def notify_at(monkeypatch, step):
    """Announce an eviction when a step is done."""
    whole = loop.Loop._at_stop

    def at_stop(self):
        if self.step == step:
            self.request.save()
        return whole(self)

    monkeypatch.setattr(loop.Loop, "_at_stop", at_stop)


@pytest.fixture(scope="module")
def finished(tmp_path_factory, dataset):
    folder = tmp_path_factory.mktemp("finished")
    outcome = run(experiment_of(), folder, dataset)
    assert (outcome.images, outcome.resumed_from) == (12 * BATCH, None)
    return folder


@pytest.mark.parametrize("step", [2, 7, 11])
def test_resume_continues_bit_for_bit(finished, tmp_path, dataset, monkeypatch, step):
    with monkeypatch.context() as patch:
        cut_power_at(patch, step)
        with pytest.raises(PowerCut):
            run(experiment_of(), tmp_path, dataset)
    outcome = run(experiment_of(), tmp_path, dataset)
    expected_start = step // 4 * 4 * BATCH or None
    assert outcome.resumed_from == expected_start
    assert same(arrays_of(tmp_path), arrays_of(finished))
    assert lines_of(tmp_path) == lines_of(finished)
    assert pictures_of(tmp_path) == pictures_of(finished)


def test_a_finished_run_is_left_as_it_is(finished, dataset):
    before = (finished / "metrics.jsonl").read_bytes()
    outcome = run(experiment_of(), finished, dataset)
    assert outcome.resumed_from == outcome.images == 12 * BATCH
    assert (finished / "metrics.jsonl").read_bytes() == before


def test_every_interval_is_kept(finished):
    assert list_checkpoints(finished / "checkpoints") == [4 * BATCH, 8 * BATCH, 12 * BATCH]
    assert [line["images"] for line in lines_of(finished)] == [3 * BATCH, 6 * BATCH, 9 * BATCH, 12 * BATCH]
    assert sorted(pictures_of(finished)) == [f"samples-{n * BATCH:012}.png" for n in (0, 6, 12)]


def test_a_damaged_newest_checkpoint_is_passed_over_and_the_end_is_the_same(finished, tmp_path, dataset, monkeypatch):
    with monkeypatch.context() as patch:
        cut_power_at(patch, 11)
        with pytest.raises(PowerCut):
            run(experiment_of(), tmp_path, dataset)
    newest = tmp_path / "checkpoints" / str(8 * BATCH)
    victim = max((path for path in (newest / "params").rglob("*") if path.is_file()), key=lambda p: p.stat().st_size)
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    outcome = run(experiment_of(), tmp_path, dataset)
    assert outcome.resumed_from == 4 * BATCH
    assert same(arrays_of(tmp_path), arrays_of(finished))


def test_a_notice_makes_one_checkpoint_and_training_goes_on(finished, tmp_path, dataset, monkeypatch):
    notify_at(monkeypatch, 5)
    run(experiment_of(), tmp_path, dataset)
    # Seen at the next step; the votes still on their way ask for no second one.
    assert list_checkpoints(tmp_path / "checkpoints") == [4 * BATCH, 6 * BATCH, 8 * BATCH, 12 * BATCH]
    assert same(arrays_of(tmp_path), arrays_of(finished))


def test_both_placements_train_the_same_model(finished, tmp_path, dataset):
    data = EmbeddedData(mirror=True, augment=AUGMENT, placement="stream")
    run(experiment_of(data=data), tmp_path, dataset)
    assert same(arrays_of(tmp_path)["params"], arrays_of(finished)["params"])


def test_steps_in_one_call_change_the_result_by_rounding_alone(finished, tmp_path, dataset):
    run(experiment_of(train={"steps_per_call": 5}), tmp_path, dataset)
    one, many = lines_of(finished)[0], lines_of(tmp_path)[0]
    assert one.keys() == many.keys()
    for name, value in one.items():
        np.testing.assert_allclose(many[name], value, rtol=1e-3, atol=1e-4, err_msg=name)
    assert [line["images"] for line in lines_of(tmp_path)] == [line["images"] for line in lines_of(finished)]


def test_a_changed_configuration_is_shown_and_refused(finished, dataset):
    longer = experiment_of(train={"images": 20 * BATCH})
    with pytest.raises(UserError, match=rf"train.images: {12 * BATCH} -> {20 * BATCH}.*--resume.allow-changes"):
        run(longer, finished, dataset)


def test_an_allowed_change_goes_on_from_where_the_run_stood(tmp_path, dataset):
    run(experiment_of(train={"images": 4 * BATCH}), tmp_path, dataset)
    outcome = run(experiment_of(train={"images": 8 * BATCH}), tmp_path, dataset, allow_changes=True)
    assert (outcome.resumed_from, outcome.images) == (4 * BATCH, 8 * BATCH)
    assert json.loads((tmp_path / "config.json").read_text())["train"]["images"] == 8 * BATCH


def test_a_changed_batch_keeps_the_count_of_images(tmp_path, dataset):
    run(experiment_of(train={"images": 4 * BATCH}), tmp_path, dataset)
    changed = experiment_of(train={"images": 8 * BATCH, "batch": 2 * BATCH})
    outcome = run(changed, tmp_path, dataset, allow_changes=True)
    assert (outcome.resumed_from, outcome.images) == (4 * BATCH, 8 * BATCH)
    assert arrays_of(tmp_path)["progress"]["step"] == 4


def test_a_run_that_diverges_stops_with_its_last_good_checkpoint(tmp_path, dataset):
    poisoned = experiment_of(
        data=EmbeddedData(),
        optim=OptimConfig(lr=1e30),
        train={"images": 40 * BATCH, "checkpoint_every": BATCH, "max_skipped": 5},
    )
    with pytest.raises(RunError, match=r"updates in a row were not finite.*Try a lower --optim.lr"):
        run(poisoned, tmp_path, dataset)
    for name in ("params", "ema", "opt_state"):
        assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(arrays_of(tmp_path)[name]))


def test_transfer_takes_what_fits_and_names_what_does_not(finished, tmp_path, dataset, caplog, monkeypatch):
    wider = experiment_of(
        model=DcganConfig(size=16, width=8, latent_size=6, conditional=True),
        train={"init_from": str(finished), "images": BATCH},
    )
    caplog.set_level("INFO", logger="gen_jax")
    start = {}

    def remember(self):
        start["params"] = jax.device_get(self.state.params)
        raise RunError("enough")

    monkeypatch.setattr(loop.Loop, "go", remember)
    with pytest.raises(RunError, match="enough"):
        run(wider, tmp_path, dataset)
    learned = arrays_of(finished)["params"]
    assert same(start["params"]["disc"], learned["disc"])
    assert start["params"]["gen"]["Dense_0"]["Dense_0"]["kernel"].shape[0] == 12
    assert "keep their first values" in caplog.text
    assert "['gen']['Dense_0']['Dense_0']['kernel']" in caplog.text


def test_transfer_from_a_model_that_shares_nothing_is_refused(finished, tmp_path, dataset):
    vae = experiment_of(
        model=ConvVaeConfig(size=16, width=8, latent_size=4),
        objective=ElboObjective(likelihood="bernoulli"),
        train={"init_from": str(finished)},
    )
    with pytest.raises(UserError, match=r"--train.init_from .*no array of it has the name and shape"):
        run(vae, tmp_path, dataset)


def test_a_vae_shows_reconstructions_beside_samples(tmp_path, dataset):
    vae = experiment_of(
        model=ConvVaeConfig(size=16, width=8, latent_size=4, conditional=True),
        data=EmbeddedData(),
        objective=ElboObjective(likelihood="logistic_mixture", mixtures=2),
        train={"images": 6 * BATCH},
    )
    run(vae, tmp_path, dataset)
    names = sorted(pictures_of(tmp_path))
    assert names == [f"{kind}-{n * BATCH:012}.png" for kind in ("reconstructions", "samples") for n in (0, 6)]
    last = lines_of(tmp_path)[-1]
    np.testing.assert_allclose(last["elbo/elbo"], -(last["elbo/rate"] + last["elbo/distortion"]), rtol=1e-5)


def test_two_trainings_do_not_share_a_run_directory(tmp_path, dataset):
    from gen_jax.io.run_directory import RunDirectory

    directory = RunDirectory(tmp_path)
    directory.create()
    with directory.lock(), pytest.raises(UserError, match="in use by another training"):
        run(experiment_of(), tmp_path, dataset)


def test_a_mistake_leaves_nothing_behind(tmp_path, dataset):
    folder = tmp_path / "run"
    with pytest.raises(UserError, match=r"the data have 1 channel and --model.channels is 3"):
        run(experiment_of(model=DcganConfig(size=16, channels=3)), folder, dataset)
    with pytest.raises(UserError, match=r"--train.batch 6: must be a multiple of"):
        run(experiment_of(train={"batch": 6}), folder, dataset)
    assert not folder.exists()
