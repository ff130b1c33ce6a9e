"""Precision, recall, density and coverage: quality and variety told apart."""

from __future__ import annotations

import dataclasses
from typing import Any

from gen_jax.evaluate.result import Result
from gen_jax.evaluate.subject import Subject
from gen_jax.metrics.prdc import density_coverage, precision_recall

_NAMES = {"precision": 3, "recall": 3, "density": 5, "coverage": 5}
"""Value -> neighbours that make a ball: those of the papers."""


def prdc(subject: Subject) -> list[Result]:
    """Return the four values against the reference."""
    most = subject.most_neighbours
    reference = subject.features("reference", most=most)
    generated = subject.features("generated", most=most)
    found = _four(generated, reference)
    beside: dict[str, float] = {}
    if subject.has_baseline:
        beside = subject.once("prdc", lambda: _four(subject.features("held_out", most=most), reference))
    count = min(most, subject.images("held_out").count) if beside else None
    return [
        subject.result(
            name,
            name,
            found[name],
            better="higher",
            against="reference",
            baseline=beside.get(name),
            baseline_count=count,
            num_generated=len(generated),
            num_reference=len(reference),
            note=f"{neighbours} neighbours",
        )
        for name, neighbours in _NAMES.items()
    ]


def _four(features: Any, reference: Any) -> dict[str, float]:
    """Return the values by name."""
    both = (precision_recall(features, reference, k=3), density_coverage(features, reference, k=5))
    values: dict[str, float] = {}
    for result in both:
        values |= {name: value for name, value in dataclasses.asdict(result).items() if name in _NAMES}
    return values
