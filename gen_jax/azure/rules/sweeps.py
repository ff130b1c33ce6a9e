"""Sweeps: the search space, the objective, the limits, and when a trial is given up."""

from __future__ import annotations

from collections.abc import Iterator

from gen_jax.azure.blocks import Map, is_number, jobs, mapping
from gen_jax.azure.complaint import Finding, Key
from gen_jax.azure.documents import Document

NUMBERS = {
    "uniform": ("min_value", "max_value"),
    "loguniform": ("min_value", "max_value"),
    "quniform": ("min_value", "max_value", "q"),
    "qloguniform": ("min_value", "max_value", "q"),
    "normal": ("mu", "sigma"),
    "lognormal": ("mu", "sigma"),
    "qnormal": ("mu", "sigma", "q"),
    "qlognormal": ("mu", "sigma", "q"),
    "randint": ("upper",),
    "choice": ("values",),
}
"""Kind of distribution -> what it needs."""
LARGEST_EXPONENT = 50
BAYESIAN = ("choice", "uniform", "quniform")
"""What Bayesian sampling takes (how-to-tune-hyperparameters)."""


def _sweeps(document: Document, kind: str) -> Iterator[tuple[Key, Map]]:
    for at, job in jobs(document, kind):
        if job.get("type") == "sweep":
            yield at, job


def limits(document: Document, kind: str) -> Iterator[Finding]:
    """More trials at once than in all, or none, are accepted and then refused."""
    for at, sweep in _sweeps(document, kind):
        bounds = mapping(sweep, "limits")
        total, once = bounds.get("max_total_trials"), bounds.get("max_concurrent_trials")
        if "limits" not in sweep:
            yield Finding((*at, "limits"), "is missing", "add max_total_trials, max_concurrent_trials and timeout")
        for name in ("max_total_trials", "max_concurrent_trials"):
            value = bounds.get(name)
            if isinstance(value, int) and not 1 <= value <= 1000:
                yield Finding((*at, "limits", name), f"{value} is out of range", "give 1 to 1000")
        if isinstance(total, int) and isinstance(once, int) and once > total:
            yield Finding((*at, "limits", "max_concurrent_trials"), f"{once} trials at once, of {total} in all",
                          f"give {total} or less")  # fmt: skip
        whole, one = bounds.get("timeout"), bounds.get("trial_timeout")
        if isinstance(whole, int) and isinstance(one, int) and one > whole:
            yield Finding((*at, "limits", "trial_timeout"), f"one trial may take {one} s, and the sweep {whole} s",
                          "make trial_timeout the smaller one")  # fmt: skip


def search_space(document: Document, kind: str) -> Iterator[Finding]:
    """A range that runs backwards, a choice of nothing, a logarithm that overflows."""
    for at, sweep in _sweeps(document, kind):
        space = mapping(sweep, "search_space")
        if not space:
            yield Finding((*at, "search_space"), "has nothing to search", "add a hyper-parameter")
        for name, value in space.items():
            if isinstance(value, dict):
                yield from _distribution((*at, "search_space", name), value)


def _distribution(key: Key, value: Map) -> Iterator[Finding]:
    kind = value.get("type")
    for name in NUMBERS.get(str(kind), ()):
        if value.get(name) is None:
            yield Finding((*key, name), f"is missing in a {kind}", "add it")
    low, high = value.get("min_value"), value.get("max_value")
    if is_number(low) and is_number(high) and low >= high:
        yield Finding((*key, "min_value"), f"min_value {low} is not below max_value {high}", "exchange them")
    if str(kind).endswith("loguniform") and is_number(high) and high > LARGEST_EXPONENT:
        yield Finding(
            (*key, "max_value"), f"the value is e to the power of {high}", "give the logarithm of what you want"
        )
    if kind == "choice" and value.get("values") == []:
        yield Finding((*key, "values"), "a choice of nothing", "give at least one value")
    for name in ("sigma", "q", "upper"):
        if is_number(value.get(name)) and value[name] <= 0:
            yield Finding((*key, name), f"{value[name]} is not above 0", "give a number above 0")


def sampling(document: Document, kind: str) -> Iterator[Finding]:
    """A grid needs choices; Bayesian sampling takes few distributions and ends no trial early."""
    for at, sweep in _sweeps(document, kind):
        given = sweep.get("sampling_algorithm")
        method = given.get("type") if isinstance(given, dict) else given
        for name, value in mapping(sweep, "search_space").items():
            shape = value.get("type") if isinstance(value, dict) else None
            if method == "grid" and shape in NUMBERS and shape != "choice":
                yield Finding((*at, "search_space", name, "type"), f"a grid cannot walk a {shape}", "make it a choice")
            if method == "bayesian" and shape in NUMBERS and shape not in BAYESIAN:
                yield Finding((*at, "search_space", name, "type"), f"Bayesian sampling does not take a {shape}",
                              f"take one of {', '.join(BAYESIAN)}")  # fmt: skip
        if method == "bayesian" and sweep.get("early_termination"):
            yield Finding((*at, "early_termination"), "Bayesian sampling ends no trial early", "take it out")


def early_termination(document: Document, kind: str) -> Iterator[Finding]:
    """A bandit needs one slack; a share is a share."""
    for at, sweep in _sweeps(document, kind):
        policy, key = mapping(sweep, "early_termination"), (*at, "early_termination")
        kind_of_policy = policy.get("type")
        slack = [name for name in ("slack_factor", "slack_amount") if policy.get(name) is not None]
        if kind_of_policy == "bandit" and len(slack) != 1:
            reason = "neither slack_factor nor slack_amount is given" if not slack else "two kinds of slack are given"
            yield Finding(key, reason, "give one of slack_factor and slack_amount")
        for name in slack:
            if is_number(policy[name]) and policy[name] < 0:
                yield Finding((*key, name), f"{policy[name]} is below 0", "give a number from 0 up")
        for name, least in (("evaluation_interval", 1), ("delay_evaluation", 0)):
            if isinstance(policy.get(name), int) and policy[name] < least:
                yield Finding((*key, name), f"{policy[name]} is below {least}", f"give {least} or more")
        share = policy.get("truncation_percentage")
        if isinstance(share, int) and not 1 <= share <= 99:
            yield Finding((*key, "truncation_percentage"), f"{share} is no share", "give 1 to 99")


def objective(document: Document, kind: str) -> Iterator[Finding]:
    """The sweep compares nothing if the metric has no name."""
    for at, sweep in _sweeps(document, kind):
        metric = mapping(sweep, "objective").get("primary_metric")
        if isinstance(metric, str) and (not metric.strip() or metric != metric.strip()):
            yield Finding((*at, "objective", "primary_metric"), f"{metric!r} is no name of a metric",
                          "write the name exactly as the job logs it")  # fmt: skip


RULES = (limits, search_space, sampling, early_termination, objective)
