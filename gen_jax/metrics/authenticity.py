"""Authenticity: the share of generated samples that are no copy of a training sample."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from gen_jax.metrics.arrays import as_features, same_width
from gen_jax.metrics.neighbours import nearest
from gen_jax.metrics.result import Measured


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Authenticity(Measured):
    """How many generated samples keep their distance from the training set."""

    authenticity: float
    """Share of the generated samples that are authentic, 0 to 1."""
    held_out: float | None
    """The same of real samples that the model did not see: what an honest model comes near, often 0.6 to 0.8, not 1."""
    percent: float
    """100 times the share, the number named AuthPct."""
    count: int
    train_count: int
    held_out_count: int
    each: np.ndarray
    """Whether each generated sample is authentic, bool [n]."""


def authenticity(features: Any, train: Any, *, held_out: Any = None) -> Authenticity:
    """Return the share of generated samples farther from their nearest training sample than that is from its own.

    With r the training sample nearest to g, g is authentic if ``min over r' != r of |r - r'| < |g - r|``.

    Args:
      features: of the generated samples, [n, d], numpy or jax.
      train: features of the training set, [m, d], m at least 2; whole, for a part hides copies of the rest.
      held_out: features of real samples that were not trained on, [h, d].

    Returns:
      The share, and the held-out set's own: lower than that speaks of copies, higher of samples off the data.

    Raises:
      UserError: no [n, d] arrays of one width.

    Source: Alaa et al., arXiv 2102.08921; as AuthPct in Stein et al., arXiv 2306.04675.
    """
    features = as_features(features, name="features", least=1)
    train = as_features(train, name="train")
    same_width(features, train, names=("features", "train"))
    each = _authentic(features, train)
    own, held_out_count = None, 0
    if held_out is not None:
        held_out = as_features(held_out, name="held_out", least=1)
        same_width(held_out, train, names=("held_out", "train"))
        own, held_out_count = float(_authentic(held_out, train).mean()), len(held_out)
    share = float(each.mean())
    return Authenticity(
        authenticity=share,
        held_out=own,
        percent=100.0 * share,
        count=len(features),
        train_count=len(train),
        held_out_count=held_out_count,
        each=each,
    )


def _authentic(features: np.ndarray, train: np.ndarray) -> np.ndarray:
    distances, rows = nearest(features, train)
    rows, inverse = np.unique(rows[:, 0], return_inverse=True)
    # The nearest of the two is the row itself or one that equals it: the second is nearest to it in either case.
    own = nearest(train[rows], train, k=2)[0][:, 1]
    return own[inverse] < distances[:, 0]
