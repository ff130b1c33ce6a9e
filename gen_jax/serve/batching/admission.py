"""How much is taken on at once: requests, and the bytes that they hold."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem


class Admission:
    """Counts requests in and out; asked from any thread, it never waits.

    Args:
      limits: ``waiting`` and ``waiting_bytes`` are its bounds.
      retry_after: tells when a refused client may come back, in seconds.
    """

    def __init__(self, limits: Limits, *, retry_after: Callable[[], float] = lambda: 1.0) -> None:
        self._limits = limits
        self._retry_after = retry_after
        self._lock = threading.Lock()
        self._holding: dict[Held, int] = {}
        self._bytes = 0

    @property
    def requests(self) -> int:
        """That are taken on."""
        return len(self._holding)

    @property
    def held_bytes(self) -> int:
        """By all of them."""
        return self._bytes

    @contextlib.contextmanager
    def request(self) -> Iterator[Held]:
        """Take a request on; all that it holds is given back when the block ends.

        Raises:
          Problem: busy: as many are taken on as may be.
        """
        held = Held(self._hold)
        most = self._limits.waiting
        with self._lock:
            full = len(self._holding) >= most
            if not full:
                self._holding[held] = 0
        if full:
            raise self._busy(f"{most} requests are being worked on, and no more may be at once")
        try:
            yield held
        finally:
            with self._lock:
                self._bytes -= self._holding.pop(held)

    def _hold(self, held: Held, count: int) -> None:
        most = self._limits.waiting_bytes
        with self._lock:
            if held not in self._holding:
                return  # a thread that was left to itself when the request ended
            too_large = self._holding[held] + count > most
            full = self._bytes + count > most
            if not full:
                self._holding[held] += count
                self._bytes += count
        if too_large:
            raise Problem("content-too-large", f"with its images decoded the request holds more than {most} bytes")
        if full:
            raise self._busy(f"the requests being worked on hold nearly {most} bytes, and no more may be held at once")

    def _busy(self, detail: str) -> Problem:
        return Problem("busy", detail, retry_after=max(1.0, self._retry_after()))


class Held:
    """The bytes of one request."""

    def __init__(self, hold: Callable[[Held, int], None]) -> None:
        self._hold = hold

    def hold(self, count: int) -> None:
        """Hold so many bytes more until the request ends; after its end this does nothing.

        Raises:
          Problem: busy: all requests together would hold too much; content-too-large: this one alone would.
        """
        self._hold(self, count)
