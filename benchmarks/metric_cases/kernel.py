"""Kernel distance (KID), against torch-fidelity on the same subsets."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

from benchmarks.metric_cases.inputs import at_least, features

STORY = "kernel distance, 100 subsets of 1000 from 10,000 + 10,000 features of width 2048"


def sides(share: float) -> dict[str, Callable[[], list[float]]]:
    """Return the work of each library."""
    from gen_jax.metrics.kernel import kernel_distance

    count, subsets = at_least(10_000, share, 1000), at_least(100, share, 2)
    ours, theirs = features(0, count), features(1, count) * 1.1

    def gen_jax() -> list[float]:
        result = kernel_distance(ours, theirs, subsets=subsets)
        return [result.mean, result.std]

    found = {"gen_jax": gen_jax}
    if importlib.util.find_spec("torch_fidelity"):
        import torch
        from torch_fidelity.metric_kid import kid_features_to_metric

        tensors = torch.from_numpy(ours), torch.from_numpy(theirs)
        found["torch-fidelity"] = lambda: list(
            kid_features_to_metric(*tensors, kid_subsets=subsets, verbose=False).values()
        )
    return found
