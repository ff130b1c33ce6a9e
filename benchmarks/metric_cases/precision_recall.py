"""Precision and recall alone, against torch-fidelity."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

from benchmarks.metric_cases.inputs import at_least, features

STORY = "precision and recall at k=3, 10,000 + 10,000 features of width 2048"


def sides(share: float) -> dict[str, Callable[[], list[float]]]:
    """Return the work of each library."""
    from gen_jax.metrics.prdc import precision_recall

    count = at_least(10_000, share, 100)
    ours, theirs = features(0, count), features(1, count) * 1.02

    def gen_jax() -> list[float]:
        result = precision_recall(ours, theirs, k=3)
        return [result.precision, result.recall]

    found = {"gen_jax": gen_jax}
    if importlib.util.find_spec("torch_fidelity"):
        import torch
        from torch_fidelity.metric_prc import prc_features_to_metric

        tensors = torch.from_numpy(ours), torch.from_numpy(theirs)
        found["torch-fidelity"] = lambda: list(prc_features_to_metric(*tensors, verbose=False).values())[:2]
    return found
