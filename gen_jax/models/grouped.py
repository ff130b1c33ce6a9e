"""Grouped 3x3 convolution in the form its backend likes: one interface, equal results, gradients of every order."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array, lax

from gen_jax.models.convolution import LAYOUT, patches


def convolve_grouped(x: Array, kernel: Array, *, groups: int, form: str | None = None) -> Array:
    """Cross-correlate every group of channels with its own kernel, zero padded to the same size.

    Args:
      x: [b, h, w, c].
      kernel: [size, size, c / groups, o], size odd; output channel j belongs to group ``j // (o / groups)``.
      groups: how many; divides c and o.
      form: ``native``, XLA's convolution; ``patches``, a product of matrices a group. Both give the same numbers up to
        rounding. Left out, what is fastest: ``patches`` on a CPU, where XLA's gradient of a grouped convolution is
        a plain loop, ``native`` elsewhere.

    Returns:
      [b, h, w, o].
    """
    if form is None:
        form = "patches" if jax.default_backend() == "cpu" else "native"
    size, _, inside, features = kernel.shape
    padding = (size - 1) // 2
    if form == "native":
        sides = [(padding, padding)] * 2
        return lax.conv_general_dilated(x, kernel, (1, 1), sides, dimension_numbers=LAYOUT, feature_group_count=groups)
    b, h, w, _ = x.shape
    x = jnp.moveaxis(x.reshape(b, h, w, groups, inside), 3, 0).reshape(groups * b, h, w, inside)
    x = patches(x, size=size, stride=1, padding=padding).reshape(groups, b * h * w, size * size * inside)
    kernel = jnp.moveaxis(kernel.reshape(size * size * inside, groups, features // groups), 1, 0)
    product = (x @ kernel).reshape(groups, b, h, w, features // groups)
    return jnp.moveaxis(product, 0, 3).reshape(b, h, w, features)
