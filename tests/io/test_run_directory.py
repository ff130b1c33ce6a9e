"""A run is found from what a person types, and two trainings never share one."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gen_jax.errors import UserError
from gen_jax.io.run_directory import RunDirectory, find_run
from gen_jax.types import DatasetInfo


@pytest.fixture
def run(tmp_path):
    run = RunDirectory(tmp_path / "runs" / "fashion")
    run.create()
    run.write_config({"train": {"images": 64000}})
    return run


def test_config_and_data_round_trip(run):
    info = DatasetInfo(image_shape=(28, 28, 1), num_images=10, class_names=("bag", "coat"), source="embedded")
    run.write_data(info)
    assert run.read_data() == info
    assert run.read_config() == {"train": {"images": 64000}}


def test_missing_and_broken_files_are_one_line(run, tmp_path):
    with pytest.raises(UserError, match=r"data\.json is missing"):
        run.read_data()
    for text, message in [("{", "not valid JSON"), ("[]", "should hold an object"), ("{}", "describes no data set")]:
        run.data.write_text(text)
        with pytest.raises(UserError, match=message):
            run.read_data()
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(UserError, match="choose another --run-dir"):
            RunDirectory(path).create()


HOLDER = """
import sys, time
from gen_jax.io.run_directory import RunDirectory
with RunDirectory(sys.argv[1]).lock():
    print("locked", flush=True)
    time.sleep(600)
"""


def test_second_training_is_refused_until_the_first_is_killed(run, repository):
    command = [sys.executable, "-c", HOLDER, str(run.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=repository, text=True) as holder:
        assert holder.stdout.readline() == "locked\n"
        with pytest.raises(UserError, match=rf"in use by another training \(process {holder.pid}\)"), run.lock():
            pytest.fail("the lock was given twice")
        holder.send_signal(signal.SIGKILL)
    with run.lock():
        pass
    with run.lock():
        pass


def test_sample_paths_sort_by_images_and_group_by_name(run):
    assert run.sample_path(12800) == run.samples / "samples-000000012800.png"
    for images, name in [(200_000_000, "samples"), (64, "samples"), (9_999, "samples"), (64, "reconstructions")]:
        run.sample_path(images, name).touch()
    (run.samples / "notes-x.png").touch()
    found = run.sample_paths()
    assert {name: list(grids) for name, grids in found.items()} == {
        "reconstructions": [64],
        "samples": [64, 9_999, 200_000_000],
    }
    assert RunDirectory(run.path / "absent").sample_paths() == {}


def test_whatever_a_person_types_finds_the_run(run, tmp_path, monkeypatch):
    (run.checkpoints / "12800").mkdir()
    monkeypatch.chdir(tmp_path)
    for typed in (run.path, "runs/fashion", "fashion", run.checkpoints, "runs/fashion/"):
        found = find_run(typed)
        assert found.run.path.resolve() == run.path.resolve() and found.images is None
    for typed in (run.checkpoints / "12800", "fashion/checkpoints/12800"):
        found = find_run(typed)
        assert found.run.path.resolve() == run.path.resolve() and found.images == 12800
    monkeypatch.chdir(run.checkpoints)
    assert find_run("12800").images == 12800
    assert find_run(".").run.name == "fashion"


def test_missing_run_names_those_nearby(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("celeba", "cifar"):
        other = RunDirectory(Path("runs") / name)
        other.create()
        other.write_config({})
    with pytest.raises(UserError, match=r"'fasion' does not exist: there are runs/fashion, ") as caught:
        find_run("fasion")
    assert "runs/celeba" in str(caught.value) and "runs/cifar" in str(caught.value)
    with pytest.raises(UserError, match=r"'runs' has no config\.json.*fashion"):
        find_run("runs")
    with pytest.raises(UserError, match="'fashion/checkpoints/999' does not exist"):
        find_run("fashion/checkpoints/999")
    monkeypatch.chdir(run.samples)
    with pytest.raises(UserError, match="there are no runs in"):
        find_run("x")
