"""What the batcher expects, and what it refuses for that."""

from __future__ import annotations

import pytest

from gen_jax.serve.problem import Problem
from tests.serve.desk import OTHER, WORK, Desk
from tests.serve.fake_work import FakeWork


def test_a_request_that_would_be_late_is_refused_at_once_and_told_when_to_come_back() -> None:
    desk = Desk()
    for _ in range(6):
        desk.ask(WORK, 4)
    with pytest.raises(Problem, match=r"7\.0 seconds") as refused:
        desk.ask(WORK, 4, within=5.0)
    assert (refused.value.kind, refused.value.retry_after) == ("busy", pytest.approx(2.0))
    assert desk.schedule.rows == 24
    desk.ask(WORK, 4, within=8.0)


def test_a_large_request_before_it_is_no_reason_to_refuse_a_small_one() -> None:
    desk = Desk()
    desk.ask(WORK, 400)
    desk.ask(OTHER, 1, within=2.5)


def test_a_quick_request_waits_for_a_whole_call_of_a_slow_one() -> None:
    desk = Desk()
    for _ in range(40):
        desk.ask(OTHER, 1)
        desk.run(desk.begin(), seconds=9.0)
    desk.ask(OTHER, 1)
    with pytest.raises(Problem):
        desk.ask(WORK, 1, within=5.0)
    desk.ask(WORK, 1, within=11.0)


def test_what_compiles_is_no_reason_to_refuse_what_is_compiled() -> None:
    desk = Desk()
    for number in range(40):
        desk.ask(FakeWork(number), 1)
    desk.begin(compiling=True)
    desk.ask(WORK, 1, within=1.5)


def test_a_request_that_comes_alone_may_try_whatever_the_estimate() -> None:
    desk = Desk()
    desk.ask(WORK, 400, within=0.5)


def test_the_backlog_counts_what_waits_and_what_is_left_of_what_runs() -> None:
    desk = Desk()
    desk.ask(WORK, 7)
    desk.ask(OTHER, 1)
    desk.begin()
    desk.now += 0.25
    assert desk.schedule.backlog(desk.now) == pytest.approx(2.75)
