"""A run is sent again after a preemption, under its key, one job at a time; anything else ends with its reason."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

pytest.importorskip("azure.ai.ml")

from gen_jax.azure.endings import Ending
from gen_jax.azure.watching import Patience, watch
from gen_jax.errors import RunError, UserError
from tests.azure.fake_workspace import BROKEN, PREEMPTION, FakeWorkspace, Refusal, job

SIGTERM = (
    "step 100\nerror: stopped at 6400 of 20000 images; the state is saved in runs/photos: give the same command again\n"
)


def look_after(workspace: FakeWorkspace, name: str = "photos", **options: int) -> tuple[int, list[str]]:
    said: list[str] = []
    patience = Patience(sleep=workspace.clock.sleep, **options)
    return watch(workspace, name, patience=patience, say=said.append), said


def preempted(*before: str) -> dict:
    return {"statuses": (*before, "Failed"), "error": PREEMPTION}


def test_a_run_preempted_twice_is_sent_twice_and_completes() -> None:
    workspace = FakeWorkspace(a=job("photos-1", "Running", "Failed", key="photos", error=PREEMPTION))
    workspace.jobs.script = [preempted("Queued", "Running"), {"statuses": ("Queued", "Running", "Completed")}]
    code, said = look_after(workspace, poll=30, pause=60)
    assert code == 0
    assert [sent.name for sent in workspace.jobs.sent] == ["photos-2", "photos-3"]
    assert all(sent.tags["run_key"] == "photos" for sent in workspace.jobs.sent)
    assert [wait for wait in workspace.clock.waits if wait != 30] == [60, 120], "pauses grow"
    assert "pre-empted" in "\n".join(said)
    assert said[-1].startswith("run photos: completed, by job photos-3")


def test_a_job_says_which_run_is_meant() -> None:
    workspace = FakeWorkspace(a=job("photos-1", "Failed", key="photos", error=PREEMPTION))
    workspace.jobs.script = [{"statuses": ("Completed",)}]
    assert look_after(workspace, "photos-1")[0] == 0
    assert [sent.name for sent in workspace.jobs.sent] == ["photos-2"]


def test_a_job_that_failed_for_good_ends_with_its_reason_and_its_last_lines() -> None:
    log = "loading\nerror: train.images: must be positive; https://a/b?sig=SECRET\n"
    workspace = FakeWorkspace(a=job("photos-1", "Running", "Failed", key="photos", error=BROKEN, log=log))
    code, said = look_after(workspace)
    assert code == 1 and not workspace.jobs.sent
    assert "  loading" in said and "status code 2" in said[-1]
    assert "SECRET" not in "\n".join(said)


def test_a_run_that_is_preempted_too_often_ends() -> None:
    workspace = FakeWorkspace(a=job("photos-1", "Failed", key="photos", error=PREEMPTION))
    workspace.jobs.script = [preempted() for _ in range(9)]
    with pytest.raises(RunError, match="after 2 restarts"):
        look_after(workspace, most_restarts=2)
    assert len(workspace.jobs.sent) == 2


def test_two_jobs_of_a_run_at_once_are_a_mistake_to_mend_first() -> None:
    workspace = FakeWorkspace(a=job("photos-1", "Running", key="photos"), b=job("hand", "Queued", key="photos"))
    with pytest.raises(UserError, match="hand, photos-1 run at once"):
        look_after(workspace)


def test_a_run_that_somebody_sent_in_the_pause_is_followed_and_not_sent_again() -> None:
    workspace = FakeWorkspace(a=job("photos-1", "Failed", key="photos", error=PREEMPTION))

    def sleep(seconds: float) -> None:
        workspace.jobs.jobs.setdefault("photos-2", job("photos-2", "Running", "Completed", key="photos"))

    said: list[str] = []
    assert watch(workspace, "photos", patience=Patience(sleep=sleep), say=said.append) == 0
    assert not workspace.jobs.sent
    assert "run photos: job photos-2 runs already; nothing is sent" in said


def test_a_run_that_runs_is_followed_though_an_earlier_job_was_preempted() -> None:
    workspace = FakeWorkspace(
        a=job("photos-1", "Failed", key="photos", error=PREEMPTION),
        b=job("photos-2", "Running", "Completed", key="photos"),
    )
    assert look_after(workspace)[0] == 0
    assert not workspace.jobs.sent


def test_a_copy_of_a_job_has_nothing_of_its_past() -> None:
    tracking, tensorboard = SimpleNamespace(), SimpleNamespace()
    past = job(
        "photos-1", "Failed", key="photos", error=PREEMPTION,
        outputs={"runs": SimpleNamespace(path="azureml://x"), "default": SimpleNamespace(path="azureml://ExperimentRun/dcid.photos-1")},
        properties={"azureml.git.commit": "abc", "_azureml.ComputeTargetType": "amlctrain"},
        services={"Studio": tracking, "Tracking": tracking, "tb": tensorboard},
    )  # fmt: skip
    workspace = FakeWorkspace(a=past)
    workspace.jobs.script = [{"statuses": ("Completed",)}]
    look_after(workspace)
    [sent] = workspace.jobs.sent
    assert list(sent.outputs) == ["runs"]
    assert sent.properties == {"azureml.git.commit": "abc"}
    assert sent.tags == {"run_key": "photos", "resumes": "photos-1"}


def test_trouble_on_the_way_is_waited_out() -> None:
    workspace = FakeWorkspace(a=job("photos-1", "Running", "Completed", key="photos"))
    workspace.jobs.trouble = []
    original = workspace.jobs.get
    troubles = [Refusal(503, "busy"), Refusal(429, "slow")]

    def get(name: str) -> object:
        if troubles:
            raise troubles.pop()
        return original(name)

    workspace.jobs.get = get  # type: ignore[method-assign]
    assert look_after(workspace)[0] == 0


def test_an_unknown_name_and_a_job_without_a_run_key_are_refused() -> None:
    workspace = FakeWorkspace(a=job("plain", "Running"))
    with pytest.raises(UserError, match="neither a run key nor a job"):
        look_after(workspace, "nothing")
    with pytest.raises(UserError, match="no tag run_key"):
        look_after(workspace, "plain")


@pytest.mark.parametrize(
    ("status", "error", "log", "taken"),
    [
        ("Failed", "PreemptionError: Nodes of this job got pre-empted", "", True),
        ("Failed", "the Spot VM was evicted", "", True),
        ("NotResponding", "", "", True),
        ("Failed", "", "Azure announces Preempt of this machine (node-1): saving a checkpoint", True),
        ("Failed", "Execution failed", SIGTERM, True),
        ("Failed", "User process exited with status code 143", "", True),
        ("Canceled", "", SIGTERM, False),  # somebody canceled it: SIGTERM comes then as well
        ("Canceled", "Nodes of this job got pre-empted", "", True),
        ("Failed", "exited with status code 137", "Killed", False),  # out of memory, say
        ("Failed", "exited with status code 1", "evicting 3 programs from the cache", False),
        ("Completed", "", "Azure announces Preempt of this machine", False),
    ],
)
def test_what_counts_as_a_preemption(status: str, error: str, log: str, taken: bool) -> None:
    assert Ending("a", status, error, tuple(log.splitlines())).preempted is taken
