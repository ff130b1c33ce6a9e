"""What may end a machine: a notice asks for a checkpoint, and storage that fails at the end is tried again."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from gen_jax.data.config import EmbeddedData
from gen_jax.errors import RunError
from gen_jax.experiment import Experiment, TrainConfig
from gen_jax.models import DcganConfig
from gen_jax.objectives.config import AdversarialObjective
from gen_jax.train import loop, recording
from gen_jax.train.signals import GO_ON, SAVE, STOP, Request


def test_a_signal_outweighs_a_notice_and_a_notice_is_answered_once():
    request = Request()
    assert request.choice == GO_ON
    request.save()
    assert request.choice == SAVE
    request.saved()
    assert request.choice == GO_ON
    request.save()
    request(15, None)
    assert request.choice == STOP


@pytest.mark.parametrize(
    ("choice", "in_azure", "listens"), [("auto", False, 0), ("auto", True, 1), ("on", False, 1), ("off", True, 0)]
)
def test_evictions_are_listened_for_in_jobs_of_azure(monkeypatch, choice, in_azure, listens):
    started = []

    class Events:
        def __init__(self, notice):
            started.append(notice)

        def close(self):
            started.append("closed")

    monkeypatch.setattr(recording, "ScheduledEvents", Events)
    monkeypatch.delenv("AZUREML_RUN_ID", raising=False)
    if in_azure:
        monkeypatch.setenv("AZUREML_RUN_ID", "calm_tree_1")
    experiment = Experiment(
        name="tiny",
        data=EmbeddedData(),
        model=DcganConfig(),
        objective=AdversarialObjective(),
        train=TrainConfig(scheduled_events=choice),
    )
    with recording.listening(experiment) as request:
        for notice in started:
            notice()
        assert request.choice == (SAVE if listens else GO_ON)
    assert len(started) == 2 * listens


def last_checkpoint(monkeypatch, spoiled):
    """A loop at its last step whose storage spoils so many checkpoints, and the list of those that it begins."""
    monkeypatch.setattr(loop.time, "sleep", lambda seconds: None)
    outcomes, begun = [False] * spoiled, []
    stands_for = SimpleNamespace(
        checkpoints=SimpleNamespace(wait=lambda: outcomes.pop() if outcomes else True),
        run=SimpleNamespace(checkpoints=Path("run/checkpoints")),
        _save=lambda: begun.append(1),
    )
    return stands_for, begun


@pytest.mark.parametrize("spoiled", [0, 1, 3])
def test_the_last_checkpoint_is_written_again_until_it_is_there(monkeypatch, spoiled):
    stands_for, begun = last_checkpoint(monkeypatch, spoiled)
    loop.Loop._finish_checkpoint(stands_for)
    assert len(begun) == spoiled


def test_storage_that_never_takes_the_last_checkpoint_ends_the_run_in_one_line(monkeypatch):
    stands_for, _ = last_checkpoint(monkeypatch, 99)
    with pytest.raises(RunError, match="run/checkpoints takes no checkpoint: see to it"):
        loop.Loop._finish_checkpoint(stands_for)
