"""Path length regularisation: how far an image moves for a step in the styles, kept at its running mean."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array

Synthesize = Callable[[Array], Array]
"""``styles [b, n, w] -> images [b, h, w, c]``: the synthesis with parameters and noise bound."""


def path_lengths(synthesize: Synthesize, styles: Array, noise: Array) -> Array:
    """Return ``|J^T y|`` of each image, J being the derivative of the image with respect to its styles.

    ``sqrt(mean over n of (sum over w of (J^T y)^2))``; one forward and one backward pass.

    Args:
      synthesize: from styles to images, differentiable twice.
      styles: [b, n, w], one for each of n layers.
      noise: y, [b, h, w, c], unit Gaussian divided by ``sqrt(h w)``, so that lengths do not grow with the resolution.

    Returns:
      float32 [b].

    Source: Karras et al., arXiv 1912.04958, section 3.2 and appendix B.
    """
    images, pull_back = jax.vjp(synthesize, styles)
    (gradient,) = pull_back(noise.astype(images.dtype))
    return jnp.sqrt(jnp.mean(jnp.sum(jnp.square(gradient.astype(jnp.float32)), axis=2), axis=1))


def penalty(lengths: Array, mean: Array, *, decay: float = 0.01) -> tuple[Array, Array]:
    """Return ``(length - a)^2`` of each image, and the new running mean a.

    ``a = mean + decay (mean of the lengths - mean)``. The penalty is differentiated through a too; what is
    returned as the new mean is not.

    Args:
      lengths: [b].
      mean: the running mean before, a scalar.
      decay: share of the running mean that is replaced.

    Returns:
      penalties [b], not yet weighted; the new mean, a scalar.

    Source: Karras et al., arXiv 1912.04958, equation 4.
    """
    moved = mean + decay * (jnp.mean(lengths) - mean)
    return jnp.square(lengths - moved), jax.lax.stop_gradient(moved)
