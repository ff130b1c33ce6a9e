"""The files in ``azure/``: the linter and the SDK take them, what they name is there, and their commands are ours."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gen_jax.cli import main
from gen_jax.experiment import KEYS

yaml = pytest.importorskip("yaml")

REPOSITORY = Path(__file__).resolve().parents[2]
AZURE = REPOSITORY / "azure"
FILES = sorted(AZURE.rglob("*.yml"))
DOCUMENTS: dict[str, Any] = {
    path.relative_to(AZURE).as_posix(): yaml.safe_load(path.read_text(encoding="utf-8")) for path in FILES
}
EXAMPLES = {"string": "one", "integer": "3", "number": "2.5", "boolean": "true"}
"""What an input without a default is given."""


def values(data: Any) -> Iterator[Any]:
    """Yield everything in a file that is no mapping and no list."""
    if isinstance(data, dict | list):
        for value in data.values() if isinstance(data, dict) else data:
            yield from values(value)
    else:
        yield data


def with_commands() -> dict[str, dict[str, Any]]:
    """Return the files with a command line: jobs, components, and the sweep, whose trial has the line."""
    found = {name: {**data, **data.get("trial", {})} for name, data in DOCUMENTS.items()}
    return {name: data for name, data in found.items() if "command" in data}


def argument(data: dict[str, Any], expression: str) -> str:
    """Return what Azure puts in the place of ``inputs.x``, ``outputs.x`` or ``search_space.x``."""
    owner, _, name = expression.partition(".")
    declared = data[owner][name]
    if owner == "search_space":
        return str(declared["values"][0]) if "values" in declared else "0.0001"
    if owner == "outputs" or (isinstance(declared, dict) and str(declared.get("type")).startswith("uri_")):
        return f"/mnt/{name}"
    if isinstance(declared, dict):
        if name == "overrides":
            return "--train.keep_last 3 --model.width 32"
        return str(declared.get("default", declared.get("enum", [EXAMPLES[declared["type"]]])[0]))
    return str(declared)


def programs(data: dict[str, Any], *, optional: bool) -> list[list[str]]:
    """Return the words of each program of a command line, as the shell of a machine sees them."""
    line = re.sub(r"\$\[\[(.*?)\]\]", r"\1" if optional else "", data["command"])
    line = re.sub(r"\$\{\{\s*([\w.]+)\s*\}\}", lambda match: argument(data, match[1]), line)
    words = shlex.split(line)
    parts = [list(part) for is_end, part in itertools.groupby(words, lambda word: word == "&&") if not is_end]
    return [part[1:] if part[0] == "exec" else part for part in parts]


def references() -> set[tuple[str, str]]:
    """Return (file, NAME or NAME:VERSION) of everything that is named as ``azureml:...``."""
    return {
        (name, value.removeprefix("azureml:"))
        for name, data in DOCUMENTS.items()
        for value in values(data)
        if isinstance(value, str) and value.startswith("azureml:") and not value.startswith("azureml://")
    }


def test_the_linter_and_the_sdk_have_nothing_to_complain_of() -> None:
    """``lint`` loads each file with the SDK, all connections of the process denied."""
    pytest.importorskip("azure.ai.ml")
    from gen_jax.azure.lint import lint

    report = lint([AZURE], advice=True)
    assert [str(complaint) for complaint in report.complaints] == []
    assert len(report.checked) == len(FILES) > 30
    assert not report.left_alone


def test_there_is_a_file_of_every_kind() -> None:
    from gen_jax.azure.kinds import KINDS, kind_of

    assert {kind_of(data) for data in DOCUMENTS.values()} == set(KINDS) - {"datastore"}


@pytest.mark.parametrize("name", with_commands())
def test_a_command_is_one_that_our_parsers_take(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    stub_work(monkeypatch, ran)
    data = with_commands()[name]
    for optional in {False, "$[[" in data["command"]}:
        for words in programs(data, optional=optional):
            if words[0] == "ln":
                assert words[1:] == ["-sfn", "/mnt/data", "/tmp/data"]
            else:
                assert words[0] == "gen-jax"
                assert main.dispatch(words[1:]) == 0
    assert ran, "the command does something"


def stub_work(monkeypatch: pytest.MonkeyPatch, ran: list[str]) -> None:
    """Let every command read its words, and then do nothing but note itself."""
    from gen_jax.cli import azure_gate, azure_package, crossval, data, doctor, edit, evaluate, sample, train
    from gen_jax.cli.options import parse
    from gen_jax.doctor.verdict import check_expectation

    def note(command: Any) -> int:
        check_edits(getattr(command, "words", ()))
        ran.append(type(command).__name__)
        return 0

    def expect(command: Any) -> int:
        check_expectation(command.expect)
        return 0

    for module in (train, sample, evaluate, crossval, edit, azure_gate, azure_package):
        monkeypatch.setattr(module, "run", note)
    monkeypatch.setattr(data, "_pack", note)
    monkeypatch.setattr(doctor, "main", lambda words, prog: expect(parse(doctor.DoctorCommand, words, prog=prog)))


def check_edits(words: tuple[str, ...]) -> None:
    from gen_jax.edit.syntax import parse_operation

    assert len([parse_operation(word) for word in words[1:]]) == len(words[1:])
    assert len(words) != 1, "photos, and no edit"


def test_whoever_exec_replaces_hears_the_signals() -> None:
    """A shell that stays in between does not hand SIGTERM on."""
    for name, data in with_commands().items():
        last = re.sub(r"\$\[\[.*?\]\]", "", data["command"]).split("&&")[-1].split()
        assert last[0] == "exec", name


def test_what_is_named_is_shipped_in_that_version() -> None:
    kinds = ("environments", "data", "models", "compute")
    shipped = {data["name"]: str(data.get("version", "")) for name, data in DOCUMENTS.items() if name.startswith(kinds)}
    named = {(value.partition(":")[0], value.partition(":")[2]) for _, value in references()}
    assert named <= set(shipped.items())
    assert shipped.keys() - dict(named).keys() == {"gen-jax-train-cuda13", "gpu-cluster"}


def test_a_pipeline_gives_every_step_what_its_component_asks_for() -> None:
    steps = DOCUMENTS["pipelines/train_evaluate_register.yml"]["jobs"]
    assert list(steps) == ["pack", "train", "evaluate", "gate", "register"]
    for step in steps.values():
        component = DOCUMENTS[step["component"].removeprefix("../")]
        needed = {
            name for name, value in component["inputs"].items() if "default" not in value and not value.get("optional")
        }
        assert needed <= step["inputs"].keys() <= component["inputs"].keys()


def test_every_input_of_a_component_is_explained() -> None:
    for name, data in DOCUMENTS.items():
        if name.startswith("components/"):
            for side in ("inputs", "outputs"):
                assert all(value.get("description") for value in data[side].values()), name


def test_the_sweep_looks_at_a_number_that_its_trials_log() -> None:
    sweep = DOCUMENTS["jobs/sweep.yml"]
    [metrics] = re.findall(r"--evaluate\.metrics (\w+)", sweep["trial"]["command"])
    assert sweep["objective"] == {"goal": "minimize", "primary_metric": f"eval/{KEYS[metrics][0]}"}
    evaluations = sweep["inputs"]["images"] // sweep["inputs"]["evaluate_every"]
    assert evaluations > sweep["early_termination"]["delay_evaluation"]


def test_a_run_lies_at_one_place_whichever_job_works_on_it() -> None:
    paths = {value for data in DOCUMENTS.values() for value in values(data) if "/gen_jax/runs" in str(value)}
    assert paths == {"azureml://datastores/workspaceblobstore/paths/gen_jax/runs/"}
    for name, data in with_commands().items():
        if "gen-jax train" in data["command"]:
            assert "--run-dir ${{outputs.runs}}/${{inputs.run_key}}" in data["command"], name


def test_nothing_costs_while_it_is_idle_and_nothing_runs_for_ever() -> None:
    for name, data in DOCUMENTS.items():
        if name.startswith("compute/"):
            assert (data["min_instances"], data["idle_time_before_scale_down"]) == (0, 600), name
            assert data["max_instances"] <= 4, name
        if name.startswith("jobs/"):
            assert 0 < data["limits"]["timeout"] <= 3 * 86400, name


def test_the_page_names_every_file_and_only_files_that_there_are() -> None:
    page = (REPOSITORY / "docs" / "azure.md").read_text()
    named = set(re.findall(r"azure/([\w/-]+\.yml)", page))
    assert named <= DOCUMENTS.keys()
    environments = {f"train-{accelerator}.yml" for accelerator in ("cpu", "cuda12")}  # written as one loop of the shell
    for name in DOCUMENTS:
        file = name.rpartition("/")[2]
        assert name in named or f"`{file}`" in page or file in environments, name


def test_no_key_is_used_anywhere() -> None:
    for name, data in DOCUMENTS.items():
        if "auth_mode" in data:
            assert data["auth_mode"] == "aad_token"
        if name.startswith("jobs/"):
            assert data["identity"]["type"] in ("managed", "user_identity"), name
