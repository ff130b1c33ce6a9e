"""A workspace that plays a script: jobs with their statuses to come, endpoints, deployments and files."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from azure.ai.ml.exceptions import JobException
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from gen_jax.azure.storage import RemoteFile

PREEMPTION = {
    "error": {
        "code": "UserError",
        "message": "AzureMLCompute job failed. PreemptionError: Nodes of this job got pre-empted. Check if the run has "
        "failed or restarted. Reason: Received pre-emption warning signal",
    }
}
"""As Azure says it: https://github.com/Azure/MachineLearningNotebooks/issues/1242."""
BROKEN = {"error": {"code": "UserError", "message": "Execution failed. User process exited with status code 2."}}


class Refusal(HttpResponseError):
    """An answer of Azure with a status."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status_code = status
        self.response = SimpleNamespace(status_code=status, headers=headers or {}, reason="")  # type: ignore[assignment]


def missing(name: str) -> ResourceNotFoundError:
    """Return what Azure raises for a name that it does not know."""
    error = ResourceNotFoundError(f"(UserError) {name} does not exist")
    error.status_code = 404
    return error


def job(name: str, *statuses: str, key: str = "", error: Any = None, log: str = "", **more: Any) -> SimpleNamespace:
    """Return a job whose status moves on with every look at it, and stays at the last one."""
    made = SimpleNamespace(
        name=name, tags={"run_key": key} if key else {}, outputs={}, properties={}, services={}, id=f"/jobs/{name}",
        status=statuses[0], coming=list(statuses[1:]), error=error, log=log, studio_url=f"https://ml/{name}",
    )  # fmt: skip
    vars(made).update(more)
    return made


@dataclasses.dataclass
class FakeJobs:
    """Jobs; ``script`` gives the statuses, error and log of the jobs that will be sent."""

    jobs: dict[str, Any] = dataclasses.field(default_factory=dict)
    script: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    sent: list[Any] = dataclasses.field(default_factory=list)
    trouble: list[Exception] = dataclasses.field(default_factory=list)

    def get(self, name: str) -> Any:
        self._stumble()
        if name not in self.jobs:
            raise missing(name)
        found = self.jobs[name]
        shown = SimpleNamespace(**{**vars(found), "tags": dict(found.tags), "outputs": dict(found.outputs)})
        if found.coming:
            found.status = found.coming.pop(0)
        return shown

    def list(self, *, tag: str) -> Iterator[Any]:
        self._stumble()
        yield from [found for found in self.jobs.values() if tag in found.tags]

    def create_or_update(self, job: Any) -> Any:
        assert job.name not in self.jobs, "a name is given once"
        facts = self.script.pop(0) if self.script else {"statuses": ("Queued",)}
        facts = {"outputs": dict(job.outputs), "properties": dict(job.properties), **facts}
        made = job_of(job.name, *facts.pop("statuses"), **facts)
        made.tags = dict(job.tags)
        self.jobs[job.name] = made
        self.sent.append(made)
        return made

    def stream(self, name: str) -> None:
        found = self.jobs[name]
        print("RunId:", name)
        if isinstance(found.error, BaseException):
            raise found.error
        if found.error:
            raise job_exception(f"Exception : \n {json.dumps(found.error, indent=4)} ")

    def download(self, name: str, *, download_path: str) -> None:
        folder = Path(download_path) / "artifacts" / "user_logs"
        folder.mkdir(parents=True)
        (folder / "std_log.txt").write_text(self.jobs[name].log)

    def _stumble(self) -> None:
        if self.trouble:
            raise self.trouble.pop(0)


job_of = job
"""The same, where a parameter is called ``job``."""


def job_exception(message: str) -> JobException:
    return JobException(message=message, no_personal_data_message=message)


class FakePoller:
    """Ends after so many waits; ``error`` is raised at its end, None waits never end it."""

    def __init__(self, clock: FakeClock, waits: int | None = 1, error: Exception | None = None) -> None:
        self._clock, self._waits, self._error = clock, waits, error

    def done(self) -> bool:
        return self._waits == 0

    def wait(self, timeout: float | None = None) -> None:
        self._clock.sleep(timeout or 0.0)
        if self._waits:
            self._waits -= 1

    def status(self) -> str:
        return "InProgress"

    def result(self) -> None:
        if self._error:
            raise self._error


@dataclasses.dataclass
class FakeClock:
    """Time that passes only where somebody waits."""

    now: float = 0.0
    waits: list[float] = dataclasses.field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def __call__(self) -> float:
        return self.now


@dataclasses.dataclass
class FakeEndpoints:
    """Online endpoints, which keep what they are given."""

    clock: FakeClock
    found: dict[str, Any] = dataclasses.field(default_factory=dict)
    updates: list[dict[str, int]] = dataclasses.field(default_factory=list)

    def get(self, name: str) -> Any:
        if name not in self.found:
            raise missing(name)
        return SimpleNamespace(**vars(self.found[name]))

    def begin_create_or_update(self, endpoint: Any) -> FakePoller:
        self.found[endpoint.name] = endpoint_(
            endpoint.name, dict(endpoint.traffic or {}), endpoint.auth_mode, endpoint.description
        )
        self.updates.append(dict(endpoint.traffic or {}))
        return FakePoller(self.clock)

    def get_keys(self, name: str) -> Any:
        return SimpleNamespace(access_token="eyJtoken")


def endpoint_(name: str, traffic: dict[str, int], auth_mode: str = "aad_token", description: str | None = None) -> Any:
    uri = f"https://{name}.westeurope.inference.ml.azure.com/edit"
    return SimpleNamespace(
        name=name, traffic=traffic, auth_mode=auth_mode, scoring_uri=uri, description=description, tags={}
    )


@dataclasses.dataclass
class FakeDeployments:
    """Online deployments; ``poller`` decides how the making of one ends."""

    clock: FakeClock
    poller: Callable[[], FakePoller] | None = None
    state: str = "Succeeded"
    made: list[Any] = dataclasses.field(default_factory=list)
    log: str = ""

    def get(self, name: str, endpoint_name: str) -> Any:
        return SimpleNamespace(name=name, endpoint_name=endpoint_name, provisioning_state=self.state)

    def begin_create_or_update(self, deployment: Any) -> FakePoller:
        self.made.append(deployment)
        return self.poller() if self.poller else FakePoller(self.clock, 2)

    def get_logs(self, name: str, endpoint_name: str, lines: int) -> str:
        return self.log


class FakeWorkspace:
    """All of them."""

    def __init__(self, **jobs: Any) -> None:
        self.clock = FakeClock()
        self.jobs = FakeJobs(jobs={made.name: made for made in jobs.values()})
        self.online_endpoints = FakeEndpoints(self.clock)
        self.online_deployments = FakeDeployments(self.clock)
        self.datastores: Any = SimpleNamespace()


@dataclasses.dataclass
class FakeStore:
    """Files of a datastore; reading fails ``break_after`` files, once."""

    files: dict[str, tuple[bytes, float]]
    break_after: int | None = None
    cut: str = ""
    """A file of which only half arrives."""
    read_names: list[str] = dataclasses.field(default_factory=list)

    def list(self, folder: str) -> Iterator[RemoteFile]:
        for name, (data, changed) in self.files.items():
            if name.startswith(f"{folder}/"):
                yield RemoteFile(name.removeprefix(f"{folder}/"), len(data), changed)

    def read(self, folder: str, name: str) -> Iterator[bytes]:
        if self.break_after is not None and len(self.read_names) >= self.break_after:
            raise KeyboardInterrupt
        data = self.files[f"{folder}/{name}"][0]
        self.read_names.append(name)
        yield data[: len(data) // 2]
        if name != self.cut:
            yield data[len(data) // 2 :]
