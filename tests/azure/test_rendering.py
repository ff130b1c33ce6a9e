"""The final YAML of a file: overrides of the file and of its experiment, references written out, checked at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from gen_jax.azure.rendering import Changes, Rendered, complaints_of, render
from gen_jax.cli import azure_render, azure_submit
from gen_jax.cli.azure_options import check_train, split
from gen_jax.errors import UserError

JOB = """\
$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
type: command
experiment_name: gen_jax
code: .
command: >-
  gen-jax doctor --expect cpu &&
  exec gen-jax train fashion_dcgan
  --run-dir ${{outputs.runs}}/${{inputs.run_key}}
  --train.images ${{inputs.images}}
  --train.batch 64 > log.txt
environment: azureml:gen-jax-train-cpu:1
inputs:
  run_key: smoke-1
  images: 6400
outputs:
  runs:
    type: uri_folder
    path: azureml://datastores/workspaceblobstore/paths/gen_jax/runs/${{inputs.run_key}}
compute: azureml:cpu-cluster
"""
COMPONENT = """\
$schema: https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json
name: train
version: "1"
type: command
code: ../code
command: exec gen-jax train ${{inputs.config}} --train.images ${{inputs.images}} $[[${{inputs.overrides}}]]
environment: azureml:gen-jax-train-cpu:1
inputs:
  config: {type: string, default: fashion_dcgan}
  images: {type: integer, default: 1000}
  overrides: {type: string, optional: true}
"""
PIPELINE = """\
$schema: https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json
type: pipeline
settings:
  default_compute: azureml:cpu-cluster
inputs:
  config: fashion_dcgan
  run_key: weekly
jobs:
  train:
    type: command
    component: ../components/train.yml
    inputs:
      config: ${{parent.inputs.config}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("jobs/job.yml", JOB), ("jobs/pipeline.yml", PIPELINE), ("components/train.yml", COMPONENT)):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (tmp_path / "code").mkdir()
    return tmp_path


def rendered(path: Path, *options: str, **changes: Any) -> Rendered:
    return render(path, Changes(options=[option.split() for option in options], **changes), check=check_train)


def words(path: Path, *options: str, **changes: Any) -> list[str]:
    seen: list[str] = []

    def note(config: str, words: Sequence[str]) -> None:
        seen[:] = [config, *words]

    render(path, Changes(options=[option.split() for option in options], **changes), check=note)
    return seen


def test_without_changes_the_value_stays_and_the_run_key_becomes_tag_and_path(folder: Path) -> None:
    data = rendered(folder / "jobs/job.yml").data
    expected = yaml.safe_load(JOB)
    expected["tags"] = {"run_key": "smoke-1"}
    expected["outputs"]["runs"]["path"] = "azureml://datastores/workspaceblobstore/paths/gen_jax/runs/smoke-1"
    assert data == expected


def test_what_is_printed_loads_again_and_says_what_was_changed(folder: Path) -> None:
    result = rendered(folder / "jobs/job.yml", "--model.width 32", sets=("inputs.images=12800",), key="other")
    assert yaml.safe_load(result.text()) == result.data
    head = [line for line in result.text().splitlines() if line.startswith("# ")][1:]
    assert head[:2] == ["# inputs.images: 12800", "# command: --model.width 32"]
    assert result.data["inputs"] == {"run_key": "other", "images": 12800}


def test_the_check_sees_the_words_that_the_job_will_run(folder: Path) -> None:
    assert words(folder / "jobs/job.yml") == [
        "fashion_dcgan", "--run-dir", "/outputs/runs/smoke-1", "--train.images", "6400", "--train.batch", "64",
    ]  # fmt: skip
    # An option that stands there already is replaced, not given twice.
    seen = words(folder / "jobs/job.yml", "--train.batch 32", "--model.width 16", config="fashion_vae")
    assert seen[:3] == ["fashion_vae", "--model.width", "16"]
    assert seen.count("--train.batch") == 1 and seen[-1] == "32"


def test_an_option_whose_value_is_an_input_sets_the_input_as_a_number(folder: Path) -> None:
    result = rendered(folder / "jobs/job.yml", "--train.images 200k")
    assert result.data["inputs"]["images"] == 200_000
    assert "${{inputs.images}}" in result.data["command"]


def test_a_misspelt_field_fails_here(folder: Path) -> None:
    with pytest.raises(UserError, match=r"job\.yml: command: .*--model\.widht") as caught:
        rendered(folder / "jobs/job.yml", "--model.widht 32")
    assert "--model.width" in str(caught.value) and "\n" not in str(caught.value)
    with pytest.raises(UserError, match="unknown config 'fashion_dcgn'"):
        rendered(folder / "jobs/job.yml", config="fashion_dcgn")


def test_a_mistake_that_stands_in_the_file_is_found_as_well(folder: Path) -> None:
    path = folder / "jobs/job.yml"
    path.write_text(JOB.replace("--train.batch 64", "--train.bach 64"))
    with pytest.raises(UserError, match=r"--train\.bach"):
        rendered(path)


def test_in_a_pipeline_the_component_is_written_out_and_takes_the_options(folder: Path) -> None:
    result = rendered(
        folder / "jobs/pipeline.yml", "--model.width 32", "--train.fsdp", "--train.images 1M", config="fashion_vae"
    )
    step = result.data["jobs"]["train"]
    assert step["component"]["name"] == "train" and step["component"]["code"] == "../code"
    assert step["inputs"]["overrides"] == "--model.width 32 --train.fsdp"
    assert step["inputs"]["images"] == 1_000_000
    assert result.data["inputs"]["config"] == "fashion_vae"


def test_optional_words_count_only_where_they_have_a_value(folder: Path) -> None:
    assert words(folder / "jobs/pipeline.yml") == ["fashion_dcgan", "--train.images", "1000"]


def test_for_another_folder_relative_paths_are_rewritten(folder: Path) -> None:
    out = folder / "a" / "b"
    out.mkdir(parents=True)
    result = render(folder / "jobs/pipeline.yml", Changes(), check=check_train, folder=out)
    assert (out / result.data["jobs"]["train"]["component"]["code"]).resolve() == folder / "code"


def test_what_was_rendered_lints_clean_and_mistakes_name_the_file(folder: Path) -> None:
    pytest.importorskip("azure.ai.ml")
    path = folder / "jobs/pipeline.yml"
    assert complaints_of(rendered(path, "--model.width 32")) == []
    [complaint] = complaints_of(rendered(path, sets=("jobs.train.computer=azureml:x",)))
    assert (complaint.file, complaint.key) == (str(path), "jobs.train.computer")
    assert not list((folder / "jobs").glob(".*")), "nothing is left behind"


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("inputs", "KEY=VALUE"),
        ("=3", "KEY=VALUE"),
        ("compute.size=3", "holds no other keys"),
        ("a[0]=3", "no such place"),
        ("tags=[", "not YAML"),
        ("a..b=1", "is no key"),
    ],
)
def test_an_override_that_is_none_is_refused(folder: Path, assignment: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        rendered(folder / "jobs/job.yml", sets=(assignment,))


def test_values_are_read_as_yaml_and_lists_have_numbers(folder: Path) -> None:
    sets = ("limits.timeout=3600", "tags={team: a}", "inputs.note=", "tags.list=[1, 2]", "tags.list[1]=5")
    data = rendered(folder / "jobs/job.yml", sets=sets).data
    assert data["limits"] == {"timeout": 3600} and data["inputs"]["note"] == ""
    assert data["tags"] == {"team": "a", "list": [1, 5], "run_key": "smoke-1"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [("a: [", "is not YAML"), ("- 1", "no mapping"), ("name: x", "no file of Azure"), ("a: 1\na: 2", "given twice")],
)
def test_what_is_no_file_of_azure_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "x.yml").write_text(text)
    with pytest.raises(UserError, match=reason):
        rendered(tmp_path / "x.yml")


def test_options_for_a_file_that_trains_nothing_are_refused(folder: Path) -> None:
    path = folder / "jobs/job.yml"
    path.write_text(JOB.replace("gen-jax train fashion_dcgan", "gen-jax sample runs/x"))
    with pytest.raises(UserError, match="does not run `gen-jax train`"):
        rendered(path, "--model.width 3")


def test_the_words_of_a_line_are_ours_or_the_trainings() -> None:
    own, training = split(
        [
            "job.yml",
            "--model.width=64",
            "--dry-run",
            "--train.fsdp",
            "--optim.lr",
            "1e-3",
            "--data",
            "x",
            "--config",
            "c",
        ]
    )
    assert own == ["job.yml", "--dry-run", "--config", "c"]
    assert training == [["--model.width", "64"], ["--train.fsdp"], ["--optim.lr", "1e-3"], ["--data", "x"]]


def test_a_dry_run_prints_what_would_be_sent_and_needs_no_workspace(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = str(folder / "jobs/job.yml")
    assert azure_submit.main([job, "--dry-run", "--no-lint", "--train.images", "100"]) == 0
    out = capsys.readouterr().out
    assert yaml.safe_load(out)["inputs"]["images"] == 100 and "Nothing was sent" in out


def test_a_job_without_a_run_key_gets_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "jobs/job.yml"
    text = JOB.replace("  run_key: smoke-1\n", "").replace("/${{inputs.run_key}}", "")
    path.write_text(text)
    azure_submit.main([str(path), "--dry-run", "--no-lint"])
    assert yaml.safe_load(capsys.readouterr().out)["tags"]["run_key"].startswith("gen_jax-")


def test_render_writes_a_file_and_complains_of_what_is_wrong_in_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("azure.ai.ml")
    out = folder / "out.yml"
    job = str(folder / "jobs/pipeline.yml")
    assert azure_render.main([job, "--out", str(out), "--set", "jobs.train.inputs.imgs=3"]) == 1
    assert "imgs" in capsys.readouterr().err
    assert yaml.safe_load(out.read_text())["jobs"]["train"]["inputs"]["imgs"] == 3
