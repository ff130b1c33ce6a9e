"""One run at an MLflow server or store: found or made, described, and given numbers and files.

Only what every server understands is used: runs, batches, tags, images and files. There are no logged models,
which some servers do not know.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import math
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from gen_jax.errors import UserError
from gen_jax.io import files
from gen_jax.io.run_directory import RunDirectory

T = TypeVar("T")
_log = logging.getLogger(__name__)

MOST_PARAMETERS = 100
"""In one request."""
LONGEST_VALUE = 500
"""Characters of a parameter; servers cut at different lengths."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kept:
    """What ``mlflow.json`` in the run directory says, so that a continued training continues the MLflow run."""

    uri: str
    """Where the run is."""
    run_id: str
    own: bool
    """Whether we made the run and end it; a job's run belongs to the job."""
    described: bool = False
    """Whether it has parameters and tags."""
    images: int = -1
    """The last line of metrics that has arrived."""
    lines: int = 0
    """How many lines of so many images have arrived."""


def read_kept(run: RunDirectory) -> Kept | None:
    """Return what is known of the MLflow run; None where there is none."""
    try:
        return Kept(**json.loads(run.mlflow.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def write_kept(run: RunDirectory, kept: Kept) -> None:
    """Keep it for the next start; raises ``OSError``."""
    files.write_json(run.mlflow, dataclasses.asdict(kept))


def is_wanted(choice: str, environment: Mapping[str, str]) -> bool:
    """Tell whether MLflow is to be written to.

    Args:
      choice: ``--train.mlflow``: auto, on or off.
      environment: auto looks for MLFLOW_TRACKING_URI, and warns where it is set and mlflow is not installed.

    Raises:
      UserError: it is asked for and not installed.
    """
    import importlib.util

    installed = importlib.util.find_spec("mlflow") is not None
    if choice == "on" and not installed:
        raise UserError("--train.mlflow on: mlflow is not installed; pip install mlflow-skinny, or leave it out")
    if choice == "auto" and environment.get("MLFLOW_TRACKING_URI") and not installed:
        _log.warning(
            "MLFLOW_TRACKING_URI is set and mlflow is not installed (pip install mlflow-skinny): not written to"
        )
    return installed and (choice == "on" or (choice == "auto" and bool(environment.get("MLFLOW_TRACKING_URI"))))


def metric_name(name: str) -> str:
    """Return the name under which a metric of ``metrics.jsonl`` arrives: the same, as ours are all allowed."""
    return re.sub(r"[^\w\-. /]", "_", name)


class MlflowRun:
    """The connection; every call may raise whatever the client raises."""

    def __init__(self, run: RunDirectory, environment: Mapping[str, str], *, nested: bool = False) -> None:
        """Find the run, or make one.

        Args:
          run: the run directory that the MLflow run is about.
          environment: ``MLFLOW_RUN_ID`` names the run of a job, ``MLFLOW_EXPERIMENT_NAME`` where a new one goes.
          nested: the job does several trainings; each has a run of its own below that of the job.
        """
        quicken()
        import mlflow  # type: ignore[import-not-found]

        self._client = mlflow.MlflowClient()
        self._directory = run
        uri = without_secrets(mlflow.get_tracking_uri())
        kept = read_kept(run)
        if kept is not None and kept.uri != uri:
            kept = None
        given = environment.get("MLFLOW_RUN_ID", "")
        if given and not nested:
            self.kept = kept if kept is not None and kept.run_id == given else Kept(uri=uri, run_id=given, own=False)
        elif kept is not None and self._go_on(kept):
            self.kept = kept
        else:
            self.kept = Kept(uri=uri, run_id=self._create(environment, parent=given), own=True)
        write_kept(run, self.kept)

    def _go_on(self, kept: Kept) -> bool:
        try:
            info = self._client.get_run(kept.run_id).info
        except Exception as error:
            if is_refusal(error):  # it was deleted there
                return False
            raise
        if info.lifecycle_stage != "active":
            return False
        if kept.own and info.status != "RUNNING":
            self._client.update_run(kept.run_id, status="RUNNING")
        return True

    def _create(self, environment: Mapping[str, str], *, parent: str) -> str:
        experiment = environment.get("MLFLOW_EXPERIMENT_ID")
        if not experiment:
            name = environment.get("MLFLOW_EXPERIMENT_NAME") or "gen_jax"
            found = self._client.get_experiment_by_name(name)
            experiment = found.experiment_id if found is not None else self._client.create_experiment(name)
        tags = {"mlflow.parentRunId": parent} if parent else {}
        return self._client.create_run(experiment, tags=tags, run_name=self._directory.name).info.run_id

    def describe(self, config: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        """Send the configuration as parameters, facts such as versions as tags, and ``config.json``; once a run."""
        if self.kept.described:
            return
        from mlflow.entities import Param, RunTag  # type: ignore[import-not-found]

        pairs = [(name, _text(value)) for name, value in flat(config)]
        for some in _chunks([Param(name, text) for name, text in pairs], MOST_PARAMETERS):
            self._client.log_batch(self.kept.run_id, params=some, synchronous=True)
        tags = [RunTag(f"gen_jax.{name}", _text(value)) for name, value in facts.items()]
        self._client.log_batch(self.kept.run_id, tags=tags, synchronous=True)
        self._client.log_artifact(self.kept.run_id, str(self._directory.config))
        self.kept = dataclasses.replace(self.kept, described=True)

    def log_line(self, images: int, scalars: Mapping[str, float]) -> None:
        """Send the finite numbers of one line; images seen are the step."""
        from mlflow.entities import Metric  # type: ignore[import-not-found]

        now = int(time.time() * 1000)
        metrics = [
            Metric(metric_name(name), float(value), now, images)
            for name, value in scalars.items()
            if math.isfinite(value)
        ]
        if metrics:
            self._client.log_batch(self.kept.run_id, metrics=metrics, synchronous=True)

    def has(self, place: tuple[int, int]) -> bool:
        """Tell whether a line has arrived: its images, and which of the lines of so many images it is, from 1."""
        return place <= (self.kept.images, self.kept.lines)

    def arrived(self, place: tuple[int, int]) -> None:
        """Note that a line is there, or is refused for good."""
        self.kept = dataclasses.replace(self.kept, images=place[0], lines=place[1])

    def log_image(self, images: int, name: str, array: np.ndarray) -> None:
        """Send a uint8 image [h, w, c]."""
        self._client.log_image(self.kept.run_id, array, key=name, step=images, synchronous=True)

    def conclude(self, artifacts: Sequence[Path]) -> None:
        """Send files, and end the run if it is ours."""
        for path in artifacts:
            if path.is_file():
                self._client.log_artifact(self.kept.run_id, str(path))
        if self.kept.own:
            self._client.set_terminated(self.kept.run_id, status="FINISHED")


def quicken() -> None:
    """Make the client fail soon, for we try again ourselves, and tell nobody but its server."""
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")


def is_refusal(error: BaseException) -> bool:
    """Tell whether the server has understood and said no, so that asking again is of no use."""
    status = getattr(error, "get_http_status_code", None)
    # A missing right or token may come yet; too many requests and a server's own faults pass.
    return status is not None and 400 <= status() < 500 and status() not in (401, 403, 408, 429)


def without_secrets(uri: str) -> str:
    """Return an address without user, password and query."""
    return re.sub(r"(?<=//)[^/@]*@", "", uri.partition("?")[0])


def flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield ``train.batch`` and its value for each leaf."""
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text[:LONGEST_VALUE]


def _chunks(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
