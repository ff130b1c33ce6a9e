"""Precision, recall, density and coverage: how good samples look and how much of the data they cover, apart.

Each sample of a set gets a ball that reaches to its k-th nearest neighbour in the same set, itself not counted. Balls
around real samples stand for the real distribution, balls around generated samples for the model's.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from gen_jax.metrics.arrays import as_features, same_width
from gen_jax.metrics.balls import Members, count_members
from gen_jax.metrics.neighbours import nearest
from gen_jax.metrics.options import whole_number
from gen_jax.metrics.result import Measured


@dataclasses.dataclass(frozen=True, kw_only=True)
class PrecisionRecall(Measured):
    """Share of generated samples that look real, and share of real ones that the model can make."""

    precision: float
    """Share of the generated samples in a ball around a real one, 0 to 1."""
    recall: float
    """Share of the real samples in a ball around a generated one, 0 to 1."""
    k: int
    count: int
    """Generated samples."""
    reference_count: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class DensityCoverage(Measured):
    """How thick among the real samples the generated ones lie, and how many real ones they reach."""

    density: float
    """Balls around real samples that hold a generated sample, mean over these, divided by k; 1 for the same law, and
    more where samples crowd in the middle of the data."""
    coverage: float
    """Share of the balls around real samples that hold a generated one, 0 to 1."""
    k: int
    count: int
    """Generated samples."""
    reference_count: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class PRDC(Measured):
    """All four for one k."""

    precision: float
    recall: float
    density: float
    coverage: float
    k: int
    count: int
    """Generated samples."""
    reference_count: int


def precision_recall(features: Any, reference: Any, *, k: int = 3, closed: bool = True) -> PrecisionRecall:
    """Return the shares of generated samples near real ones and of real samples near generated ones.

    ``precision = mean_i [exists j: |x_i - y_j| <= r(y_j)]``, ``recall = mean_j [exists i: |x_i - y_j| <= r(x_i)]``
    with r the distance to the k-th nearest neighbour in the same set.

    Args:
      features: of the generated samples, [n, d], numpy or jax.
      reference: features of real samples, [m, d]. Values fall as either set grows: compare at equal sizes only.
      k: neighbours that a ball reaches to, 1 to the smaller of n and m less 1.
      closed: a sample at the very distance of the radius counts, as in the paper and in torch-fidelity; False as in
        the package prdc. They differ only where distances are equal, say through repeated samples.

    Returns:
      Both shares, 0 to 1, higher is better.

    Raises:
      UserError: no [n, d] arrays of one width, or k out of range.

    Source: Kynkäänniemi et al., arXiv 1904.06991, eq. 1 and 2.
    """
    features, reference = _checked(features, reference, k)
    generated, real = _members(features, reference, k, closed=closed, both=True)
    return PrecisionRecall(
        precision=_held(generated.of_points), recall=_held(real.of_points), **_sizes(features, reference, k)
    )


def density_coverage(features: Any, reference: Any, *, k: int = 5, closed: bool = False) -> DensityCoverage:
    """Return how many balls around real samples hold a generated one, a k-th, and the share of the balls that do.

    ``density = mean_i sum_j [|x_i - y_j| < r(y_j)] / k``, ``coverage = mean_j [exists i: |x_i - y_j| < r(y_j)]``.
    One stray real sample with a huge ball spoils precision, but not these.

    Args:
      features: of the generated samples, [n, d], numpy or jax.
      reference: features of real samples, [m, d].
      k: neighbours that a ball reaches to, 1 to the smaller of n and m less 1.
      closed: a sample at the very distance of the radius counts; by default it does not, as in the package prdc.

    Returns:
      Density, 0 or more, and coverage, 0 to 1; both about 1 for the same law (coverage: ``1 - 2^-k`` where n = m).

    Raises:
      UserError: no [n, d] arrays of one width, or k out of range.

    Source: Naeem et al., arXiv 2002.09797, section 3.
    """
    features, reference = _checked(features, reference, k)
    generated, _ = _members(features, reference, k, closed=closed, both=False)
    return DensityCoverage(
        density=float(generated.of_points.mean()) / k,
        coverage=_held(generated.of_balls),
        **_sizes(features, reference, k),
    )


def prdc(features: Any, reference: Any, *, k: int = 5, closed: bool = False) -> PRDC:
    """Return precision, recall, density and coverage for one k and the work of one.

    Args:
      features: of the generated samples, [n, d], numpy or jax.
      reference: features of real samples, [m, d].
      k: neighbours that a ball reaches to, 1 to the smaller of n and m less 1.
      closed: a sample at the very distance of the radius counts, for all four; by default for none, as in the package
        prdc. ``precision_recall`` alone counts it by default, as its paper does.

    Returns:
      The four, see ``precision_recall`` and ``density_coverage``.

    Raises:
      UserError: no [n, d] arrays of one width, or k out of range.
    """
    features, reference = _checked(features, reference, k)
    generated, real = _members(features, reference, k, closed=closed, both=True)
    return PRDC(
        precision=_held(generated.of_points),
        recall=_held(real.of_points),
        density=float(generated.of_points.mean()) / k,
        coverage=_held(generated.of_balls),
        **_sizes(features, reference, k),
    )


def _checked(features: Any, reference: Any, k: int) -> tuple[np.ndarray, np.ndarray]:
    features, reference = as_features(features, name="features"), as_features(reference, name="reference")
    same_width(features, reference)
    fewest = min(len(features), len(reference))
    whole_number(k, name="k", least=1, most=fewest - 1, why=f"the smaller set has {fewest} rows; give more samples")
    return features, reference


def _members(
    features: np.ndarray, reference: np.ndarray, k: int, *, closed: bool, both: bool
) -> tuple[Members, Members]:
    """Return who of the features lies around the reference and, with ``both``, the other way round (else empty)."""
    radii = nearest(reference, reference, k=k, exclude_self=True)[0][:, -1]
    feature_radii = nearest(features, features, k=k, exclude_self=True)[0][:, -1] if both else None
    generated, real = count_members(features, reference, radii=radii, feature_radii=feature_radii, closed=closed)
    return generated, real or Members(np.zeros(0), np.zeros(0))


def _held(counts: np.ndarray) -> float:
    return float(np.mean(counts > 0))


def _sizes(features: np.ndarray, reference: np.ndarray, k: int) -> dict[str, int]:
    return {"k": int(k), "count": len(features), "reference_count": len(reference)}
