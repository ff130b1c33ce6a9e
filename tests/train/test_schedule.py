"""Everything that is scheduled by images seen, at one step."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.experiment import OptimConfig
from gen_jax.train import schedule
from tests.golden import golden_json
from tests.train.steps import gan_experiment


@pytest.mark.parametrize(
    ("fields", "images", "expected"),
    [
        ({}, 0, 0.01),
        ({}, 1000, 0.01),
        ({"warmup": 100}, 0, 0.0),
        ({"warmup": 100}, 25, 0.0025),
        ({"warmup": 100}, 500, 0.01),
        ({"decay": "linear"}, 250, 0.0075),
        ({"decay": "linear", "final_share": 0.5}, 1000, 0.005),
        ({"decay": "linear", "warmup": 200}, 100, 0.005),
        ({"decay": "linear", "warmup": 200}, 600, 0.005),
        ({"decay": "cosine"}, 500, 0.005),
        ({"decay": "cosine"}, 250, 0.01 * (1 + np.sqrt(0.5)) / 2),
        ({"decay": "cosine", "final_share": 0.1}, 5000, 0.001),
        ({"decay": "cosine", "warmup": 1000}, 1000, 0.01),
    ],
)
def test_learning_rate_matches_a_hand_calculation(fields, images, expected):
    rate = schedule.learning_rate(OptimConfig(lr=0.01, **fields), jnp.float32(images), total=1000)
    np.testing.assert_allclose(rate, expected, rtol=1e-5, atol=1e-12)


def burning_in(batch=512):
    """The schedules of R3GAN on CIFAR-10 (arXiv 2501.05441, appendix D)."""
    base = gan_experiment()
    return dataclasses.replace(
        base,
        optim=dataclasses.replace(base.optim, lr=5e-5, lr_start=2e-4, b2=0.99, b2_start=0.9),
        train=dataclasses.replace(
            base.train,
            batch=batch,
            images=250_000_000,
            burn_in=20_000_000,
            ema_half_life=5_000_000,
            ema_half_life_start=0,
            ema_ramp_up=0.0,
        ),
    )


@pytest.mark.parametrize("nimg", [0, 1_000_000, 5_000_000, 10_000_000, 19_000_000, 20_000_000, 50_000_000])
def test_the_burn_in_of_r3gan_is_the_published_one(nimg):
    table = golden_json("r3gan_schedule_cifar10")
    row = next(row for row in table["rows"] if row["nimg"] == nimg)
    experiment = burning_in(batch=500)  # every count of the table is a whole number of batches
    now = schedule.at(experiment, jnp.int32(nimg // 500))
    np.testing.assert_allclose(now.lr, row["lr"], rtol=1e-6)
    np.testing.assert_allclose(now.b2, row["beta2"], rtol=1e-6)
    half_life = -500 * np.log(2) / np.log(float(now.ema_decay)) if now.ema_decay else 0.0
    np.testing.assert_allclose(half_life, row["ema_halflife_nimg"], rtol=2e-3)


def test_a_half_life_of_nothing_copies_the_weights_and_half_a_burn_in_is_half_way():
    experiment = burning_in()
    assert float(schedule.at(experiment, jnp.int32(0)).ema_decay) == 0.0
    half_way = schedule.at(burning_in(batch=1000), jnp.int32(10_000))
    np.testing.assert_allclose(half_way.lr, 1.25e-4, rtol=1e-6)
    np.testing.assert_allclose(half_way.ema_decay, 0.5 ** (1000 / 2_500_000), rtol=1e-7)


def test_the_discriminator_follows_the_same_schedule_at_its_own_rate():
    base = burning_in()
    experiment = dataclasses.replace(base, optim=dataclasses.replace(base.optim, disc_lr=1e-4))
    for step in (0, 10_000, 100_000):
        now = schedule.at(experiment, jnp.int32(step))
        np.testing.assert_allclose(now.disc_lr, 2.0 * now.lr, rtol=1e-6)
