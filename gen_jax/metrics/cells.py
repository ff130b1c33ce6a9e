"""Features cut into cells: principal components first, then k-means."""

from __future__ import annotations

import dataclasses

import numpy as np

from gen_jax.metrics.moments import moments

STARTS = 10
MOST_ROUNDS = 300


BLOCK_ROWS = 4096


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Projection:
    """Principal components of a set of features, to which others are brought too."""

    mean: np.ndarray
    """float64 [d]."""
    axes: np.ndarray
    """Directions of the largest variance, orthonormal, largest first; float64 [d, dimensions]."""

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Return [n, d] as components, float64 [n, dimensions]."""
        blocks = range(0, len(features), BLOCK_ROWS)
        return np.concatenate([(features[first : first + BLOCK_ROWS] - self.mean) @ self.axes for first in blocks])


def principal_components(features: np.ndarray, dimensions: int) -> Projection:
    """Return the projection to the first principal components of features [n, d], ``dimensions`` of 1 to d."""
    from scipy.linalg import eigh

    found = moments(features)
    width = len(found.mean)
    _, axes = eigh(found.covariance, subset_by_index=(width - dimensions, width - 1))
    return Projection(mean=found.mean, axes=np.ascontiguousarray(axes[:, ::-1]))


def kmeans(features: np.ndarray, cells: int, *, seed: int) -> np.ndarray:
    """Return the centres of the k-means of the least total squared distance of 10 starts, float64 [cells, d].

    Lloyd's rounds until no row changes its cell (300 at most), from starts by k-means++ (Arthur and Vassilvitskii,
    2007), drawn by NumPy's Philox of the seed. A cell that loses all rows keeps its centre.

    Args:
      features: float64 [n, d], n at least ``cells``.
      cells: 1 or more.
      seed: of the starts.
    """
    random = np.random.Generator(np.random.Philox(seed))
    middle = features.mean(axis=0)
    features = features - middle
    if cells == 1:
        return middle[None]
    tries = [_lloyd(features, _spread(features, cells, random)) for _ in range(STARTS)]
    centres, _ = min(tries, key=lambda found: found[1])
    return centres + middle


def assign(features: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return the index of the nearest centre of each row, [n]; equal distances go to the lower index."""
    return np.argmin(_scores(features - centres.mean(axis=0), centres - centres.mean(axis=0)), axis=1)


def _scores(features: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return squared distances less the squared norm of the row, [n, cells]."""
    return np.sum(np.square(centres), axis=1) - 2.0 * (features @ centres.T)


def _spread(features: np.ndarray, cells: int, random: np.random.Generator) -> np.ndarray:
    centres = features[random.integers(len(features))][None]
    norms = np.sum(np.square(features), axis=1)
    while len(centres) < cells:
        distances = np.maximum(norms + _scores(features, centres).min(axis=1), 0.0)
        total = distances.sum()
        # Fewer different rows than cells: any row will do, its cell stays empty.
        share = distances / total if total > 0 else None
        centres = np.concatenate([centres, features[random.choice(len(features), p=share)][None]])
    return centres


def _lloyd(features: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, float]:
    cells = np.full(len(features), -1)
    scores = _scores(features, centres)
    for _ in range(MOST_ROUNDS):
        now = np.argmin(scores, axis=1)
        if np.array_equal(now, cells):
            break
        cells = now
        members = (cells[:, None] == np.arange(len(centres))).astype(np.float64)
        counts = members.sum(axis=0)[:, None]
        centres = np.where(counts > 0, (members.T @ features) / np.maximum(counts, 1.0), centres)
        scores = _scores(features, centres)
    return centres, float(scores.min(axis=1).sum())
