"""What a user may say about the objective, and what is refused."""

import typing

import pydantic
import pytest
import tyro

from gen_jax.errors import UserError
from gen_jax.objectives.adversarial import LOSSES
from gen_jax.objectives.config import (
    AdversarialLossName,
    AdversarialObjective,
    ElboObjective,
    LikelihoodName,
    ObjectiveConfig,
)
from gen_jax.objectives.likelihoods import LIKELIHOODS

ADAPTER = pydantic.TypeAdapter(ObjectiveConfig)


@pytest.mark.parametrize(
    "config",
    [
        AdversarialObjective(loss="wasserstein", r1=0.0, r2=0.0, gradient_penalty=10.0, penalty_every=8),
        ElboObjective(likelihood="gaussian", sigma=0.5, kl_warmup=200_000, beta=4.0, free_bits=0.25),
    ],
)
def test_every_kind_survives_the_round_trip_through_json(config):
    assert ADAPTER.validate_json(ADAPTER.dump_json(config)) == config


def test_durations_are_read_with_their_unit():
    assert ADAPTER.validate_python({"kind": "elbo", "kl_warmup": "1.5M"}).kl_warmup == 1_500_000
    assert tyro.cli(ElboObjective, args=["--kl-warmup", "200k"]).kl_warmup == 200_000


def test_every_name_a_user_may_choose_has_an_implementation():
    assert set(typing.get_args(AdversarialLossName)) == set(LOSSES)
    assert set(typing.get_args(LikelihoodName)) == set(LIKELIHOODS)


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (AdversarialObjective, "loss", "relatvistic"),
        (AdversarialObjective, "r1", -1.0),
        (AdversarialObjective, "r2", float("nan")),
        (AdversarialObjective, "gradient_penalty", float("inf")),
        (AdversarialObjective, "penalty_every", 0),
        (AdversarialObjective, "penalty_share", 0.0),
        (AdversarialObjective, "penalty_share", 1.5),
        (ElboObjective, "likelihood", "poisson"),
        (ElboObjective, "sigma", 0.0),
        (ElboObjective, "mixtures", 0),
        (ElboObjective, "beta", -0.5),
        (ElboObjective, "free_bits", -1.0),
        (ElboObjective, "kl_warmup", -1),
    ],
)
def test_a_value_out_of_range_is_refused_in_one_line_that_names_it(kind, field, value):
    with pytest.raises(UserError) as caught:
        kind(**{field: value})
    message = str(caught.value)
    assert f"objective.{field}" in message and str(value) in message and "\n" not in message


def test_a_bad_value_in_a_file_is_refused_with_its_path():
    with pytest.raises(pydantic.ValidationError, match=r"objective\.r1 is -1"):
        ADAPTER.validate_python({"kind": "adversarial", "r1": -1})
