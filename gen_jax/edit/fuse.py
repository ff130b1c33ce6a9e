"""Make fewer steps of many: one resampling of a run of geometry, one matrix of a run of linear colour edits."""

from __future__ import annotations

from collections.abc import Sequence

from gen_jax.edit.step import Step


def fused(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return steps that do the same to float images, with runs of like steps made one."""
    return tuple(steps)
