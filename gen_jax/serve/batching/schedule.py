"""What the batcher knows and decides: which call runs next, which tickets end; without threads, futures or a clock."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple

from gen_jax.serve.batching.calls import Call, is_exhausted
from gen_jax.serve.batching.fair_queue import FairQueue, Line
from gen_jax.serve.batching.pace import Pace
from gen_jax.serve.batching.ticket import Deadlines, Ticket
from gen_jax.serve.problem import Problem


class Ended(NamedTuple):
    """A ticket that is off the books; whoever holds this ends its future."""

    ticket: Ticket
    error: BaseException | None


class Schedule:
    """Open tickets, waiting rows and running calls; used under the batcher's lock.

    Args:
      wait: seconds that a line which does not fill a call is given to fill up, from the arrival of its first ticket.
      programs: distinct programs that may run before all are to be forgotten.
    """

    def __init__(self, *, wait: float, programs: int) -> None:
        self.tickets: dict[int, Ticket] = {}
        """Open ones by number; each leaves once, and its future is then ended once."""
        self.closing = False
        """Whether no more tickets come, so that nothing is gained by waiting for more."""
        self._wait, self._programs = wait, programs
        self._queue = FairQueue()
        self._deadlines = Deadlines()
        self._pace = Pace()
        self._running: dict[Hashable, Call] = {}  # by signature
        self._must_forget = self._forgets = False

    @property
    def rows(self) -> int:
        """That wait."""
        return self._queue.rows

    def add(self, ticket: Ticket, now: float) -> None:
        """Let a ticket wait.

        Raises:
          Problem: busy: too much is before it for its deadline to be met.
        """
        self._queue.add(ticket)
        try:
            self._check_in_time(ticket, now)
        except BaseException:
            self._queue.discard(ticket)
            raise
        self.tickets[ticket.number] = ticket
        self._deadlines.add(ticket)

    def remove(self, tickets: Iterable[Ticket]) -> list[Ticket]:
        """Strike out tickets and their waiting rows; return those that were still open."""
        removed = [ticket for ticket in tickets if self.tickets.pop(ticket.number, None)]
        for ticket in removed:
            self._queue.discard(ticket)
        return removed

    def remove_late(self, now: float) -> list[Ticket]:
        """Strike out the tickets with rows that have not started by their deadline, and return them."""
        return self.remove(self._deadlines.late(now, self.tickets))

    def backlog(self, now: float) -> float:
        """Return the seconds that all that waits and runs should take."""
        waiting = sum(self._pace.rows(line.work, line.rows) for line in self._queue)
        return waiting + self._left(now, self._running.values())

    def start(self, now: float, *, compiling: bool) -> tuple[Call | None, float]:
        """Begin the next call, of a program that has not run before or of one that has.

        Returns:
          The call, if one is ready; and when to ask again if nothing changes before.
        """
        again = self._deadlines.next()
        if self._must_forget:
            return None, again
        for line in self._queue:
            rows = 0 if line.signature in self._running else self._rows(line, compiling)
            if not rows:
                continue
            fills = rows == line.work.most or rows < line.fill
            ready = now if fills or self.closing else line.arrived + self._wait
            if ready <= now:
                return self._begin(line, rows, now), now
            again = min(again, ready)
        return None, again

    def end(self, call: Call, outcome: Sequence[Any] | BaseException, seconds: float) -> list[Ended]:
        """Book the results of a call, or its error, and return the tickets that this ends."""
        # Compiling is charged to nobody: it takes a thread of its own, and the accelerator only for a moment.
        self._queue.charge(call.parts, 0.0 if call.compiles else seconds, tickets=max(len(self.tickets), 1))
        if isinstance(outcome, BaseException):
            return self._end_badly(call, outcome)
        self._pace.ran(call.program, seconds)
        self._must_forget = self._must_forget or len(self._pace) > self._programs
        results = iter(outcome)
        done = [ticket for ticket, places in call.parts if ticket.keep(places, itertools.islice(results, len(places)))]
        return [Ended(ticket, None) for ticket in self.remove(done)]

    def release(self, call: Call) -> None:
        """Let other calls of the signature run; comes after ``end``, and whatever happens."""
        self._running.pop(call.signature, None)

    def begin_forgetting(self) -> bool:
        """Return whether all programs are to be forgotten now; no call starts until ``end_forgetting``."""
        if not self._must_forget or self._forgets or self._running:
            return False
        self._forgets = True
        return True

    def end_forgetting(self) -> None:
        """Go on."""
        self._must_forget = self._forgets = False
        self._pace.forget()

    def _rows(self, line: Line, compiling: bool) -> int:
        """Return how many rows of a line this kind of thread may run now."""
        program = line.work.program(line.fill)
        if (program not in self._pace) == compiling:
            return line.fill
        if compiling or not any(call.compiles for call in self._running.values()):
            return 0
        # Compiling for a larger call would have to wait; meanwhile a smaller one may do.
        return next((rows for rows in range(line.fill, 0, -1) if line.work.program(rows) in self._pace), 0)

    def _begin(self, line: Line, rows: int, now: float) -> Call:
        work, signature, program = line.work, line.signature, line.work.program(rows)
        parts = self._queue.take(line, rows)
        fresh = [ticket for ticket, _ in parts if not ticket.started]
        for ticket in fresh:
            ticket.started = True
        call = Call(
            work=work,
            signature=signature,
            program=program,
            compiles=program not in self._pace,
            parts=parts,
            waited=[now - ticket.arrived for ticket in fresh],
            began=now,
            expected=self._pace.call(program),
        )
        self._running[signature] = call
        return call

    def _end_badly(self, call: Call, error: BaseException) -> list[Ended]:
        """End the one ticket of a call that failed; let each of several try once more on its own."""
        exhausted = is_exhausted(error)
        self._must_forget = self._must_forget or exhausted
        if len(call.parts) == 1 and (call.parts[0].ticket.alone or not exhausted):
            return [Ended(ticket, error) for ticket in self.remove(call.tickets())]
        for part in call.parts:
            if part.ticket.number in self.tickets:
                self._queue.put_back(part)
                self._deadlines.add(part.ticket)
        return []

    def _check_in_time(self, ticket: Ticket, now: float) -> None:
        work, rows = ticket.work, len(ticket.rows)
        compiles = work.program(min(rows, work.most)) not in self._pace
        # Where nothing else is there it may always try: an estimate that is wrong would else never be mended.
        if ticket.deadline is None or not self.tickets:
            return
        running = [call for call in self._running.values() if call.compiles == compiles]
        seconds = self._left(now, running) + self._pace.until_done(work, rows, self._queue)
        late = now + seconds - ticket.deadline
        if late > 0:
            detail = f"what waits already would take this request {seconds:.1f} seconds, which is more than it has"
            raise Problem("busy", detail, retry_after=max(1.0, late))

    def _left(self, now: float, calls: Iterable[Call]) -> float:
        return sum(max(0.0, call.began + call.expected - now) for call in calls)
