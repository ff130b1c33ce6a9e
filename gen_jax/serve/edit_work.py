"""A chain of edits as work that requests share: padded to a bucket, one program for each operation of a chain."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from typing import Any, Literal

import numpy as np

from gen_jax.edit.buckets import Bucket, power_of_two, rounded_up
from gen_jax.edit.chain import Chain
from gen_jax.edit.operation import Operation, parameters_of
from gen_jax.edit.together import edit_together

PIXELS_A_CALL = 1 << 23
"""Padding included; one image may have more."""

Row = tuple[np.ndarray, int]
"""Pixels uint8 [h, w, c], and the number that its noise comes from."""


class EditWork:
    """Rows are photos of one bucket.

    Args:
      chain: what is done to them, its pictures read.
      shape: height, width and channels of a photo.
      precision: uint8 rounds after every operation, float at the end.
    """

    def __init__(self, chain: Chain, shape: tuple[int, ...], *, precision: Literal["uint8", "float"]) -> None:
        self.chain = chain
        self.precision: Literal["uint8", "float"] = precision
        height, width, self.channels = shape
        self.height, self.width = rounded_up(height), rounded_up(width)
        self.signature = ("edit", described(chain), self.height, self.width, self.channels, precision)
        self.most = max(1, PIXELS_A_CALL // (self.height * self.width))

    def program(self, rows: int) -> Hashable:
        """Name the programs of a call."""
        return (*self.signature, power_of_two(rows))

    def run(self, rows: Sequence[Row]) -> list[np.ndarray]:
        """Return the edited photos, uint8."""
        count = power_of_two(len(rows))
        bucket = Bucket(
            height=self.height, width=self.width, channels=self.channels, padded=True, members=(), batch=count
        )
        seeds = np.array([seed for _, seed in rows], np.uint32)
        return edit_together(self.chain, bucket, [pixels for pixels, _ in rows], seeds, self.precision)


def described(chain: Chain) -> tuple[Hashable, ...]:
    """Return what tells chains apart: every operation with its numbers, pictures by their checksum."""
    return tuple((operation.kind, *_values(operation)) for operation in chain.operations)


def _values(operation: Operation) -> list[Hashable]:
    return [(name, _hashable(value)) for name, value in parameters_of(operation).items()]


def _hashable(value: Any) -> Hashable:
    if isinstance(value, np.ndarray):
        return (value.shape, hashlib.sha256(value.tobytes()).hexdigest())
    return repr(value)
