"""Facts of a machine: read where they can be, said to be unread where not, never an exception."""

import json
import os
import stat

import jax
import pytest

from gen_jax.doctor import facts, speed

SMI = """#!/bin/sh
case "$1" in
  --query-gpu*) echo "NVIDIA H100 80GB HBM3, 535.216.03, 81559"; echo "NVIDIA H100 80GB HBM3, 535.216.03, 81559" ;;
  *) echo "| NVIDIA-SMI 535.216.03   Driver Version: 535.216.03   CUDA Version: 12.2 |" ;;
esac
"""


def programs(folder, name, text):
    path = folder / name
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(folder)


def test_the_driver_and_its_gpus_are_read(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", programs(tmp_path, "nvidia-smi", SMI) + os.pathsep + os.environ["PATH"])
    gpu = {"name": "NVIDIA H100 80GB HBM3", "memory_mib": "81559"}
    assert facts.driver() == {"version": "535.216.03", "cuda": "12.2", "gpus": [gpu, gpu]}


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("#!/bin/sh\necho 'NVIDIA-SMI has failed because it couldn'\\''t communicate' >&2; exit 9\n", "communicate"),
        (None, "there is no nvidia-smi"),
    ],
)
def test_a_driver_that_cannot_be_read_says_why(tmp_path, monkeypatch, program, reason):
    if program:
        programs(tmp_path, "nvidia-smi", program)
    monkeypatch.setenv("PATH", str(tmp_path) + (os.pathsep + "/bin" if program else ""))
    assert reason in facts.look([], {})["driver"]["unread"]


def test_devices_that_jax_refuses_and_disks_that_are_not_there_are_no_crash(tmp_path, monkeypatch):
    def refuse():
        raise RuntimeError("Unable to initialize backend 'cuda'\nand more")

    monkeypatch.setattr(jax, "local_devices", refuse)
    monkeypatch.setattr(facts, "_nvidia_smi", lambda arguments: refuse())
    found = facts.look([tmp_path / "not" / "yet"], {"WORLD_SIZE": "2", "RANK": "1", "SECRET": "x"})
    assert found["devices"] == {"unread": "Unable to initialize backend 'cuda'"}
    assert found["processes"]["unread"].startswith("WORLD_SIZE=2 says")
    assert found["disks"][str(tmp_path / "not" / "yet")]["free_bytes"] > 0
    assert found["environment"] == {"WORLD_SIZE": "2", "RANK": "1"}
    assert json.loads(json.dumps(found)) == found


def test_the_place_among_processes_is_told_without_joining_them(monkeypatch):
    environment = {"WORLD_SIZE": "2", "RANK": "1", "MASTER_ADDR": "10.0.0.4", "MASTER_PORT": "6105"}
    assert facts.processes(environment) == {"count": 2, "number": 1, "coordinator": "10.0.0.4:6105"}
    assert facts.processes({}) == {"count": 1, "number": 0}


def test_each_measurement_gives_a_positive_number():
    assert speed.device_copy(2**12) > 0
    assert speed.host_to_device(2**12) > 0
    assert speed.matmul(8, jax.numpy.float32) > 0
