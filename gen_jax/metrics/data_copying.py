"""The C_T test for data copying: are generated samples nearer to the training set than held-out real ones are?"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, NamedTuple

import numpy as np

from gen_jax.errors import UserError
from gen_jax.metrics.arrays import as_features, same_width
from gen_jax.metrics.cells import Projection, assign, kmeans, principal_components
from gen_jax.metrics.neighbours import nearest
from gen_jax.metrics.options import whole_number
from gen_jax.metrics.result import Measured


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class CT(Measured):
    """A z-score: far below 0 is copying, about 0 honest, far above 0 samples off the data (or underfit)."""

    c_t: float
    held_out_c_t: float | None
    """The score of one half of the held-out set against the other: what honest data have, about -2 to 2. None where
    the halves are too small to count."""
    modified: float | None
    """The score with the generated and the training set exchanged: far below 0 where the training set lies nearer to
    the generated one than held-out data do. None where no cell is left."""
    cells: int
    dropped: int
    """Cells without enough generated samples, or without held-out ones, that the score leaves out."""
    covered: float
    """Share of the held-out set in the cells that count, 0 to 1: how much of the data the score speaks of."""
    count: int
    train_count: int
    held_out_count: int
    seed: int
    each: np.ndarray
    """The z-score of each cell, float64 [cells], NaN where dropped."""
    shares: np.ndarray
    """Share of the held-out set in each cell, float64 [cells]."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Settings:
    cells: int
    dimensions: int | None
    least: int
    seed: int


def c_t(
    features: Any,
    train: Any,
    held_out: Any,
    *,
    cells: int = 3,
    dimensions: int | None = 64,
    least: int = 20,
    seed: int = 0,
) -> CT:
    """Return the mean over cells of the z-score of generated against held-out distances to the training set.

    In each k-means cell of the training set, ``z = (U - n m / 2 + 1/2) / sqrt(n m (n + m + 1) / 12)`` with U the number
    of pairs of a generated and a held-out sample of which the generated one lies farther from the nearest training
    sample of the cell (Mann and Whitney; equal distances count a half; the 1/2 is the authors' own). The cells are
    weighted by their shares of the held-out set.

    Args:
      features: of the generated samples, [n, d], numpy or jax.
      train: features of the training set, [m, d].
      held_out: features of real samples that were not trained on, [h, d], h at least 4; of the training set's law.
      cells: of the partition; 1 compares the sets as wholes, and misses copying in one place made up for in another.
      dimensions: principal components of the training set that are kept where features have more; None keeps all.
      least: generated samples that a cell must hold to count, 1 or more.
      seed: of the partition, and of the split of the held-out set (NumPy's Philox).

    Returns:
      The score, that of the held-out set itself, and those of the cells. They grow with the square root of the number
      of samples: compare at equal numbers.

    Raises:
      UserError: no [n, d] arrays of one width, an option out of range, or no cell that counts.

    Source: Meehan, Chaudhuri and Dasgupta, arXiv 2004.05675; 64 components, 3 cells and 20 samples, and
    the exchange of the two sets, are of Stein et al., arXiv 2306.04675.
    """
    features, train, held_out = _checked(features, train, held_out)
    settings = _Settings(
        cells=whole_number(cells, name="cells", least=1, most=len(train), why=f"train has {len(train)} rows"),
        dimensions=None if dimensions is None else whole_number(dimensions, name="dimensions", least=1),
        least=whole_number(least, name="least", least=1),
        seed=whole_number(seed, name="seed", least=0),
    )
    cut = _cut(train, settings)
    generated, honest = _placed(cut, features), _placed(cut, held_out)
    each, shares = _compare(generated, honest, settings)
    return CT(
        c_t=_needed(_mean(each, shares), settings),
        held_out_c_t=_mean(*_compare(*_halves(honest, settings.seed), settings)),
        modified=_exchanged(features, train, held_out, settings),
        cells=settings.cells,
        dropped=int(np.isnan(each).sum()),
        covered=float(shares[~np.isnan(each)].sum()),
        count=len(features),
        train_count=len(train),
        held_out_count=len(held_out),
        seed=settings.seed,
        each=each,
        shares=shares,
    )


class _Cut(NamedTuple):
    """A training set cut into cells."""

    projection: Projection | None
    centres: np.ndarray
    train: np.ndarray
    """float64 [m, dimensions]."""
    train_cells: np.ndarray
    """[m]."""


class _Placed(NamedTuple):
    """What of another set is compared."""

    cells: np.ndarray
    """The cell that each row falls into, [n]."""
    distances: np.ndarray
    """From each row to the nearest training row of that cell, float64 [n]; infinite where the cell has none."""


def _checked(features: Any, train: Any, held_out: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    checked = as_features(features, name="features"), as_features(train, name="train")
    held_out = as_features(held_out, name="held_out", least=4)
    same_width(checked[0], checked[1], names=("features", "train"))
    same_width(held_out, checked[1], names=("held_out", "train"))
    return *checked, held_out


def _cut(train: np.ndarray, settings: _Settings) -> _Cut:
    projection = None
    if settings.dimensions is not None and settings.dimensions < train.shape[1]:
        projection = principal_components(train, settings.dimensions)
    train = projection(train) if projection else train.astype(np.float64)
    centres = kmeans(train, settings.cells, seed=settings.seed)
    return _Cut(projection, centres, train, assign(train, centres))


def _placed(cut: _Cut, features: np.ndarray) -> _Placed:
    features = cut.projection(features) if cut.projection else features.astype(np.float64)
    cells = assign(features, cut.centres)
    distances = np.full(len(features), np.inf)
    for cell in np.unique(cells):
        own = cut.train[cut.train_cells == cell]
        if len(own):
            distances[cells == cell] = nearest(features[cells == cell], own)[0][:, 0]
    return _Placed(cells, distances)


def _compare(generated: _Placed, held_out: _Placed, settings: _Settings) -> tuple[np.ndarray, np.ndarray]:
    """Return the z-score of each cell, NaN where too few samples lie in it, and the shares of the held-out set."""
    each = np.full(settings.cells, np.nan)
    shares = np.bincount(held_out.cells, minlength=settings.cells) / len(held_out.cells)
    for cell in range(settings.cells):
        ours, theirs = generated.distances[generated.cells == cell], held_out.distances[held_out.cells == cell]
        # Distances are infinite in a cell without training rows, which compares nothing.
        if len(ours) >= settings.least and len(theirs) and np.isfinite(ours[0]):
            each[cell] = z_score(ours, theirs)
    return each, shares


def z_score(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return the z-score of the number of pairs of which ours is the greater one, equal ones counting a half.

    ``(U - n m / 2 + 1/2) / sqrt(n m (n + m + 1) / 12)``, see ``c_t``; n and m are the lengths, each at least 1.
    """
    n, m, theirs = len(ours), len(theirs), np.sort(theirs)
    below = np.searchsorted(theirs, ours, side="left").sum() + np.searchsorted(theirs, ours, side="right").sum()
    return float((below - n * m + 1) / 2 / math.sqrt(n * m * (n + m + 1) / 12))


def _halves(placed: _Placed, seed: int) -> tuple[_Placed, _Placed]:
    order = np.random.Generator(np.random.Philox(seed)).permutation(len(placed.cells))
    first, second = (_Placed(placed.cells[rows], placed.distances[rows]) for rows in np.array_split(order, 2))
    return first, second


def _exchanged(features: np.ndarray, train: np.ndarray, held_out: np.ndarray, settings: _Settings) -> float | None:
    if len(features) < settings.cells:
        return None
    cut = _cut(features, settings)
    return _mean(*_compare(_placed(cut, train), _placed(cut, held_out), settings))


def _mean(each: np.ndarray, shares: np.ndarray) -> float | None:
    counted = ~np.isnan(each)
    return float(np.average(each[counted], weights=shares[counted])) if counted.any() else None


def _needed(score: float | None, settings: _Settings) -> float:
    if score is None:
        raise UserError(
            f"least: {settings.least}, and no cell of {settings.cells} holds so many generated samples beside held-out "
            "ones; give more samples, fewer cells, or a smaller number"
        )
    return score
