"""How wide a box is: from the radius a person writes to the weights of its pixels, computed as Pillow computes them."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.roles import Range, is_known, one_an_image

REACHES = (2, 5, 10)
"""Reaches for which a program of its own, which reads every pixel of the window, is worth compiling."""

ONE = 1 << 24
"""The sum of the integer weights of a window."""

LIMIT = 65535.0
"""The largest radius; the integer sums hold up to 8 million."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Window:
    """A box one pixel wide and ``2 radius + 1`` long, of one radius an image; a pytree.

    The pixels up to ``whole`` from the middle count fully; the two at ``whole + 1`` in part.
    """

    whole: Any
    """int32 [n]: the whole part of the radius; n is 1 or the batch."""
    inner: Any
    """uint32 [n]: the weight of a full pixel, of 2**24."""
    outer: Any
    """uint32 [n]: the weight of a partial one."""
    inner_share: Any
    """float32 [n]: the same as shares of 1."""
    outer_share: Any
    """float32 [n]."""
    reach: int | None
    """No image has a partial pixel farther than this from the middle; None: not known, or far."""

    def __getitem__(self, index: Any) -> Window:
        """Return the window of some images."""
        return jax.tree.map(lambda leaf: leaf[index], self)


jax.tree_util.register_dataclass(
    Window, data_fields=["whole", "inner", "outer", "inner_share", "outer_share"], meta_fields=["reach"]
)


def window_of(radius: Any) -> Window:
    """Return the window of a fractional box radius, float32 [n]: numpy gives numpy, a traced radius a traced window.

    ``inner = floor(2**24 / (2 radius + 1))``, ``outer = (2**24 - (2 whole + 1) inner) / 2`` (BoxBlur.c).
    """
    lib: Any = np if isinstance(radius, np.ndarray) else jnp
    one = np.float32(1)
    whole = lib.floor(radius).astype(np.int32)
    share = one / (radius * np.float32(2) + one)
    inner = (np.float32(ONE) / (radius * np.float32(2) + one)).astype(np.uint32)
    outer = (np.uint32(ONE) - (2 * whole + 1).astype(np.uint32) * inner) // np.uint32(2)
    return Window(
        whole=whole,
        inner=inner,
        outer=outer,
        inner_share=share,
        outer_share=(radius - whole.astype(np.float32)) * share,
        reach=_program(int(whole.max()) + 1) if lib is np else None,
    )


def _program(reach: int) -> int | None:
    return next((enough for enough in REACHES if reach <= enough), None)


def radius_of_three_boxes(sigma: Any) -> Any:
    """Return the box radius whose three passes have the variance ``sigma**2`` of a Gaussian, float32.

    With ``v = sigma**2 / 3``: ``whole = floor((sqrt(12 v + 1) - 1) / 2)``, and the fraction
    ``(2 whole + 1) (whole (whole + 1) - 3 v) / (6 (v - (whole + 1)**2))``.

    Source: Gwosdek et al., "Theoretical foundations of Gaussian convolution by extended box filtering", 2011.
    """
    lib: Any = np if isinstance(sigma, np.ndarray) else jnp
    sigma = sigma.astype(np.float32)
    variance = sigma * sigma / np.float32(3)
    length = lib.sqrt(np.float32(12) * variance + np.float32(1))
    whole = lib.floor((length - np.float32(1)) / np.float32(2))
    over = (np.float32(2) * whole + np.float32(1)) * (whole * (whole + np.float32(1)) - np.float32(3) * variance)
    under = np.float32(6) * (variance - (whole + np.float32(1)) * (whole + np.float32(1)))
    return whole + over / under


@dataclasses.dataclass(frozen=True)
class BoxRadius:
    """A box radius, one an image; the kernel gets a ``Window``."""

    optional: bool = False
    """None is allowed, and reaches the kernel as None."""

    def annotation(self) -> Any:
        """Return ``float`` with its bounds."""
        return Range(0, LIMIT, optional=self.optional).annotation()

    def check(self, name: str, value: Any) -> None:
        """Raise UserError where a known value is negative, not finite or not a number."""
        Range(0, LIMIT, optional=self.optional).check(name, value)

    def prepare(self, name: str, value: Any, canvas: Canvas) -> Window | None:
        """Return the window, numpy where the radius is known."""
        if value is None:
            return None
        return window_of(self.box_radius(one_an_image(name, value, canvas).astype(np.float32)))

    def box_radius(self, radius: Any) -> Any:
        """Return the radius of the box."""
        return radius


@dataclasses.dataclass(frozen=True)
class GaussianRadius(BoxRadius):
    """The standard deviation of a Gaussian made of three boxes; the kernel gets the ``Window`` of one."""

    def box_radius(self, radius: Any) -> Any:
        """Return the radius of each of the three boxes."""
        return radius_of_three_boxes(radius)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Bell:
    """The weights of a sampled Gaussian, of one deviation an image; a pytree."""

    weights: Any
    """float32 [reach + 1, n]: of the middle pixel, and of the pair at each distance from it."""


jax.tree_util.register_dataclass(Bell, data_fields=["weights"], meta_fields=[])

TRUNCATE = 4.0
"""In standard deviations: where a sampled Gaussian ends; 0.006 % lies farther out."""

TRACED_SIGMA = 16.0
"""The largest deviation that is honoured when it is traced, since the support must be known to compile."""


@dataclasses.dataclass(frozen=True)
class Deviation:
    """The standard deviation of a sampled Gaussian; the kernel gets a ``Bell``, its support a power of two."""

    def annotation(self) -> Any:
        """Return ``float`` with its bounds."""
        return Range(0, 1000).annotation()

    def check(self, name: str, value: Any) -> None:
        """Raise UserError where a known value is outside [0, 1000]."""
        Range(0, 1000).check(name, value)

    def prepare(self, name: str, value: Any, canvas: Canvas) -> Bell:
        """Return ``exp(-k**2 / (2 sigma**2))`` for k from 0 to the reach, so that the whole window sums to 1."""
        known = is_known(value)
        lib: Any = np if known else jnp
        sigma = one_an_image(name, value, canvas)
        largest = float(sigma.max()) if known else TRACED_SIGMA
        reach = 2 ** max(int(np.ceil(np.log2(max(TRUNCATE * largest, 1.0)))), 1)
        distance = np.arange(reach + 1, dtype=np.float32)[:, None]
        # A deviation of 0.05 already leaves every weight but the middle one below the smallest float.
        sigma = lib.clip(sigma, 0.05, largest if known and largest > 0.05 else TRACED_SIGMA)[None]
        weights = lib.exp(-0.5 * (distance / sigma) ** 2)
        total = weights[:1] + 2 * weights[1:].sum(axis=0, keepdims=True)
        return Bell(weights=(weights / total).astype(np.float32))
