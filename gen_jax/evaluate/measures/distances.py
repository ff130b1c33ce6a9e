"""Distances between two distributions of features, each with what held-out real images score."""

from __future__ import annotations

import functools

from gen_jax.evaluate.result import Result
from gen_jax.evaluate.subject import Subject
from gen_jax.metrics.frechet import frechet_distance, frechet_infinity
from gen_jax.metrics.kernel import kernel_distance
from gen_jax.metrics.moments import Moments, moments
from gen_jax.metrics.networks.inception_v3 import is_fid_inception
from gen_jax.metrics.sliced import sliced_distance


def proper(subject: Subject, official: str, general: str) -> str:
    """Return the name that a measure may bear: the official one only with the true Inception weights."""
    network = subject.network
    true = network.name == "inception_v3" and is_fid_inception(network.weights_hash) and network.size == 299
    return official if true else general


def frechet(subject: Subject) -> list[Result]:
    """Return the Frechet distance to the reference."""
    reference = reference_moments(subject)
    found = frechet_distance(subject.features("generated"), reference)
    baseline = None
    if subject.has_baseline:
        baseline = subject.once("fd", lambda: frechet_distance(subject.features("held_out"), reference).distance)
    return [
        subject.result(
            "fd",
            proper(subject, "FID", "Frechet distance"),
            found.distance,
            better="lower",
            against="reference",
            note=_few(subject),
            **_beside(subject, baseline),
        )
    ]


def infinity(subject: Subject) -> list[Result]:
    """Return the Frechet distance to the reference, extrapolated to endlessly many generated images."""
    reference = reference_moments(subject)
    extrapolate = functools.partial(frechet_infinity, reference=reference, seed=subject.seed)
    found = extrapolate(subject.features("generated"))
    baseline = None
    if subject.has_baseline:
        baseline = subject.once("fd_infinity", lambda: extrapolate(subject.features("held_out")).distance)
    name = proper(subject, "FID infinity", "Frechet distance, infinity")
    return [
        subject.result(
            "fd_infinity",
            name,
            found.distance,
            better="lower",
            against="reference",
            spread=found.standard_error,
            **_beside(subject, baseline),
        )
    ]


def kernel(subject: Subject) -> list[Result]:
    """Return the kernel distance to the reference."""
    reference = subject.features("reference")
    found = kernel_distance(subject.features("generated"), reference, seed=subject.seed)
    baseline = None
    if subject.has_baseline:
        baseline = subject.once(
            "kid", lambda: kernel_distance(subject.features("held_out"), reference, seed=subject.seed).mean
        )
    return [
        subject.result(
            "kid",
            proper(subject, "KID", "kernel distance"),
            found.mean,
            better="lower",
            against="reference",
            spread=found.std,
            note=f"{found.subsets} subsets of {found.subset_size}",
            **_beside(subject, baseline),
        )
    ]


def sliced(subject: Subject) -> list[Result]:
    """Return the sliced Wasserstein distance to the reference."""
    reference = subject.features("reference")
    found = sliced_distance(subject.features("generated"), reference, seed=subject.seed)
    baseline = None
    if subject.has_baseline:
        baseline = subject.once(
            "sliced", lambda: float(sliced_distance(subject.features("held_out"), reference, seed=subject.seed))
        )
    return [
        subject.result(
            "sliced",
            "sliced Wasserstein",
            float(found),
            better="lower",
            against="reference",
            **_beside(subject, baseline),
        )
    ]


def reference_moments(subject: Subject) -> Moments:
    """Return mean and covariance of the reference."""
    return subject.once("reference moments", lambda: moments(subject.features("reference")))


def _few(subject: Subject) -> str:
    """Return a warning where there are fewer samples than features, whose covariance is then known in part only."""
    width = subject.features("generated").shape[1]
    least = min(subject.generated.count, subject.images("reference").count)
    return f"only {least:,} images for {width:,} features: mostly bias; kid has none" if least < width else ""


def _beside(subject: Subject, baseline: float | None) -> dict[str, float | int | None]:
    count = subject.held_out.count if subject.held_out is not None and baseline is not None else None
    return {"baseline": baseline, "baseline_count": count}
