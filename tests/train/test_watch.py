"""Warnings while a GAN trains: each fault is told once, until it is over."""

import dataclasses
import logging

import pytest

from gen_jax.augment.ada_pipes import AdaConfig
from gen_jax.train.watch import Watch
from tests.train.steps import gan_experiment


@pytest.fixture
def warnings(caplog):
    caplog.set_level(logging.WARNING, logger="gen_jax")
    return lambda: [record.getMessage() for record in caplog.records]


def look(watch, ratios):
    for number, ratio in enumerate(ratios):
        watch.look(1000 * number, {"diversity/ratio": ratio})


def test_a_fall_of_diversity_is_told_once_and_its_end_too(warnings):
    look(Watch(gan_experiment()), [0.2, 0.9, 0.95, 0.6, 0.4, 0.3, 0.4, 0.8, 0.9])
    told = warnings()
    assert len(told) == 2
    assert "at 4000 images" in told[0] and "0.40" in told[0] and "collapsing" in told[0]
    assert "at 7000 images" in told[1]


def test_a_slow_beginning_is_no_fall(warnings):
    look(Watch(gan_experiment()), [0.01, 0.05, 0.1, 0.3, 0.8, 1.2, 0.9])
    assert warnings() == []


def test_a_probability_at_its_limit_is_told_once(warnings):
    experiment = dataclasses.replace(gan_experiment(), ada=AdaConfig(pipe="bgc", most=0.8))
    watch = Watch(experiment)
    for number, p in enumerate([0.1, 0.5, 0.8, 0.8, 0.7, 0.8]):
        watch.look(1000 * number, {"ada/p": p, "ada/r_t": 0.9})
    told = warnings()
    assert len(told) == 2 and "at 2000 images" in told[0] and "0.80" in told[0] and "at 5000 images" in told[1]


def test_a_schedule_that_ends_at_its_value_is_no_fault(warnings):
    ada = AdaConfig(pipe="r3gan", mode="scheduled", p=0.9)
    Watch(dataclasses.replace(gan_experiment(), ada=ada)).look(0, {"ada/p": 0.9, "ada/r_t": 0.5})
    assert warnings() == []
