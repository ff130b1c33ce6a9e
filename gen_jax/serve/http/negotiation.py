"""Which format an answer gets: the one that the request names, else the best of what its Accept header allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from gen_jax.serve.answers.packing import MEDIA_TYPES
from gen_jax.serve.problem import Problem

Format = TypeVar("Format", bound=str)


def best_format(accept: str | None, offered: Sequence[Format]) -> Format:
    """Return the format that a client wants most; of equals, the first offered.

    Raises:
      Problem: none of them is accepted.
    """
    wanted = qualities(accept, offered)
    return max(offered, key=wanted.__getitem__)


def qualities(accept: str | None, offered: Sequence[Format]) -> dict[Format, float]:
    """Return how much a client wants each format, 0 to 1.

    Args:
      accept: the header (RFC 9110, 12.5.1), such as ``image/webp, image/*;q=0.8``; None: anything.
      offered: formats that can be made.

    Raises:
      Problem: none of them is accepted.
    """
    ranges = [_range(part) for part in (accept or "").split(",") if part.strip()]
    wanted = {name: _quality(MEDIA_TYPES[name], ranges) if ranges else 1.0 for name in offered}
    if not any(wanted.values()):
        made = ", ".join(MEDIA_TYPES[name] for name in offered)
        raise Problem("not-acceptable", f"Accept is {(accept or '')[:80]!r}; what can be made is {made}")
    return wanted


def _range(text: str) -> tuple[str, float]:
    kind, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 0.0
    return kind, quality if 0 <= quality <= 1 else 0.0


def _quality(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Return that of the most specific range that covers the type."""
    for covering in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        found = [quality for kind, quality in ranges if kind == covering]
        if found:
            return max(found)
    return 0.0
