"""What only GANs have survives a power cut in the middle of a burn-in: p, mean style, mean path length, schedules."""

import dataclasses

import numpy as np
import pytest

from gen_jax import build
from gen_jax.augment.ada_pipes import AdaConfig
from gen_jax.data.config import EmbeddedData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models import StyleGan2Config
from gen_jax.objectives.config import AdversarialObjective, StyleGan2Objective
from tests.train.steps import BATCH, style_networks
from tests.train.test_loop import PowerCut, arrays_of, cut_power_at, lines_of, run, same

pytestmark = pytest.mark.usefixtures("compiled_once")

OBJECTIVES = {
    "stylegan2": StyleGan2Objective(r1=1.0, r1_every=1, path_length_every=1),
    "relativistic": AdversarialObjective(
        r1=0.1, r1_start=1.0, r2=0.1, r2_start=1.0, style_mixing=0.9, separate_batches=True
    ),
}


@pytest.fixture(autouse=True)
def matrices(monkeypatch):
    """Small matrices in the place of the networks: what is tested is what lies around them."""
    monkeypatch.setattr(build, "build_networks", lambda experiment, info: style_networks())


@pytest.fixture(scope="module")
def dataset():
    from gen_jax.data.dataset import dataset_from_source
    from gen_jax.data.source import ArraySource

    images = np.random.default_rng(0).integers(0, 256, (50, 16, 16, 1), np.uint8)
    return dataset_from_source(ArraySource.from_arrays(images, np.arange(50, dtype=np.int32) % 3, ("a", "b", "c")))


def experiment_of(objective):
    return Experiment(
        name="tiny",
        data=EmbeddedData(),
        model=StyleGan2Config(size=16, channels=1, latent_size=4, style_size=5, conditional=True),
        objective=OBJECTIVES[objective],
        optim=OptimConfig(lr=1e-3, lr_start=1e-2, b2=0.99, b2_start=0.9, eps=1e-3),
        train=TrainConfig(
            images=12 * BATCH,
            batch=BATCH,
            burn_in=10 * BATCH,
            ema_half_life=50,
            ema_half_life_start=0,
            ema_ramp_up=0.0,
            checkpoint_every=4 * BATCH,
            sample_every=12 * BATCH,
            log_every=3 * BATCH,
            num_samples=6,
            tensorboard=False,
            keep_last=10,
        ),
        ada=AdaConfig(pipe="blit", speed=20 * BATCH, target=-0.9, every=3),
    )


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_resume_in_the_middle_of_a_burn_in_continues_bit_for_bit(objective, tmp_path, dataset, monkeypatch):
    experiment = experiment_of(objective)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    run(experiment, whole, dataset)
    with monkeypatch.context() as patch:
        cut_power_at(patch, 7)
        with pytest.raises(PowerCut):
            run(experiment, cut, dataset)
    assert run(experiment, cut, dataset).resumed_from == 4 * BATCH
    kept = arrays_of(cut)
    assert same(kept, arrays_of(whole)) and lines_of(cut) == lines_of(whole)
    assert float(kept["stats"]["ada"]["p"]) > 0.4
    assert np.all(kept["ema"]["buffers"]["mean_style"] != 0)
    if objective == "stylegan2":
        assert float(kept["stats"]["path_length"]) > 0


def test_weights_of_another_run_bring_their_mean_style_along(tmp_path, dataset):
    experiment = experiment_of("relativistic")
    run(experiment, tmp_path / "first", dataset)
    train = dataclasses.replace(experiment.train, init_from=str(tmp_path / "first"), images=BATCH)
    run(dataclasses.replace(experiment, train=train), tmp_path / "second", dataset)
    first, second = (arrays_of(tmp_path / name) for name in ("first", "second"))
    moved = second["params"]["buffers"]["mean_style"] - first["params"]["buffers"]["mean_style"]
    assert np.max(np.abs(moved)) < 0.02 and np.any(moved != 0)
    assert float(second["stats"]["ada"]["p"]) == 0.0
