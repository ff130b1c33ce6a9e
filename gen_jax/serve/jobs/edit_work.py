"""A chain of edits as work that requests share: padded to a bucket, one program for each operation and bucket."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from typing import Any, Literal

import jax
import numpy as np

from gen_jax.edit.buckets import power_of_two
from gen_jax.edit.canvas import Canvas
from gen_jax.edit.chain import Chain
from gen_jax.edit.frames import Frames, apply
from gen_jax.edit.operation import parameters_of
from gen_jax.edit.step import Step
from gen_jax.edit.together import with_seeds
from gen_jax.pixels import from_unit, to_unit
from gen_jax.serve.jobs.costs import check_cost, check_parameters

PIXELS_A_CALL = 1 << 23
"""Padding included; one image may have more."""

Row = tuple[np.ndarray, int]
"""Pixels uint8 [h, w, c], and the number that its noise comes from."""


class EditWork:
    """Rows are photos whose arrays have one shape once they are padded.

    uint8 edits round after every one of them, so each runs as a program of its own: few programs make all chains.
    Float edits are fused, and run as one program.

    Args:
      chain: what is done to them, its pictures read.
      shape: height, width and channels of a photo.
      precision: uint8 rounds after every operation, float at the end.
      most_pixels: of any image on the way.

    Raises:
      UserError: a parameter does not suit the photo (``TooManyPixels`` where an image would be too large).
      Problem: it would take too long (content-too-large).
    """

    def __init__(
        self, chain: Chain, shape: tuple[int, ...], *, precision: Literal["uint8", "float"], most_pixels: int
    ) -> None:
        self._chain, self._precision, self._most_pixels = chain, precision, most_pixels
        height, width, self._channels = shape
        check_parameters(chain.operations)
        canvas = self._canvas_of(np.array([[height, width]], np.int32))
        steps = _plan(chain, canvas, fuse=False)
        check_cost(chain.operations, canvas, steps)
        array = (canvas.height, canvas.width)
        self.signature: Hashable = ("edit", described(chain), array, self._channels, precision)
        largest = max(each.height * each.width for each in (canvas, *(step.canvas for step in steps)))
        self.most = 1 << (max(1, PIXELS_A_CALL // largest).bit_length() - 1)
        self._program = ("edit", precision, array, tuple(map(_structure, steps)))

    def program(self, rows: int) -> Hashable:
        """Name the programs of a call: they depend on what numbers make of shapes, not on the numbers."""
        return (*self._program, power_of_two(rows))

    def run(self, rows: Sequence[Row]) -> list[np.ndarray]:
        """Return the edited photos, uint8; the call is filled up to a power of two with copies of the last."""
        filled = [*rows, *[rows[-1]] * (power_of_two(len(rows)) - len(rows))]
        canvas = self._canvas_of(np.array([pixels.shape[:2] for pixels, _ in filled], np.int32))
        batch = np.zeros((len(filled), canvas.height, canvas.width, self._channels), np.uint8)
        for place, (pixels, _) in zip(batch, filled, strict=True):
            place[: pixels.shape[0], : pixels.shape[1]] = pixels
        seeded = with_seeds(self._chain, np.array([seed for _, seed in filled], np.uint32))
        steps = _plan(seeded, canvas, fuse=self._precision == "float")
        sizes = np.asarray((steps[-1].canvas if steps else canvas).sizes)
        made = self._edited(batch, canvas, steps)
        return [made[place, :height, :width] for place, (height, width) in enumerate(sizes[: len(rows)])]

    def _edited(self, batch: np.ndarray, canvas: Canvas, steps: Sequence[Step]) -> np.ndarray:
        if self._precision == "float":
            return np.asarray(from_unit(_run(tuple(steps), to_unit(batch), canvas.sizes)))
        images: Any = batch
        for step in steps:
            images, canvas = _run((step,), images, canvas.sizes), step.canvas
        return np.asarray(images)

    def _canvas_of(self, sizes: np.ndarray) -> Canvas:
        empty = Canvas(
            batch=len(sizes),
            height=1,
            width=1,
            channels=self._channels,
            rounded=True,
            most_pixels=self._most_pixels,
        )
        height, width = sizes.max(axis=0)
        return empty.resized(int(height), int(width), sizes)


def _plan(chain: Chain, canvas: Canvas, *, fuse: bool) -> tuple[Step, ...]:
    """Return the planned edits, without numpy's warnings of numbers that leave all bounds."""
    with np.errstate(all="ignore"):
        return chain.plan(canvas, fuse=fuse)


@jax.jit
def _run(steps: tuple[Step, ...], images: jax.Array, sizes: jax.Array | None) -> jax.Array:
    frames = Frames(images=images, sizes=sizes)
    for step in steps:
        frames = apply(step, frames, last=step is steps[-1])
    return frames.images


def _structure(step: Step) -> Hashable:
    leaves, tree = jax.tree.flatten(step)
    return (tree, tuple((np.shape(leaf), str(getattr(leaf, "dtype", type(leaf)))) for leaf in leaves))


def described(chain: Chain) -> Hashable:
    """Return what tells chains apart: every operation with its numbers, pictures by their checksum."""
    return tuple(
        (operation.kind, *((name, _hashable(value)) for name, value in parameters_of(operation).items()))
        for operation in chain.operations
    )


def _hashable(value: Any) -> Hashable:
    if isinstance(value, np.ndarray):
        return (value.shape, hashlib.sha256(value.tobytes()).hexdigest())
    return repr(value)
