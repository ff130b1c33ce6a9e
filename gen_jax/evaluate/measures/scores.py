"""Scores of the generated images alone, with what real images score."""

from __future__ import annotations

import numpy as np

from gen_jax.errors import UserError
from gen_jax.evaluate.measures.distances import proper
from gen_jax.evaluate.result import Result
from gen_jax.evaluate.subject import Role, Subject, chosen
from gen_jax.metrics.scores import inception_score, vendi_score

MOST_VENDI = 10_000
"""Samples that the Vendi score looks at."""


def classifier_score(subject: Subject) -> list[Result]:
    """Return the Inception score, by that name only with the true weights."""
    found = inception_score(_probabilities(subject, "generated"), seed=subject.seed)
    baseline = _real(subject)
    real = None if baseline is None else inception_score(_probabilities(subject, baseline), seed=subject.seed).mean
    return [
        subject.result(
            "is",
            proper(subject, "Inception score", "classifier score"),
            found.mean,
            better="higher",
            against=None,
            spread=found.std,
            note=f"{found.splits} splits",
            baseline=real,
            baseline_count=None if baseline is None else subject.images(baseline).count,
        )
    ]


def vendi(subject: Subject) -> list[Result]:
    """Return the Vendi score of equally many generated and real images, for it grows with their number."""
    baseline = _real(subject)
    count = min(MOST_VENDI, subject.generated.count, subject.images(baseline).count if baseline else MOST_VENDI)

    def score(role: Role) -> float:
        features = subject.features(role)
        return float(vendi_score(features[chosen(len(features), count, subject.seed)]))

    return [
        subject.result(
            "vendi",
            "Vendi score",
            score("generated"),
            better="near baseline",
            against=None,
            num_generated=count,
            baseline=score(baseline) if baseline else None,
            baseline_count=count if baseline else None,
        )
    ]


def _real(subject: Subject) -> Role | None:
    """Return which real images to score beside: held-out ones, else the reference, else none."""
    return next((role for role in ("held_out", "reference") if getattr(subject, role) is not None), None)


def check_probabilities(subject: Subject) -> None:
    """Raise UserError where the network does not classify."""
    if not subject.network.classifies:
        raise UserError(
            f"--metrics is: the network {subject.network.name} gives no probabilities; "
            "use --features efficientnet_lite0 or inception_v3"
        )


def _probabilities(subject: Subject, role: Role) -> np.ndarray:
    check_probabilities(subject)
    probabilities = subject.extracted(role).probabilities
    assert probabilities is not None
    return probabilities
