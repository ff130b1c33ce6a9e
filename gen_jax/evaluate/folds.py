"""What the folds of a cross-validation say together: mean and standard deviation of every number."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from gen_jax.evaluate.result import Evaluation, Result


def mean_of(evaluations: Sequence[Evaluation]) -> Evaluation:
    """Return the mean over the folds as an evaluation of its own; ``spread`` is the standard deviation (ddof 1).

    Only numbers that every fold has are taken; with one fold there is no spread.

    Args:
      evaluations: one a fold, at least one.
    """
    by_fold = [{result.key: result for result in evaluation.results} for evaluation in evaluations]
    keys = [key for key in by_fold[0] if all(key in results for results in by_fold)]
    return Evaluation(
        subject=f"mean of {len(evaluations)}",
        images_seen=None,
        results=tuple(_mean([results[key] for results in by_fold]) for key in keys),
        sets={},
        seconds=sum(evaluation.seconds for evaluation in evaluations),
        environment=evaluations[0].environment,
    )


def _mean(results: Sequence[Result]) -> Result:
    values = np.array([result.value for result in results], np.float64)
    baselines = [result.baseline for result in results if result.baseline is not None]
    return dataclasses.replace(
        results[0],
        value=float(values.mean()),
        spread=float(values.std(ddof=1)) if len(values) > 1 else None,
        baseline=float(np.mean(baselines)) if len(baselines) == len(results) else None,
    )
