"""From a body to an answer: threads for the host's part, the batcher for the accelerator's, a deadline over all.

A thread cannot be stopped. So the client is answered when its time is up or forgotten when it has left, its ticket
is cancelled at once, and what its request holds is given back when the last thread has let go of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import jax

from gen_jax.serve.batching.admission import Admission, Held
from gen_jax.serve.batching.batcher import Batcher
from gen_jax.serve.batching.ticket import Ticket
from gen_jax.serve.http.receiving import ClientGone, Receive, check_head, read_body, until_gone
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem
from gen_jax.serve.work import Answer, Job

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Made:
    """An answer, and what is held until it is sent."""

    answer: Answer
    images: int
    """In it."""
    holding: contextlib.ExitStack
    """Closed by whoever gets it."""


class Worker:
    """Answers requests that need work.

    Args:
      batcher: runs rows.
      admission: counts what is taken on.
      receiving: counts bodies that are on their way, so that slow clients take no place from quick ones.
      limits: of time and size.
      threads: for reading, decoding and encoding.
    """

    def __init__(
        self,
        batcher: Batcher,
        *,
        admission: Admission,
        receiving: Admission,
        limits: Limits,
        threads: ThreadPoolExecutor,
    ) -> None:
        self.limits = limits
        self.threads = threads
        self._batcher = batcher
        self._admission = admission
        self._receiving = receiving

    async def answer(
        self, headers: Mapping[str, str], receive: Receive, make: Callable[[bytes], Job], *, most: int
    ) -> Made:
        """Return the answer to a request.

        Args:
          headers: of the request.
          receive: gives the messages of the client.
          make: turns the body into a job; it runs in a thread.
          most: bytes of the body allowed.

        Raises:
          Problem, UserError: the refusal.
          ClientGone: nobody waits for an answer.
        """
        check_head(headers, most)
        with self._admission.request():
            pass  # where there is no place, the body is not waited for
        with contextlib.ExitStack() as stack:
            with self._receiving.request() as coming:
                body = await read_body(receive, coming, most=most, seconds=self.limits.body_seconds)
                held = stack.enter_context(self._admission.request())
                held.hold(len(body))
            errand = _Errand(body=body, held=held, deadline=time.monotonic() + self.limits.seconds)
            del body
            work = asyncio.create_task(self._work(errand, make, stack.pop_all()))
        return await self._first(work, errand, receive)

    async def _first(self, work: asyncio.Task[Made], errand: _Errand, receive: Receive) -> Made:
        """Return the answer, unless the client leaves or the time is up before it is there."""
        gone = asyncio.create_task(until_gone(receive))
        try:
            await asyncio.wait({work, gone}, timeout=errand.seconds_left(), return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return _result(work)
            if gone.done():
                raise ClientGone
            raise Problem("deadline-exceeded", f"the work was not done after {self.limits.seconds:g} seconds")
        except BaseException:
            errand.abandon()
            work.add_done_callback(_release)
            raise
        finally:
            gone.cancel()

    async def _work(self, errand: _Errand, make: Callable[[bytes], Job], holding: contextlib.ExitStack) -> Made:
        with holding:
            job, ticket = await self.in_thread(lambda: self._begin(errand, make))
            results = await asyncio.wrap_future(ticket.future)
            answer = await self.in_thread(lambda: errand.unless_abandoned(lambda: job.finish(results)))
            return Made(answer=answer, images=len(job.rows), holding=holding.pop_all())

    def _begin(self, errand: _Errand, make: Callable[[bytes], Job]) -> tuple[Job, Ticket]:
        job = errand.unless_abandoned(lambda: make(errand.take_body()))
        errand.held.hold(sum(getattr(leaf, "nbytes", 0) for leaf in jax.tree.leaves(job.rows)))
        ticket = errand.unless_abandoned(
            lambda: self._batcher.submit(job.work, job.rows, deadline=errand.deadline),
        )
        errand.keep(ticket)
        return job, ticket

    async def in_thread(self, function: Callable[[], T]) -> T:
        """Return what a function returns that would hold up all other requests here."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, function)


class _Errand:
    """One request on its way through the threads; abandoned when nobody waits for it any longer."""

    def __init__(self, *, body: bytes, held: Held, deadline: float) -> None:
        self.held = held
        self.deadline = deadline
        self._body = body
        self._ticket: Ticket | None = None
        self._abandoned = False

    def seconds_left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def take_body(self) -> bytes:
        """Return the body, and keep it no longer."""
        body, self._body = self._body, b""
        return body

    def unless_abandoned(self, function: Callable[[], T]) -> T:
        if self._abandoned:
            raise ClientGone
        return function()

    def keep(self, ticket: Ticket) -> None:
        self._ticket = ticket
        if self._abandoned:  # between the submission and now
            ticket.cancel()

    def abandon(self) -> None:
        """Let nothing more begin; it changes nothing where the work is done."""
        self._abandoned = True
        if self._ticket is not None:
            self._ticket.cancel()


def _result(work: asyncio.Task[Made]) -> Made:
    if work.cancelled():
        raise Problem("not-ready", "the service is stopping", retry_after=5)
    return work.result()


def _release(work: asyncio.Task[Made]) -> None:
    """Give back what an answer holds that nobody waits for any longer."""
    if not work.cancelled() and work.exception() is None:
        work.result().holding.close()
