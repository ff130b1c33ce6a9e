"""Keep XLA from merging one pass over the pixels into the next, where merging repeats the first for every tap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp

T = TypeVar("T", jax.Array, tuple[jax.Array, ...])

SMALL = 1 << 14
"""Values; a pass over fewer costs less again than to be kept apart."""


def apart(pass_over: Callable[..., T], images: Any, *arrays: Any, everywhere: bool = True) -> T:
    """Return ``pass_over(images, *arrays)``, computed once and stored.

    On a CPU the compiler drops ``optimization_barrier`` before it fuses, and then computes a pass again for
    each of the values that the next one reads: a resize of twelve taps became ten times slower. A
    conditional is what it does not look through; its condition is always true, which only the running
    program knows. On other devices the barrier holds; with ``everywhere`` false there is none, which lets a
    GPU make one kernel of what reads each pixel from its own place.
    """
    shapes = jax.eval_shape(pass_over, images, *arrays)
    if sum(shape.size for shape in jax.tree.leaves(shapes)) < SMALL:
        return pass_over(images, *arrays)

    def conditional(images: Any, *arrays: Any) -> T:
        probe = jax.tree.leaves(images)[0]
        level = jax.lax.stop_gradient(probe[(0,) * probe.ndim]).astype(jnp.int32)
        always = jnp.bitwise_and(level * (level + 1), 1) == 0  # one of two neighbours is even

        def never(*_: Any) -> T:
            return jax.tree.map(lambda shape: jnp.zeros(shape.shape, shape.dtype), shapes)

        return jax.lax.cond(always, pass_over, never, images, *arrays)

    def barrier(images: Any, *arrays: Any) -> T:
        found = pass_over(images, *arrays)
        return jax.lax.optimization_barrier(found) if everywhere else found

    return jax.lax.platform_dependent(images, *arrays, cpu=conditional, default=barrier)
