"""One connection: it ends when no request comes, when there are too many, and so that its last answer is read.

uvicorn waits for the head of a request for ever, answers what is no HTTP in plain text, and closes a connection on
which bytes still come in such a way that the client may lose the answer.
"""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from gen_jax.serve.problem import MEDIA_TYPE, Problem


@dataclasses.dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a connection may take for what; in seconds."""

    head: float = 10.0
    """From its start, or from the first byte of a later request, to the end of the request's head."""
    linger: float = 2.0
    """In which the rest of a refused body is thrown away, so that the client reads why."""
    last: float = 30.0
    """For the last bytes of the last answer to be read."""
    parting: float = 1.0
    """In which a request that was sent before the server stopped is still read."""
    connections: int = 512
    """At once."""


class Connection(H11Protocol):
    """As uvicorn's, with ``Patience``.

    Args:
      patience: its bounds.
      what: as uvicorn calls it.
    """

    def __init__(self, *, patience: Patience, **what: Any) -> None:
        super().__init__(**what)
        self._patience = patience
        self._waiting: asyncio.TimerHandle | None = None
        self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, unless there are too many."""
        self._closing = _Closing(transport, self.loop, self._patience, is_whole=self._is_whole)
        super().connection_made(self._closing)  # type: ignore[arg-type]
        if len(self.connections) > self._patience.connections:
            self._refuse(Problem("not-ready", "too many connections are open", retry_after=1))
        else:
            self._watch()

    def data_received(self, data: bytes) -> None:
        """Take what comes, unless this has ended."""
        if not self.transport.is_closing():
            super().data_received(data)
            self._watch()

    def on_response_complete(self) -> None:
        """Go on with what has come meanwhile."""
        super().on_response_complete()
        if self.conn.trailing_data[0]:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._unwatch()
        self._closing.lost()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """End with the answer that is being made; where none is, after a moment, since a request may lie unread."""
        if self.cycle is not None and not self.cycle.response_complete:
            super().shutdown()
        else:
            self.loop.call_later(self._patience.parting, self._part)

    def _part(self) -> None:
        if not self.transport.is_closing():
            super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        self._refuse(Problem("bad-request", msg))

    def _watch(self) -> None:
        """Give the head of a request its time, from now on if it has none yet."""
        if (self.cycle is not None and not self.cycle.response_complete) or self.transport.is_closing():
            self._unwatch()
        elif self._waiting is None:
            self._waiting = self.loop.call_later(self._patience.head, self._late)

    def _unwatch(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _late(self) -> None:
        self._waiting = None
        if not self.transport.is_closing():
            seconds = self._patience.head
            self._refuse(Problem("request-timeout", f"the head of a request was not whole after {seconds:g} seconds"))

    def _refuse(self, problem: Problem) -> None:
        """Answer outside of any request, and end; where an answer has begun, only end."""
        self._refused = True
        self._unwatch()
        cycle = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(_raw(problem))
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.close()

    def _is_whole(self) -> bool:
        """Return whether nothing of a request is still to come."""
        return not self._refused and (self.cycle is None or not self.cycle.more_body)


class _Closing:
    """A transport whose ``close`` neither cuts the last answer off nor waits for ever until it is read."""

    def __init__(
        self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, patience: Patience, *, is_whole: Any
    ) -> None:
        self._transport = transport
        self._loop = loop
        self._patience = patience
        self._is_whole = is_whole
        self._ended = False
        self._timer: asyncio.TimerHandle | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        return self._ended or self._transport.is_closing()

    def close(self) -> None:
        if self._ended:
            return
        self._ended = True
        if self._is_whole() or self._transport.is_closing():
            self._transport.close()
            seconds = self._patience.last
        else:
            self._transport.write_eof()
            self._transport.resume_reading()
            seconds = self._patience.linger
        self._timer = self._loop.call_later(seconds, self._transport.abort)

    def lost(self) -> None:
        """Forget the connection: it has ended."""
        self._ended = True
        if self._timer is not None:
            self._timer.cancel()


def _raw(problem: Problem) -> bytes:
    """Return a whole answer in HTTP/1.1."""
    body = problem.document().text()
    retry = "" if problem.retry_after is None else f"Retry-After: {problem.retry_after:.0f}\r\n"
    head = (
        f"HTTP/1.1 {problem.status} Refused\r\nContent-Type: {MEDIA_TYPE}\r\nContent-Length: {len(body)}\r\n"
        f"{retry}Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
