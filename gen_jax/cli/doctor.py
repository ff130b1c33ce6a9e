"""``gen-jax doctor [--expect gpu]``: what this machine offers; fails where a GPU job would run on the CPU."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from gen_jax.cli import options
from gen_jax.errors import RunError


@dataclasses.dataclass(frozen=True, kw_only=True)
class DoctorCommand:
    """Print devices, driver, versions, launcher, disks and what the device achieves; change nothing."""

    expect: str | None = None
    """gpu, cpu, or how many GPUs this process should see: anything else ends with exit code 1 and the likely remedy."""
    run_dir: str = "runs"
    """Folder of the runs; the space on its disk is told."""
    speed: bool = True
    """Measure memory bandwidth and products of matrices, which takes some seconds."""
    json: bool = False
    """Print one JSON object."""


def main(words: Sequence[str], prog: str = "gen-jax doctor") -> int:
    """Run the command; raises ``RunError`` where the machine is not as expected."""
    command = options.parse(DoctorCommand, words, prog=prog, description=DoctorCommand.__doc__ or "")
    from gen_jax.doctor import facts, speed, verdict

    expect = None if command.expect is None else verdict.check_expectation(command.expect)
    found = facts.look([command.run_dir, cache_folder()], os.environ)
    if command.speed and isinstance(found["devices"], list):
        found["speed"] = facts.tried(speed.measure)
    problem = None if expect is None else verdict.complaint(found, expect)
    print(json.dumps({**found, "problem": problem}, indent=2) if command.json else text(found), flush=True)
    if problem:
        raise RunError(problem)
    return 0


def cache_folder() -> str:
    """Return where downloads and compiled programs are kept."""
    return os.environ.get("XDG_CACHE_HOME") or "~/.cache"


def text(found: Mapping[str, Any]) -> str:
    """Return the facts for people, a line each."""
    lines = []
    for section, facts in found.items():
        if isinstance(facts, Mapping) and "unread" not in facts and "free_bytes" not in facts:
            rows = [f"{key.removesuffix('_bytes')}: {_shown(key, value)}" for key, value in facts.items()]
        else:
            rows = [_shown("", fact) for fact in (facts if isinstance(facts, list) else [facts])]
        name = f"{section.replace('_', ' ')}:"
        lines += [f"{first:16}{row}" for first, row in zip([name, *[""] * len(rows)], rows or ["none"], strict=False)]
    return "\n".join(lines)


def _shown(key: str, value: Any) -> str:
    if isinstance(value, Mapping) and "unread" in value:
        return f"cannot be read ({value['unread']})"
    if isinstance(value, Mapping) and "free_bytes" in value:
        return f"{_shown('bytes', value['free_bytes'])} free of {_shown('bytes', value['bytes'])}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name.removesuffix('_bytes')} {_shown(name, part)}" for name, part in value.items())
    if isinstance(value, list):
        return "; ".join(_shown("", part) for part in value) or "none"
    if key.endswith("bytes") and isinstance(value, int):
        return f"{value / 2**30:.1f} GiB"
    return "unknown" if value is None else str(value)
