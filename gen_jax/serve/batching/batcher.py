"""The way to the accelerator: rows of many requests share its calls, and every request ends, served fairly or refused.

Two threads run the calls. One runs programs that have run before; the other those that have not, since they compile
for seconds and the first must not wait for them. Rows of one signature never run in both at once. A thread decides
under the lock what to do next (``schedule.py``, with ``fair_queue.py`` and ``pace.py``) and does it outside of it;
futures end outside of it too, so that nothing that a work or a callback does can hold up the others.
"""

from __future__ import annotations

import functools
import itertools
import logging
import math
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any, Protocol

from gen_jax.errors import UserError
from gen_jax.serve.batching.calls import Call, attempt
from gen_jax.serve.batching.schedule import Ended, Schedule
from gen_jax.serve.batching.ticket import Ticket
from gen_jax.serve.problem import Problem
from gen_jax.serve.work import Work

_log = logging.getLogger(__name__)


class Observer(Protocol):
    """Is told how it goes, in the threads that run the calls: it must be quick."""

    def call(self, *, signature: Hashable, rows: int, capacity: int, seconds: float, compiled: bool) -> None:
        """Take note of a call of ``rows`` rows where ``capacity`` fit, whether or not it went well."""
        ...

    def waited(self, seconds: float) -> None:
        """Take note of a request whose first row starts so long after it came."""
        ...


class Batcher:
    """Runs rows of work for any number of threads.

    Args:
      wait: seconds that an idle accelerator waits, from the arrival of the first row, for more to share its call.
      programs: distinct programs kept; once more have run, all are forgotten between two calls.
      forget: drops all compiled programs; called while no work runs.
      observe: is told how it goes.
      clock: seconds; deadlines are told by it.
    """

    def __init__(
        self,
        *,
        wait: float,
        programs: int,
        forget: Callable[[], None],
        observe: Observer | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._forget, self._observe, self._clock = forget, observe, clock
        self._numbers = itertools.count()
        self._threads: list[threading.Thread] = []
        self._changed = threading.Condition(threading.Lock())
        self._schedule = Schedule(wait=wait, programs=programs)  # touched under the lock of _changed only

    def start(self) -> None:
        """Start the threads; what was submitted before has waited for this."""
        for compiling, name in ((False, "gen-jax-calls"), (True, "gen-jax-compiles")):
            # Daemons: a call that hangs must not keep the process from ending.
            self._threads.append(threading.Thread(target=self._work, args=(compiling,), name=name, daemon=True))
            self._threads[-1].start()

    def close(self, *, seconds: float) -> bool:
        """Refuse new tickets, finish those that are there, and stop; return whether all were finished.

        After so many seconds the rest fails with Problem not-ready; a call that runs on is left to itself.
        """
        with self._changed:
            self._schedule.closing = True
            self._changed.notify_all()
        end = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        _end(rest := [Ended(ticket, _stopping()) for ticket in self._remove_all()])
        return not rest

    def submit(self, work: Work, rows: Sequence[Any], *, deadline: float | None) -> Ticket:
        """Let rows wait for their calls; the future of the ticket gets one result a row, in order.

        Args:
          work: what is done to them.
          rows: one or more.
          deadline: when, by the clock, the last row must have started, else the future fails with Problem
            deadline-exceeded; None: whenever.

        Raises:
          Problem: busy, when too much waits for the deadline to be met; not-ready, after ``close``.
        """
        now = self._clock()
        ticket = Ticket(work, rows, number=next(self._numbers), arrived=now, deadline=deadline)
        with self._changed:
            if self._schedule.closing:
                raise _stopping()
            self._schedule.add(ticket, now)
            self._changed.notify_all()
        # By number: a callback that held the ticket would keep it and its rows alive in a cycle.
        ticket.future.add_done_callback(functools.partial(self._drop, ticket.number))
        return ticket

    @property
    def backlog_seconds(self) -> float:
        """Estimate of the time that all that waits and runs will take."""
        with self._changed:
            return self._schedule.backlog(self._clock())

    @property
    def open_tickets(self) -> int:
        """Requests that wait or run."""
        return len(self._schedule.tickets)

    @property
    def waiting_rows(self) -> int:
        """Rows that have not started."""
        with self._changed:
            return self._schedule.rows

    def _work(self, compiling: bool) -> None:
        """Live as one of the threads."""
        while self._step(compiling):
            pass

    def _step(self, compiling: bool) -> bool:
        """Do the next thing; return whether there may be another."""
        try:
            task = self._next(compiling)
            if task is None:
                return False
            task()
            del task  # see the end of _run
        except BaseException as bug:  # nobody may wait for ever because of a mistake in here
            _log.exception("the batcher has failed; so do the requests in it")
            _end(Ended(ticket, bug) for ticket in self._remove_all())
        return True

    def _next(self, compiling: bool) -> Callable[[], None] | None:
        """Wait until there is something to do for this kind of thread; return it, or None after the last."""
        with self._changed:
            while True:
                now = self._clock()
                if late := self._schedule.remove_late(now):
                    return functools.partial(_end, [Ended(ticket, _too_late()) for ticket in late])
                if self._schedule.closing and not self._schedule.tickets:
                    return None
                if self._schedule.begin_forgetting():
                    return self._forget_programs
                call, again = self._schedule.start(now, compiling=compiling)
                if call is not None:
                    return functools.partial(self._run, call)
                self._changed.wait(None if math.isinf(again) else min(again - now, threading.TIMEOUT_MAX))

    def _run(self, call: Call) -> None:
        ended: list[Ended] = []
        outcome, seconds = None, 0.0
        try:
            began = self._clock()
            outcome = attempt(call.work, call.rows())
            seconds = self._clock() - began
            with self._changed:
                ended = self._schedule.end(call, outcome, seconds)
            if isinstance(outcome, Exception) and not ended:
                _log.warning("a call has failed (%s): its requests are tried one by one", type(outcome).__name__)
        except BaseException as bug:
            _log.exception("the batcher has failed; so do the requests of the call")
            with self._changed:
                ended = [Ended(ticket, bug) for ticket in self._schedule.remove(call.tickets())]
        finally:
            with self._changed:
                self._schedule.release(call)
                self._changed.notify_all()
        _end(ended)
        self._tell(call, seconds)
        # The traceback of an error leads here; what this frame held would be kept with it, in a cycle.
        del call, ended, outcome

    def _forget_programs(self) -> None:
        try:
            self._forget()
        except Exception:
            _log.exception("compiled programs could not be dropped")
        finally:
            with self._changed:
                self._schedule.end_forgetting()
                self._changed.notify_all()

    def _drop(self, number: int, future: Future[Any]) -> None:
        """Strike out the ticket of a future that was cancelled."""
        if not future.cancelled():
            return
        with self._changed:
            ticket = self._schedule.tickets.get(number)
            if ticket is None:
                return  # it ends at this moment
            self._schedule.remove([ticket])
            self._changed.notify_all()  # a call that has become smaller may need no compiling
        future.set_running_or_notify_cancel()  # wakes those who wait for several futures

    def _remove_all(self) -> list[Ticket]:
        with self._changed:
            self._changed.notify_all()
            return self._schedule.remove(list(self._schedule.tickets.values()))

    def _tell(self, call: Call, seconds: float) -> None:
        if self._observe is None:
            return
        try:
            for waited in call.waited:
                self._observe.waited(waited)
            self._observe.call(
                signature=call.signature,
                rows=sum(len(part.places) for part in call.parts),
                capacity=call.work.most,
                seconds=seconds,
                compiled=call.compiles,
            )
        except Exception:
            _log.exception("a call could not be counted")


def _end(tickets: Iterable[Ended]) -> None:
    for ticket, error in tickets:
        if error is not None and not isinstance(error, UserError | Problem):
            _log.error("a request has failed", exc_info=error)
        try:
            if error is None:
                ticket.succeed()
            else:
                ticket.fail(error)
        except BaseException:
            _log.exception("a callback of a future has failed")


def _stopping() -> Problem:
    return Problem("not-ready", "the service is stopping", retry_after=5)


def _too_late() -> Problem:
    return Problem("deadline-exceeded", "the work did not start in time; ask for less at once, or try again later")
