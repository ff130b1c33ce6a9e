"""Logits and squared gradients of a piecewise linear discriminator, differentiable for two thirds of the work.

A discriminator of convolutions, biases and leaky ReLUs is linear around every image once its biases are counted
as weights of one more input, the *unit*, which is 1. Then ``D(x) = <dD/dx, x> + dD/du`` (Euler), and the derivative of
a logit by the parameters is that of the right-hand side: it flows through the same backward pass as that of
a gradient penalty. The usual way back through the forward pass, and a second set of kernel gradients, fall away: four
passes over the network in place of six, with equal results up to rounding.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array

ApplyWithUnit = Callable[[Array, Array], Array]
"""``(images [b, h, w, c], unit [b]) -> logits [b]``, linear in both together wherever no activation changes sign."""


def logits_and_gradient(
    apply: ApplyWithUnit, images: Array, *, augment: Callable[[Array], Array] | None = None
) -> tuple[Array, Array]:
    """Return what ``penalties.logits_and_gradient`` does, with the same derivative by whatever ``apply`` closes over.

    The logits have no derivative by the images, nor by what ``augment`` closes over.

    Args:
      apply: the discriminator as a function of images and the unit, which every bias is multiplied by.
      images: [b, h, w, c], float.
      augment: what the images go through first; the gradient is that of the images before it.

    Returns:
      logits [b] in float32, squared norm [b] in float32, summed over height, width and channels.
    """
    shown, back_to_images = (images, None) if augment is None else jax.vjp(augment, images)
    unit = jnp.ones(images.shape[:1], jnp.float32)
    logits, back_to_shown = jax.vjp(apply, shown, unit)
    gradient, of_unit = back_to_shown(jnp.ones_like(logits))
    logits = _tie(*jax.lax.stop_gradient((logits, shown)), gradient, of_unit)
    if back_to_images is not None:
        (gradient,) = back_to_images(gradient)
    squares = jnp.square(gradient.astype(jnp.float32))
    return logits.astype(jnp.float32), jnp.sum(squares, axis=tuple(range(1, squares.ndim)))


@jax.custom_vjp
def _tie(logits: Array, shown: Array, gradient: Array, of_unit: Array) -> Array:
    """Return the logits, to be differentiated as ``<gradient, shown> + of_unit``, which they are."""
    del shown, gradient, of_unit
    return logits


def _tie_forward(logits: Array, shown: Array, gradient: Array, of_unit: Array) -> tuple[Array, Array]:
    del gradient, of_unit
    return logits, shown


def _tie_backward(shown: Array, along: Array) -> tuple[Array, Array, Array, Array]:
    each = along.reshape(-1, *[1] * (shown.ndim - 1)).astype(shown.dtype)
    return jnp.zeros_like(along), jnp.zeros_like(shown), each * shown, along.astype(jnp.float32)


_tie.defvjp(_tie_forward, _tie_backward)
