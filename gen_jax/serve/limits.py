"""What one request may ask for, and how much the service takes on at once."""

from __future__ import annotations

import dataclasses

from gen_jax.errors import UserError


@dataclasses.dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds; what lies beyond them is refused before any work is done."""

    body_bytes: int = 32 << 20
    """Of one request's body."""
    pixels: int = 1 << 24
    """Height times width of an image that comes in, read from its head before it is decoded."""
    output_pixels: int = 1 << 24
    """Height times width of all images that one request makes."""
    images: int = 64
    """That one request may generate or draw."""
    operations: int = 32
    """Of one chain of edits."""
    seconds: float = 60.0
    """From the last byte of a request to the first byte of its answer."""
    body_seconds: float = 30.0
    """For a body to arrive."""
    waiting: int = 64
    """Requests taken on at once, those that are worked on included; the next one is told to come back."""
    waiting_bytes: int = 2 << 30
    """Bodies and decoded images held at once."""

    def __post_init__(self) -> None:
        """Refuse what could serve nothing."""
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if not value > 0:
                raise UserError(f"limits.{field.name} is {value}; it must be above 0")
