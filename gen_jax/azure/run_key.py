"""The run key: one name for a run over all the jobs that it takes, in tags, names of jobs and the path of its files."""

from __future__ import annotations

import datetime
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from gen_jax.azure.workspace import Workspace
from gen_jax.errors import UserError

TAG = "run_key"
ENDED = ("Completed", "Failed", "Canceled", "NotResponding")
"""Statuses that a job does not leave again."""

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
_IN_PATH = re.compile(r"\$\{\{\s*(?:parent\.)?inputs\.(\w+)\s*\}\}")


def check(key: str) -> str:
    """Return the key; raises ``UserError`` where it can be no name of a job and no folder."""
    if not _KEY.fullmatch(key):
        raise UserError(f"run key {key!r}: use at most 80 letters, digits, - and _, and begin with a letter or digit")
    return key


def make(base: str) -> str:
    """Return a key that nobody has: ``train-20261123-3f9a``."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", base).strip("-_")[:60] or "run"
    return f"{name}-{datetime.datetime.now(datetime.UTC):%Y%m%d}-{secrets.token_hex(2)}"


def key_of(data: Mapping[str, Any]) -> str | None:
    """Return the run key that a job file gives, in its inputs or its tags; None where it leaves it open."""
    for part in ("inputs", "tags"):
        values = data.get(part)
        key = values.get(TAG) if isinstance(values, dict) else None
        if isinstance(key, dict):
            key = key.get("value", key.get("default"))
        if isinstance(key, str | int) and not isinstance(key, bool) and str(key):
            return str(key)
    return None


def give(data: dict[str, Any], key: str) -> list[str]:
    """Write a run key into a job: its tag, its input, and the paths of its outputs; returns notes of the changes."""
    notes = []
    inputs = data.get("inputs")
    if isinstance(inputs, dict) and TAG in inputs and inputs[TAG] != key:
        inputs[TAG] = key
        notes.append(f"inputs.{TAG}: {key}")
    tags = data.get("tags") or {}
    if tags.get(TAG) != key:
        data["tags"] = {**tags, TAG: key}
        notes.append(f"tags.{TAG}: {key}")
    return notes + resolve_paths(data)


def resolve_paths(data: dict[str, Any]) -> list[str]:
    """Write the inputs' values into the paths of outputs, where Azure itself puts in none; returns notes."""
    notes = []
    steps = data.get("jobs") if isinstance(data.get("jobs"), dict) else {}
    for where, owner in (("", data), *((f"jobs.{name}.", step) for name, step in (steps or {}).items())):
        outputs = owner.get("outputs") if isinstance(owner, dict) else None
        for name, output in (outputs or {}).items():
            path = output.get("path") if isinstance(output, dict) else None
            if isinstance(path, str) and _IN_PATH.search(path):
                output["path"] = _IN_PATH.sub(lambda match: _value(data, match), path)
                notes.append(f"{where}outputs.{name}.path: {output['path']}")
    return notes


def _value(data: Mapping[str, Any], match: re.Match[str]) -> str:
    value = (data.get("inputs") or {}).get(match[1])
    if isinstance(value, dict):
        value = value.get("value", value.get("default"))
    return match[0] if value is None or isinstance(value, dict | list) else str(value)


def job_name(key: str, attempt: int) -> str:
    """Return the name of the n-th job of a run; a name is given once, so that no attempt can be started twice."""
    return f"{key}-{attempt}"


def attempt_of(name: str, key: str) -> int:
    """Return which attempt a job of a run is; 0 for one that was named otherwise."""
    match = re.fullmatch(re.escape(key) + r"-(\d+)", name)
    return int(match[1]) if match else 0


def jobs_of(workspace: Workspace, key: str) -> list[Any]:
    """Return the jobs of a run, first attempt first."""
    found = [job for job in workspace.jobs.list(tag=TAG) if job is not None and (job.tags or {}).get(TAG) == key]
    return sorted(found, key=lambda job: (attempt_of(job.name, key), str(created(job)), job.name))


def created(job: Any) -> Any:
    """Return when a job was made, or an empty text."""
    return getattr(getattr(job, "creation_context", None), "created_at", None) or ""


def running(jobs: Iterable[Any]) -> list[Any]:
    """Return the jobs that have not ended."""
    return [job for job in jobs if job.status not in ENDED]


def next_attempt(jobs: Iterable[Any], key: str) -> int:
    """Return the number of the next attempt."""
    jobs = list(jobs)
    return max([len(jobs), *(attempt_of(job.name, key) for job in jobs)]) + 1
