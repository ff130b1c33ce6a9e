"""Frechet distance between two sets of features, and its limit for ever more samples.

``|m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^1/2)``: the squared 2-Wasserstein distance of two Gaussians with the means and
covariances of the features (Dowson and Landau, 1982, eq. 4; for images Heusel et al., arXiv 1706.08500, eq. 6). With
features of the true Inception network it is the FID; with others it is a Frechet distance and not comparable to it.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from gen_jax.errors import UserError
from gen_jax.metrics.arrays import as_features
from gen_jax.metrics.moments import Moments, RunningMoments, moments
from gen_jax.metrics.options import whole_number
from gen_jax.metrics.result import Measured

_GATHERED = 4096
"""Rows that ``frechet_infinity`` shuffles at once."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class FrechetDistance(Measured):
    """The distance and the two parts that it is the sum of."""

    distance: float
    """0 or more; lower is better. It falls with the number of samples, so compare only at equal counts."""
    mean_term: float
    """``|m1 - m2|^2``."""
    covariance_term: float
    """``tr(S1 + S2 - 2 (S1 S2)^1/2)``."""
    count: int | None
    """Rows of the features; None where statistics came without it."""
    reference_count: int | None
    """Rows of the reference."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class FrechetInfinity(Measured):
    """The straight line through distances at several counts, and these distances."""

    distance: float
    """The line at 1/N = 0. Not clipped: below 0 by its standard error or so where the sets are alike."""
    standard_error: float
    """Of the intercept, from the residuals. The counts share samples, so the true one is rather larger."""
    slope: float
    """Distance for each unit of 1/N: slope / N is what the limited count adds."""
    measured: float
    """The plain distance with all samples."""
    count: int
    """Rows of the features."""
    reference_count: int | None
    """Rows of the reference, all of which serve at every count: their bias stays."""
    points: int
    """How many counts were measured."""
    least: int
    """The smallest of them."""
    counts: np.ndarray
    """int [points], rising to ``count``."""
    distances: np.ndarray
    """float64 [points], the distance at each count."""


def frechet_distance(features: Any, reference: Any) -> FrechetDistance:
    """Return the Frechet distance between two sets of features.

    ``tr (S1 S2)^1/2`` is the sum of the square roots of the eigenvalues of ``F S F^T``, where S is one covariance and
    ``F^T F`` the other: one Cholesky factor and the eigenvalues of one symmetric matrix, in float64, so the result
    is real whatever the rank. Of fewer rows than columns F is the centred features themselves, which is exact.

    Rounding is about 1e-8 of the traces: two equal sets can give that instead of 0. What falls below 0 is given as 0.

    Args:
      features: [n, d], n >= 2, or their ``Moments``.
      reference: [m, d], m >= 2, or their ``Moments``.

    Raises:
      UserError: see ``as_features``; or the widths differ.
    """
    ours, theirs = _side(features, "features"), _side(reference, "reference")
    _check_widths(len(ours.mean), theirs)
    factored, other = (ours, theirs) if _rank(ours) < _rank(theirs) else (theirs, ours)
    return _distance(ours, theirs, _root_trace(_factor(factored), other))


def frechet_infinity(
    features: Any, reference: Any, *, points: int = 15, least: int | None = None, seed: int = 0
) -> FrechetInfinity:
    """Return the Frechet distance that ever more generated samples would approach.

    The distance of N samples is too large by about ``slope / N``. It is measured at ``points`` counts, evenly spaced
    from ``least`` to all, each the first rows of one random order; the intercept of the least-squares line over 1/N is
    the result. The law holds for N well above d: with fewer samples than features the line is a poor guide.

    Args:
      features: [n, d].
      reference: [m, d] or their ``Moments``; used whole, so the result still depends on m.
      points: 3 or more.
      least: smallest count; None: the larger of 5,000 and n/10, and n/10 where n is below 10,000.
      seed: of ``numpy.random.Generator(Philox(seed))``, which draws the order.

    Raises:
      UserError: see ``as_features``; the widths differ; fewer than 3 different counts fit between ``least`` and n.

    Source: Chong and Forsyth, arXiv 1911.07023, section 3 and algorithm 1 (there the samples of each count are drawn
    anew; here they are nested, so that one pass over the features serves all counts).
    """
    rows = as_features(features, name="features", least=10)
    theirs = _side(reference, "reference")
    _check_widths(rows.shape[1], theirs)
    counts = _counts(len(rows), points, least)
    factor = _factor(theirs)
    order = np.random.Generator(np.random.Philox(seed)).permutation(len(rows))
    running, distances = RunningMoments(), []
    for start, count in zip([0, *counts[:-1]], counts, strict=True):
        for first in range(start, count, _GATHERED):
            running.add_checked(rows[order[first : min(first + _GATHERED, count)]])
        ours = _thin_side(rows[order[:count]]) if count < rows.shape[1] else _side(running.moments(), "features")
        distances.append(_distance(ours, theirs, _root_trace(factor, ours)).distance)
    intercept, slope, error = _line(1.0 / np.asarray(counts), np.asarray(distances))
    return FrechetInfinity(
        distance=intercept,
        standard_error=error,
        slope=slope,
        measured=distances[-1],
        count=len(rows),
        reference_count=theirs.count,
        points=len(counts),
        least=counts[0],
        counts=np.asarray(counts),
        distances=np.asarray(distances),
    )


@dataclasses.dataclass(frozen=True)
class _Side:
    """One set: either its covariance, or, of fewer rows than columns, a factor of it."""

    count: int | None
    mean: np.ndarray
    covariance: np.ndarray | None
    rows: np.ndarray | None
    """[n, d] with ``rows^T rows`` the covariance."""

    @property
    def trace(self) -> float:
        if self.rows is not None:
            return float(np.vdot(self.rows, self.rows))
        assert self.covariance is not None
        return float(np.trace(self.covariance))


def _side(values: Any, name: str) -> _Side:
    if not isinstance(values, Moments):
        rows = as_features(values, name=name)
        if len(rows) < rows.shape[1]:
            return _thin_side(rows)
        values = moments(rows)
    return _Side(values.count, values.mean, values.covariance, None)


def _thin_side(rows: np.ndarray) -> _Side:
    centred = rows.astype(np.float64)
    mean = centred.mean(axis=0)
    centred -= mean
    centred /= np.sqrt(len(rows) - 1)
    return _Side(len(rows), mean, None, centred)


def _rank(side: _Side) -> int:
    """Return the size of the symmetric matrix that ``_root_trace`` solves where this side is the factor."""
    return len(side.mean) if side.rows is None else len(side.rows)


def _check_widths(width: int, theirs: _Side) -> None:
    if width != len(theirs.mean):
        raise UserError(
            f"features has {width} columns and reference {len(theirs.mean)}: "
            "both must come from the same feature network"
        )


@dataclasses.dataclass(frozen=True)
class _Factor:
    """F [r, d] with ``F^T F`` a covariance."""

    rows: np.ndarray
    triangular: bool = False
    """Upper triangular, r = d."""


def _factor(side: _Side) -> _Factor:
    if side.rows is not None:
        return _Factor(side.rows)
    assert side.covariance is not None
    try:
        return _Factor(np.linalg.cholesky(side.covariance).T, triangular=True)
    except np.linalg.LinAlgError:
        # Singular: as many rows as there are eigenvalues above rounding.
        values, vectors = np.linalg.eigh(side.covariance)
        kept = values > np.finfo(np.float64).eps * max(values[-1], 0.0)
        return _Factor(np.sqrt(values[kept])[:, None] * vectors[:, kept].T)


def _root_trace(factor: _Factor, other: _Side) -> float:
    """Return ``tr (F^T F S)^1/2`` with S the covariance of the other side."""
    if other.rows is not None:
        cross = factor.rows @ other.rows.T
        gram = cross @ cross.T if len(cross) <= cross.shape[1] else cross.T @ cross
    elif factor.triangular:
        from scipy.linalg import get_lapack_funcs

        # F S F^T, of which the lower half alone is computed, and read below: a quarter of the work.
        (congruence,) = get_lapack_funcs(("sygst",), (other.covariance,))
        gram, _ = congruence(other.covariance, factor.rows.T, itype=2, lower=1)
    else:
        gram = factor.rows @ other.covariance @ factor.rows.T
    return float(np.sqrt(np.maximum(np.linalg.eigvalsh(gram), 0.0)).sum())


def _distance(ours: _Side, theirs: _Side, root_trace: float) -> FrechetDistance:
    apart = ours.mean - theirs.mean
    mean_term = float(apart @ apart)
    covariance_term = max(0.0, ours.trace + theirs.trace - 2.0 * root_trace)
    return FrechetDistance(
        distance=mean_term + covariance_term,
        mean_term=mean_term,
        covariance_term=covariance_term,
        count=ours.count,
        reference_count=theirs.count,
    )


def _counts(total: int, points: Any, least: Any) -> list[int]:
    """Return the counts of ``frechet_infinity``, rising, each once."""
    points = whole_number(points, name="points", least=3)
    if least is None:
        least = max(2, total // 10) if total < 10_000 else max(5_000, total // 10)
    why = f"3 counts must fit below the {total} rows of features"
    least = whole_number(least, name="least", least=2, most=total - 2, why=why)
    return sorted({int(count) for count in np.linspace(least, total, points)})


def _line(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """Return intercept, slope and the intercept's standard error of the least-squares line."""
    centred = x - x.mean()
    squares = float(centred @ centred)
    slope = float(centred @ y) / squares
    intercept = float(y.mean()) - slope * float(x.mean())
    residuals = y - intercept - slope * x
    variance = float(residuals @ residuals) / (len(x) - 2)
    return intercept, slope, float(np.sqrt(variance * (1.0 / len(x) + x.mean() ** 2 / squares)))
