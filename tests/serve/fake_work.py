"""Work of plain Python, for tests of what joins and orders it."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from gen_jax.serve.batching.ticket import Ticket

LONG = 20.0
"""Seconds; only a test that fails waits so long."""


@dataclasses.dataclass(frozen=True)
class FakeWork:
    """Doubles numbers, in one program whatever their number, unless told otherwise."""

    signature: Hashable = "double"
    most: int = 4
    double: Callable[[Sequence[Any]], Sequence[Any]] = lambda rows: [2 * row for row in rows]
    programs: Callable[[int], Hashable] = lambda rows: "any"

    def program(self, rows: int) -> Hashable:
        return (self.signature, self.programs(rows))

    def run(self, rows: Sequence[Any]) -> Sequence[Any]:
        return self.double(rows)


class Gate:
    """Holds calls open, and keeps count of them."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.opened = threading.Event()
        self.calls: list[list[Any]] = []

    def __call__(self, rows: Sequence[Any]) -> list[Any]:
        self.calls.append(list(rows))
        self.entered.release()
        assert self.opened.wait(LONG)
        return [2 * row for row in rows]

    def wait_for_call(self) -> None:
        assert self.entered.acquire(timeout=LONG)


def result(ticket: Ticket) -> list[Any]:
    return ticket.future.result(timeout=LONG)
