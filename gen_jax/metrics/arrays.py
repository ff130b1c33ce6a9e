"""Checks of the arrays that measures receive."""

from __future__ import annotations

from typing import Any

import numpy as np

from gen_jax.errors import UserError

_ROWS = 256
"""Rows that are looked at together: an answer for all of 50,000 at once would not fit in the cache."""


def as_features(values: Any, *, name: str, least: int = 2) -> np.ndarray:
    """Return features as a float array [n, d] on the host; float64 stays, everything else becomes float32.

    Args:
      values: numpy or jax array [n, d]; images [n, h, w, c] are refused, for flattening them is a choice.
      name: of the argument, for the message.
      least: rows that the measure needs.

    Raises:
      UserError: wrong shape, too few rows, or a value that is not finite; names the argument.
    """
    array = np.asarray(values)
    if array.ndim != 2 or array.shape[1] < 1:
        raise UserError(f"{name}: shape {array.shape}, must be [n, d], one row a sample; reshape it first")
    if array.shape[0] < least:
        raise UserError(f"{name}: {array.shape[0]} rows, and this measure needs {least} or more; give more samples")
    if array.dtype.kind not in "fiu" and array.dtype.name != "bfloat16":
        raise UserError(f"{name}: type {array.dtype}, must be a real number type; convert it to float32")
    array = array if array.dtype == np.float64 else array.astype(np.float32)
    for first in range(0, len(array), _ROWS):
        finite = np.isfinite(array[first : first + _ROWS])
        if not finite.all():
            row = first + int(np.argmin(finite.all(axis=1)))
            raise UserError(
                f"{name}: row {row} holds a value that is not finite; leave such samples out or repair them"
            )
    return array


def same_width(
    features: np.ndarray, reference: np.ndarray, *, names: tuple[str, str] = ("features", "reference")
) -> None:
    """Raise UserError unless both have as many columns."""
    if features.shape[1] != reference.shape[1]:
        raise UserError(
            f"{names[0]} has {features.shape[1]} columns and {names[1]} {reference.shape[1]}: "
            "both must come from the same feature network"
        )
