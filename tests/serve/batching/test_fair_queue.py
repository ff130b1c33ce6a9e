"""Fairness and its bounds, on a device whose time is made up."""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Sequence

import pytest

from gen_jax.serve.batching.fair_queue import FairQueue
from gen_jax.serve.batching.ticket import Ticket
from tests.serve.fake_work import FakeWork


@dataclasses.dataclass
class Call:
    leader: Ticket
    tickets: list[Ticket]
    began: float
    ended: float


class Device:
    """Serves a queue one call after the other; time passes only here."""

    def __init__(self) -> None:
        self.queue = FairQueue()
        self.now = 0.0
        self.calls: list[Call] = []
        self.open: set[Ticket] = set()
        self.most_open = 0
        self._numbers = itertools.count()

    def ask(self, rows: int, *, signature: str = "a", most: int = 4) -> Ticket:
        work = FakeWork(signature, most)
        ticket = Ticket(work, range(rows), number=next(self._numbers), arrived=self.now)
        self.queue.add(ticket)
        self.open.add(ticket)
        self.most_open = max(self.most_open, len(self.open))
        return ticket

    def serve(self, seconds: float, *, meanwhile: Sequence[dict] = ()) -> Call:
        """Run the next call; ``meanwhile`` these tickets come."""
        line = next(iter(self.queue))
        leader = line.tickets[0]
        parts = self.queue.take(line, line.fill)
        for asked in meanwhile:
            self.ask(**asked)
        call = Call(leader, [part.ticket for part in parts], self.now, self.now + seconds)
        self.now += seconds
        self.queue.charge(parts, seconds, tickets=len(self.open))
        self.open -= {ticket for ticket in call.tickets if not ticket.waiting}
        self.calls.append(call)
        return call


def test_one_image_waits_for_one_call_of_a_request_for_64() -> None:
    device = Device()
    large = device.ask(64, most=16)
    device.serve(1.0)
    assert device.serve(1.0, meanwhile=[{"rows": 1, "signature": "b"}]).leader is large
    assert device.serve(1.0).leader.signature == "b"


def test_tickets_of_one_call_give_a_row_each_in_turn() -> None:
    device = Device()
    tickets = [device.ask(rows, most=8) for rows in (9, 1, 3)]
    parts = device.queue.take(next(iter(device.queue)), 8)
    assert [(part.ticket, part.places) for part in parts] == [
        (tickets[0], [0, 1, 2, 3]),
        (tickets[1], [0]),
        (tickets[2], [0, 1, 2]),
    ]


def test_a_stream_of_small_requests_does_not_starve_a_large_one() -> None:
    device = Device()
    large = device.ask(12)
    device.ask(1, signature="b")
    for place in range(24):
        device.serve(1.0, meanwhile=[{"rows": 1, "signature": f"small {place}"}])
    assert not large.waiting


def test_rows_that_fill_spare_places_are_not_held_against_their_ticket_for_long() -> None:
    device = Device()
    large = device.ask(400, most=16)
    for _ in range(10):  # a newcomer leads each call, and the large one fills it up
        device.ask(1, most=16)
        device.serve(1.0)
    leaders = []
    for place in range(4):
        device.ask(1, signature=f"b {place}")
        leaders.append(device.serve(1.0).leader)
    assert large in leaders


def test_each_of_two_gets_half_of_the_time_whatever_its_calls_take() -> None:
    device = Device()
    slow, quick = device.ask(4000, signature="slow"), device.ask(4000, signature="quick")
    spent = {slow: 0.0, quick: 0.0}
    while device.now < 100:
        seconds = 1.0 if next(iter(device.queue)).tickets[0] is slow else 0.1
        spent[device.serve(seconds).leader] += seconds
    assert spent[slow] == pytest.approx(50, abs=1.1)


@pytest.mark.parametrize("seed", range(12))
def test_the_bounds_of_the_docstring_hold(seed: int) -> None:
    device, chance = Device(), random.Random(seed)
    device.ask(60)
    device.ask(60, signature="b")
    while device.open:
        newcomers = [
            {"rows": chance.choice((1, 1, 1, 2, 7, 30)), "signature": chance.choice("abcdefgh")}
            for _ in range(chance.choice((0, 0, 1, 1, 3)))
            if len(device.calls) < 250 and len(device.open) < 12
        ]
        device.serve(chance.choice((0.01, 0.1, 0.5, 1.0)), meanwhile=newcomers)
    _check_first_calls(device.calls)
    _check_gaps(device.calls, bound=2 * device.most_open * 1.0)


def _check_first_calls(calls: list[Call]) -> None:
    for ticket in {ticket for call in calls for ticket in call.tickets}:
        first = next(place for place, call in enumerate(calls) if ticket in call.tickets)
        leaders = [call.leader for call in calls[:first] if call.ended > ticket.arrived or call.began == ticket.arrived]
        assert len(set(leaders)) == len(leaders)
        assert all(leader.number < ticket.number for leader in leaders)


def _check_gaps(calls: list[Call], *, bound: float) -> None:
    for ticket in {ticket for call in calls for ticket in call.tickets}:
        own = [call for call in calls if ticket in call.tickets]
        assert all(later.began - earlier.ended <= bound for earlier, later in itertools.pairwise(own))
