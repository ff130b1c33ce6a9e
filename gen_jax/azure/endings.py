"""Why a job ended: done, broken, or because its machine was taken away."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gen_jax.azure.failures import explain, one_line, patiently, without_secrets
from gen_jax.azure.json_inside import json_inside
from gen_jax.azure.workspace import Workspace

TAKEN = re.compile(
    r"pre-?empt|evict|\bspot\b.*\b(?:reclaim|terminat|remov|delet)|node.{0,30}\b(?:lost|unreachable|left)", re.I
)
"""What Azure says of a node that was taken away ("PreemptionError: Nodes of this job got pre-empted")."""

ANNOUNCED = re.compile(r"Azure announces \w+ of this machine|PreemptionError|\bnodes?\b.{0,40}\bpre-?empted", re.I)
"""The same in a job's log, where other words may stand for other things."""

STOPPED = re.compile(r"error: stopped (?:by SIGTERM|at \d+ of \d+ images)|exit(?:ed)?\b.{0,20}?\b143\b", re.I)
"""What our own program, or Azure, says after SIGTERM, which nobody but a departing machine or a cancellation sends."""

LOGS = ("user_logs/std_log_process_0.txt", "user_logs/std_log.txt", "std_log", "70_driver_log")
"""Names of a job's main log, the best first."""

MOST_BYTES = 200_000


@dataclasses.dataclass(frozen=True)
class Ending:
    """How a job ended."""

    name: str
    status: str
    error: str = ""
    """What Azure says of it, one line."""
    last_lines: tuple[str, ...] = ()
    """Of its log."""

    @property
    def completed(self) -> bool:
        """Whether it reached its end."""
        return self.status == "Completed"

    @property
    def preempted(self) -> bool:
        """Whether its machine was taken away.

        A job that somebody canceled gets SIGTERM too, so that there only Azure's own words count.
        """
        if self.completed:
            return False
        log = "\n".join(self.last_lines)
        if self.status == "NotResponding" or TAKEN.search(self.error) or ANNOUNCED.search(log):
            return True
        return self.status == "Failed" and bool(STOPPED.search(self.error) or STOPPED.search(log))

    @property
    def reason(self) -> str:
        """Why, in one line."""
        if self.error:
            return self.error
        return self.last_lines[-1] if self.last_lines else "Azure gives no reason"


def ending_of(workspace: Workspace, job: Any, *, lines: int = 20) -> Ending:
    """Return how a job ended, with the last lines of its log where it did not complete.

    What cannot be read is left out: a log may be gone.
    """
    status = str(job.status)
    if status == "Completed":
        return Ending(job.name, status)
    return Ending(job.name, status, _error(workspace, job.name), _last_lines(workspace, job.name, lines))


def _error(workspace: Workspace, name: str) -> str:
    """Return what Azure says of a job that failed: the SDK tells it only by raising where its log is streamed."""
    from azure.core.exceptions import AzureError

    try:
        with contextlib.redirect_stdout(io.StringIO()):
            patiently(lambda: workspace.jobs.stream(name))
    except AzureError as error:
        return one_line(_message(str(error)))
    return ""


def _message(text: str) -> str:
    """Return code and message out of the JSON that stands in an error of the SDK."""
    value = json_inside(text)
    if value is None:
        return text
    inner = value.get("error", value)
    if not isinstance(inner, Mapping):
        return text
    return ": ".join(str(inner[name]) for name in ("code", "message") if inner.get(name)) or text


def _last_lines(workspace: Workspace, name: str, lines: int) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory() as folder:
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                workspace.jobs.download(name, download_path=folder)
        except Exception as error:
            if explain(error, name) is None:
                raise
            return ()
        log = _main_log(Path(folder))
        text = _tail(log) if log else ""
    return tuple(without_secrets(line.rstrip()) for line in text.splitlines() if line.strip())[-lines:]


def _main_log(folder: Path) -> Path | None:
    logs = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in (".txt", ".log"))
    for name in LOGS:
        found = next((path for path in logs if name in path.as_posix()), None)
        if found:
            return found
    return None


def _tail(path: Path) -> str:
    with open(path, "rb") as file:
        file.seek(max(0, path.stat().st_size - MOST_BYTES))
        return file.read().decode(errors="replace")
