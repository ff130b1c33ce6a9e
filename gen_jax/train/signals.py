"""SIGTERM and Ctrl-C ask a run to stop; the loop saves and leaves at the end of its step."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class StopRequest:
    """Whether someone asked the run to stop, and how."""

    signal_number: int | None = None

    @property
    def made(self) -> bool:
        """True once a signal has arrived."""
        return self.signal_number is not None

    def __call__(self, signal_number: int, frame: FrameType | None) -> None:
        """Note the signal; a second Ctrl-C interrupts at once."""
        if self.signal_number == signal.SIGINT == signal_number:
            raise KeyboardInterrupt
        self.signal_number = signal_number


@contextlib.contextmanager
def stop_on_signals() -> Iterator[StopRequest]:
    """Listen for SIGTERM and SIGINT inside the block; outside the main thread nothing is listened for."""
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = {number: signal.signal(number, request) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
