"""A planned edit: a pytree of arrays computed on the host, and the pure function of images that uses them.

Planning is where exactness comes from: whatever is known before the pixels (a rotation's matrix, the
weights of a resize, the widths of a blur) is computed in float64 on the host, as Pillow does, and only
then handed to the compiled kernel. New values make new arrays of the same shape, never a new compilation.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import jax
import jax.numpy as jnp

from gen_jax.edit.canvas import Canvas


@runtime_checkable
class Step(Protocol):
    """A planned edit; a pytree."""

    @property
    def canvas(self) -> Canvas:
        """What it leaves."""
        ...

    def images(self, images: jax.Array) -> jax.Array:
        """Return the edited images [b, h', w', c]; takes [b, h, w, c], uint8 or float32."""
        ...


@runtime_checkable
class GeometryStep(Step, Protocol):
    """A planned edit that moves pixels, so that masks, boxes and keypoints travel along."""

    def labels(self, labels: jax.Array) -> jax.Array:
        """Return maps [b, h', w', k] of any dtype: each value a copy of the nearest one, 0 where there is none."""
        ...

    def points(self, points: jax.Array) -> jax.Array:
        """Return where points [b, n, 2] land, as (x, y): pixel (i, j) covers [j, j+1) x [i, i+1)."""
        ...


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class PixelStep:
    """An edit that leaves every pixel in its place: a body, its arrays, its static choices."""

    canvas: Canvas
    arrays: dict[str, Any]
    body: Callable[..., jax.Array]
    options: tuple[tuple[str, Any], ...]
    sized: bool
    """Whether the body asks for the true sizes: ``sizes`` [b, 2] or None."""

    def images(self, images: jax.Array) -> jax.Array:
        """Return the edited images."""
        choices = dict(self.options)
        if self.sized:
            choices["sizes"] = self.canvas.sizes
        return self.body(images, **self.arrays, **choices)


jax.tree_util.register_dataclass(PixelStep, data_fields=["canvas", "arrays"], meta_fields=["body", "options", "sized"])


@jax.jit
def _execute(step: Step, images: jax.Array) -> jax.Array:
    return step.images(images)


def execute(step: Step, images: Any) -> jax.Array:
    """Return the edited images, [h, w, c] for [h, w, c]: one compilation a structure and shape."""
    if jnp.ndim(images) == 4:
        return _execute(step, images)
    return _execute(step, images[None])[0]
