"""Send metrics to MLflow beside the training: a dead or slow server never holds up a step, and loses nothing.

The file ``metrics.jsonl`` is the queue. A thread sends its lines in order and keeps in ``mlflow.json`` which have
arrived, so that what an outage held back is sent later, if need be by the next start of the run.
"""

from __future__ import annotations

import collections
import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gen_jax.io.mlflow_run import MlflowRun, is_refusal, read_kept, without_secrets, write_kept
from gen_jax.io.run_directory import RunDirectory
from gen_jax.io.writers import parse_line, read_metrics

_log = logging.getLogger(__name__)

MOST_PICTURES = 32
"""That wait to be sent; the oldest goes when there is one more, and stays in ``samples/``."""
BLOCK = 1 << 18
"""Bytes of ``metrics.jsonl`` that are looked at together."""
KEEP_EVERY = 30.0
"""Seconds between notes of what has arrived."""


class MlflowWriter:
    """A ``Writer`` whose calls return at once."""

    def __init__(
        self,
        run: RunDirectory,
        config: Mapping[str, Any],
        facts: Mapping[str, Any],
        *,
        connect: Callable[[], MlflowRun] | None = None,
        nested: bool = False,
        patience: float = 1800.0,
        longest_wait: float = 60.0,
    ) -> None:
        """Start the thread; ``metrics.jsonl`` must be open for writing already, cut to where the run goes on.

        Args:
          run: the run directory.
          config: the experiment; its leaves become parameters.
          facts: versions and devices; they become tags.
          connect: finds the MLflow run; left out, as the environment says.
          nested: see ``MlflowRun``.
          patience: seconds without an answer after which nothing more is tried.
          longest_wait: seconds between attempts at most; they begin with one.
        """
        self._run, self._config, self._facts = run, config, facts
        self._connect = connect or (lambda: MlflowRun(run, os.environ, nested=nested))
        self._patience, self._longest_wait = patience, longest_wait
        self._first_wait = min(1.0, longest_wait)
        self._pictures: collections.deque[tuple[int, str, np.ndarray]] = collections.deque()
        self._dropped = self._refused = 0
        self._offset, self._last = 0, (-1, 0)
        self._server: MlflowRun | None = None
        self._trouble: str | None = None
        self._wake, self._closing = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="mlflow", daemon=True)
        self._thread.start()

    def write(self, images: int, scalars: Mapping[str, float]) -> None:
        """Say that ``metrics.jsonl`` has a new line."""
        self._wake.set()

    def write_image(self, images: int, name: str, array: np.ndarray) -> None:
        """Put a uint8 image [h, w, c] into the queue."""
        while len(self._pictures) >= MOST_PICTURES:
            self._pictures.popleft()
            self._dropped += 1
        self._pictures.append((images, name, array))
        self._wake.set()

    def close(self, seconds: float = 10.0) -> None:
        """Send what is left, for so many seconds at most; tell once what did not arrive."""
        self._closing.set()
        self._wake.set()
        self._thread.join(seconds)
        missing = self._missing_lines()
        if missing or self._pictures or self._dropped or self._refused:
            _log.warning(
                "MLflow lacks %d lines of metrics and %d pictures of %s%s; metrics.jsonl and samples/ have them%s",
                missing + self._refused,
                len(self._pictures) + self._dropped,
                self._run.path,
                f" ({self._trouble})" if self._trouble else "",
                ", and the next start of this run sends the lines" if missing else "",
            )

    def _work(self) -> None:
        last_answer, wait = time.monotonic(), self._first_wait
        while True:
            closing = self._closing.is_set()
            try:
                self._send_all()
                self._trouble, last_answer, wait = None, time.monotonic(), self._first_wait
                if closing:
                    return
                self._wake.wait()
                self._wake.clear()
            except Exception as error:
                self._tell(error)
                if closing:
                    return
                if time.monotonic() - last_answer > self._patience:
                    _log.warning("MLflow has not answered for %.0f minutes: not tried any more", self._patience / 60)
                    return
                self._closing.wait(wait)
                wait = min(2 * wait, self._longest_wait)

    def _tell(self, error: Exception) -> None:
        first = (str(error).splitlines() or [type(error).__name__])[0][:120]
        log = _log.debug if self._trouble else _log.warning
        self._trouble = without_secrets(first) or type(error).__name__
        log("MLflow does not take metrics now (%s): they wait in metrics.jsonl, the training goes on", self._trouble)

    def _send_all(self) -> None:
        if self._server is None:
            self._server = self._connect()
        server, noted = self._server, time.monotonic()
        self._accepted(lambda: server.describe(self._config, self._facts))
        try:
            while lines := self._next_lines():
                for place, scalars, end in lines:
                    if not server.has(place):
                        if not self._accepted(lambda place=place, scalars=scalars: server.log_line(place[0], scalars)):
                            self._refused += 1
                        server.arrived(place)
                    self._offset, self._last = end, place
                if time.monotonic() - noted > KEEP_EVERY:
                    write_kept(self._run, server.kept)
                    noted = time.monotonic()
            self._send_pictures(server)
        finally:
            with contextlib.suppress(OSError):
                write_kept(self._run, server.kept)

    def _send_pictures(self, server: MlflowRun) -> None:
        while self._pictures:
            picture = self._pictures[0]
            if not self._accepted(lambda picture=picture: server.log_image(*picture)):
                self._dropped += 1
            with contextlib.suppress(ValueError, IndexError):  # meanwhile dropped, for too many wait
                if self._pictures[0] is picture:
                    self._pictures.popleft()

    def _accepted(self, send: Callable[[], None]) -> bool:
        """Call ``send``; return whether the server took it. Raises where another attempt may help."""
        try:
            send()
        except Exception as error:
            if not is_refusal(error):
                raise
            self._tell(error)
            return False
        return True

    def _next_lines(self) -> list[tuple[tuple[int, int], dict[str, float], int]]:
        """Return the lines to look at next: place, numbers, where the line ends.

        The place is the images and which of the lines of so many images it is, from 1.
        """
        with open(self._run.metrics, "rb") as file:
            file.seek(self._offset)
            block = file.read(BLOCK)
        found, end, (images, number) = [], self._offset, self._last
        for line in block.splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            end += len(line)
            values = parse_line(line)
            if values is not None:
                number = number + 1 if values["images"] == images else 1
                images = int(values.pop("images"))
                found.append(((images, number), values, end))
        if not found:
            self._offset = end
        return found

    def _missing_lines(self) -> int:
        kept = read_kept(self._run) if self._server is None else self._server.kept
        lines = [line["images"] for line in read_metrics(self._run.metrics)]
        if kept is None:
            return len(lines)
        return sum(images > kept.images for images in lines) + max(0, lines.count(kept.images) - kept.lines)


def conclude(run: RunDirectory, *, artifacts: Sequence[Path] = (), nested: bool = False, seconds: float = 30.0) -> None:
    """Send files of a training that has reached its end, and end its MLflow run; never fails, never hangs.

    Args:
      run: its run directory; where MLflow has not been written to, nothing is done.
      artifacts: files, such as the report; missing ones are left out.
      nested: see ``MlflowRun``.
      seconds: to wait at most.
    """
    if read_kept(run) is None:
        return

    def work() -> None:
        try:
            MlflowRun(run, os.environ, nested=nested).conclude(artifacts)
        except Exception as error:
            _log.warning("MLflow has not got the last files of %s (%s)", run.path, str(error).partition("\n")[0][:120])

    thread = threading.Thread(target=work, name="mlflow-conclude", daemon=True)
    thread.start()
    thread.join(seconds)
