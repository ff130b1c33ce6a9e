"""Which rows run next: every request gets its share of the accelerator, however many rows it has.

Start-time fair queueing (Goyal, Vin and Cheng, 1996), with a ticket as a flow and measured seconds as its length:

    virtual time         V <- V + s / N                              after a call of s seconds, N tickets being there
    tag of a new ticket  t <- V
    tag of a served one  t <- min(max(t + s * r / R, V), V + s)      after r of the R rows of the call were its own

The ticket with the least tag leads the next call; the tickets that may share it follow in the order of their tags
and give a row each in turn, until the call is full. V grows at the pace of equal shares, so that newcomers cannot
pass a served ticket for ever. A tag stays at V or above, so that a ticket saves up nothing while others go first;
and within one call of V, so that rows that filled spare places are not held against their ticket for long. Spare
places are charged to those who are in the call, by their rows: nobody else had a use for them.

The bounds, of calls in one thread, when no call takes more than s seconds and N tickets are there at most:

1. before the first call with a ticket in it, each ticket that came earlier leads at most one call, the one that was
   running included, and no later ticket leads any: one image waits for one call of a request for 64, not for four;
2. between two calls with rows of a ticket, the calls of others take at most 2 N s seconds: no stream of small requests
   starves a large one.

Of 2: a served tag lies at V + s at most; calls of N s seconds lift V by s, and that the last of them overshoots costs
s more; from then on, each of the N - 1 others leads one call before its tag is behind.
"""

from __future__ import annotations

import bisect
import collections
import itertools
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

from gen_jax.serve.batching.ticket import Ticket
from gen_jax.serve.work import Work


class Part(NamedTuple):
    """What a call holds of one ticket."""

    ticket: Ticket
    places: list[int]
    """Of its rows among those of the ticket."""


class Line:
    """Waiting tickets whose rows may share a call; never empty."""

    def __init__(self) -> None:
        self.tickets: list[Ticket] = []
        """By their order."""
        self.rows = 0
        """That wait."""

    @property
    def work(self) -> Work:
        """That of any of them would do: their signatures are equal."""
        return self.tickets[0].work

    @property
    def signature(self) -> Hashable:
        """Of all of them."""
        return self.tickets[0].signature

    @property
    def fill(self) -> int:
        """Rows of the next call, if it may be as large as it can."""
        return min(self.rows, self.work.most)

    @property
    def arrived(self) -> float:
        """When the first of them came."""
        return min(ticket.arrived for ticket in self.tickets)


class FairQueue:
    """The waiting tickets; used under the batcher's lock."""

    def __init__(self) -> None:
        self._lines: dict[Hashable, Line] = {}
        self._virtual = 0.0
        self._turns = itertools.count()

    def __iter__(self) -> Iterator[Line]:
        """Yield the lines, the one with the least tag first."""
        return iter(sorted(self._lines.values(), key=lambda line: line.tickets[0].order))

    @property
    def rows(self) -> int:
        """That wait."""
        return sum(line.rows for line in self._lines.values())

    def add(self, ticket: Ticket) -> None:
        """Let a new ticket wait."""
        self._enter(ticket, self._virtual)

    def discard(self, ticket: Ticket) -> None:
        """Drop the rows of a ticket that still wait."""
        if ticket.waiting:
            self._leave(ticket)
            ticket.waiting.clear()

    def take(self, line: Line, rows: int) -> list[Part]:
        """Take so many rows of ``line`` for a call, one of each ticket in turn."""
        key = _line_of(line.tickets[0])
        turn = collections.deque(line.tickets[:rows])
        taken: dict[Ticket, list[int]] = {}
        for _ in range(rows):
            ticket = turn.popleft()
            taken.setdefault(ticket, []).append(ticket.waiting.popleft())
            if ticket.waiting:
                turn.append(ticket)
        line.rows -= rows
        line.tickets = [ticket for ticket in line.tickets if ticket.waiting]
        if not line.tickets:
            del self._lines[key]
        return [Part(ticket, places) for ticket, places in taken.items()]

    def charge(self, parts: Sequence[Part], seconds: float, *, tickets: int) -> None:
        """Charge a call to the tickets in it, ``tickets`` being there in all; no seconds: it only ends their turn."""
        self._virtual += seconds / tickets
        rows = sum(len(part.places) for part in parts)
        for ticket, places in parts:
            tag = max(ticket.order[0] + seconds * len(places) / rows, self._virtual)
            self._move(ticket, min(tag, self._virtual + seconds))

    def put_back(self, part: Part) -> None:
        """Let rows that were taken wait again, from now on apart from those of other tickets."""
        ticket, places = part
        if ticket.waiting:
            self._leave(ticket)
        ticket.alone = True
        ticket.waiting.extendleft(reversed(places))
        self._enter(ticket, ticket.order[0])

    def _move(self, ticket: Ticket, tag: float) -> None:
        if ticket.waiting:
            self._leave(ticket)
            self._enter(ticket, tag)
        else:
            ticket.order = (tag, next(self._turns))

    def _enter(self, ticket: Ticket, tag: float) -> None:
        ticket.order = (tag, next(self._turns))
        line = self._lines.setdefault(_line_of(ticket), Line())
        bisect.insort(line.tickets, ticket, key=lambda other: other.order)
        line.rows += len(ticket.waiting)

    def _leave(self, ticket: Ticket) -> None:
        line = self._lines[_line_of(ticket)]
        line.tickets.remove(ticket)
        line.rows -= len(ticket.waiting)
        if not line.tickets:
            del self._lines[_line_of(ticket)]


def _line_of(ticket: Ticket) -> Hashable:
    return (ticket.signature, ticket.number if ticket.alone else None)
