"""Whether a run is good enough: one number of an evaluation against the value that is allowed."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

from gen_jax.errors import UserError
from gen_jax.evaluate.result import Evaluation, Result, from_json
from gen_jax.io import files
from gen_jax.registry import lookup

VERDICT = "gate.json"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a gate found."""

    metric: str
    value: float
    rule: str
    """What was asked, such as ``at most 30``."""
    passed: bool
    features: str | None
    """Network that looked at the images; values of different networks do not compare."""
    subject: str

    def __str__(self) -> str:
        network = f" ({self.features})" if self.features else ""
        return f"{self.subject}: {self.metric} is {self.value:.6g}{network}, and {self.rule} is asked"


def judge(evaluation: Evaluation, metric: str, *, at_most: float | None, at_least: float | None) -> Verdict:
    """Return whether a number of an evaluation is good enough; one that is not finite never is.

    Args:
      evaluation: what ``gen-jax evaluate`` measured.
      metric: key of the number, such as ``fd``.
      at_most: the largest value that passes.
      at_least: the smallest value that passes; one of the two is given.

    Raises:
      UserError: both limits or none, one that points the wrong way, or a number that was not measured.
    """
    found = lookup({result.key: result for result in evaluation.results}, metric, what="number of this evaluation")
    _check_limits(found, at_most, at_least)
    if at_most is not None:
        passed, rule = found.value <= at_most, f"at most {at_most:g}"
    else:
        passed, rule = found.value >= (at_least or 0.0), f"at least {at_least:g}"
    return Verdict(
        metric=metric,
        value=found.value,
        rule=rule,
        passed=passed and math.isfinite(found.value),
        features=found.features,
        subject=evaluation.subject,
    )


def _check_limits(found: Result, at_most: float | None, at_least: float | None) -> None:
    if (at_most is None) == (at_least is None):
        raise UserError("--at-most and --at-least: give one of them, the value that a good run does not pass")
    option, limit = ("--at-most", at_most) if at_most is not None else ("--at-least", at_least)
    if limit is None or not math.isfinite(limit):
        raise UserError(f"{option} {limit}: must be a finite number")
    wrong = {"--at-most": "higher", "--at-least": "lower"}[option]
    if found.better == wrong:
        other = {"--at-most": "--at-least", "--at-least": "--at-most"}[option]
        raise UserError(f"{option} {limit:g}: of {found.key} {wrong} is better; give {other}")


def read_evaluation(path: Path) -> Evaluation:
    """Return an evaluation out of its JSON file, or of the one such file in a folder.

    Raises:
      UserError: there is none, or several.
    """
    file = path
    if path.is_dir():
        found = sorted(path.glob("*.json"))
        if len(found) != 1:
            names = ", ".join(one.name for one in found[:5]) or "none"
            raise UserError(f"{path}: one .json file of `gen-jax evaluate` is needed, and there are: {names}; name it")
        file = found[0]
    try:
        return from_json(json.loads(file.read_bytes()))
    except OSError as error:
        raise UserError(f"{file}: {error.strerror or error}") from None
    except ValueError:
        raise UserError(
            f"{file}: is not what `gen-jax evaluate` writes of one run; evaluate it, and name that"
        ) from None


def write_verdict(folder: Path, verdict: Verdict) -> Path:
    """Write ``gate.json`` into a folder and return its path; raises ``OSError``."""
    folder.mkdir(parents=True, exist_ok=True)
    # JSON has no infinity; the number itself stands in the evaluation.
    value = verdict.value if math.isfinite(verdict.value) else str(verdict.value)
    files.write_json(folder / VERDICT, {**dataclasses.asdict(verdict), "value": value})
    return folder / VERDICT
