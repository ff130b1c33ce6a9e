"""How well predicted classes agree with the true ones: accuracy, precision, recall, F1, and who is taken for whom."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from gen_jax.errors import UserError
from gen_jax.metrics.result import Measured


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Classification(Measured):
    """Agreement of predicted with true classes; shares in [0, 1]."""

    accuracy: float
    """Share of samples whose class was predicted."""
    precision: float
    """Mean over the classes of ``precision_each``."""
    recall: float
    """Mean over the classes of ``recall_each``."""
    f1: float
    """Mean over the classes of ``f1_each`` (macro F1)."""
    samples: int
    """How many were compared."""
    precision_each: np.ndarray
    """float64 [k]: of what was predicted as the class, the share that is of it; 0 where nothing was."""
    recall_each: np.ndarray
    """float64 [k]: of what is of the class, the share that was predicted as it; 0 where nothing is."""
    f1_each: np.ndarray
    """float64 [k]: harmonic mean of the two; 0 where both are."""
    confusion: np.ndarray
    """int64 [k, k]: samples of true class (row) that were predicted as (column)."""


def classification_report(predicted: Any, labels: Any, *, num_classes: int) -> Classification:
    """Return how well predictions agree with labels, as scikit-learn counts with ``zero_division=0``.

    With the confusion matrix C: ``precision_j = C_jj / sum_i C_ij``, ``recall_j = C_jj / sum_i C_ji``,
    ``f1_j = 2 C_jj / sum_i (C_ij + C_ji)``, where 0 / 0 counts as 0. The means are over all ``num_classes``, so that
    a class that neither occurs nor is predicted pulls them down: no class goes missing unseen.

    Args:
      predicted: whole numbers in [0, num_classes), [n], n 1 or more.
      labels: the true classes, [n].
      num_classes: k, 1 or more.

    Raises:
      UserError: not two lists of as many classes, or a class outside the range.
    """
    if num_classes < 1:
        raise UserError(f"num_classes: {num_classes}, must be 1 or more; give the number of classes of the data")
    predicted = as_classes(predicted, name="predicted", num_classes=num_classes)
    labels = as_classes(labels, name="labels", num_classes=num_classes)
    if predicted.shape != labels.shape:
        raise UserError(f"predicted: {predicted.size} classes and {labels.size} labels; give one label a prediction")
    pairs = labels * num_classes + predicted
    confusion = np.bincount(pairs, minlength=num_classes**2).reshape(num_classes, num_classes)
    right, true, said = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    precision, recall, f1 = _share(right, said), _share(right, true), _share(2 * right, said + true)
    return Classification(
        accuracy=float(right.sum() / labels.size),
        precision=float(precision.mean()),
        recall=float(recall.mean()),
        f1=float(f1.mean()),
        samples=int(labels.size),
        precision_each=precision,
        recall_each=recall,
        f1_each=f1,
        confusion=confusion,
    )


def as_classes(values: Any, *, name: str, num_classes: int) -> np.ndarray:
    """Return classes as int64 [n] on the host.

    Raises:
      UserError: not a list of whole numbers in [0, num_classes), or an empty one; names the argument.
    """
    array = np.asarray(values)
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "iu":
        raise UserError(f"{name}: shape {array.shape} of {array.dtype}, must be whole numbers [n], one class a sample")
    outside = array[(array < 0) | (array >= num_classes)]
    if outside.size:
        raise UserError(f"{name}: class {outside[0]}, must be 0 to {num_classes - 1}; correct it, or num_classes")
    return array.astype(np.int64)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return part / np.maximum(whole, 1)
