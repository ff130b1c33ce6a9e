"""Scheduled quantities against a published table, and by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.schedules import cosine_ramp, ema_decay, linear_ramp
from tests.golden import golden_json


@pytest.mark.parametrize("column", ["lr", "gamma", "beta2"])
def test_cosine_ramp_matches_the_published_schedule(column):
    table = golden_json("r3gan_schedule_cifar10")
    ramp, rows = table["schedules"][column], table["rows"]
    values = [
        cosine_ramp(row["nimg"], start=ramp["base_value"], end=ramp["final_value"], over=ramp["total_nimg"])
        for row in rows
    ]
    np.testing.assert_allclose(values, [row[column] for row in rows], rtol=2e-6)


def test_ema_decay_matches_the_published_schedule():
    table = golden_json("r3gan_schedule_cifar10")
    assert table["batch"] == 512
    for row in table["rows"]:
        decay = ema_decay(row["nimg"], batch=512, half_life=row["ema_halflife_nimg"], ramp_up=0.0)
        np.testing.assert_allclose(decay, row["ema_beta"], rtol=1e-6)


@pytest.mark.parametrize("ramp", [linear_ramp, cosine_ramp])
def test_a_ramp_starts_and_ends_exactly_and_stays_there(ramp):
    ends = [float(ramp(n, start=0.25, end=0.75, over=1000)) for n in (-5, 0, 500, 1000, 10**9)]
    assert ends == [0.25, 0.25, 0.5, 0.75, 0.75]


@pytest.mark.parametrize("ramp", [linear_ramp, cosine_ramp])
def test_a_ramp_over_nothing_is_at_its_end_from_the_first_image(ramp):
    assert float(ramp(0, start=0.0, end=3.0, over=0)) == 3.0


def test_ramps_have_the_shape_of_their_formula():
    n = np.arange(0, 101, 10)
    np.testing.assert_allclose(jax.vmap(lambda i: linear_ramp(i, start=2.0, end=1.0, over=100))(n), 2.0 - n / 100)
    expected = 1.0 + 0.5 * (1.0 + np.cos(np.pi * n / 100))
    np.testing.assert_allclose(jax.vmap(lambda i: cosine_ramp(i, start=2.0, end=1.0, over=100))(n), expected, rtol=1e-6)


def test_a_weight_of_the_average_halves_over_its_half_life():
    decay = float(ema_decay(10**6, batch=50, half_life=1000, ramp_up=0.0))
    np.testing.assert_allclose(decay**20, 0.5, rtol=1e-5)


def test_early_on_the_half_life_is_a_share_of_the_images_seen():
    for seen, half_life in ((0, 0.0), (1_000, 100.0), (9_000, 900.0), (50_000, 1000.0)):
        expected = 0.5 ** (50 / half_life) if half_life else 0.0
        np.testing.assert_allclose(ema_decay(seen, batch=50, half_life=1000, ramp_up=0.1), expected, rtol=1e-5)


def test_no_half_life_copies_the_weights():
    assert float(ema_decay(5_000, batch=64, half_life=0.0, ramp_up=0.1)) == 0.0


def test_a_schedule_is_the_same_under_jit_from_a_step_counter():
    seen = jnp.int32(3) * 64
    compiled = jax.jit(lambda n: ema_decay(n, batch=64, half_life=1000, ramp_up=0.5))(seen)
    np.testing.assert_allclose(compiled, 0.5 ** (64 / 96), rtol=1e-6)
