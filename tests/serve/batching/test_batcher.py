"""The threads of the batcher; what they decide is tested in test_schedule.py."""

from __future__ import annotations

import concurrent.futures
import threading
from collections.abc import Callable

import pytest

from gen_jax.serve.batching.batcher import Batcher
from gen_jax.serve.problem import Problem
from tests.serve.fake_work import LONG, FakeWork, Gate, result


class Notes:
    def __init__(self) -> None:
        self.calls: list[tuple[int, int, bool]] = []
        self.waits: list[float] = []

    def call(self, *, signature: object, rows: int, capacity: int, seconds: float, compiled: bool) -> None:
        self.calls.append((rows, capacity, compiled))

    def waited(self, seconds: float) -> None:
        self.waits.append(seconds)


def test_each_ticket_gets_the_results_of_its_own_rows(make_batcher: Callable[..., Batcher]) -> None:
    calls: list[int] = []
    work = FakeWork(most=8, double=lambda rows: calls.append(len(rows)) or [2 * row for row in rows])
    batcher = make_batcher()
    tickets = [batcher.submit(work, range(start, start + 3), deadline=None) for start in range(0, 60, 10)]
    batcher.start()
    assert [result(ticket) for ticket in tickets] == [[2 * s, 2 * s + 2, 2 * s + 4] for s in range(0, 60, 10)]
    assert calls == [8, 8, 2]


def test_compiling_does_not_hold_up_what_is_compiled(make_batcher: Callable[..., Batcher]) -> None:
    gate = Gate()
    batcher = make_batcher()
    batcher.start()
    result(batcher.submit(FakeWork(), [1], deadline=None))
    slow = batcher.submit(FakeWork("slow to compile", double=gate), [1], deadline=None)
    gate.wait_for_call()
    assert result(batcher.submit(FakeWork(), [2], deadline=None)) == [4]
    assert not slow.future.done()
    gate.opened.set()
    assert result(slow) == [2]


def test_a_late_ticket_fails_at_its_deadline_and_never_runs(make_batcher: Callable[..., Batcher]) -> None:
    gate, clock = Gate(), [0.0]
    work = FakeWork(double=gate)
    batcher = make_batcher(clock=lambda: clock[0])
    batcher.start()
    gate.opened.set()
    result(batcher.submit(work, [0], deadline=None))
    gate.opened.clear()
    running = batcher.submit(work, [1], deadline=None)
    gate.wait_for_call()
    gate.wait_for_call()
    late = batcher.submit(work, [2], deadline=10.01)
    clock[0] = 10.0  # the next look at the clock is when a thread wakes up for the deadline, a hundredth later
    batcher.submit(work, [3], deadline=None).cancel()
    clock[0] = 11.0
    with pytest.raises(Problem) as problem:
        result(late)
    assert problem.value.kind == "deadline-exceeded"
    gate.opened.set()
    assert result(running) == [2]
    assert gate.calls == [[0], [1]]


def test_a_cancelled_ticket_never_runs_and_those_who_wait_for_it_are_told(make_batcher: Callable[..., Batcher]) -> None:
    gate = Gate()
    batcher = make_batcher()
    batcher.start()
    running = batcher.submit(FakeWork(double=gate), [1, 2, 3, 4, 5], deadline=None)
    gate.wait_for_call()
    waiting, kept = (batcher.submit(FakeWork(double=gate), [row], deadline=None) for row in (6, 7))
    assert waiting.future.cancel(), "as asyncio does it"
    running.cancel()
    done, _ = concurrent.futures.wait([running.future, waiting.future], timeout=LONG)
    assert len(done) == 2
    assert batcher.open_tickets == 1
    gate.opened.set()
    assert result(kept) == [14]
    assert gate.calls == [[1, 2, 3, 4], [7]]


def test_programs_are_dropped_while_nothing_runs(make_batcher: Callable[..., Batcher]) -> None:
    gate, dropped = Gate(), threading.Event()
    batcher = make_batcher(programs=2, forget=dropped.set)
    batcher.start()
    result(batcher.submit(FakeWork("a"), [1], deadline=None))
    slow = batcher.submit(FakeWork("slow", double=gate), [1], deadline=None)
    gate.wait_for_call()
    gate.opened.set()
    result(slow)
    assert not dropped.is_set()
    assert result(batcher.submit(FakeWork("b"), [1], deadline=None)) == [2]
    assert dropped.wait(LONG)
    assert result(batcher.submit(FakeWork("a"), [1], deadline=None)) == [2]


def test_closing_finishes_what_waits_and_refuses_what_comes(make_batcher: Callable[..., Batcher]) -> None:
    batcher = make_batcher(wait=LONG)
    batcher.start()
    tickets = [batcher.submit(FakeWork(number), [number], deadline=None) for number in range(3)]
    assert batcher.close(seconds=LONG)
    assert [ticket.future.result(timeout=0) for ticket in tickets] == [[0], [2], [4]]
    with pytest.raises(Problem) as problem:
        batcher.submit(FakeWork(), [1], deadline=None)
    assert problem.value.kind == "not-ready"


def test_what_is_not_finished_in_time_fails_when_closing(make_batcher: Callable[..., Batcher]) -> None:
    gate = Gate()
    batcher = make_batcher()
    batcher.start()
    tickets = [batcher.submit(FakeWork(double=gate), [row], deadline=None) for row in range(2)]
    gate.wait_for_call()
    assert not batcher.close(seconds=0.0)
    for ticket in tickets:
        problem = ticket.future.exception(timeout=0)
        assert isinstance(problem, Problem)
        assert problem.kind == "not-ready"
    gate.opened.set()


def test_the_observer_is_told_of_calls_and_waits_and_cannot_hurt(make_batcher: Callable[..., Batcher]) -> None:
    notes = Notes()
    batcher = make_batcher(observe=notes)
    ticket = batcher.submit(FakeWork(), range(6), deadline=None)
    batcher.start()
    result(ticket)
    batcher.close(seconds=LONG)
    assert notes.calls == [(4, 4, True), (2, 4, False)]
    assert len(notes.waits) == 1
    faulty = make_batcher(observe=object())
    faulty.start()
    assert result(faulty.submit(FakeWork(), range(6), deadline=None)) == [0, 2, 4, 6, 8, 10]


def test_2000_tickets_from_16_threads_all_end_with_their_own_results(make_batcher: Callable[..., Batcher]) -> None:
    batcher = make_batcher()
    batcher.start()
    works = [FakeWork(number, most=8, programs=lambda rows: rows) for number in range(5)]

    def client(start: int) -> int:
        tickets = {}
        for row in range(start, start + 125):
            rows = [row] * (1 + row % 3)
            tickets[batcher.submit(works[row % 5], rows, deadline=None)] = rows
            if row % 10 == 7:
                next(iter(tickets)).cancel()
        return sum(
            ticket.future.cancelled() or result(ticket) == [2 * row for row in rows] for ticket, rows in tickets.items()
        )

    with concurrent.futures.ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(client, range(0, 2000, 125))) == 2000
    assert batcher.open_tickets == batcher.waiting_rows == 0
