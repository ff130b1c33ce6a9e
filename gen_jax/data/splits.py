"""Which images train, validate and test: seeded, disjoint, exhaustive, stratified where there are labels."""

from __future__ import annotations

import numpy as np

from gen_jax.data.config import CommonData
from gen_jax.data.order import indices
from gen_jax.errors import UserError

SPLITS = ("train", "validation", "test", "all")


def split_indices(count: int, official_test: range, labels: np.ndarray | None, config: CommonData) -> np.ndarray:
    """Return the numbers of the images of ``config.split``, ascending.

    An official test set is the test part. Otherwise ``config.test`` of the images are drawn for it. Of the rest,
    validation is either the share ``config.validation`` or fold ``config.fold`` of ``config.folds``; what remains
    trains. Every class is shared out alike, to within one image. The draw depends on ``split_seed``, the number of
    images and their labels alone.

    Args:
      count: number of images of the source.
      official_test: the images that the source keeps for testing; may be empty.
      labels: int [count], or None.
      config: ``split, validation, test, folds, fold, split_seed``.

    Returns:
      int64 [m].

    Raises:
      UserError: a share or fold is out of range, or the part asked for is empty.
    """
    check_splits(config)
    if config.split == "all":
        return np.arange(count)
    pool = np.setdiff1d(np.arange(count), np.arange(official_test.start, official_test.stop))
    pool = _shuffled_by_class(pool, labels, config.split_seed)
    if official_test:
        test = np.arange(official_test.start, official_test.stop)
    else:
        pool, test = _cut(pool, config.test)
    if config.folds:
        fold = np.arange(len(pool)) % config.folds
        train, validation = pool[fold != config.fold], pool[fold == config.fold]
    else:
        train, validation = _cut(pool, config.validation)
    result = np.sort({"train": train, "validation": validation, "test": test}[config.split])
    if not len(result):
        raise UserError(_why_empty(count, config))
    return result


def check_splits(config: CommonData) -> None:
    """Raise UserError where the fields that describe the split are out of range or contradict each other."""
    if config.split not in SPLITS:
        raise UserError(f"data.split must be one of {', '.join(SPLITS)}, not {config.split!r}")
    for name in ("validation", "test"):
        share = getattr(config, name)
        if not 0 <= share < 1:
            raise UserError(f"data.{name} is a share and must lie in [0, 1), not {share}")
    if config.folds == 1 or config.folds < 0:
        raise UserError(f"data.folds must be 0 (none) or at least 2, not {config.folds}")
    if config.folds and config.validation:
        raise UserError("data.folds and data.validation both name a validation part: leave one of them 0")
    if not 0 <= config.fold < max(config.folds, 1):
        raise UserError(
            f"data.fold must lie in [0, {max(config.folds, 1)}), data.folds={config.folds}, not {config.fold}"
        )


def _shuffled_by_class(pool: np.ndarray, labels: np.ndarray | None, seed: int) -> np.ndarray:
    """Return the pool in a random order, class after class; a regular cut of it is stratified."""
    if not len(pool):
        return pool
    pool = pool[indices(seed, np.arange(len(pool)), len(pool), np)]
    return pool if labels is None else pool[np.argsort(labels[pool], kind="stable")]


def _cut(pool: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Return (rest, drawn), where ``round(share * n)`` are drawn at regular steps along the pool."""
    drawn = round(share * len(pool))
    steps = np.arange(len(pool) + 1) * drawn // max(len(pool), 1)
    chosen = np.diff(steps) > 0
    return pool[~chosen], pool[chosen]


def _why_empty(count: int, config: CommonData) -> str:
    held_out = f"data.validation={config.validation}, data.test={config.test}, data.folds={config.folds}"
    if config.split == "train":
        return f"no image of {count} is left for training with {held_out}: hold out less"
    return f"the {config.split} part of {count} images is empty with {held_out}: set a larger share, or more folds"
