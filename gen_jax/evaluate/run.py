"""One evaluation from beginning to end: the sets, the measures, and the record of both."""

from __future__ import annotations

import time
from collections.abc import Sequence

import jax

import gen_jax
from gen_jax.evaluate import measures
from gen_jax.evaluate.result import Evaluation, describe
from gen_jax.evaluate.subject import ROLES, Subject


def evaluate(subject: Subject, names: Sequence[str], *, called: str) -> Evaluation:
    """Measure a subject.

    Args:
      subject: the sets, the network, the seed.
      names: of ``measures.MEASURES``.
      called: what the subject is called in tables.

    Raises:
      UserError: an unknown name, or something that a measure needs is not there.
    """
    started = time.perf_counter()
    results = measures.measure(subject, names)
    return Evaluation(
        subject=called,
        images_seen=None if subject.model is None else subject.model.images_seen,
        results=tuple(results),
        sets={role: describe(getattr(subject, role)) for role in ROLES if getattr(subject, role) is not None},
        seconds=time.perf_counter() - started,
        environment=environment(),
    )


def environment() -> dict[str, str]:
    """Return device and versions, for the record."""
    return {"device": jax.devices()[0].device_kind, "jax": jax.__version__, "gen_jax": gen_jax.__version__}
