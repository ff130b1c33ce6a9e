"""Arithmetic that gives Pillow's bits: what a compiler would fuse into one rounding keeps its two."""

from __future__ import annotations

import jax
import jax.numpy as jnp


def rounded(product: jax.Array, factor: jax.Array) -> jax.Array:
    """Return a float32 product unchanged, so that adding to it cannot become one fused multiply-add.

    A compiler may make ``x + a y`` one operation with one rounding; Pillow, compiled for any x86-64, rounds the
    product first, and where a sum is truncated to a level the two differ by one (``blend`` of levels 4 and 14 at
    0.3). A bit operation that does nothing, and whose nothing is not known to the compiler, keeps them apart.

    Args:
      product: float32, just computed; not differentiable.
      factor: float32, a small array that broadcasts with it and is not NaN.
    """
    nothing = (factor != factor).astype(jnp.uint32)
    bits = jax.lax.bitcast_convert_type(product, jnp.uint32) | nothing
    return jax.lax.bitcast_convert_type(bits, jnp.float32)
