"""Our own rules: what Azure's SDK accepts, and Azure then refuses or takes otherwise than it was meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gen_jax.azure.complaint import Finding
from gen_jax.azure.documents import Document
from gen_jax.azure.rules import (
    assets,
    compute,
    deployments,
    endpoints,
    environments,
    expressions,
    files,
    inputs,
    keys,
    references,
    resources,
    schedules,
    secrets,
    sweeps,
    writing,
)

Rule = Callable[[Document, str], Iterable[Finding]]
"""From a file and its kind to what is wrong with it."""

RULES: tuple[Rule, ...] = (
    *writing.RULES,
    *assets.RULES,
    *keys.RULES,
    *expressions.RULES,
    *inputs.RULES,
    *references.RULES,
    *files.RULES,
    *secrets.RULES,
    *environments.RULES,
    *resources.RULES,
    *sweeps.RULES,
    *deployments.RULES,
    *endpoints.RULES,
    *schedules.RULES,
    *compute.RULES,
)

ADVICE: tuple[Rule, ...] = (*assets.ADVICE, *resources.ADVICE, *environments.ADVICE, *endpoints.ADVICE, *compute.ADVICE)
"""Rules for what works, and what an experienced person would do otherwise."""
