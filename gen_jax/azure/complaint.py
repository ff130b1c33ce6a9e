"""What is wrong with a file: where, why, and what to do."""

from __future__ import annotations

import dataclasses

Key = tuple[str | int, ...]
"""Where a value stands in a file: ``("inputs", "epochs", "max")``."""


@dataclasses.dataclass(frozen=True, order=True)
class Complaint:
    """One mistake in one file."""

    file: str
    """The file, as the user named it."""
    line: int
    """Line of the key, from 1."""
    key: str
    """The key, dotted: ``inputs.epochs.max``."""
    reason: str
    """What is wrong, with the value."""
    remedy: str
    """What to do."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.reason}; {self.remedy}"


@dataclasses.dataclass(frozen=True)
class Finding:
    """A complaint that knows its key, and not yet its line."""

    key: Key
    reason: str
    remedy: str


def dotted(key: Key) -> str:
    """Return a key as people write it: ``jobs.train.inputs[0]``."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".") or "file"
