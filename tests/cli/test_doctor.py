"""``gen-jax doctor``: facts for people and for programs, and an exit code for jobs."""

import json

import pytest

from gen_jax.cli import doctor
from gen_jax.doctor import facts
from gen_jax.errors import RunError, UserError


@pytest.fixture(autouse=True)
def no_driver(monkeypatch):
    def absent(arguments):
        raise RuntimeError("there is no nvidia-smi")

    monkeypatch.setattr(facts, "_nvidia_smi", absent)
    monkeypatch.delenv("JAX_PLATFORMS", raising=False)


def on_cpu(monkeypatch):
    monkeypatch.setattr(facts, "devices", lambda: [{"platform": "cpu", "kind": "cpu", "memory_bytes": None}])


def test_json_holds_every_section_and_no_problem(tmp_path, monkeypatch, capsys):
    on_cpu(monkeypatch)
    assert doctor.main(["--json", "--no-speed", "--expect", "cpu", "--run-dir", str(tmp_path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["problem"] is None
    assert found["driver"] == {"unread": "there is no nvidia-smi"}
    assert found["disks"][str(tmp_path)]["bytes"] > 0
    assert {"versions", "host", "devices", "processes", "environment", "shared_memory"} < found.keys()


def test_a_gpu_job_on_the_cpu_fails_after_the_facts_are_shown(monkeypatch, capsys):
    on_cpu(monkeypatch)
    with pytest.raises(RunError, match=r"a GPU was expected and jax runs on the CPU: no NVIDIA driver .there is no"):
        doctor.main(["--no-speed", "--expect", "gpu"])
    shown = capsys.readouterr().out
    assert "platform cpu" in shown and "cannot be read (there is no nvidia-smi)" in shown and "GiB free of" in shown


def test_an_expectation_that_is_none_is_the_users_mistake():
    with pytest.raises(UserError, match="--expect many"):
        doctor.main(["--expect", "many"])
