"""What is said about gamma before a run begins."""

import dataclasses

import numpy as np
import pytest

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
    base = gan_experiment(r1=0.001, r2=0.001)
    assert "times less" in gamma_advice(dataclasses.replace(base, model=dataclasses.replace(base.model, size=64)))
    assert "nothing holds" in gamma_advice(style_experiment(r1=0.0))


def test_objectives_without_such_penalties_get_no_line():
    assert gamma_advice(vae_experiment()) is None and isinstance(vae_experiment().objective, ElboObjective)
    hinge = AdversarialObjective(loss="hinge", r1=0.0, r2=0.0)
    assert gamma_advice(dataclasses.replace(gan_experiment(), objective=hinge)) is None
