"""A run looked after: its job followed, and sent again under the same run key when its machine was taken away."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any

from gen_jax.azure import run_key
from gen_jax.azure.endings import Ending, ending_of
from gen_jax.azure.failures import is_missing, patiently, plain
from gen_jax.azure.submitting import Say, send
from gen_jax.azure.workspace import Workspace
from gen_jax.errors import RunError, UserError

OWN_SERVICES = ("Studio", "Tracking")
"""Services that Azure adds to every job."""

ARTIFACTS = "ExperimentRun/dcid."
"""In the path of the output ``default``, which Azure adds to every job: the folder of its logs."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Patience:
    """How often is looked, how long is waited, and how often a run is sent again."""

    poll: float = 30.0
    """Seconds between two looks at the job."""
    pause: float = 60.0
    """Seconds before the first restart; twice as long before each further one."""
    longest_pause: float = 1800.0
    most_restarts: int = 20
    sleep: Callable[[float], None] = time.sleep


def find_run(workspace: Workspace, name: str) -> tuple[str, list[Any]]:
    """Return the run key and the jobs that a run key or the name of a job means, first attempt first.

    Raises:
      UserError: there is neither, or the job has no run key.
    """
    with plain(f"run {name}"):
        jobs = patiently(lambda: run_key.jobs_of(workspace, name))
        if jobs:
            return name, jobs
        try:
            job = patiently(lambda: workspace.jobs.get(name))
        except Exception as error:
            if not is_missing(error):
                raise
            raise UserError(
                f"{name}: neither a run key nor a job of this workspace; list them with `az ml job list --output table`"
            ) from None
        key = (job.tags or {}).get(run_key.TAG)
        if not key:
            raise UserError(
                f"job {name}: has no tag {run_key.TAG}, so it was not sent by `gen-jax azure submit`, "
                "and nobody knows whether its command goes on where it stopped"
            )
        return key, patiently(lambda: run_key.jobs_of(workspace, key)) or [job]


def watch(workspace: Workspace, name: str, *, patience: Patience | None = None, say: Say = print) -> int:
    """Follow a run to its end, sending it again after each preemption; two jobs of it never run at once.

    Args:
      workspace: where.
      name: run key, or name of one of its jobs.
      patience: how often and how long.
      say: takes lines for the user.

    Returns:
      0 when the run completed, 1 when it failed or was canceled.

    Raises:
      UserError: there is no such run, or two jobs of it run already.
      RunError: it was preempted more often than allowed, or Azure cannot be reached.
    """
    patience = patience or Patience()
    key, jobs = find_run(workspace, name)
    for restart in range(patience.most_restarts + 1):
        job = _wait(workspace, _current(jobs, key), patience, say)
        with plain(f"job {job.name}"):
            ending = ending_of(workspace, job)
        if ending.completed:
            say(f"run {key}: completed, by job {job.name}; bring it home with `gen-jax azure fetch {key}`")
            return 0
        if not ending.preempted:
            _tell(ending, say)
            return 1
        if restart < patience.most_restarts:
            jobs = _restart(workspace, key, ending, restart, patience=patience, say=say)
    raise RunError(
        f"run {key}: preempted again after {patience.most_restarts} restarts; "
        "take dedicated machines, or go on with a larger --most-restarts"
    )


def _current(jobs: list[Any], key: str) -> Any:
    busy = run_key.running(jobs)
    if len(busy) > 1:
        names = ", ".join(job.name for job in busy)
        raise UserError(
            f"run {key}: {names} run at once and write into one folder; "
            f"end all but one with `az ml job cancel --name {busy[-1].name}`"
        )
    return busy[0] if busy else jobs[-1]


def _wait(workspace: Workspace, job: Any, patience: Patience, say: Say) -> Any:
    """Return the job when it has ended."""
    told = ""
    while True:
        with plain(f"job {job.name}"):
            job = patiently(lambda name=job.name: workspace.jobs.get(name), sleep=patience.sleep)
        if job.status != told:
            told = job.status
            say(f"{time.strftime('%Y-%m-%d %H:%M:%S')} job {job.name}: {told}")
        if told in run_key.ENDED:
            return job
        patience.sleep(patience.poll)


def _restart(
    workspace: Workspace, key: str, ending: Ending, restart: int, *, patience: Patience, say: Say
) -> list[Any]:
    """Send the run again after a pause, unless somebody has done so; returns the job that then runs."""
    pause = min(patience.pause * 2**restart, patience.longest_pause)
    say(f"job {ending.name}: its machine was taken away ({ending.reason})")
    say(f"run {key}: restart {restart + 1} of at most {patience.most_restarts} in {pause:.0f} s")
    patience.sleep(pause)
    with plain(f"run {key}"):
        jobs = patiently(lambda: run_key.jobs_of(workspace, key), sleep=patience.sleep)
        busy = run_key.running(jobs)
        if busy:
            say(f"run {key}: job {busy[0].name} runs already; nothing is sent")
            return busy
        job = patiently(lambda: workspace.jobs.get(ending.name), sleep=patience.sleep)
    attempt = max(run_key.next_attempt(jobs, key), run_key.attempt_of(ending.name, key) + 1)
    sent = send(workspace, again(job), key, attempt, say=say)
    with plain(f"job {sent.name}"):
        return [patiently(lambda: workspace.jobs.get(sent.name), sleep=patience.sleep)]


def again(job: Any) -> Any:
    """Make of a job that Azure gave one that can be sent: same code, environment and inputs, nothing of its past."""
    job.properties = {name: value for name, value in (job.properties or {}).items() if "git" in name}
    services = {name: value for name, value in (job.services or {}).items() if name not in OWN_SERVICES}
    job.services = services or None
    job.tags = {**(job.tags or {}), "resumes": job.name}
    # The SDK keeps the outputs of a command in two places, and sends the second one.
    for outputs in (job.outputs, getattr(job, "_job_outputs", None)):
        if outputs and ARTIFACTS in str(getattr(outputs.get("default"), "path", "")):
            outputs.pop("default")
    return job


def _tell(ending: Ending, say: Say) -> None:
    for line in ending.last_lines:
        say(f"  {line}")
    say(f"job {ending.name}: {ending.status}, and not for want of a machine: {ending.reason}")
