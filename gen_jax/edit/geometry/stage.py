"""What a geometric step says of itself so that several can become one resampling."""

from __future__ import annotations

import dataclasses
from typing import Any, Protocol, runtime_checkable

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.step import GeometryStep


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Stage:
    """One geometric step as a matrix: where in its input each output position lies, and what is outside."""

    matrix: Any
    """[b or 1, 3, 3] output -> input, in pixels from the upper left corner (the first pixel covers [0, 1)); float64
    numpy where it is known, else float32."""
    entered: Canvas
    """What it takes: a position outside its true size shows ``fill``."""
    left: Canvas
    """What it leaves."""
    fill: Any = None
    """Levels in [0, 255], [b or 1, 1, 1, c or 1]; None: 0."""
    projective: bool = False
    """Whether the last row of the matrix may be other than (0, 0, 1)."""
    resample: str | None = None
    """How it resamples: "nearest", "bilinear" or "bicubic"; None: it moves whole pixels, exactly."""


@runtime_checkable
class Fusable(GeometryStep, Protocol):
    """A geometric step that one matrix describes."""

    def stage(self) -> Stage:
        """Return that matrix and what belongs to it."""
        ...
