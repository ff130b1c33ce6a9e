"""A refusal as a client reads it: a problem document (RFC 9457) with a status, a title and one line of detail."""

from __future__ import annotations

import dataclasses
import json
from typing import Literal

Kind = Literal[
    "bad-request",
    "unauthorized",
    "forbidden",
    "not-found",
    "method-not-allowed",
    "not-acceptable",
    "request-timeout",
    "content-too-large",
    "unsupported-media-type",
    "unprocessable",
    "content-refused",
    "busy",
    "internal",
    "not-ready",
    "deadline-exceeded",
]

KINDS: dict[Kind, tuple[int, str]] = {
    "bad-request": (400, "The request cannot be read"),
    "unauthorized": (401, "No valid credentials were given"),
    "forbidden": (403, "These credentials do not allow it"),
    "not-found": (404, "There is no such place"),
    "method-not-allowed": (405, "The place does not know this method"),
    "not-acceptable": (406, "None of the accepted media types can be made"),
    "request-timeout": (408, "The request took too long to arrive"),
    "content-too-large": (413, "The request, or what it asks for, is too large"),
    "unsupported-media-type": (415, "The body is of no known media type"),
    "unprocessable": (422, "A value is not allowed"),
    "content-refused": (422, "The content filter refuses the image"),
    "busy": (429, "Too much is waiting already"),
    "internal": (500, "The service has failed"),
    "not-ready": (503, "The service is starting or stopping"),
    "deadline-exceeded": (504, "The work took longer than allowed"),
}
"""Kind -> status and title."""

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """Raised anywhere while a request is served; becomes the answer.

    Args:
      kind: of ``KINDS``.
      detail: one line for a person: the field, its value, what is allowed, what to do next.
      retry_after: seconds after which the same request may succeed; sent as ``Retry-After``, rounded up.
    """

    def __init__(self, kind: Kind, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.kind: Kind = kind
        self.detail = detail
        self.retry_after = retry_after

    @property
    def status(self) -> int:
        """Of the answer."""
        return KINDS[self.kind][0]

    def document(self) -> Document:
        """Return what the body says."""
        status, title = KINDS[self.kind]
        return Document(type=f"urn:gen-jax:problem:{self.kind}", title=title, status=status, detail=self.detail)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Document:
    """The members of a problem document."""

    type: str
    """``urn:gen-jax:problem:KIND``."""
    title: str
    """The same for every problem of the kind."""
    status: int
    """That of the answer."""
    detail: str
    """What was wrong with this request."""

    def text(self) -> bytes:
        """Return the body."""
        return json.dumps(dataclasses.asdict(self)).encode()
