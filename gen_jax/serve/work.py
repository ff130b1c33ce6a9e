"""What the parts of the service say to each other: rows of work for the accelerator, and the answer made of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Protocol

from gen_jax.serve.requests import EditRequest, GenerateRequest, LogoRequest, ReconstructRequest, TextureRequest


class Work(Protocol):
    """One kind of rows; rows of several requests whose works have equal signatures share a call.

    A row is whatever makes one image: a seed, a photo. The result of a row is a function of the row and the
    signature alone: never of the other rows of its call, of their number, or of its place among them.
    """

    @property
    def signature(self) -> Hashable:
        """What decides, besides the row, what becomes of it: ``run`` of one work may get the rows of another."""
        ...

    @property
    def most(self) -> int:
        """Rows a call at most, at least 1."""
        ...

    def program(self, rows: int) -> Hashable:
        """Name the compiled programs that a call with so many rows needs: until they have run once, it compiles."""
        ...

    def run(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Return the results of 1 to ``most`` rows, in order; host arrays, nothing left running."""
        ...


@dataclasses.dataclass(frozen=True, kw_only=True)
class Answer:
    """What goes back to the client."""

    body: bytes
    media_type: str
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Job:
    """A request understood: rows to be run, and what makes the answer of their results."""

    work: Work
    rows: Sequence[Any]
    finish: Callable[[Sequence[Any]], Answer]
    """Takes one result a row, in order; encodes, so it runs in a thread. May raise Problem or UserError."""


class Jobs(Protocol):
    """What makes jobs of checked requests; each may raise Problem or UserError, and is host work for a thread."""

    def generate(self, request: GenerateRequest) -> Job:
        """Return the job of images of a model."""
        ...

    def reconstruct(self, request: ReconstructRequest) -> Job:
        """Return the job of an image through a model."""
        ...

    def edit(self, request: EditRequest) -> Job:
        """Return the job of an edit."""
        ...

    def texture(self, request: TextureRequest) -> Job:
        """Return the job of textures."""
        ...

    def logo(self, request: LogoRequest) -> Job:
        """Return the job of logos."""
        ...
