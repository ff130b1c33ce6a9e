"""Our own rules: what Azure's SDK accepts and Azure then refuses, or does otherwise than was meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gen_jax.azure.complaint import Finding
from gen_jax.azure.documents import Document

Rule = Callable[[Document, str], Iterable[Finding]]
"""From a file and its kind to what is wrong with it."""

RULES: tuple[Rule, ...] = ()

ADVICE: tuple[Rule, ...] = ()
