"""Metrics for MLflow: all lines arrive, in order and once, whatever the server does meanwhile."""

import importlib.util
import json
import threading
import time

import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.io import mlflow_run, mlflow_writer
from gen_jax.io.mlflow_run import MlflowRun, is_wanted, metric_name, read_kept, without_secrets
from gen_jax.io.mlflow_writer import MlflowWriter, conclude
from gen_jax.io.run_directory import RunDirectory
from gen_jax.io.writers import JsonlWriter, MultiWriter
from tests.io import fake_mlflow

CONFIG = {"name": "tiny", "train": {"batch": 8, "init_from": None}, "data": {"augment": [{"kind": "flip"}]}}
PICTURE = np.zeros((2, 2, 3), np.uint8)


@pytest.fixture
def server(monkeypatch):
    return fake_mlflow.install(monkeypatch)


@pytest.fixture
def run(tmp_path):
    directory = RunDirectory(tmp_path / "tiny")
    directory.create()
    directory.write_config(CONFIG)
    return directory


def open_writers(run, resume_from=None, **options):
    """The writers of a run, as the loop has them."""
    jsonl = JsonlWriter(run.metrics, resume_from)
    mlflow = MlflowWriter(run, CONFIG, {"jax": "0.10.2"}, longest_wait=0.01, **options)
    return MultiWriter([jsonl, mlflow]), mlflow


def eventually(condition):
    """Wait for the thread to have done something; it does so at once, on any machine that is not overloaded."""
    until = time.monotonic() + 60
    while not condition() and time.monotonic() < until:
        time.sleep(0.002)
    assert condition()


def test_metrics_parameters_tags_pictures_and_files_arrive(server, run):
    writers, _ = open_writers(run)
    writers.write(8, {"loss/gen": 1.5, "loss/disc": float("nan")})
    writers.write(16, {"loss/gen": 0.5, "eval/fd": 3.0})
    writers.write_image(16, "samples", PICTURE)
    writers.close()
    run.report.write_text("a page")
    conclude(run, artifacts=[run.report, run.path / "missing"])
    [(identity, there)] = server.runs.items()
    assert there["metrics"] == [("loss/gen", 8, 1.5), ("loss/gen", 16, 0.5), ("eval/fd", 16, 3.0)]
    assert there["params"]["train.batch"] == "8" and there["params"]["data.augment"] == '[{"kind": "flip"}]'
    assert there["tags"]["gen_jax.jax"] == "0.10.2"
    assert there["images"] == [("samples", 16)] and there["artifacts"] == ["config.json", "report.html"]
    assert (there["status"], there["name"], server.experiments) == ("FINISHED", "tiny", {"gen_jax": "e0"})
    kept = json.loads(run.mlflow.read_text())
    assert kept["run_id"] == identity and kept["uri"] == "https://server/mlflow"


def test_a_resumed_training_continues_its_run_and_sends_no_line_twice(server, run):
    writers, _ = open_writers(run)
    for images in (8, 16, 24):
        writers.write(images, {"loss/gen": float(images)})
    writers.close()
    writers, _ = open_writers(run, resume_from=8)  # the checkpoint is older than what has arrived
    for images in (16, 24, 32):
        writers.write(images, {"loss/gen": float(images)})
    writers.write(32, {"eval/fd": 1.0})
    writers.close()
    [there] = server.runs.values()
    assert [(name, step) for name, step, _ in there["metrics"]] == [
        *[("loss/gen", step) for step in (8, 16, 24, 32)],
        ("eval/fd", 32),
    ]


def test_a_second_line_of_the_same_images_is_sent_after_a_resume_if_it_had_not_arrived(server, run):
    writers, _ = open_writers(run)
    writers.write(8, {"loss/gen": 1.0})
    writers.close()
    writers, _ = open_writers(run, resume_from=8)
    writers.write(8, {"eval/fd": 2.0})
    writers.close()
    assert [name for name, *_ in server.runs["run0"]["metrics"]] == ["loss/gen", "eval/fd"]


def test_an_outage_holds_up_nothing_and_loses_nothing(server, run, caplog):
    writers, mlflow = open_writers(run)
    writers.write(8, {"loss/gen": 1.0})
    eventually(lambda: server.runs and server.runs["run0"]["metrics"])
    server.trouble = ConnectionError("connection refused")
    writers.write(16, {"loss/gen": 2.0})
    writers.write_image(16, "samples", PICTURE)
    eventually(lambda: mlflow._trouble)
    server.trouble = None
    eventually(lambda: server.runs["run0"]["images"])
    writers.close()
    assert [step for _, step, _ in server.runs["run0"]["metrics"]] == [8, 16]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "they wait in metrics.jsonl" in caplog.text


def test_what_an_outage_held_back_is_sent_by_the_next_start(server, run, caplog):
    server.trouble = ConnectionError("connection refused")
    writers, _ = open_writers(run)
    writers.write(8, {"loss/gen": 1.0})
    writers.close()
    assert "MLflow lacks 1 lines of metrics and 0 pictures" in caplog.text and "next start" in caplog.text
    conclude(run)  # without a run there, nothing to end
    server.trouble = None
    writers, _ = open_writers(run, resume_from=8)
    writers.close()
    assert server.runs["run0"]["metrics"] == [("loss/gen", 8, 1.0)]


def test_after_long_silence_nothing_more_is_tried(server, run, caplog):
    server.trouble = ConnectionError("connection refused")
    _, mlflow = open_writers(run, patience=0.02)
    eventually(lambda: not mlflow._thread.is_alive())
    assert caplog.text.count("MLflow has not answered") == 1


def test_a_server_that_hangs_holds_up_neither_writing_nor_the_end(server, run, monkeypatch):
    free = threading.Event()
    monkeypatch.setattr(MlflowRun, "log_line", lambda *arguments: free.wait(60))
    _, mlflow = open_writers(run)
    JsonlWriter(run.metrics, None).write(8, {"loss/gen": 1.0})
    mlflow.write(8, {})
    mlflow.close(seconds=0.05)
    assert mlflow._thread.is_alive()
    free.set()
    mlflow._thread.join(60)


def test_what_the_server_refuses_is_left_out_and_counted_once(server, run, caplog):
    server.refused_names = ("bad",)
    writers, _ = open_writers(run)
    writers.write(8, {"bad": 1.0})
    writers.write(16, {"good": 2.0})
    writers.close()
    assert server.runs["run0"]["metrics"] == [("good", 16, 2.0)]
    assert "MLflow lacks 1 lines of metrics" in caplog.text


def test_pictures_that_wait_are_bounded_and_the_oldest_go(server, run, monkeypatch, caplog):
    monkeypatch.setattr(mlflow_writer, "MOST_PICTURES", 2)
    server.trouble = ConnectionError("connection refused")
    writers, mlflow = open_writers(run)
    for images in range(5):
        writers.write_image(images, "samples", PICTURE)
    server.trouble = None
    eventually(lambda: not mlflow._pictures)
    writers.close()
    assert [step for _, step in server.runs["run0"]["images"]] == [3, 4]
    assert "3 pictures" in caplog.text


def test_the_run_of_a_job_is_used_and_not_ended(server, run, monkeypatch):
    server.add("job7")
    monkeypatch.setenv("MLFLOW_RUN_ID", "job7")
    writers, _ = open_writers(run)
    writers.write(8, {"loss/gen": 1.0})
    writers.close()
    conclude(run)
    assert server.runs.keys() == {"job7"} and server.runs["job7"]["status"] == "RUNNING"


def test_a_job_submitted_again_gets_the_whole_history(server, run, monkeypatch):
    for job in ("job7", "job8"):
        server.add(job)
        monkeypatch.setenv("MLFLOW_RUN_ID", job)
        writers, _ = open_writers(run, resume_from=8 if job == "job8" else None)
        writers.write(8 if job == "job7" else 16, {"loss/gen": 1.0})
        writers.close()
    assert [step for _, step, _ in server.runs["job8"]["metrics"]] == [8, 16]


def test_one_of_several_trainings_of_a_job_has_a_run_below_that_of_the_job(server, run, monkeypatch):
    server.add("job7")
    monkeypatch.setenv("MLFLOW_RUN_ID", "job7")
    for resume_from in (None, 8):
        writers, _ = open_writers(run, resume_from, nested=True)
        writers.write(8 if resume_from is None else 16, {"loss/gen": 1.0})
        writers.close()
        conclude(run, nested=True)
    assert server.runs["job7"]["metrics"] == []
    assert server.runs["run1"]["tags"]["mlflow.parentRunId"] == "job7"
    assert (len(server.runs), len(server.runs["run1"]["metrics"])) == (2, 2)
    assert server.runs["run1"]["status"] == "FINISHED"


@pytest.mark.parametrize("loss", ["deleted", "gone", "elsewhere"])
def test_a_run_that_is_no_longer_there_is_made_anew_with_all_lines(server, run, loss):
    writers, _ = open_writers(run)
    writers.write(8, {"loss/gen": 1.0})
    writers.close()
    if loss == "deleted":
        server.runs["run0"]["lifecycle_stage"] = "deleted"
    elif loss == "gone":
        server.runs["old"] = server.runs.pop("run0")
    else:
        server.uri = "https://another/mlflow"
    writers, _ = open_writers(run, resume_from=8)
    writers.close()
    assert server.runs["run1"]["metrics"] == [("loss/gen", 8, 1.0)]


def test_without_a_run_there_is_nothing_to_conclude(server, run):
    conclude(run)
    assert server.calls == 0


@pytest.mark.parametrize(
    ("choice", "uri", "wanted"),
    [("auto", "sqlite:///a", True), ("auto", "", False), ("on", "", True), ("off", "x", False)],
)
def test_mlflow_is_written_to_where_it_is_asked_for(monkeypatch, choice, uri, wanted):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    assert is_wanted(choice, {"MLFLOW_TRACKING_URI": uri}) is wanted


def test_mlflow_that_is_not_installed_is_an_error_only_where_it_is_asked_for(monkeypatch, caplog):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"--train.mlflow on: mlflow is not installed; pip install"):
        is_wanted("on", {})
    assert is_wanted("auto", {"MLFLOW_TRACKING_URI": "azureml://x"}) is False
    assert "mlflow is not installed" in caplog.text
    assert is_wanted("off", {"MLFLOW_TRACKING_URI": "azureml://x"}) is is_wanted("auto", {}) is False


def test_names_and_addresses():
    assert metric_name("loss/gen_1") == "loss/gen_1" and metric_name("a:b%") == "a_b_"
    assert without_secrets("https://u:p@host/x?sig=1") == "https://host/x"
    assert without_secrets("sqlite:////tmp/a.db") == "sqlite:////tmp/a.db"


@pytest.mark.filterwarnings("ignore")  # MLflow's own
def test_a_real_store_gets_every_line(run, monkeypatch, tmp_path):
    mlflow = pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "store").as_uri())
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setattr(mlflow_run, "quicken", lambda: None)  # it would set variables that outlive the test
    writers, thread = open_writers(run)
    writers.write(8, {"loss/gen": 1.5})
    writers.write_image(8, "samples", PICTURE)
    eventually(lambda: not thread._pictures)
    writers.close()
    conclude(run)
    client, kept = mlflow.MlflowClient(), read_kept(run)
    assert [(m.step, m.value) for m in client.get_metric_history(kept.run_id, "loss/gen")] == [(8, 1.5)]
    assert client.get_run(kept.run_id).info.status == "FINISHED"
    assert any(file.path.endswith(".png") for file in client.list_artifacts(kept.run_id, "images"))
    assert mlflow_run.is_refusal(mlflow.exceptions.MlflowException("no", error_code=1000)) is True
