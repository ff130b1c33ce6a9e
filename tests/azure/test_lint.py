"""The linter as a whole: the SDK's complaints in one line each, without a network, and the command."""

from __future__ import annotations

import json
import logging
import shutil
import socket
import warnings
from pathlib import Path

import pytest

from gen_jax.azure import loading
from gen_jax.azure.documents import read
from gen_jax.azure.kinds import kind_of
from gen_jax.azure.lint import lint
from gen_jax.cli.azure import main
from gen_jax.errors import UserError
from tests.azure.samples import KINDS, write_samples

pytest.importorskip("azure.ai.ml")

REFUSED = [
    ("job.yml", "command: >-", "comand: >-", "comand", "not a key", "'command'"),
    ("job.yml", "inputs:", "inputz:", "inputz", "not a key", "'inputs'"),
    ("job.yml", "mode: download",
     "mode: download\n    optional: true", "inputs.data.optional", "not a key", "component"),
    ("job.yml", "instance_count: 2", "instance_count: two", "resources.instance_count", "not a whole number", "give"),
    ("job.yml", "timeout: 86400", "timeout: PT24H", "limits.timeout", "'PT24H' is not a whole number", "give"),
    ("job.yml", "type: pytorch", "type: jax", "distribution.type", "not one of mpi, pytorch", "take one"),
    ("sweep.yml", "type: bandit", "type: bandi", "early_termination.type", "not one of bandit", "'bandit'"),
    ("sweep.yml", "goal: minimize", "goal: minimise", "objective.goal", "not one of", "'minimize'"),
    ("sweep.yml", "  max_total_trials: 12\n", "", "limits.max_total_trials", "is missing", "add it"),
    ("pipeline.yml", "    command: python", "    comand: python", "jobs.measure.comand", "not a key", "'command'"),
    ("train_component.yml", "type: integer", "type: int", "inputs.epochs.type", "not one of", "'integer'"),
    ("deployment.yml", "instance_type:", "instance_typ:", "instance_typ", "not a key", "'instance_type'"),
    ("deployment.yml", "endpoint_name: gen-jax-images\n", "", "endpoint_name", "is missing", "add it"),
    ("batch_deployment.yml", "mini_batch_size: 16",
     "mini_batch: 16", "settings.mini_batch", "not a key", "'mini_batch_size'"),
    ("schedule.yml", "type: cron", "type: crn", "trigger.type", "not one of cron, recurrence", "'cron'"),
    ("compute.yml", "size:", "sise:", "sise", "not a key", "'size'"),
    ("endpoint.yml", "aad_token", "aad", "auth_mode", "not one of", "'aad_token'"),
    ("data.yml", "type: uri_folder", "type: folder", "type", "not one of uri_file", "'uri_folder'"),
]  # fmt: skip


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("azure")
    write_samples(path)
    return path


def test_every_good_file_loads_and_none_of_the_others_is_looked_at(samples):
    report = lint([samples])
    assert report.complaints == ()
    assert {Path(name).name for name in report.checked} == set(KINDS)
    assert [Path(name).name for name in report.left_alone] == ["conda.yml"]


@pytest.mark.parametrize(("name", "before", "after", "key", "reason", "remedy"), REFUSED)
def test_what_the_sdk_refuses_is_one_line_with_file_line_key_reason_and_remedy(
    name, before, after, key, reason, remedy, samples
):
    text = (samples / name).read_text()
    assert before in text
    changed = samples / f"changed_{name}"
    changed.write_text(text.replace(before, after, 1))
    complaints = lint([changed]).complaints
    complaint = next(complaint for complaint in complaints if complaint.key == key)
    changed.unlink()
    assert complaint.key == key
    assert reason in complaint.reason
    assert remedy in complaint.remedy
    assert str(complaint).startswith(f"{changed}:{complaint.line}: {key}: ")
    written = text.replace(before, after, 1).splitlines()[complaint.line - 1]
    assert key.split(".")[-1] in written or "missing" in reason


def test_nothing_can_go_out_while_the_sdk_loads(samples, monkeypatch):
    """A connection that the SDK would open is an error, and afterwards sockets are what they were."""
    before = [dict(vars(socket.socket)), socket.getaddrinfo, socket.create_connection]
    tried = []

    def load(source):
        for attempt in (
            lambda: socket.create_connection(("127.0.0.1", 9), timeout=1),
            lambda: socket.getaddrinfo("localhost", 80),
            lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).connect(("127.0.0.1", 9)),
            lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)),
        ):
            with pytest.raises(OSError, match="without a network"):
                attempt()
            tried.append(source)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        monkeypatch.setattr(loading.require_sdk(), "load_job", load)
        document = read(samples / "job.yml")
        assert loading.sdk_findings(document, kind_of(document.data) or "") == []
    assert len(tried) == 4
    assert [dict(vars(socket.socket)), socket.getaddrinfo, socket.create_connection] == before


def test_the_sdk_says_nothing_of_its_own(samples, capfd):
    """It tells on each load that a class is experimental, and our own loggers speak as before."""
    lint([samples / "pipeline.yml", samples / "job.yml"])
    assert capfd.readouterr() == ("", "")
    assert logging.root.manager.disable == 0


def test_the_command_prints_a_line_a_complaint_and_fails(samples, capsys):
    changed = samples / "changed_job.yml"
    changed.write_text((samples / "job.yml").read_text().replace("inputs.epochs", "inputs.epoch"))
    assert main(["lint", str(changed)]) == 1
    out = capsys.readouterr().out
    assert f"{changed}:7: command: ${{{{inputs.epoch}}}} is not declared" in out
    assert "1 file, 1 complaint in 1" in out
    assert main(["lint", str(changed), "--json"]) == 1
    [complaint] = json.loads(capsys.readouterr().out)["complaints"]
    assert complaint["key"] == "command" and complaint["line"] == 7
    changed.unlink()


def test_the_command_says_that_all_is_well(samples, capsys):
    assert main(["lint", str(samples / "data.yml"), str(samples / "conda.yml"), "--verbose"]) == 0
    out = capsys.readouterr().out
    assert "1 file, nothing to complain of" in out
    assert "conda.yml: left alone" in out


def test_a_path_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(UserError, match="there is no such file or folder"):
        lint([tmp_path / "azure"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("conda.yml", "name: x\nchannels: [conda-forge]\ndependencies: [python]\n"),
        ("workflow.yml", "on: push\njobs:\n  build: {runs-on: ubuntu-latest, steps: []}\n"),
        ("compose.yml", "name: x\nservices:\n  web: {image: nginx}\n"),
        ("list.yml", "- 1\n- 2\n"),
        ("empty.yml", ""),
    ],
)
def test_yaml_of_others_is_left_alone(name, text, tmp_path):
    (tmp_path / name).write_text(text)
    assert lint([tmp_path]).checked == ()


def test_a_kind_is_known_without_its_schema(samples, tmp_path):
    """``$schema`` is optional in Azure."""
    shutil.copytree(samples, tmp_path, dirs_exist_ok=True)
    for name in KINDS:
        expected = kind_of(read(samples / name).data)
        text = (tmp_path / name).read_text().split("\n", 1)[1]
        (tmp_path / name).write_text(text)
        if name not in ("environment.yml", "datastore.yml", "batch_endpoint.yml"):
            assert kind_of(read(tmp_path / name).data) == expected, name


@pytest.mark.parametrize(
    "text", ["a: &x [*x]\n", "a: 2020-13-45\n", "a: [1\n", "\x00", "a: !!python/object:os.system x\n"]
)
def test_hostile_yaml_is_a_complaint_and_no_traceback(text, tmp_path):
    file = tmp_path / "job.yml"
    file.write_text(text)
    assert all(complaint.key == "syntax" for complaint in lint([file]).complaints)


def test_a_version_that_no_file_registers_is_caught_where_the_files_are_looked_at_together(samples, tmp_path):
    shutil.copytree(samples, tmp_path, dirs_exist_ok=True)
    job = tmp_path / "job.yml"
    job.write_text(job.read_text().replace("azureml:gen-jax-train:1", "azureml:gen-jax-train:2"))
    [complaint] = lint([job, tmp_path / "environment.yml"]).complaints
    assert (complaint.key, complaint.file) == ("environment", str(job))
    assert "register environment gen-jax-train in version 1" in complaint.reason
    assert lint([job]).complaints == ()


def test_a_schedule_gives_its_job_inputs_that_the_job_has(samples):
    changed = samples / "changed_schedule.yml"
    text = (samples / "schedule.yml").read_text().replace("create_job: ./pipeline.yml", "create_job:")
    tail = "  type: pipeline\n  job: ./pipeline.yml\n  inputs:\n    epochs: 4\n    "
    for line, count in (
        ("data: x", 0),
        ("dat: x", 1),
        ("data: ${{creation_context.trigger_time}}", 0),
        ("data: ${{now}}", 1),
    ):
        changed.write_text(f"{text}{tail}{line}\n")
        assert len(lint([changed]).complaints) == count, line
    changed.unlink()


def test_without_the_sdk_one_line_says_what_to_install(samples, monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(f"No module named {name!r}", name="azure")

    monkeypatch.setattr(loading.importlib, "import_module", missing)
    with pytest.raises(UserError, match="pip install azure-ai-ml"):
        lint([samples / "job.yml"])
