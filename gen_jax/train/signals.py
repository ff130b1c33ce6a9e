"""SIGTERM and Ctrl-C ask a run to stop, a coming eviction to save; the loop does so at the end of its step."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

GO_ON, SAVE, STOP = 0, 1, 2
"""What a process may vote for; the processes of a run do the largest of what they voted for, at the same step."""


class Request:
    """What someone asked the run to do, and how."""

    signal_number: int | None = None

    def __init__(self) -> None:
        self._save = threading.Event()

    @property
    def choice(self) -> int:
        """What this process votes for: GO_ON, SAVE or STOP."""
        if self.signal_number is not None:
            return STOP
        return SAVE if self._save.is_set() else GO_ON

    def save(self) -> None:
        """Ask for a checkpoint soon; any thread may."""
        self._save.set()

    def saved(self) -> None:
        """Note that a checkpoint was begun after the request."""
        self._save.clear()

    def __call__(self, signal_number: int, frame: FrameType | None) -> None:
        """Note the signal; a second Ctrl-C interrupts at once."""
        if self.signal_number == signal.SIGINT == signal_number:
            raise KeyboardInterrupt
        self.signal_number = signal_number


@contextlib.contextmanager
def stop_on_signals() -> Iterator[Request]:
    """Listen for SIGTERM and SIGINT inside the block; outside the main thread nothing is listened for."""
    request = Request()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = {number: signal.signal(number, request) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
