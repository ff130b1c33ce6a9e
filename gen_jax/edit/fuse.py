"""Make fewer steps of many: one resampling of a run of geometry, one matrix of a run of linear color edits."""

from __future__ import annotations

from collections.abc import Sequence

from gen_jax.edit.color.fused import fuse_color
from gen_jax.edit.geometry.fused import fuse_geometry
from gen_jax.edit.step import Step


def fused(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return steps that do the same to float images, with runs of like steps made one.

    Geometry: positions are pulled back through all steps and the image is sampled once, so that an image is blurred
    by one interpolation in place of several; what falls outside at any step has that step's fill. Color: matrices
    are multiplied, equal up to rounding.
    """
    return tuple(fuse_color(fuse_geometry(steps)))
