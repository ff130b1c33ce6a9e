"""One call of the accelerator: the rows that run together, and what came of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Sequence
from typing import Any

from gen_jax.serve.batching.fair_queue import Part
from gen_jax.serve.batching.ticket import Ticket
from gen_jax.serve.work import Work


@dataclasses.dataclass(frozen=True, kw_only=True)
class Call:
    """Rows that run together."""

    work: Work
    signature: Hashable
    program: Hashable
    compiles: bool
    """Whether the program has not run before."""
    parts: Sequence[Part]
    waited: Sequence[float]
    """Seconds since the arrival of each ticket that starts with this call."""
    began: float
    expected: float
    """Seconds that it should take."""

    def rows(self) -> list[Any]:
        """Return the rows, ticket by ticket."""
        return [ticket.rows[place] for ticket, places in self.parts for place in places]

    def tickets(self) -> list[Ticket]:
        """Return those with rows in it."""
        return [part.ticket for part in self.parts]


def attempt(work: Work, rows: list[Any]) -> Sequence[Any] | Exception:
    """Return the results of rows, or the error."""
    try:
        results = work.run(rows)
        if len(results) != len(rows):
            raise RuntimeError(f"{type(work).__name__} returned {len(results)} results of {len(rows)} rows")
    except BaseException as error:
        if isinstance(error, Exception) and not isinstance(error, StopIteration):
            return error
        # Raised where a future is awaited, these would end the event loop, or be taken for the end of a generator.
        failure = RuntimeError(f"{type(work).__name__} raised {type(error).__name__}")
        failure.__cause__ = error
        return failure
    return results


def is_exhausted(error: BaseException) -> bool:
    """Return whether memory ran out, of the host or of the accelerator (an XlaRuntimeError)."""
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and "RESOURCE_EXHAUSTED" in str(error))
