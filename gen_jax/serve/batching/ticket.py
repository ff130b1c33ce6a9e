"""The rows of one request on their way through the batcher, and the future that their results end in."""

from __future__ import annotations

import collections
import concurrent.futures
import heapq
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from gen_jax.serve.work import Work


class Ticket:
    """What ``Batcher.submit`` returns; all but ``future`` and ``cancel`` is the batcher's, guarded by its lock.

    Args:
      work: what is done to the rows.
      rows: one or more.
      number: no other ticket of the batcher has it.
      arrived: when, by the batcher's clock.
      deadline: when, by the same clock, the last row must have started; None: whenever.
    """

    def __init__(
        self, work: Work, rows: Sequence[Any], *, number: int, arrived: float, deadline: float | None = None
    ) -> None:
        if not rows:
            raise ValueError("a ticket without rows would never end")
        if work.most < 1:
            raise ValueError(f"work.most is {work.most}; a call holds at least one row")
        self.future: concurrent.futures.Future[list[Any]] = concurrent.futures.Future()
        self.work = work
        self.signature: Hashable = work.signature
        self.number = number
        self.arrived = arrived
        self.deadline = deadline
        self.rows = rows
        self.waiting = collections.deque(range(len(rows)))
        self.started = False
        self.alone = False
        """Whether its rows share no call: the last one that they shared has failed."""
        self.order: tuple[float, int] = (0.0, 0)
        """Tag (virtual seconds) and turn; the least is served first."""
        self._results: list[Any] = [None] * len(rows)
        self._missing = len(rows)

    def cancel(self) -> None:
        """End it now: the future is cancelled, waiting rows never run, results of running ones are dropped."""
        self.future.cancel()

    def keep(self, places: Sequence[int], results: Iterable[Any]) -> bool:
        """Keep the results of the rows at ``places``; return whether they were the last ones missing."""
        for place, result in zip(places, results, strict=True):
            self._results[place] = result
        self._missing -= len(places)
        return self._missing == 0

    def succeed(self) -> None:
        """End it with its results, unless it was cancelled; the batcher ends a ticket once."""
        if self.future.set_running_or_notify_cancel():
            self.future.set_result(self._results)

    def fail(self, error: BaseException) -> None:
        """End it with an error, unless it was cancelled; the batcher ends a ticket once."""
        if self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)


class Deadlines:
    """When the waiting tickets must start; by number, so that a finished ticket is not kept until it would be late."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int]] = []

    def add(self, ticket: Ticket) -> None:
        """Watch a ticket that waits, or waits again."""
        if ticket.deadline is not None:
            heapq.heappush(self._heap, (ticket.deadline, ticket.number))

    def late(self, now: float, tickets: Mapping[int, Ticket]) -> list[Ticket]:
        """Return those of the open ``tickets`` that have rows waiting after their deadline."""
        late = []
        while self._heap and (self._heap[0][0] <= now or not _waits(self._heap[0][1], tickets)):
            _, number = heapq.heappop(self._heap)
            if _waits(number, tickets):
                late.append(tickets[number])
        return late

    def next(self) -> float:
        """Return when to look again, at the latest."""
        return self._heap[0][0] if self._heap else math.inf


def _waits(number: int, tickets: Mapping[int, Ticket]) -> bool:
    ticket = tickets.get(number)
    return ticket is not None and bool(ticket.waiting)
