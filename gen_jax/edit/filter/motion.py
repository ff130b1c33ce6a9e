"""Motion blur: the mean along a line, as a camera that moves while the shutter is open."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from gen_jax.edit.borders import extend_edges
from gen_jax.edit.canvas import Canvas
from gen_jax.edit.kernel import planned
from gen_jax.edit.roles import Parameter, Range, is_known, one_an_image
from gen_jax.edit.step import PixelStep

LONGEST = 1023.0
TRACED_LENGTH = 63.0
"""The longest line that is honoured when it is traced, since the number of samples must be known to compile."""


@dataclasses.dataclass(frozen=True)
class LineLength(Range):
    """The length of a line in pixels; the plan gets [b or 1], float64 where known."""

    low: float | None = 1.0
    high: float | None = LONGEST

    def prepare(self, name: str, value: Any, canvas: Canvas) -> Any:
        """Return [b or 1]."""
        return one_an_image(name, value, canvas)


@dataclasses.dataclass(frozen=True)
class Angle(Range):
    """Degrees; the plan gets [b or 1], float64 where known."""

    def prepare(self, name: str, value: Any, canvas: Canvas) -> Any:
        """Return [b or 1]."""
        return one_an_image(name, value, canvas)


@planned(length=LineLength(), degrees=Angle())
def motion_blur(canvas: Canvas, *, length: Parameter = 9.0, degrees: Parameter = 0.0) -> PixelStep:
    """Give each pixel the mean along a line through it, the edge carried on.

    Samples lie a pixel apart, are interpolated between pixels, and count
    ``clip((length + 1) / 2 - |s|, 0, 1) / length`` at distance s. All channels, alpha too; uint8 is rounded once.

    Args:
      canvas: images [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      length: of the line in pixels, 1 (no blur) to 1023, one number or one an image; a traced one counts as at
        most 63. The cost grows with the longest; each power of two compiles once.
      degrees: the direction, counter-clockwise from the right as displayed, one number or one an image.

    Returns:
      The same shape and dtype.
    """
    lib: Any = np if is_known((length, degrees)) else jnp
    longest = float(length.max()) if is_known(length) else TRACED_LENGTH
    reach = 2 ** int(np.ceil(np.log2(max((longest - 1) / 2, 1.0))))
    distance = np.arange(-reach, reach + 1)[:, None]
    length = lib.clip(lib.asarray(length), 1.0, max(longest, 1.0))
    radians = lib.deg2rad(lib.asarray(degrees))[None]
    weights = lib.clip((length[None] + 1) / 2 - abs(distance), 0.0, 1.0) / length[None]
    # Rounded so that a right angle moves by whole pixels.
    right = lib.round(distance * lib.cos(radians), 6) if lib is np else distance * lib.cos(radians)
    down = lib.round(-distance * lib.sin(radians), 6) if lib is np else -distance * lib.sin(radians)
    arrays = {
        "weights": weights.astype(np.float32),
        "right": right.astype(np.float32),
        "down": down.astype(np.float32),
    }
    arrays = {name: _each(array, canvas.batch) for name, array in arrays.items()}
    return PixelStep(canvas=canvas, arrays=arrays, body=_smeared, options=(("reach", reach),), sized=True)


def _each(array: Any, batch: int) -> Any:
    """Return [b, samples]: what one image needs beside it."""
    lib: Any = np if isinstance(array, np.ndarray) else jnp
    return lib.broadcast_to(array, (array.shape[0], batch)).T


def _smeared(
    images: jax.Array, *, weights: jax.Array, right: jax.Array, down: jax.Array, reach: int, sizes: jax.Array | None
) -> jax.Array:
    margin = reach + 1
    around = ((0, 0), (margin, margin), (margin, margin), (0, 0))
    padded = jnp.pad(extend_edges(images, sizes), around, mode="edge")
    height, width = images.shape[1:3]

    def one(arguments: tuple[jax.Array, ...]) -> jax.Array:
        image, weights, right, down = arguments

        def sample(total: jax.Array, line: tuple[jax.Array, ...]) -> tuple[jax.Array, None]:
            weight, x, y = line
            left, top = jnp.floor(x), jnp.floor(y)
            start = (top.astype(jnp.int32) + margin, left.astype(jnp.int32) + margin, jnp.int32(0))
            block = lax.dynamic_slice(image, start, (height + 1, width + 1, image.shape[-1])).astype(jnp.float32)
            across, along = x - left, y - top
            rows = block[:-1] * (1 - along) + block[1:] * along
            return total + weight * (rows[:, :-1] * (1 - across) + rows[:, 1:] * across), None

        return lax.scan(sample, jnp.zeros((height, width, image.shape[-1])), (weights, right, down))[0]

    arguments = padded, weights, right, down
    mean = lax.platform_dependent(
        *arguments, cpu=lambda *each: lax.map(one, each), default=lambda *each: jax.vmap(lambda *a: one(a))(*each)
    )
    return jnp.floor(mean + 0.5).astype(jnp.uint8) if images.dtype == jnp.uint8 else mean
