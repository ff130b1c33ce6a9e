"""The memorisation penalty: the angle between generated samples and the training samples nearest to them."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from gen_jax.errors import UserError
from gen_jax.metrics.arrays import as_features, same_width
from gen_jax.metrics.neighbours import nearest
from gen_jax.metrics.result import Measured


@dataclasses.dataclass(frozen=True, kw_only=True)
class MemorizationPenalty(Measured):
    """What a Frechet distance is divided by to become the memorisation-informed one (MiFID)."""

    penalty: float
    """The cosine distance where it is below the threshold, else 1."""
    cosine_distance: float
    """Mean over the generated samples of the least ``1 - |cos|`` to a training sample, 0 to 1."""
    threshold: float
    count: int
    """Generated samples, those without a direction (all zeros) left out."""
    train_count: int


def memorization_penalty(features: Any, train: Any, *, threshold: float = 0.1) -> MemorizationPenalty:
    """Return m of ``MiFID = FD / m``: ``s = mean_i min_j (1 - |cos(x_i, y_j)|)`` where ``s < threshold``, else 1.

    Rows that are all zeros have no direction and are left out. Exact copies have m = 0 and no MiFID.

    Args:
      features: of the generated samples, [n, d], numpy or jax; not centred, the angle is seen from the origin.
      train: features of the training set, [m, d].
      threshold: below which the distance counts, above 0 and at most 1. It belongs to one feature network and one data
        set: 0.1 is what torchmetrics takes for Inception features.

    Returns:
      The penalty and the mean cosine distance itself.

    Raises:
      UserError: no [n, d] arrays of one width, all rows zero, or a threshold out of range.

    Source: Bai et al., arXiv 2106.03062.
    """
    features, train = as_features(features, name="features", least=1), as_features(train, name="train", least=1)
    same_width(features, train, names=("features", "train"))
    if not 0.0 < threshold <= 1.0:
        raise UserError(f"threshold: {threshold}, must be above 0 and at most 1; 0.1 is usual")
    ours, theirs = _directions(features, "features"), _directions(train, "train")
    squares = np.square(nearest(ours, theirs)[0])
    if features.min() < 0.0 or train.min() < 0.0:
        # Opposite directions count as equal. Where no number is negative there are none.
        squares = np.minimum(squares, np.square(nearest(-ours, theirs)[0]))
    # |u - v|^2 = 2 - 2 cos for unit vectors, and keeps its digits where the angle is small.
    distance = float(np.mean(squares)) / 2.0
    return MemorizationPenalty(
        penalty=distance if distance < threshold else 1.0,
        cosine_distance=distance,
        threshold=float(threshold),
        count=len(ours),
        train_count=len(theirs),
    )


def _directions(values: np.ndarray, name: str) -> np.ndarray:
    lengths = np.linalg.norm(values.astype(np.float64), axis=1)
    if not lengths.any():
        raise UserError(f"{name}: all rows are zero and have no direction; look for what made them so")
    values = values[lengths > 0]
    return values / lengths[lengths > 0, None]
