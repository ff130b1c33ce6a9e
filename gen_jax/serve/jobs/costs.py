"""What a chain of edits costs before it runs: seconds of one core, by a table of what was measured, and a budget."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.operation import Operation
from gen_jax.edit.step import Step
from gen_jax.serve.problem import Problem

BUDGET = 40.0
"""Seconds of one core of 2024 for a request; about half as many on two cores."""
USUAL = 0.1
"""Seconds a megapixel (2^20) of up to three channels; most edits take less than half of it."""
MOST_BETWEEN = 4
"""A resize goes by way of the new width at the old height, or the other way round: times the pixels of an image."""
MOST_ELASTIC_SIDE = 1 << 13
"""Elastic holds matrices of side x side: 256 MiB each."""

MOST_LETTERS = 1000
"""Of a watermark: it is drawn on the host, several times to find its size."""

_RESIZES = ("resize", "fit", "contain", "cover", "letterbox")


def _median(parameters: Any, canvas: Canvas) -> tuple[float, float]:
    """Up to 7 a network of comparisons; above, every pixel of the window is counted once a bit."""
    small = {1: 0.02, 3: 0.05, 5: 0.15, 7: 0.35}
    return 0.0, small[parameters.size] if parameters.size in small else 0.01 * parameters.size**2


def _true_gaussian(parameters: Any, canvas: Canvas) -> tuple[float, float]:
    """Each distance is written out in the program: compiling takes longer than running on a small image."""
    reach = _power_above(4.0 * parameters.sigma)
    return 0.03 * reach, 0.004 * reach + 6e-5 * reach**2


def _motion(parameters: Any, canvas: Canvas) -> tuple[float, float]:
    """One sample of the whole image a pixel of the line."""
    reach = _power_above((parameters.length - 1.0) / 2.0)
    return 0.015 * reach, 0.035 * reach


def _elastic(parameters: Any, canvas: Canvas) -> tuple[float, float]:
    """Noise times a matrix of the height and one of the width."""
    return 0.0, 0.2 + 8e-5 * (canvas.height + canvas.width)


COSTS: dict[str, Callable[[Any, Canvas], tuple[float, float]]] = {
    "median": _median,
    "true_gaussian_blur": _true_gaussian,
    "motion_blur": _motion,
    "elastic": _elastic,
}
"""Edits whose time grows with a parameter or faster than the pixels -> seconds to compile, seconds a megapixel."""


def _power_above(length: float) -> int:
    return 1 << max(1, math.ceil(math.log2(max(length, 1.0))))


def check_parameters(operations: Sequence[Operation]) -> None:
    """Refuse what would take too long to plan and compile, whatever the image.

    Raises:
      Problem: content-too-large.
    """
    for each in operations:
        text = getattr(each, "text", None)
        if isinstance(text, str) and len(text) > MOST_LETTERS:
            raise Problem("content-too-large", f"{each.kind}.text has {len(text)} letters; allowed are {MOST_LETTERS}")
    canvas = Canvas(batch=1, height=1, width=1, channels=3)
    seconds = sum(COSTS[each.kind](each, canvas)[0] for each in operations if each.kind in COSTS)
    _check(seconds, operations)


def check_cost(operations: Sequence[Operation], canvas: Canvas, steps: Sequence[Step]) -> None:
    """Refuse a chain that would take too long or too much memory.

    Args:
      operations: of the chain.
      canvas: of the image.
      steps: the operations planned, one by one.

    Raises:
      Problem: content-too-large.
    """
    seconds = 0.0
    for operation, step in zip(operations, steps, strict=True):
        after = step.canvas
        pixels = max(canvas.height * canvas.width, after.height * after.width)
        if operation.kind in _RESIZES:
            pixels = max(pixels, canvas.height * after.width, after.height * canvas.width)
            if pixels > MOST_BETWEEN * canvas.most_pixels:
                raise Problem("content-too-large", f"{operation.kind}: {pixels} pixels on the way to the new shape")
        if operation.kind == "elastic" and max(canvas.height, canvas.width) > MOST_ELASTIC_SIDE:
            raise Problem("content-too-large", f"elastic: allowed are {MOST_ELASTIC_SIDE} pixels a side")
        once, each = COSTS[operation.kind](operation, canvas) if operation.kind in COSTS else (0.0, USUAL)
        seconds += once + each * pixels / 2**20 * max(1.0, canvas.channels / 3.0)
        canvas = after
    _check(seconds, operations)


def _check(seconds: float, operations: Sequence[Operation]) -> None:
    if seconds > BUDGET:
        kinds = ", ".join(dict.fromkeys(each.kind for each in operations))
        raise Problem(
            "content-too-large",
            f"edits ({kinds:.200}) would take about {seconds:.0f} s of a core on this image; allowed are {BUDGET:.0f}: "
            "make the image smaller first, or the radius or size of a filter",
        )
