"""What every request passes: its name in the log, who sent it, and every failure as a problem document."""

from __future__ import annotations

import asyncio
import logging
import math
import re
import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from gen_jax.errors import UserError
from gen_jax.serve.http.receiving import ClientGone, Receive
from gen_jax.serve.problem import MEDIA_TYPE, Problem

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

log = logging.getLogger("gen_jax.serve")

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,64}")
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"))
_MOST_HEADERS = 100
_MOST_BYTES = 1 << 15
"""Of the head of a request."""
_CLIENT_GONE = 499
"""Status in the log and the metrics of a request whose client left; nothing is sent."""


class Gate(Protocol):
    """What ``access.Gate`` is to a request."""

    def check(self, authorization: str | None) -> None:
        """Raise Problem unless these credentials may use the service."""
        ...


class Monitoring(Protocol):
    """What ``monitoring.Monitoring`` is to a request."""

    def request(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answer."""
        ...

    def problem(self, kind: str) -> None:
        """Count a refusal."""
        ...


class Edge:
    """Around the whole app: request id, credentials, problems, headers, one line in the log.

    Args:
      app: takes what is let through.
      gate: None lets everybody through.
      is_draining: whether connections shall end with their next answer.
      monitoring: counts the answers.
      routes: paths that exist; all others are one in the log and the metrics.
      open_routes: paths that need no credentials.
    """

    def __init__(
        self,
        app: App,
        *,
        gate: Gate | None,
        is_draining: Callable[[], bool],
        monitoring: Monitoring,
        routes: frozenset[str],
        open_routes: frozenset[str],
    ) -> None:
        self.app = app
        self._gate = gate
        self._is_draining = is_draining
        self._monitoring = monitoring
        self._routes = routes
        self._open_routes = open_routes
        # Apart from the other threads: fetching keys may hang, and decoding may be busy.
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="gen-jax-gate") if gate is not None else None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, closing=self._is_draining())
        try:
            await self._serve(exchange)
        except ClientGone:
            exchange.status = _CLIENT_GONE
        finally:
            self._note(exchange)

    async def _serve(self, exchange: _Exchange) -> None:
        try:
            exchange.check_framing()
            await self._check_credentials(exchange)
            await self.app(exchange.scope, exchange.receive, exchange.send)
        except (ClientGone, asyncio.CancelledError):
            raise
        except Exception as error:
            problem = as_problem(error, exchange.request_id)
            if exchange.status:
                raise ClientGone from None  # the answer has begun: the connection closes in the middle of it
            self._monitoring.problem(problem.kind)
            await exchange.send_problem(problem)

    async def _check_credentials(self, exchange: _Exchange) -> None:
        if self._gate is None or self._threads is None or exchange.scope["path"] in self._open_routes:
            return
        sent = exchange.values(b"authorization")
        if len(sent) > 1:
            raise Problem("bad-request", "there are two Authorization headers; send one")
        authorization = sent[0].decode("latin-1") if sent else None
        await asyncio.get_running_loop().run_in_executor(self._threads, self._gate.check, authorization)

    def _note(self, exchange: _Exchange) -> None:
        scope = exchange.scope
        route = scope["path"] if scope["path"] in self._routes else "other"
        method = scope["method"] if scope["method"] in _METHODS else "other"
        seconds = time.monotonic() - exchange.begun
        status = exchange.status or _CLIENT_GONE
        self._monitoring.request(route=route, method=method, status=status, seconds=seconds)
        line = "%s %s %d %.1f ms %d bytes %s"
        level = logging.DEBUG if route in self._open_routes else logging.INFO  # they are asked every few seconds
        log.log(level, line, method, route, status, 1000 * seconds, exchange.sent, exchange.request_id)


class _Exchange:
    """One request and what was answered so far."""

    def __init__(self, scope: Message, receive: Receive, send: Send, *, closing: bool) -> None:
        self.scope = scope
        self.begun = time.monotonic()
        self.status = 0
        self.sent = 0
        self._receive, self._send, self._closing = receive, send, closing
        self._unread = self.values(b"transfer-encoding") != [] or self.values(b"content-length") not in ([], [b"0"])
        given = self.values(b"x-request-id")
        valid = len(given) == 1 and _REQUEST_ID.fullmatch(given[0])
        self.request_id = given[0].decode() if valid else uuid.uuid4().hex

    def values(self, name: bytes) -> list[bytes]:
        """Return those of a header."""
        return [value for key, value in self.scope["headers"] if key == name]

    def check_framing(self) -> None:
        """Refuse a head that is too large, and a request whose end two servers in a row may see at two places."""
        headers = self.scope["headers"]
        size = sum(len(name) + len(value) for name, value in headers) + len(self.scope.get("raw_path") or b"")
        if len(headers) > _MOST_HEADERS or size + len(self.scope["query_string"]) > _MOST_BYTES:
            self._closing = True
            raise Problem("bad-request", f"the head has more than {_MOST_HEADERS} headers or {_MOST_BYTES} bytes")
        if self.scope["http_version"] not in ("1.0", "1.1", "2", "3"):
            self._closing = True
            raise Problem("bad-request", "the request is of no known version of HTTP")
        if self.values(b"transfer-encoding") and self.values(b"content-length"):
            self._closing = True
            raise Problem("bad-request", "Transfer-Encoding and Content-Length are both given; send one")

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            self._unread = False
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [
                *message.get("headers", ()),
                (b"x-request-id", self.request_id.encode()),
                (b"cache-control", b"no-store"),
                (b"x-content-type-options", b"nosniff"),
            ]
            if self._closing or self._unread:  # the rest of the body is not waited for
                headers.append((b"connection", b"close"))
            message = {**message, "headers": headers}
        else:
            self.sent += len(message.get("body", b""))
        await self._send(message)

    async def send_problem(self, problem: Problem) -> None:
        body = problem.document().text()
        headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
        headers += problem_headers(problem)
        await self.send({"type": "http.response.start", "status": problem.status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


def problem_headers(problem: Problem) -> list[tuple[bytes, bytes]]:
    """Return the headers that a problem brings along."""
    headers = []
    if problem.retry_after is not None:
        headers.append((b"retry-after", str(max(1, math.ceil(problem.retry_after))).encode()))
    if problem.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    return headers


def as_problem(error: Exception, request_id: str) -> Problem:
    """Return what a client is told of an error; what nobody foresaw goes to the log, and not to the client."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, UserError):
        return Problem("unprocessable", " ".join(str(error).split()))
    log.error("request %s failed", request_id, exc_info=error)
    return Problem("internal", f"the service has failed; its log tells why, under the request id {request_id}")
