"""Frechet distance from features to the number, against torch-fidelity's two functions that do the same."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

from benchmarks.metric_cases.inputs import at_least, features

STORY = "Frechet distance, 50,000 + 50,000 features of width 2048"


def sides(share: float) -> dict[str, Callable[[], list[float]]]:
    """Return the work of each library."""
    from gen_jax.metrics.frechet import frechet_distance

    count = at_least(50_000, share, 2048)
    ours, theirs = features(0, count), features(1, count)
    found = {"gen_jax": lambda: [frechet_distance(ours, theirs).distance]}
    if importlib.util.find_spec("torch_fidelity"):
        import torch
        from torch_fidelity import metric_fid as peer

        def fidelity() -> list[float]:
            statistics = [peer.fid_features_to_statistics(torch.from_numpy(part)) for part in (ours, theirs)]
            return list(peer.fid_statistics_to_metric(*statistics, verbose=False).values())

        found["torch-fidelity"] = fidelity
    return found
