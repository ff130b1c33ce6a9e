"""The batcher's schedule at made-up times."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from gen_jax.serve.batching.calls import Call
from gen_jax.serve.batching.schedule import Ended, Schedule
from gen_jax.serve.batching.ticket import Ticket
from tests.serve.fake_work import FakeWork

WORK = FakeWork()
OTHER = FakeWork("other")


class Desk:
    """A schedule and a clock that the test moves; the programs of ``warm`` have run, in one second a call."""

    def __init__(self, *, wait: float = 0.0, programs: int = 100, warm: Sequence[FakeWork] = (WORK, OTHER)) -> None:
        self.schedule = Schedule(wait=wait, programs=programs)
        self.now = 0.0
        self._numbers = itertools.count()
        for work, compiling in itertools.product(warm, (True, False)):
            self.ask(work, 1)
            self.now += wait
            self.run(self.begin(compiling=compiling))

    def ask(self, work: FakeWork, rows: int, *, within: float = math.inf) -> Ticket:
        deadline = None if math.isinf(within) else self.now + within
        ticket = Ticket(work, range(rows), number=next(self._numbers), arrived=self.now, deadline=deadline)
        self.schedule.add(ticket, self.now)
        return ticket

    def begin(self, *, compiling: bool = False) -> Call:
        call, _ = self.schedule.start(self.now, compiling=compiling)
        assert call is not None
        return call

    def idles(self, *, compiling: bool = False) -> float:
        """Return for how long a thread has nothing to do."""
        call, again = self.schedule.start(self.now, compiling=compiling)
        assert call is None
        return again - self.now

    def run(self, call: Call, *, seconds: float = 1.0, error: Exception | None = None) -> list[Ended]:
        self.now += seconds
        outcome: Any = error or call.work.run(call.rows())
        ended = self.schedule.end(call, outcome, seconds)
        self.schedule.release(call)
        return ended
