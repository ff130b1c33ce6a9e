"""A job sent to Azure under its run key, never twice at once, and its log followed to the end."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from gen_jax.azure import run_key
from gen_jax.azure.failures import is_missing, patiently, plain
from gen_jax.azure.loading import quiet
from gen_jax.azure.rendering import Rendered, written
from gen_jax.azure.workspace import Workspace
from gen_jax.errors import UserError

Say = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Sent:
    """A job that Azure has taken."""

    name: str
    key: str
    url: str


def load(rendered: Rendered) -> Any:
    """Return the SDK's job for what was rendered; nothing goes over a network.

    Raises:
      UserError: the SDK refuses it.
    """
    with quiet(), written(rendered) as path:
        from azure.ai.ml import load_job
        from marshmallow import ValidationError

        try:
            with plain(str(rendered.path)):
                return load_job(path)
        except ValidationError:
            command = f"gen-jax azure lint {rendered.path}"
            raise UserError(f"{rendered.path}: Azure's SDK refuses it; `{command}` says why") from None


def submit(workspace: Workspace, job: Any, key: str, *, say: Say = print) -> Sent:
    """Send a job as the next attempt of its run.

    The name of the job is that of the run with the number of the attempt: Azure gives a name once, so that two who
    send the same attempt at the same moment do not start two jobs.

    Args:
      workspace: where.
      job: of the SDK.
      key: its run key.
      say: takes lines for the user.

    Raises:
      UserError: a job of this run has not ended, or Azure refuses the job.
      RunError: Azure cannot be reached.
    """
    with plain(f"run {key}"):
        jobs = patiently(lambda: run_key.jobs_of(workspace, key))
    busy = run_key.running(jobs)
    if busy:
        raise UserError(
            f"run {key}: job {busy[0].name} of it is {busy[0].status.lower()}, and two would write into one folder; "
            f"follow it with `gen-jax azure watch {key}`, or take another --run-key"
        )
    return send(workspace, job, key, run_key.next_attempt(jobs, key), say=say)


def send(workspace: Workspace, job: Any, key: str, attempt: int, *, say: Say = print) -> Sent:
    """Send a job as the attempt of that number; raises as ``submit`` does."""
    name = run_key.job_name(key, attempt)
    job.name = name
    job.tags = {**(job.tags or {}), run_key.TAG: key}
    with plain(f"job {name}"):
        _refuse_taken(workspace, name, key)
        # Sent once: a second time could meet a job that the first one made.
        made = workspace.jobs.create_or_update(job)
    sent = Sent(made.name, key, str(made.studio_url or ""))
    say(f"job {sent.name}: {sent.url}")
    return sent


def _refuse_taken(workspace: Workspace, name: str, key: str) -> None:
    """Refuse a name that is taken: by an archived job, say, which lists leave out."""
    try:
        patiently(lambda: workspace.jobs.get(name))
    except Exception as error:
        if is_missing(error):
            return
        raise
    raise UserError(
        f"job {name}: exists already; someone else sent it just now, or it was archived: "
        f"look with `gen-jax azure watch {key}`, or take another --run-key"
    )


def stream(workspace: Workspace, name: str, *, say: Say = print) -> int:
    """Print the log of a job until it ends.

    Returns:
      0 when it completed, 1 when it did not, 130 when Ctrl-C ended the printing; the job then goes on.

    Raises:
      UserError, RunError: Azure refuses to tell, or cannot be reached.
    """
    from azure.ai.ml.exceptions import JobException

    try:
        with plain(f"job {name}"):
            try:
                workspace.jobs.stream(name)
            except JobException as error:
                # The SDK has its own words for Ctrl-C; for a failure the status below says enough.
                if isinstance(error.__cause__, KeyboardInterrupt):
                    raise KeyboardInterrupt from None
            status = str(patiently(lambda: workspace.jobs.get(name)).status)
    except KeyboardInterrupt:
        say(f"job {name} goes on without us; end it with `az ml job cancel --name {name}`")
        return 130
    say(f"job {name}: {status}")
    return 0 if status == "Completed" else 1
