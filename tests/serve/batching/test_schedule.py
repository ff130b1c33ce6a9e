"""What the batcher decides, without threads and at made-up times."""

from __future__ import annotations

import math
from typing import Any

import pytest

from gen_jax.errors import UserError
from gen_jax.serve.batching.calls import Call
from gen_jax.serve.batching.schedule import Ended
from gen_jax.serve.batching.ticket import Ticket
from tests.serve.desk import OTHER, WORK, Desk
from tests.serve.fake_work import FakeWork

SIZED = FakeWork("sized", programs=lambda rows: rows)


def results(ended: list[Ended]) -> dict[Ticket, list[Any]]:
    for ticket, error in ended:
        assert error is None
        ticket.succeed()
    return {ticket: ticket.future.result(timeout=0) for ticket, _ in ended}


def sizes(call: Call) -> dict[Ticket, int]:
    return {ticket: len(places) for ticket, places in call.parts}


def test_waiting_rows_of_one_signature_share_a_call() -> None:
    desk = Desk()
    first, _, third = desk.ask(WORK, 1), desk.ask(OTHER, 1), desk.ask(WORK, 2)
    call = desk.begin()
    assert sizes(call) == {first: 1, third: 2}
    assert results(desk.run(call)) == {first: [0], third: [0, 2]}


def test_a_ticket_with_more_rows_than_fit_gets_several_calls_and_its_results_in_order() -> None:
    desk = Desk()
    ticket = desk.ask(WORK, 10)
    assert [desk.run(desk.begin()) for _ in range(2)] == [[], []]
    assert results(desk.run(desk.begin())) == {ticket: [2 * row for row in range(10)]}


def test_an_idle_accelerator_waits_for_more_from_the_first_arrival_on() -> None:
    desk = Desk(wait=0.25)
    desk.ask(WORK, 1)
    assert desk.idles() == 0.25
    desk.now += 0.125
    desk.ask(WORK, 1)
    assert desk.idles() == 0.125
    desk.now += 0.125
    assert len(desk.begin().rows()) == 2


def test_a_full_call_does_not_wait_and_nothing_waits_for_more_at_the_end() -> None:
    desk = Desk(wait=0.25)
    desk.ask(WORK, 4)
    desk.begin()
    desk.ask(OTHER, 1)
    desk.idles()
    desk.schedule.closing = True
    desk.begin()


def test_rows_that_came_while_a_call_ran_do_not_wait_longer() -> None:
    desk = Desk(wait=0.25)
    desk.ask(WORK, 4)
    call = desk.begin()
    desk.ask(WORK, 1)
    desk.run(call, seconds=1.0)
    desk.begin()


def test_a_ticket_whose_rows_have_not_all_started_at_its_deadline_is_late() -> None:
    desk = Desk()
    large, small = desk.ask(WORK, 5, within=3.0), desk.ask(OTHER, 1, within=3.0)
    running = desk.begin()
    desk.begin()
    assert desk.idles() == 3.0
    desk.now += 3.0
    assert desk.schedule.remove_late(desk.now) == [large]
    assert desk.schedule.rows == 0
    assert desk.run(running) == []
    assert list(desk.schedule.tickets.values()) == [small]


def test_a_ticket_that_must_try_again_after_its_deadline_is_late() -> None:
    desk = Desk()
    hurried, _ = desk.ask(WORK, 1, within=2.0), desk.ask(WORK, 1)
    call = desk.begin()
    desk.now += 3.0
    assert desk.schedule.remove_late(desk.now) == [], "all of it runs"
    desk.run(call, error=RuntimeError())
    assert desk.schedule.remove_late(desk.now) == [hurried]


def test_nobody_wakes_up_for_the_deadline_of_a_finished_ticket() -> None:
    desk = Desk()
    desk.ask(WORK, 1, within=5.0)
    desk.run(desk.begin())
    assert desk.schedule.remove_late(desk.now) == []
    assert math.isinf(desk.idles())


def test_one_failing_row_does_not_fail_its_neighbours() -> None:
    desk = Desk()
    poison, neighbour = desk.ask(WORK, 2), desk.ask(WORK, 2)
    error = UserError("no such colour")
    assert desk.run(desk.begin(), error=error) == []
    calls = {}
    for _ in range(2):
        call = desk.begin()
        [ticket] = call.tickets()
        calls[ticket] = desk.run(call, error=error if ticket is poison else None)
    assert calls[poison] == [Ended(poison, error)]
    assert results(calls[neighbour]) == {neighbour: [0, 2]}


def test_a_request_that_fails_alone_is_not_tried_again() -> None:
    desk = Desk()
    ticket = desk.ask(WORK, 2)
    error = RuntimeError("shape mismatch")
    assert desk.run(desk.begin(), error=error) == [Ended(ticket, error)]
    assert not desk.schedule.tickets


def test_a_cancelled_neighbour_of_a_failing_row_is_not_tried_again() -> None:
    desk = Desk()
    desk.ask(WORK, 2)
    cancelled = desk.ask(WORK, 2)
    call = desk.begin()
    desk.schedule.remove([cancelled])
    desk.run(call, error=RuntimeError())
    assert desk.schedule.rows == 2


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("RESOURCE_EXHAUSTED: Out of memory")])
def test_out_of_memory_drops_the_programs_and_tries_once_more(error: Exception) -> None:
    desk = Desk()
    ticket = desk.ask(WORK, 4)
    other = desk.ask(OTHER, 1)
    call, beside = desk.begin(), desk.begin()
    assert desk.run(call, error=error) == []
    assert not desk.schedule.begin_forgetting(), "a call runs"
    desk.run(beside)
    desk.idles()
    assert desk.schedule.begin_forgetting()
    assert not desk.schedule.begin_forgetting(), "somebody does it"
    desk.schedule.end_forgetting()
    assert desk.run(desk.begin(compiling=True), error=error) == [Ended(ticket, error)]
    assert other.number not in desk.schedule.tickets


def test_programs_are_forgotten_when_more_have_run_than_are_kept() -> None:
    desk = Desk(programs=2)
    assert not desk.schedule.begin_forgetting()
    desk.ask(FakeWork("third"), 1)
    desk.run(desk.begin(compiling=True))
    desk.ask(WORK, 1)
    desk.idles()
    assert desk.schedule.begin_forgetting()
    desk.schedule.end_forgetting()
    desk.idles()
    assert desk.begin(compiling=True).compiles


def test_what_compiles_is_left_to_the_thread_for_it() -> None:
    desk = Desk()
    cold, warm = desk.ask(SIZED, 1), desk.ask(WORK, 1)
    assert sizes(desk.begin()) == {warm: 1}
    assert sizes(desk.begin(compiling=True)) == {cold: 1}


def test_a_signature_never_runs_in_both_threads() -> None:
    desk = Desk()
    desk.ask(SIZED, 1)
    compiling = desk.begin(compiling=True)
    desk.ask(SIZED, 1)
    desk.idles()
    desk.run(compiling)
    call = desk.begin()
    desk.ask(SIZED, 2)
    desk.idles(compiling=True)
    desk.run(call)
    desk.begin(compiling=True)


def test_while_another_call_compiles_a_smaller_one_that_is_compiled_runs() -> None:
    desk = Desk(warm=[SIZED], wait=0.25)
    desk.ask(FakeWork("new"), 4)
    compiling = desk.begin(compiling=True)
    desk.ask(SIZED, 3)
    small = desk.begin()
    assert len(small.rows()) == 1
    desk.run(small)
    desk.run(compiling)
    desk.now += 0.25
    desk.idles()
    assert len(desk.begin(compiling=True).rows()) == 2


def test_compiling_is_charged_to_nobody() -> None:
    desk = Desk()
    compiled = desk.ask(SIZED, 400)
    call = desk.begin(compiling=True)
    other = desk.ask(WORK, 400)
    for _ in range(5):
        desk.run(desk.begin())
    desk.run(call, seconds=60.0)
    leaders = []
    for _ in range(4):
        call = desk.begin()
        leaders += call.tickets()
        desk.run(call)
    assert leaders.count(compiled) == leaders.count(other) == 2
