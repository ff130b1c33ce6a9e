"""Scheduled quantities: each a pure function of the images seen so far."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike


def linear_ramp(images: ArrayLike, *, start: float, end: float, over: float) -> Array:
    """Go from ``start`` to ``end`` in a straight line: ``start + (end - start) min(n / over, 1)``.

    ``over`` is in images; at 0 the value is ``end`` from the first image.
    """
    share = jnp.clip(jnp.asarray(images, jnp.float32) / over, 0.0, 1.0) if over > 0 else 1.0
    return jnp.asarray(start + (end - start) * share, jnp.float32)


def cosine_ramp(images: ArrayLike, *, start: float, end: float, over: float) -> Array:
    """Go from ``start`` to ``end`` along half a cosine (R3GAN, arXiv 2501.05441, appendix D).

    ``v(n) = end + (start - end) (1 + cos(pi n / over)) / 2`` up to ``over`` images, then ``end``.
    """
    share = jnp.clip(jnp.asarray(images, jnp.float32) / over, 0.0, 1.0) if over > 0 else jnp.float32(1.0)
    return jnp.asarray(end + (start - end) * 0.5 * (1.0 + jnp.cos(jnp.pi * share)), jnp.float32)


def burn_in(images: ArrayLike, *, start: float | None, final: float, over: float) -> Array:
    """Return ``final``; where there is a ``start``, go there from it along half a cosine over the first images."""
    if start is None:
        return jnp.float32(final)
    return cosine_ramp(images, start=start, end=final, over=over)


def ema_decay(images: ArrayLike, *, batch: int, half_life: ArrayLike, ramp_up: float) -> Array:
    """Return the factor of an exponential moving average whose half-life counts images.

    ``0.5 ** (batch / max(min(half_life, ramp_up * n), 1e-8))``: early on the half-life is the share
    ``ramp_up`` of the images seen, so that the average forgets the first weights (Karras et al.,
    arXiv 2006.06676, appendix B). ``ramp_up = 0`` turns the ramp off; ``half_life = 0`` copies the weights.
    """
    half = jnp.asarray(half_life, jnp.float32)
    if ramp_up > 0:
        half = jnp.minimum(half, ramp_up * jnp.asarray(images, jnp.float32))
    return 0.5 ** (batch / jnp.maximum(half, 1e-8))
