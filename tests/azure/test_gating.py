"""The gate: what passes, what does not, and what is no question at all."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import pytest

from gen_jax.azure import gating
from gen_jax.cli.azure_gate import main
from gen_jax.errors import RunError, UserError
from gen_jax.evaluate.result import Evaluation, Result, to_json

EVALUATION = Evaluation(
    subject="runs/garments",
    images_seen=6400,
    results=(
        Result(key="fd", name="Frechet distance", value=20.0, better="lower", features="random_convolutions"),
        Result(key="recall", name="recall", value=0.4, better="higher"),
        Result(key="kid", name="kernel distance", value=math.nan, better="lower"),
    ),
    sets={},
    seconds=1.0,
)


def write(folder: Path, evaluation: Evaluation = EVALUATION, name: str = "evaluation.json") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(to_json(evaluation)))
    return folder


@pytest.mark.parametrize("limit", [["--at-most", "20"], ["--metric", "recall", "--at-least", "0.4"]])
def test_what_is_as_good_as_asked_passes_and_is_written_down(
    limit: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(write(tmp_path / "e")), *limit, "--out", str(tmp_path / "v")]) == 0
    assert "passed" in capsys.readouterr().out
    told = json.loads((tmp_path / "v" / "gate.json").read_text())
    assert told["passed"] is True and told["subject"] == "runs/garments"


@pytest.mark.parametrize(
    "limit",
    [["--at-most", "19.9"], ["--metric", "recall", "--at-least", "0.41"], ["--metric", "kid", "--at-most", "9"]],
    ids=["a distance too large", "a recall too small", "a number that is none"],
)
def test_what_is_worse_fails_and_leaves_no_verdict(limit: list[str], tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is asked"):
        main([str(write(tmp_path / "e")), *limit, "--out", str(tmp_path / "v")])
    assert not (tmp_path / "v").exists()


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ([], "give one of them"),
        (["--at-most", "1", "--at-least", "1"], "give one of them"),
        (["--at-least", "1"], "of fd lower is better; give --at-most"),
        (["--metric", "recall", "--at-most", "1"], "of recall higher is better; give --at-least"),
        (["--at-most", "nan"], "must be a finite number"),
        (["--metric", "fid", "--at-most", "1"], "Perhaps you meant 'fd'"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(limit: list[str], said: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=said):
        main([str(write(tmp_path / "e")), *limit])


def test_the_one_evaluation_of_a_folder_is_found_and_two_are_too_many(tmp_path: Path) -> None:
    found = gating.read_evaluation(write(tmp_path / "e"))
    assert (found.subject, found.scalars()["fd"]) == ("runs/garments", 20.0)
    write(tmp_path / "e", name="other.json")
    with pytest.raises(UserError, match=r"evaluation\.json, other\.json"):
        gating.read_evaluation(tmp_path / "e")
    with pytest.raises(UserError, match="none"):
        gating.read_evaluation(write(tmp_path / "empty", name="page.html"))


@pytest.mark.parametrize("text", ["{}", "[]", "no JSON"])
def test_a_file_that_is_no_evaluation_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "comparison.json").write_text(text)
    with pytest.raises(UserError, match=r"comparison\.json: is not what"):
        gating.read_evaluation(tmp_path / "comparison.json")


def test_an_infinite_number_never_passes() -> None:
    endless = dataclasses.replace(EVALUATION.results[1], value=math.inf)
    verdict = gating.judge(dataclasses.replace(EVALUATION, results=(endless,)), "recall", at_most=None, at_least=0.1)
    assert not verdict.passed
