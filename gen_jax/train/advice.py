"""What a person should know about gamma, the weight of the gradient penalties, before a run begins."""

from __future__ import annotations

from gen_jax.experiment import Experiment
from gen_jax.objectives.config import AdversarialObjective, StyleGan2Objective

PUBLISHED_R3GAN = {32: (0.05, 0.005), 64: (2.0, 0.2), 256: (150.0, 15.0)}
"""Size -> gamma at the start and at the end (arXiv 2501.05441, appendix D): CIFAR-10, FFHQ-64, FFHQ-256."""

MOST_OFF = 3.0
"""A factor between gamma and the rule of thumb from which on it is worth a word."""


def stylegan2_gamma(size: int, batch: int) -> float:
    """Return StyleGAN2-ADA's rule of thumb, ``0.0002 size^2 / batch`` (arXiv 2006.06676, appendix C)."""
    return 0.0002 * size**2 / batch


def r3gan_gamma(size: int) -> tuple[float, float]:
    """Return gamma at the start and at the end, between R3GAN's published values.

    A straight line in log gamma over log size, through the two published sizes nearest; below 32 pixels and above
    256 the line goes on.
    """
    import numpy as np

    sizes = sorted(PUBLISHED_R3GAN)
    upper = min(max(np.searchsorted(sizes, size), 1), len(sizes) - 1)
    low, high = sizes[upper - 1], sizes[upper]
    share = np.log(size / low) / np.log(high / low)
    start, end = (
        float(np.exp((1 - share) * np.log(below) + share * np.log(above)))
        for below, above in zip(PUBLISHED_R3GAN[low], PUBLISHED_R3GAN[high], strict=True)
    )
    return start, end


def gamma_advice(experiment: Experiment) -> str | None:
    """Return a line on gamma: what is set, and what the rules of thumb say; None for a model without published ones."""
    objective, size, batch = experiment.objective, experiment.model.size, experiment.train.batch
    where = "docs/gamma.md says how to find the value for your images"
    if isinstance(objective, StyleGan2Objective):
        rule = stylegan2_gamma(size, batch)
        return (
            f"gamma of R1 is {objective.r1:g}; the rule 0.0002 size^2 / batch gives {rule:.2g} for {size} pixels and "
            f"batch {batch}{_verdict(objective.r1, rule)}; {where}"
        )
    published = experiment.model.kind in ("r3gan", "stylegan2")
    if not published or not isinstance(objective, AdversarialObjective) or objective.loss != "relativistic":
        return None
    start, end = r3gan_gamma(size)
    now = objective.r1 if objective.r1_start is None else objective.r1_start
    falling = "" if now == objective.r1 else f", falling to {objective.r1:g}"
    return (
        f"gamma of R1 is {now:g}{falling}; R3GAN's published values give {start:.2g} falling to {end:.2g} for {size} "
        f"pixels{_verdict(now, start, end)}, and small networks want more; {where}"
    )


def _verdict(gamma: float, *rules: float) -> str:
    if not gamma:
        return " (gamma is 0: nothing holds the discriminator back)"
    if gamma > MOST_OFF * max(rules):
        return f" ({gamma / max(rules):.0f} times as much is set)"
    if gamma < min(rules) / MOST_OFF:
        return f" ({min(rules) / gamma:.0f} times less is set)"
    return ""
