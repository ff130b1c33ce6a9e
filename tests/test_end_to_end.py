"""As a user: the commands in processes of their own, killed, stopped, spread over devices and processes, misused."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import jax
import numpy as np
import pytest
from PIL import Image

from gen_jax.cli import exit
from gen_jax.cli.train import main
from gen_jax.io.checkpoint_reading import restore_item
from gen_jax.io.writers import read_metrics

ITEMS = ("params", "ema", "opt_state", "stats", "progress")
SMALL = (
    *("--model.width", "8", "--train.batch", "16", "--train.images", "640", "--train.num-samples", "16"),
    *("--train.log-every", "80", "--train.checkpoint-every", "160", "--train.sample-every", "320"),
    *("--train.no-tensorboard", "--no-progress"),
)
EVALUATED = (
    *("--evaluate.every", "160", "--evaluate.metrics", "fd", "--evaluate.num", "64"),
    *("--evaluate.num-reference", "200"),
)


def environment(**changes: str) -> dict[str, str]:
    return {**os.environ, "JAX_NUM_CPU_DEVICES": "1", **changes}


def start(repository: Path, *words: str, **changes: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=repository,
        env=environment(**changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str], code: int = 0) -> tuple[str, str]:
    out, err = process.communicate(timeout=300)
    assert process.returncode == code, f"exit {process.returncode}, wanted {code}: {err[-2000:]}"
    return out, err


def train(repository: Path, folder: Path, *words: str, code: int = 0, **changes: str) -> tuple[str, str]:
    command = ("train.py", "fashion_dcgan", "--run-dir", str(folder), *SMALL, *words)
    return finish(start(repository, *command, **changes), code)


def arrays_of(folder: Path) -> dict:
    return {name: restore_item(folder / "checkpoints", name)[0] for name in ITEMS}


def assert_same(left: Path, right: Path) -> None:
    ours, theirs = arrays_of(left), arrays_of(right)
    for a, b in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.fixture(scope="module")
def whole(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    out, _ = train(repository, folder)
    assert "640 images seen" in out
    return folder


def wait_for(condition, process: subprocess.Popen[str], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, f"it ended by itself: {process.communicate()[1][-2000:]}"
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)


def test_a_run_killed_and_stopped_ends_with_the_arrays_of_an_undisturbed_one(repository, whole, tmp_path):
    run = tmp_path / "run"
    words = ("train.py", "fashion_dcgan", "--run-dir", str(run), *SMALL)
    checkpoints, metrics = run / "checkpoints", run / "metrics.jsonl"

    process = start(repository, *words)
    wait_for(lambda: (checkpoints / "160").exists(), process)
    process.send_signal(signal.SIGKILL)
    process.communicate()

    process = start(repository, *words)
    before = metrics.stat().st_ino  # a resumed run writes the file anew
    wait_for(lambda: metrics.stat().st_ino != before and read_metrics(metrics)[-1]["images"] >= 240, process)
    process.send_signal(signal.SIGTERM)
    _, err = finish(process, code=143)
    assert "the same command continues the run" in err

    out, _ = finish(start(repository, *words))
    assert "640 images seen" in out
    assert_same(run, whole)
    for name in ("samples-000000000320.png", "samples-000000000640.png"):
        assert (run / "samples" / name).read_bytes() == (whole / "samples" / name).read_bytes()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_pair(repository: Path, folder: Path, *words: str) -> list[subprocess.Popen[str]]:
    """Start a training of two processes as Azure's ``distribution: pytorch`` does, each with two devices."""
    port = str(free_port())
    job = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": "2", "AZUREML_RUN_ID": "brave_fig"}
    command = ("train.py", "fashion_dcgan", "--run-dir", str(folder), *SMALL, *words)
    return [
        start(repository, *command, JAX_NUM_CPU_DEVICES="2", RANK=str(rank), NODE_RANK=str(rank), **job)
        for rank in (0, 1)
    ]


@pytest.fixture(scope="module")
def two(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two processes that nothing disturbed."""
    folder = tmp_path_factory.mktemp("two") / "run"
    for process in start_pair(repository, folder, *EVALUATED):
        finish(process)
    return folder


def test_two_processes_of_which_one_is_killed_end_with_the_arrays_of_an_undisturbed_pair(repository, two, tmp_path):
    run = tmp_path / "run"
    first, second = start_pair(repository, run, "--distributed.heartbeat-timeout", "10")
    wait_for(lambda: (run / "checkpoints" / "160").exists(), second)
    second.kill()
    second.communicate()
    first.communicate(timeout=120)  # it does not wait for ever
    assert first.returncode != 0
    assert not (run / "checkpoints" / "640").exists()

    for process in start_pair(repository, run):
        finish(process)
    assert_same(run, two)


def test_one_device_four_devices_and_two_processes_train_alike(repository, whole, two, tmp_path):
    four = tmp_path / "four"
    train(repository, four, "--train.fsdp", JAX_NUM_CPU_DEVICES="4")
    expected = read_metrics(whole / "metrics.jsonl")
    for folder in (four, two):
        lines = [line for line in read_metrics(folder / "metrics.jsonl") if "loss/gen" in line]
        assert [line["images"] for line in lines] == [line["images"] for line in expected]
        for name in ("loss/disc", "loss/gen", "grad_norm/disc", "param_norm/gen", "penalty/r1"):
            np.testing.assert_allclose(lines[0][name], expected[0][name], rtol=1e-3, err_msg=f"{folder.name} {name}")
    # Rounding grows with the steps; by the end the runs agree to a few percent.
    for folder in (four, two):
        last = [line for line in read_metrics(folder / "metrics.jsonl") if "loss/gen" in line][-1]
        np.testing.assert_allclose(last["param_norm/gen"], expected[-1]["param_norm/gen"], rtol=1e-2)
    # Evaluating is the first process's work; the others agree with it on which checkpoint is best.
    distances = {line["images"]: line["eval/fd"] for line in read_metrics(two / "metrics.jsonl") if "eval/fd" in line}
    assert list(distances) == [160, 320, 480, 640]
    assert [path.name for path in (two / "best").iterdir()] == [str(min(distances, key=distances.__getitem__))]


def test_a_checkpoint_moves_from_one_device_to_four(repository, whole, tmp_path):
    run = tmp_path / "moved"
    shutil.copytree(whole, run)
    shutil.rmtree(run / "checkpoints" / "640")
    out, err = train(repository, run, JAX_NUM_CPU_DEVICES="4")
    assert "from 480 images" in err and "640 images seen" in out
    lines, expected = read_metrics(run / "metrics.jsonl"), read_metrics(whole / "metrics.jsonl")
    np.testing.assert_allclose(lines[-1]["param_norm/gen"], expected[-1]["param_norm/gen"], rtol=1e-2)


def test_samples_of_a_run_are_a_grid_of_its_images(repository, whole, tmp_path):
    grid = tmp_path / "grid.png"
    out, _ = finish(start(repository, "sample.py", str(whole), "--num", "20", "--seed", "1", "--out", str(grid)))
    assert str(grid) in out
    with Image.open(grid) as image:
        width, height = image.size
    assert width > 10 * 28 > 5 * height / 2 > 5 * 28  # a column for each of the ten classes, two rows


def test_the_run_directory_stands_alone(whole):
    for name in ("config.json", "data.json", "environment.json", "metrics.jsonl", "report.html"):
        assert (whole / name).stat().st_size > 0, name
    assert json.loads((whole / "config.json").read_text())["model"]["width"] == 8


MISTAKES = {
    "a wrong flag": (("fashion_dcgan", "--train.imges", "3"), "--train.images"),
    "an unknown config": (("fashion_dcgna",), "fashion_dcgan"),
    "a word for a number": (("fashion_dcgan", "--train.images", "many"), "200k"),
    "an unknown kind": (("fashion_dcgan", "--data.kind", "foldr"), "folder"),
    "a kind without its path": (("fashion_dcgan", "--data.kind", "folder"), "--data.path"),
    "a missing folder": (("fashion_dcgan", "--data", "/nowhere/at/all"), "/nowhere/at/all"),
    "an empty folder": (("fashion_dcgan", "--data", "{empty}"), "{empty}"),
    "a corrupt image": (("folder_dcgan", "--data", "{corrupt}"), "broken.png"),
    "images smaller than the model": (("folder_dcgan", "--data", "{small}"), "smaller"),
    "colour for a grey model": (("fashion_dcgan", "--data", "{colour}"), "--model.channels 3"),
    "an objective for the other family": (("fashion_dcgan", "--objective.kind", "elbo"), "adversarial"),
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Folders of images with something wrong."""
    root = tmp_path_factory.mktemp("folders")
    pixels = np.random.default_rng(0)
    for name, size in (("corrupt", 64), ("small", 20), ("colour", 40)):
        (root / name).mkdir()
        for i in range(8):
            Image.fromarray(pixels.integers(0, 256, (size, size, 3), np.uint8)).save(root / name / f"{i}.png")
    (root / "corrupt" / "broken.png").write_bytes((root / "corrupt" / "0.png").read_bytes()[:500])
    (root / "empty").mkdir()
    return {name: str(root / name) for name in ("empty", "corrupt", "small", "colour")}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_and_leaves_nothing(folders, tmp_path, capsys, monkeypatch, mistake):
    monkeypatch.setattr(exit, "_end_on_sigterm", lambda: None)  # the handler would stay with the tests
    words, hint = MISTAKES[mistake]
    words = [word.format(**folders) for word in words]
    run = tmp_path / "run"
    assert exit.run(lambda: main([*words, "--run-dir", str(run), "--no-progress"])) == 2
    err = capsys.readouterr().err
    lines = [line for line in err.splitlines() if line.strip() and "INFO" not in line]
    assert len(lines) == 1, err
    assert lines[0].startswith("error: ")
    assert hint.format(**folders) in lines[0]
    assert not run.exists()


def test_a_mistake_ends_the_program_with_its_one_line(repository, folders, tmp_path):
    run = tmp_path / "run"
    process = start(repository, "train.py", "folder_dcgan", "--data", folders["corrupt"], "--run-dir", str(run))
    _, err = finish(process, code=2)
    lines = [line for line in err.splitlines() if line.strip()]
    assert len(lines) == 1, err
    assert lines[0].startswith("error: ") and "broken.png" in lines[0]
    assert not run.exists()
