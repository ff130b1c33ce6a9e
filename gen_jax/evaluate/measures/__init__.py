"""Every measure by the name that ``--metrics`` gives it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from gen_jax.errors import UserError
from gen_jax.evaluate.measures import classes, distances, likelihood, memorization, neighbours, reconstruction, scores
from gen_jax.evaluate.result import Result
from gen_jax.evaluate.subject import Role, Subject
from gen_jax.registry import lookup


@dataclasses.dataclass(frozen=True, kw_only=True)
class Measure:
    """How a name on the command line becomes numbers."""

    story: str
    """What it says, in a line."""
    needs: tuple[Role, ...]
    """Sets that must be there besides the generated images."""
    run: Callable[[Subject], list[Result]]
    check: Callable[[Subject], Any] = lambda subject: None
    """Raises UserError where something else that it needs is not there; costs nothing."""


MEASURES: dict[str, Measure] = {
    "fd": Measure(
        story="Frechet distance of Gaussians fitted to the features (FID with its own Inception weights)",
        needs=("reference",),
        run=distances.frechet,
    ),
    "fd_infinity": Measure(
        story="Frechet distance extrapolated to endlessly many samples: free of the bias of small sets",
        needs=("reference",),
        run=distances.infinity,
    ),
    "kid": Measure(
        story="kernel distance: unbiased, so that small sets compare; with its standard deviation",
        needs=("reference",),
        run=distances.kernel,
    ),
    "sliced": Measure(
        story="sliced Wasserstein distance: sees more than two moments, and costs little",
        needs=("reference",),
        run=distances.sliced,
    ),
    "is": Measure(
        story="classifier score of the probabilities (Inception score with its own weights)",
        needs=(),
        run=scores.classifier_score,
        check=scores.check_probabilities,
    ),
    "vendi": Measure(story="Vendi score: how many different images there are, in effect", needs=(), run=scores.vendi),
    "prdc": Measure(
        story="precision and recall (3 neighbours), density and coverage (5): quality apart from variety",
        needs=("reference",),
        run=neighbours.prdc,
    ),
    "memorization": Measure(
        story="authenticity, C_T, neighbour ratios, distance divided by the memorisation penalty; and a sheet of pairs",
        needs=("train",),
        run=memorization.memorization,
    ),
    "classifier": Measure(
        story="classifiers trained on generated and on real images, tested on the others (class-conditional models)",
        needs=("train", "held_out"),
        run=classes.classifier,
        check=classes.labels_of,
    ),
    "likelihood": Measure(
        story="bits per dimension of held-out images: the bound, and the importance-weighted one (VAEs)",
        needs=("held_out",),
        run=likelihood.likelihood,
        check=reconstruction.encoding_model,
    ),
    "reconstruction": Measure(
        story="PSNR, SSIM and MS-SSIM of held-out images and their reconstructions (VAEs)",
        needs=("held_out",),
        run=reconstruction.reconstruction,
        check=reconstruction.encoding_model,
    ),
}
"""Name -> measure, in the order of a table."""


def parse(text: str) -> tuple[str, ...]:
    """Return the names in a list such as ``fd,kid,prdc``, each once, in the order of the table.

    Raises:
      UserError: an unknown name, with the nearest one; or none at all.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UserError(f"--metrics {text!r}: name some of {', '.join(MEASURES)}")
    for name in names:
        lookup(MEASURES, name, what="metric")
    return tuple(name for name in MEASURES if name in names)


def check(subject: Subject, names: Sequence[str]) -> None:
    """Refuse what cannot be measured of a subject, before any work.

    Raises:
      UserError: unknown name, or a set, a label or an encoder that a measure needs is not there.
    """
    for name in names:
        for role in lookup(MEASURES, name, what="metric").needs:
            subject.images(role)
        MEASURES[name].check(subject)


def measure(subject: Subject, names: Sequence[str]) -> list[Result]:
    """Return the results of the measures named.

    Raises:
      UserError: unknown name, or a set, a label or an encoder that a measure needs is not there.
    """
    check(subject, names)
    return [result for name in names for result in MEASURES[name].run(subject)]
