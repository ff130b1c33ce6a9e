"""How the inks of a palette go round the like elements of a mark."""

from __future__ import annotations

from typing import Literal

Tone = Literal["plain", "alternate", "sweep", "one"]
"""How inks go round: all the same, every other, in three groups, or one that differs."""


def tone_of(tone: Tone, index: int, count: int) -> int:
    """Return the ink of one of ``count`` like elements."""
    if tone == "alternate":
        return index % 2 if count % 2 == 0 else index * 3 // count
    if tone == "sweep":
        return index * 3 // count
    return 2 if tone == "one" and index == 0 else 0
