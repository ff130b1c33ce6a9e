"""An answer on its way out: what its request holds is held until it is sent, and a slow reader has not for ever."""

from __future__ import annotations

import asyncio
import contextlib

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gen_jax.serve.http.receiving import ClientGone
from gen_jax.serve.work import Answer

CHUNK = 1 << 18
"""Bytes sent at a time; the next ones wait until the client has read most of them."""

SECONDS = 30.0
"""For any answer to be read,"""

BYTES_A_SECOND = 1 << 16
"""and one second more for so many bytes of it."""


class AnswerResponse(Response):
    """Sends an answer.

    Args:
      answer: what is sent.
      holding: closed when it is sent, or cannot be.
    """

    def __init__(self, answer: Answer, holding: contextlib.ExitStack) -> None:
        super().__init__(answer.body, media_type=answer.media_type, headers=dict(answer.headers))
        self._holding = holding

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it.

        Raises:
          ClientGone: the client reads too slowly.
        """
        body = memoryview(self.body)
        with self._holding:
            try:
                async with asyncio.timeout(SECONDS + len(body) / BYTES_A_SECOND):
                    await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                    for start in range(0, len(body), CHUNK):
                        part = bytes(body[start : start + CHUNK])
                        await send({"type": "http.response.body", "body": part, "more_body": True})
                    await send({"type": "http.response.body", "body": b""})
            except TimeoutError:
                raise ClientGone from None
