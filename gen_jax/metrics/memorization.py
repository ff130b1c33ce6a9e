"""Signs of memorisation in nearest-neighbour distances to the training set, and the samples that show it most."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

import numpy as np

from gen_jax.errors import UserError
from gen_jax.metrics.arrays import as_features, same_width
from gen_jax.metrics.neighbours import nearest
from gen_jax.metrics.options import whole_number
from gen_jax.metrics.result import Measured


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class NeighbourRatio(Measured):
    """How near generated samples come to the training set, with what held-out real samples have beside it.

    Without a held-out set ``closer`` and all names with ``held_out_`` are None.
    """

    ratio: float
    """Mean of d1 / d2, distances to the nearest and second nearest training sample (NNDR); 0 to 1, 0 for copies."""
    held_out_ratio: float | None
    low_ratio: float
    """The ``percentile`` of d1 / d2: falls first where few of many samples are copies."""
    held_out_low_ratio: float | None
    distance: float
    """Median of d1, in the units of the features (DCR, distance to the closest record)."""
    held_out_distance: float | None
    calibrated: float
    """Mean of d1 over the mean distance to the ``k`` nearest training samples; 0 to 1, 0 for copies."""
    held_out_calibrated: float | None
    closer: float | None
    """Share of the generated samples nearer to the training set than to a held-out set of the same size; 0.5 for a
    model that favours neither, 1 for copies."""
    held_out_closer: float | None
    """The same of one half of the held-out set, against the other half."""
    k: int
    percentile: float
    count: int
    train_count: int
    held_out_count: int
    seed: int
    each: np.ndarray
    """d1 / d2 of each generated sample, float64 [n]."""
    distances: np.ndarray
    """d1 of each generated sample, float64 [n]."""
    rows: np.ndarray
    """Index of the nearest training sample of each generated one, int64 [n]."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Closest(Measured):
    """The generated samples that look most like copies, the worst first, and the training samples beside them."""

    score: float
    """Of the worst sample."""
    samples: np.ndarray
    """Indices of generated samples, int64 [count]."""
    rows: np.ndarray
    """Indices of the nearest training samples of each, nearest first, int64 [count, neighbours]."""
    distances: np.ndarray
    """To these, float64 [count, neighbours]."""
    scores: np.ndarray
    """By which the samples are ordered, ascending, float64 [count]."""


def neighbour_ratio(
    features: Any,
    train: Any,
    held_out: Any = None,
    *,
    k: int = 50,
    percentile: float = 5.0,
    seed: int = 0,
) -> NeighbourRatio:
    """Return distances of generated samples to their nearest training samples, and ratios of them.

    d1 / d2 says whether one training sample is much nearer than the next, whatever the scale of the features; a copy of
    a training sample counts as 0 also where that is in the set twice (0 / 0).

    Args:
      features: of the generated samples, [n, d], numpy or jax.
      train: features of the training set, [m, d], m at least 2.
      held_out: features of real samples that were not trained on, [h, d], h at least 2.
      k: neighbours that the calibrated ratio averages, 2 or more; cut to the size of the training set.
      percentile: of the low ratio, 0 to 100.
      seed: of the rows that bring the training and the held-out set to one size, and of the held-out set's halves
        (NumPy's Philox).

    Returns:
      The measures, each with the held-out set's own value beside: a model that makes new samples comes near these.

    Raises:
      UserError: no [n, d] arrays of one width, or an option out of range.

    Source: d1 / d2 of Lowe, 2004, section 7.1, here to one set; Carlini et al., arXiv 2301.13188, for the calibrated
    ratio.
    """
    features, train = _checked(features, train)
    k = min(whole_number(k, name="k", least=2), len(train))
    if not 0.0 <= percentile <= 100.0:
        raise UserError(f"percentile: {percentile}, must be 0 to 100; 5 shows what the lowest twentieth do")
    seed = whole_number(seed, name="seed", least=0)
    distances, rows = nearest(features, train, k=k)
    ours: dict[str, Any] = _summary(distances, percentile)
    theirs: dict[str, Any] = dict.fromkeys((*ours, "closer"))
    ours["closer"] = None
    if held_out is not None:
        held_out = as_features(held_out, name="held_out")
        same_width(held_out, train, names=("held_out", "train"))
        theirs = _summary(nearest(held_out, train, k=k)[0], percentile)
        ours["closer"], theirs["closer"] = _closer_to_train(features, train, held_out, seed)
    return NeighbourRatio(
        **ours,
        **{f"held_out_{name}": value for name, value in theirs.items()},
        k=k,
        percentile=float(percentile),
        count=len(features),
        train_count=len(train),
        held_out_count=0 if held_out is None else len(held_out),
        seed=seed,
        each=_ratio(distances[:, 0], distances[:, 1]),
        distances=distances[:, 0],
        rows=rows[:, 0],
    )


def closest(
    features: Any, train: Any, *, count: int = 16, neighbours: int = 1, by: Literal["ratio", "distance"] = "ratio"
) -> Closest:
    """Return the generated samples that look most like copies and the training samples nearest to each.

    No number tells a copy from a good sample of a simple kind: these are for a sheet to look at.

    Args:
      features: of the generated samples, [n, d], numpy or jax.
      train: features of the training set, [m, d], m at least 2.
      count: samples to return, 1 to n.
      neighbours: training samples beside each, 1 to m.
      by: "ratio" orders by d1 / d2, so that plain images, near which many lie, do not fill the sheet; "distance" by d1,
        which also finds near copies of training samples that are in the set twice or nearly so.

    Returns:
      Indices into both sets, the most suspicious sample first; equal scores by distance, then by index.

    Raises:
      UserError: no [n, d] arrays of one width, or an option out of range.
    """
    features, train = _checked(features, train)
    count = whole_number(count, name="count", least=1, most=len(features), why="there are no more samples")
    neighbours = whole_number(neighbours, name="neighbours", least=1, most=len(train), why="the set has no more rows")
    if by not in ("ratio", "distance"):
        raise UserError(f"by: {by!r}, must be ratio or distance; ratio is usual")
    distances, rows = nearest(features, train, k=max(neighbours, 2))
    scores = _ratio(distances[:, 0], distances[:, 1]) if by == "ratio" else distances[:, 0]
    samples = np.lexsort((distances[:, 0], scores))[:count]
    return Closest(
        score=float(scores[samples[0]]),
        samples=samples,
        rows=rows[samples, :neighbours],
        distances=distances[samples, :neighbours],
        scores=scores[samples],
    )


def _checked(features: Any, train: Any) -> tuple[np.ndarray, np.ndarray]:
    features, train = as_features(features, name="features", least=1), as_features(train, name="train")
    same_width(features, train, names=("features", "train"))
    return features, train


def _ratio(distance: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.divide(distance, other, out=np.zeros_like(distance), where=other > 0)


def _summary(distances: np.ndarray, percentile: float) -> dict[str, float]:
    ratios = _ratio(distances[:, 0], distances[:, 1])
    return {
        "ratio": float(ratios.mean()),
        "low_ratio": float(np.percentile(ratios, percentile)),
        "distance": float(np.median(distances[:, 0])),
        "calibrated": float(_ratio(distances[:, 0], distances.mean(axis=1)).mean()),
    }


def _closer_to_train(features: np.ndarray, train: np.ndarray, held_out: np.ndarray, seed: int) -> tuple[float, float]:
    """Return the share of the features, and of one half of the held-out set against the other."""
    random = np.random.Generator(np.random.Philox(seed))
    ours = _closer(features, train, held_out, random)
    first, second = (held_out[half] for half in np.array_split(random.permutation(len(held_out)), 2))
    return ours, _closer(first, train, second, random)


def _closer(features: np.ndarray, train: np.ndarray, held_out: np.ndarray, random: np.random.Generator) -> float:
    """Return the share nearer to the training set, both cut to one size by chance; equal distances count a half."""
    size = min(len(train), len(held_out))
    to_train, to_held_out = (
        nearest(features, rows[random.permutation(len(rows))[:size]])[0] for rows in (train, held_out)
    )
    return float(np.mean(to_train < to_held_out) + np.mean(to_train == to_held_out) / 2)
