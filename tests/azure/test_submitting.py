"""A job is sent under its run key, once; its log is followed to the end."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

pytest.importorskip("azure.ai.ml")

from gen_jax.azure import run_key
from gen_jax.azure.submitting import stream, submit
from gen_jax.errors import UserError
from tests.azure.fake_workspace import BROKEN, FakeWorkspace, Refusal, job, job_exception


def new_job() -> SimpleNamespace:
    return SimpleNamespace(name=None, tags={"team": "a"}, outputs={}, properties={})


def test_the_first_job_of_a_run_has_its_key_as_name_and_tag() -> None:
    workspace, said = FakeWorkspace(), []
    sent = submit(workspace, new_job(), "photos", say=said.append)
    assert sent.name == "photos-1"
    assert workspace.jobs.sent[0].tags == {"team": "a", "run_key": "photos"}
    assert said == ["job photos-1: https://ml/photos-1"]


def test_the_next_job_of_a_run_counts_on_from_those_that_ended() -> None:
    workspace = FakeWorkspace(a=job("photos-1", "Completed", key="photos"), b=job("by-hand", "Failed", key="photos"))
    assert submit(workspace, new_job(), "photos").name == "photos-3"


@pytest.mark.parametrize("status", ["Queued", "Running", "CancelRequested", "Paused", "Finalizing"])
def test_while_a_job_of_a_run_has_not_ended_no_other_is_sent(status: str) -> None:
    workspace = FakeWorkspace(a=job("photos-1", status, key="photos"), b=job("other-1", "Running", key="other"))
    with pytest.raises(UserError, match=r"photos-1 of it is .*gen-jax azure watch photos"):
        submit(workspace, new_job(), "photos")
    assert not workspace.jobs.sent


def test_a_name_that_an_archived_job_has_is_not_given_again() -> None:
    workspace = FakeWorkspace(a=job("photos-1", "Completed"))  # lists leave out what is archived
    with pytest.raises(UserError, match="photos-1: exists already"):
        submit(workspace, new_job(), "photos")
    assert not workspace.jobs.sent


def test_a_throttled_look_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = FakeWorkspace()
    monkeypatch.setattr("gen_jax.azure.failures.time.sleep", workspace.clock.sleep)
    workspace.jobs.trouble = [Refusal(429, "slow", {"Retry-After": "5"})]
    assert submit(workspace, new_job(), "photos").name == "photos-1"


def test_a_refusal_is_one_line() -> None:
    workspace = FakeWorkspace()
    workspace.jobs.trouble = [Refusal(403, "no permission")]
    with pytest.raises(UserError, match=r"run photos: .*AzureML Data Scientist"):
        submit(workspace, new_job(), "photos")


def test_the_log_ends_with_the_status_of_the_job_as_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    workspace = FakeWorkspace(a=job("a-1", "Completed"), b=job("b-1", "Failed", error=BROKEN))
    assert stream(workspace, "a-1") == 0
    assert stream(workspace, "b-1") == 1
    assert "job b-1: Failed" in capsys.readouterr().out


def test_ctrl_c_leaves_the_job_running_and_says_so() -> None:
    interrupted = job_exception("The output streaming for the run interrupted.")
    interrupted.__cause__ = KeyboardInterrupt()  # as the SDK raises it
    said: list[str] = []
    assert stream(FakeWorkspace(a=job("a-1", "Running", error=interrupted)), "a-1", say=said.append) == 130
    assert said == ["job a-1 goes on without us; end it with `az ml job cancel --name a-1`"]


@pytest.mark.parametrize("key", ["", "../other", "a b", "-a", "x" * 81, "ä"])
def test_a_run_key_that_is_no_name_of_a_folder_and_a_job_is_refused(key: str) -> None:
    with pytest.raises(UserError, match="run key"):
        run_key.check(key)


def test_a_new_run_key_is_a_run_key_and_never_the_same() -> None:
    first, second = run_key.make("my photos / GAN"), run_key.make("my photos / GAN")
    assert run_key.check(first) == first and first.startswith("my-photos-GAN-") and first != second
