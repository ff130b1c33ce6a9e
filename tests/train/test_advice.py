"""What is said about gamma before a run begins."""

import dataclasses

import numpy as np
import pytest

from gen_jax.models import R3ganConfig
from gen_jax.objectives.config import AdversarialObjective, ElboObjective
from gen_jax.train.advice import gamma_advice, r3gan_gamma, stylegan2_gamma
from tests.train.steps import gan_experiment, style_experiment, vae_experiment


@pytest.mark.parametrize(("size", "batch", "gamma"), [(256, 16, 0.8192), (1024, 4, 52.4288), (512, 64, 0.8192)])
def test_the_rule_of_stylegan2_is_that_of_its_automatic_configuration(size, batch, gamma):
    np.testing.assert_allclose(stylegan2_gamma(size, batch), gamma)


@pytest.mark.parametrize(("size", "gammas"), [(32, (0.05, 0.005)), (64, (2.0, 0.2)), (256, (150.0, 15.0))])
def test_published_sizes_of_r3gan_give_the_published_gammas(size, gammas):
    np.testing.assert_allclose(r3gan_gamma(size), gammas, rtol=1e-9)


def test_other_sizes_lie_between_and_beyond():
    np.testing.assert_allclose(r3gan_gamma(128)[0], np.sqrt(2.0 * 150.0), rtol=1e-9)  # half way in the logarithm
    assert r3gan_gamma(28)[0] < 0.05 and r3gan_gamma(512)[0] > 150.0


def test_the_line_names_what_is_set_and_what_the_rule_says():
    line = gamma_advice(style_experiment(r1=1.0))
    assert "gamma of R1 is 1;" in line and "0.0064" in line and "156 times as much" in line
    small = R3ganConfig(size=32, widths=(8,) * 4, cardinality=(2,) * 4)
    falling = AdversarialObjective(r1=5e-4, r1_start=5e-3)
    train = dataclasses.replace(gan_experiment().train, burn_in=1000)
    line = gamma_advice(dataclasses.replace(gan_experiment(), model=small, objective=falling, train=train))
    assert "0.005, falling to 0.0005" in line and "0.05 falling to 0.005" in line
    assert "nothing holds" in gamma_advice(style_experiment(r1=0.0))


def test_objectives_without_such_penalties_get_no_line():
    assert gamma_advice(vae_experiment()) is None and isinstance(vae_experiment().objective, ElboObjective)
    assert gamma_advice(gan_experiment()) is None
