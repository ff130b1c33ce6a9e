"""Whatever goes wrong, every request ends, others do not notice, and nothing is kept."""

from __future__ import annotations

import gc
import logging
import time
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from gen_jax.errors import UserError
from gen_jax.serve.batching.batcher import Batcher
from gen_jax.serve.batching.schedule import Schedule
from tests.serve.fake_work import LONG, FakeWork, result


def test_an_error_reaches_its_request_as_it_is_and_the_log_once(
    make_batcher: Callable[..., Batcher], caplog: pytest.LogCaptureFixture
) -> None:
    mistake, bug = UserError("no such colour"), KeyError("colour")

    def double(rows: Sequence[Any]) -> list[Any]:
        for error in rows:
            if isinstance(error, BaseException):
                raise error
        return [2 * row for row in rows]

    batcher = make_batcher()
    good, mistaken, failing = (
        batcher.submit(FakeWork(double=double), [row], deadline=None) for row in (1, mistake, bug)
    )
    with caplog.at_level(logging.ERROR):
        batcher.start()
        assert result(good) == [2]
        assert mistaken.future.exception(LONG) is mistake
        assert failing.future.exception(LONG) is bug
    [record] = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[1] is bug


@pytest.mark.parametrize("error", [SystemExit(3), StopIteration(), KeyboardInterrupt()])
def test_what_would_end_an_event_loop_is_wrapped(make_batcher: Callable[..., Batcher], error: BaseException) -> None:
    def double(rows: Sequence[Any]) -> list[Any]:
        raise error

    batcher = make_batcher()
    batcher.start()
    failure = batcher.submit(FakeWork(double=double), [1], deadline=None).future.exception(LONG)
    assert isinstance(failure, RuntimeError)
    assert failure.__cause__ is error


def test_a_work_that_returns_too_few_results_fails(make_batcher: Callable[..., Batcher]) -> None:
    batcher = make_batcher()
    batcher.start()
    with pytest.raises(RuntimeError, match="1 results of 2 rows"):
        result(batcher.submit(FakeWork(double=lambda rows: rows[:1]), [1, 2], deadline=None))


@pytest.mark.parametrize("method", ["start", "end"])
def test_a_mistake_of_the_batcher_itself_fails_its_requests_and_no_others(
    make_batcher: Callable[..., Batcher], monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    batcher = make_batcher()
    lost = batcher.submit(FakeWork(), [1], deadline=None)
    works, mistakes = getattr(Schedule, method), [ZeroDivisionError()]

    def fails_once(*args: Any, **options: Any) -> Any:
        if mistakes and options.get("compiling", True):  # the thread that the ticket is for
            raise mistakes.pop()
        return works(*args, **options)

    monkeypatch.setattr(Schedule, method, fails_once)
    batcher.start()
    assert isinstance(lost.future.exception(LONG), ZeroDivisionError)
    assert result(batcher.submit(FakeWork(), [1], deadline=None)) == [2]


class Row:
    """What can be referred to weakly."""


def test_nothing_keeps_a_finished_ticket(make_batcher: Callable[..., Batcher]) -> None:
    def double(rows: Sequence[Any]) -> Sequence[Any]:
        if "poison" in rows:
            raise UserError("poison")
        return rows

    batcher = make_batcher()
    batcher.start()
    gc.disable()
    try:
        kept = []
        for extra in ([], ["poison"]):
            row = Row()
            ticket = batcher.submit(FakeWork(double=double), [row, *extra], deadline=time.monotonic() + LONG)
            ticket.future.exception(LONG)
            kept += [weakref.ref(ticket), weakref.ref(row)]
            del ticket, row
        row = Row()
        ticket = batcher.submit(FakeWork(double=double), [row], deadline=time.monotonic() + LONG)
        ticket.cancel()
        kept += [weakref.ref(ticket), weakref.ref(row)]
        del ticket, row
        batcher.close(seconds=LONG)
        assert [reference() for reference in kept] == [None] * 6
    finally:
        gc.enable()
