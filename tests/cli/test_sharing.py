"""Processes that share a folder: some are killed, others go on; each image is there once, as one process makes it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gen_jax.cli.sample import main as sample
from gen_jax.io.pieces import MANIFEST
from tests.saved_run import GAN, save_run

NUM = 600


def start(repository: Path, *words: str, process: int, processes: int) -> subprocess.Popen[str]:
    """Start one of several processes as Azure's launcher does; nothing listens at the address."""
    variables = {"MASTER_ADDR": "192.0.2.1", "MASTER_PORT": "6105", "AZUREML_RUN_ID": "brave_fig"}
    variables |= {"WORLD_SIZE": str(processes), "RANK": str(process), "NODE_RANK": str(process)}
    return subprocess.Popen(
        [sys.executable, "-m", "gen_jax.cli.main", *words],
        cwd=repository,
        env={**os.environ, "JAX_NUM_CPU_DEVICES": "1", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def holds_a_claim(folder: Path, process: subprocess.Popen[str]) -> bool:
    return any(f'"process": {process.pid},' in claim.read_text() for claim in (folder / MANIFEST).glob("*.claim"))


def wait_for(condition: Callable[[], bool], processes: list[subprocess.Popen[str]]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert all(process.poll() is None for process in processes), "one ended by itself"
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.005)


@pytest.mark.slow
def test_four_processes_that_are_killed_and_three_after_them_make_each_image_once(
    tmp_path: Path, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_run(tmp_path / "run", GAN, 100)
    folder = tmp_path / "out"
    words = ["sample", str(tmp_path / "run"), "--num", str(NUM), "--out", f"{folder}/"]
    four = [start(repository, *words, process=number, processes=4) for number in range(4)]
    wait_for(lambda: len(list(folder.glob("*.png"))) > 20, four)
    for process in four:  # the machines of the job are taken away, that of one at work with no warning
        process.send_signal(signal.SIGKILL if holds_a_claim(folder, process) else signal.SIGTERM)
    for process in four:
        process.communicate(timeout=60)
    assert -signal.SIGKILL in [process.returncode for process in four]
    made_before = {path: path.stat().st_mtime_ns for path in folder.glob("*.png")}
    assert 20 < len(made_before) < NUM

    three = [start(repository, *words, process=number, processes=3) for number in range(3)]
    said = [process.communicate(timeout=300) for process in three]
    assert [process.returncode for process in three] == [0, 0, 0], said
    made = [int(re.findall(r": (\d+) made", out.splitlines()[-1])[0]) for out, _ in said]
    assert sum(made) == NUM - len(made_before)
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in made_before.items())

    alone = tmp_path / "alone"
    assert sample([*words[1:-1], f"{alone}/"]) == 0
    expected = {path.name: path.read_bytes() for path in alone.glob("*.png")}
    assert len(expected) == NUM
    assert {path.name: path.read_bytes() for path in folder.glob("*.png")} == expected
    lines = [line for record in (folder / MANIFEST).glob("*.jsonl") for line in record.read_text().splitlines()]
    assert sorted(json.loads(line)["name"] for line in lines) == sorted(expected)
    assert not list((folder / MANIFEST).glob("*.claim"))
    capsys.readouterr()
    assert sample([*words[1:], "--verify"]) == 0
    assert f"{NUM} of {NUM} there" in capsys.readouterr().out
