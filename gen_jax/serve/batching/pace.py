"""Which programs have run, how long a call of each takes, and from that, how long a request will take."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from gen_jax.serve.batching.fair_queue import Line
from gen_jax.serve.work import Work

_NEWEST = 0.25
"""Weight of the newest call in a moving average."""
_GUESS = 1.0
"""Seconds of a call, before any has run."""


class Pace:
    """Moving averages of seconds a call; used under the batcher's lock."""

    def __init__(self) -> None:
        self._seconds: dict[Hashable, float | None] = {}
        self._first = _GUESS
        self._later = _GUESS

    def __len__(self) -> int:
        return len(self._seconds)

    def __contains__(self, program: Hashable) -> bool:
        """Whether it has run, so that it need not be compiled."""
        return program in self._seconds

    def forget(self) -> None:
        """Take all programs as never run."""
        self._seconds.clear()

    def ran(self, program: Hashable, seconds: float) -> None:
        """Learn from a call that went well."""
        if program not in self._seconds:
            self._seconds[program] = None  # the time went into compiling
            self._first = _average(self._first, seconds)
        else:
            self._seconds[program] = _average(self._seconds[program], seconds)
            self._later = _average(self._later, seconds)

    def call(self, program: Hashable) -> float:
        """Return the seconds that a call should take."""
        if program not in self._seconds:
            return self._first
        known = self._seconds[program]
        return self._later if known is None else known

    def rows(self, work: Work, count: int) -> float:
        """Return the seconds that so many rows of one kind should take, in full calls and a last one."""
        full, rest = divmod(count, work.most)
        seconds = full * self.call(work.program(work.most)) if full else 0.0
        return seconds + self.call(work.program(rest)) if rest else seconds

    def until_done(self, work: Work, rows: int, lines: Iterable[Line]) -> float:
        """Return the seconds until a request of so many rows, that waits in one of ``lines``, should be done.

        A fair queue lets each other ticket go first for as long as this one takes, or for one call where that is
        longer; less where it needs less. Lines whose next call compiles run beside those whose next call does not.
        """
        own = self.rows(work, rows)
        compiles = work.program(min(rows, work.most)) not in self
        seconds = 0.0
        for line in lines:
            program = line.work.program(line.fill)
            if (program not in self) == compiles:
                share = len(line.tickets) * max(own, self.call(program))
                seconds += min(share, self.rows(line.work, line.rows))
        return max(own, seconds)


def _average(past: float | None, seconds: float) -> float:
    return seconds if past is None else past + _NEWEST * (seconds - past)
