"""Arithmetic that gives Pillow's bits: what a compiler would fuse into one rounding keeps its two."""

from __future__ import annotations

import jax
import jax.numpy as jnp

_UNREACHED = 1e30


def rounded(product: jax.Array) -> jax.Array:
    """Return a float32 product unchanged, so that adding to it cannot become one fused multiply-add.

    A compiler may make ``x + a y`` one operation with one rounding; Pillow, compiled for any x86-64, rounds the
    product first, and where a sum is truncated to a level the two differ by one (``blend`` of levels 4 and 14 at
    0.3). A limit that is never reached, which no compiler can know, stands between the two and costs nothing.
    """
    return jnp.where(product < _UNREACHED, product, _UNREACHED)
