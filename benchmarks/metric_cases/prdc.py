"""Precision, recall, density and coverage, against the package prdc at the same k."""

from __future__ import annotations

import contextlib
import importlib.util
import io
from collections.abc import Callable

from benchmarks.metric_cases.inputs import at_least, features

STORY = "precision, recall, density, coverage at k=5, 10,000 + 10,000 features of width 2048"


def sides(share: float) -> dict[str, Callable[[], list[float]]]:
    """Return the work of each library."""
    from gen_jax.metrics.prdc import prdc

    count = at_least(10_000, share, 100)
    ours, theirs = features(0, count), features(1, count) * 1.02

    def gen_jax() -> list[float]:
        result = prdc(ours, theirs, k=5)
        return [result.precision, result.recall, result.density, result.coverage]

    found = {"gen_jax": gen_jax}
    if importlib.util.find_spec("prdc"):
        from prdc import compute_prdc

        def package() -> list[float]:
            with contextlib.redirect_stdout(io.StringIO()):
                values = compute_prdc(theirs, ours, nearest_k=5)
            return [float(values[name]) for name in ("precision", "recall", "density", "coverage")]

        found["prdc"] = package
    return found
