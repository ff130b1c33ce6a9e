"""What hears of a training beside the files of its run, and what it listens to: writers, signals, evictions."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from collections.abc import Callable, Iterator

import jax

from gen_jax.experiment import Experiment
from gen_jax.io.mlflow_run import is_wanted
from gen_jax.io.mlflow_writer import MlflowWriter
from gen_jax.io.run_directory import RunDirectory
from gen_jax.io.scheduled_events import ScheduledEvents
from gen_jax.io.writers import JsonlWriter, MultiWriter, TensorBoardWriter, Writer
from gen_jax.launch import is_azure_job
from gen_jax.train.signals import Request, stop_on_signals


def writers_of(experiment: Experiment, *, nested: bool) -> Callable[[RunDirectory, int | None], Writer]:
    """Return what opens the writers: ``open(run, resume_from)``, of a run that is described already.

    Args:
      experiment: says which there are; process 0 has them, the others none.
      nested: the command does several trainings, each with an MLflow run of its own.

    Raises:
      UserError: one is asked for that is not installed.
    """
    mlflow = is_wanted(experiment.train.mlflow, os.environ)

    def open_writers(run: RunDirectory, resume_from: int | None) -> Writer:
        if jax.process_index() != 0:
            return MultiWriter([])
        writers: list[Writer] = [JsonlWriter(run.metrics, resume_from)]
        if experiment.train.tensorboard:
            writers.append(TensorBoardWriter(run.tensorboard, resume_from))
        if mlflow:
            facts = json.loads(run.environment.read_bytes())
            writers.append(MlflowWriter(run, dataclasses.asdict(experiment), facts, nested=nested))
        return MultiWriter(writers)

    return open_writers


@contextlib.contextmanager
def listening(experiment: Experiment) -> Iterator[Request]:
    """Listen inside the block for signals and, where asked for, for Azure's announcement that this machine goes."""
    choice = experiment.train.scheduled_events
    with stop_on_signals() as request, contextlib.ExitStack() as stack:
        if choice == "on" or (choice == "auto" and is_azure_job(os.environ)):
            stack.enter_context(contextlib.closing(ScheduledEvents(request.save)))
        yield request
