"""Claims of processes on pieces of work in a folder that all of them see; a claim ends with its process.

A claim is a file that its process writes anew every few seconds. Nobody compares clocks: who finds the same words in it
for long enough, by the own clock, takes it over; on the same machine the end of a process is seen at once. Two
processes can come to hold one claim where the folder is slow to show what others wrote (a mounted object store): both
then make the piece. That must do no harm, and costs its time.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import threading
import time
from pathlib import Path
from types import TracebackType

from gen_jax.io import files


class Claims:
    """The claims of this process, renewed by a thread while the ``with`` block runs."""

    def __init__(self, folder: Path, *, beat: float = 20.0, silence: float = 300.0) -> None:
        """Name the folder; it must be there before a claim is taken.

        Args:
          folder: where claims lie.
          beat: seconds between two signs of life.
          silence: seconds without one after which a claim is free; mounts of object stores show a file of another
            machine up to two minutes late.
        """
        self.folder = folder
        self._beat, self._silence = beat, silence
        self._token = secrets.token_hex(8)
        self._life = _life_of(os.getpid())
        self._beats = 0
        self._held: set[str] = set()
        self._seen: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="gen_jax-claims", daemon=True)

    def __enter__(self) -> Claims:
        """Begin to renew."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give back what is held."""
        self._stop.set()
        self._thread.join()
        for name in list(self._held):
            self.drop(name)

    def take(self, name: str) -> bool:
        """Claim a piece; return False where a process that lives, or may live, has it. Raises ``OSError``."""
        path = self._path(name)
        try:
            with open(path, "x") as file:
                file.write(self._words())
        except FileExistsError:
            if not self._is_abandoned(path):
                return False
            files.write_text(path, self._words())
            if not self._is_mine(path):
                return False
        self._held.add(name)
        return True

    def drop(self, name: str) -> None:
        """Give a piece back."""
        with self._lock:
            self._held.discard(name)
            with contextlib.suppress(OSError):
                if self._is_mine(self._path(name)):
                    self._path(name).unlink()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.claim"

    def _words(self) -> str:
        owner = {"host": socket.gethostname(), "process": os.getpid(), "life": self._life, "token": self._token}
        return json.dumps({**owner, "beat": self._beats}) + "\n"

    def _is_mine(self, path: Path) -> bool:
        return self._token in _read(path)

    def _is_abandoned(self, path: Path) -> bool:
        words = _read(path)
        if _is_dead(words):
            return True
        seen, since = self._seen.get(path.name, ("", 0.0))
        if words != seen or path.name not in self._seen:
            self._seen[path.name] = (words, time.monotonic())
            return False
        return time.monotonic() - since > self._silence

    def _renew(self) -> None:
        while not self._stop.wait(self._beat):
            self._beats += 1
            for name in list(self._held):
                # A folder that fails for a moment is no reason to end; the next beat comes.
                with self._lock, contextlib.suppress(OSError):
                    if name in self._held and self._is_mine(self._path(name)):
                        files.write_text(self._path(name), self._words())


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        return ""


def _is_dead(words: str) -> bool:
    """Tell whether a claim is of a process of this machine that has ended."""
    try:
        owner = json.loads(words)
        known = owner["host"] == socket.gethostname() and owner["life"] is not None
        return known and _life_of(int(owner["process"])) != owner["life"]
    except (ValueError, TypeError, KeyError):
        return False


def _life_of(process: int) -> str | None:
    """Return when a process began, which tells it from a later one of its number; None where it has ended.

    None for all where the system has no ``/proc``.
    """
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]
