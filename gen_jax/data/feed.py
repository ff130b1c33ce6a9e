"""The contract between data and the training loop: host work in ``take``, device work in ``batch``."""

from __future__ import annotations

from typing import Protocol

from jax import Array

from gen_jax.types import Batch, PyTree


class Feed(Protocol):
    """Hands global batches to the compiled loop; batch ``step`` is a function of (seed, step) alone."""

    constants: PyTree
    """Arrays that every compiled call receives (the whole set, for the device placement)."""

    @property
    def waited(self) -> float:
        """Seconds that ``take`` has blocked since the feed was made: the data's share of the time."""
        ...

    def take(self, step: int, steps: int) -> PyTree:
        """Return the block of the next ``steps`` batches from ``step`` on; host work happens here."""
        ...

    def batch(self, constants: PyTree, block: PyTree, offset: Array | int, step: Array | int) -> Batch:
        """Return batch ``step``, which is number ``offset`` of its block; pure, called inside the compiled step."""
        ...

    def close(self) -> None:
        """Stop the threads that read ahead."""
        ...
