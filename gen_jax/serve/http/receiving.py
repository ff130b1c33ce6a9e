"""The body of a request as it comes in: counted while it comes, refused when it is too large, too slow or packed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from gen_jax.serve.batching.admission import Held
from gen_jax.serve.problem import Problem

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
"""Of ASGI: the next message of the client."""


class ClientGone(Exception):
    """The client closed the connection: there is nobody to answer."""


def check_head(headers: Mapping[str, str], most: int) -> None:
    """Refuse a body for what its headers say, before a byte of it is read.

    Args:
      headers: by name in small letters.
      most: bytes allowed.

    Raises:
      Problem: too large, or compressed.
    """
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdecimal()):
        raise Problem("bad-request", f"Content-Length is {length[:40]!r}; it must be a number of bytes")
    if len(length) > 18 or int(length) > most:
        raise Problem("content-too-large", f"the body has {length[:40]} bytes; {most} are allowed")
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise Problem("unsupported-media-type", f"Content-Encoding is {encoding[:40]!r}; send the body as it is")


async def read_body(receive: Receive, held: Held, *, most: int, seconds: float) -> bytes:
    """Return the whole body; its bytes stay counted in ``held``.

    Raises:
      Problem: more bytes than ``most``, not whole after so many seconds, or the service holds too much already.
      ClientGone: the client left before the end.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _read(receive, held, most)
    except TimeoutError:
        raise Problem("request-timeout", f"the body was not whole after {seconds:g} seconds") from None


async def _read(receive: Receive, held: Held, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise Problem("content-too-large", f"the body has more than {most} bytes, which are allowed")
        held.hold(len(part))
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


async def until_gone(receive: Receive) -> None:
    """Return when the client has closed the connection; its body must have been read."""
    while (await receive())["type"] != "http.disconnect":
        pass
