"""Measures that need no reference: the Inception score and the Vendi score."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from gen_jax.errors import UserError
from gen_jax.metrics.arrays import as_features
from gen_jax.metrics.options import whole_number
from gen_jax.metrics.result import Measured
from gen_jax.metrics.squares import SquareSum

_SUM_TOLERANCE = 1e-2
"""How far the probabilities of one sample may add up beside 1; half-precision networks need it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class InceptionScore(Measured):
    """Mean and spread over the splits."""

    mean: float
    """From 1 to the number of classes; higher is better."""
    std: float
    """Standard deviation over the splits (divided by their number)."""
    splits: int
    count: int
    """Samples."""
    classes: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class VendiScore(Measured):
    """The effective number of different samples."""

    score: float
    """From 1 (all alike) to ``count`` (all orthogonal); higher is more diverse. It grows with the number of samples."""
    q: float
    """Order of the entropy; below 1 rare kinds count more, above 1 less."""
    count: int
    """Samples."""


def inception_score(probabilities: Any, *, splits: int = 10, seed: int = 2020) -> InceptionScore:
    """Return ``exp(mean_x KL(p(y|x) || p(y)))``, mean and standard deviation over splits of the shuffled samples.

    The value depends on the classifier, the number of splits and the samples in each; with the true Inception network
    it is the Inception score. For the same seed the splits are torch-fidelity's.

    Args:
      probabilities: [n, classes], n >= splits, each row 0 or more and adding up to 1: after the softmax.
      splits: 1 or more.
      seed: of ``numpy.random.RandomState(seed)``, which draws the order.

    Raises:
      UserError: see ``as_features``; rows that are no probabilities; more splits than samples.

    Source: Salimans et al., arXiv 1606.03498, section 4.
    """
    rows = as_features(probabilities, name="probabilities", least=1)
    count, classes = rows.shape
    splits = whole_number(splits, name="splits", least=1, most=count, why="each split needs a sample")
    _check_probabilities(rows)
    order = np.random.RandomState(seed).permutation(count)
    scores = [
        _split_score(rows[order[part * count // splits : (part + 1) * count // splits]]) for part in range(splits)
    ]
    return InceptionScore(
        mean=float(np.mean(scores)), std=float(np.std(scores)), splits=splits, count=count, classes=classes
    )


def vendi_score(features: Any, *, q: float = 1.0) -> VendiScore:
    """Return the exponential of the entropy of the eigenvalues of the cosine kernel.

    ``exp(-sum_i l_i log l_i)`` for q = 1, ``exp(log(sum_i l_i^q) / (1 - q))`` for other orders, ``1 / max l`` for
    infinity; l are the eigenvalues of K / n, ``K_ij = x_i.x_j / (|x_i| |x_j|)``. Those of the d x d matrix
    ``sum_i x_i x_i^T / (n |x_i|^2)`` are the same and serve where d < n.

    Args:
      features: [n, d], no row all zeros.
      q: 0 or more, or infinity.

    Raises:
      UserError: see ``as_features``; a row of zeros, which has no direction; q below 0 or not a number.

    Source: Friedman and Dieng, arXiv 2210.02410, definition 3.1; orders: Pasarkar and Dieng, arXiv 2310.12952, eq. 4.
    """
    rows = as_features(features, name="features", least=1)
    if not q >= 0:
        raise UserError(f"q: {q}, must be 0 or more; 1 is the usual score")
    eigenvalues = np.linalg.eigvalsh(_cosine_matrix(rows))
    # Rounding leaves values about 0 that would count as kinds of their own at low orders.
    floor = max(rows.shape) * np.finfo(np.float64).eps * eigenvalues[-1]
    score = np.exp(_entropy(eigenvalues[eigenvalues > floor], float(q)))
    return VendiScore(score=float(score), q=float(q), count=len(rows))


def _check_probabilities(rows: np.ndarray) -> None:
    sums = rows.sum(axis=1, dtype=np.float64)
    wrong = (np.abs(sums - 1.0) > _SUM_TOLERANCE) | (rows < 0).any(axis=1)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise UserError(
            f"probabilities: row {row} adds up to {sums[row]:.4g} with least value {rows[row].min():.4g}; rows must be "
            "0 or more and add up to 1; apply softmax to logits first"
        )


def _split_score(rows: np.ndarray) -> float:
    conditional = rows.astype(np.float64)
    conditional /= conditional.sum(axis=1, keepdims=True)
    return float(
        np.exp(max(0.0, _negative_entropy(conditional) / len(rows) - _negative_entropy(conditional.mean(axis=0))))
    )


def _negative_entropy(values: np.ndarray) -> float:
    """Return ``sum p log p``, in which 0 log 0 = 0."""
    return float(np.sum(values * np.log(values, where=values > 0, out=np.zeros_like(values))))


def _cosine_matrix(rows: np.ndarray) -> np.ndarray:
    """Return K / n, or the smaller matrix with the same eigenvalues that are not 0; float64."""
    count, width = rows.shape
    if count <= width:
        unit = _unit(rows, 0)
        return unit @ unit.T / count
    total = SquareSum(width)
    for start in range(0, count, total.block):
        total.add(_unit(rows[start : start + total.block], start))
    return total.total() / count


def _unit(rows: np.ndarray, start: int) -> np.ndarray:
    """Return the rows at length 1, float64; ``start`` is the number of the first."""
    values = rows.astype(np.float64)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    if not lengths.all():
        row = start + int(np.argmin(lengths))
        raise UserError(f"features: row {row} is all zeros and has no direction to compare; leave such samples out")
    values /= lengths
    return values


def _entropy(eigenvalues: np.ndarray, q: float) -> float:
    if q == 1.0:
        return -_negative_entropy(eigenvalues)
    if np.isinf(q):
        return -float(np.log(eigenvalues.max()))
    return float(np.log(np.sum(eigenvalues**q))) / (1.0 - q)
