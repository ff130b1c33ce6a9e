"""Gradient penalties: how fast the discriminator may change from one image to the next.

They differentiate the discriminator with respect to its images, and are differentiated again with
respect to its parameters when the loss is. The gradient of the *sum* of the logits serves as the gradient
of each logit, which is right as long as no image sees another one: a discriminator with batch statistics
(batch normalisation, minibatch standard deviation) gets the gradient of the sum, as it does in PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array

ApplyImages = Callable[[Array], Array]
"""``images [b, h, w, c] -> logits [b]``: the discriminator with parameters, labels and augmentation bound."""


def logits_and_gradient(apply_images: ApplyImages, images: Array) -> tuple[Array, Array]:
    """Return the logits, and ``|dD(x)/dx|^2`` of each image: one forward and one backward pass.

    R1 and R2 together are one call on ``concatenate([real, fake])``. An augmentation inside ``apply_images``
    is differentiated through, so that the gradient is that of the image before it.

    Args:
      apply_images: the discriminator as a function of images alone.
      images: [b, h, w, c], float.

    Returns:
      logits [b] in float32, squared norm [b] in float32, summed over height, width and channels.

    Raises:
      ValueError: the discriminator does not return one logit an image.

    Source: Mescheder et al., arXiv 1801.04406, eq. 9 and 10.
    """
    logits, pull_back = jax.vjp(apply_images, images)
    if logits.shape != images.shape[:1]:
        raise ValueError(f"apply_images must return logits of shape {images.shape[:1]}, not {logits.shape}")
    (gradient,) = pull_back(jnp.ones_like(logits))
    squares = jnp.square(gradient.astype(jnp.float32))
    return logits.astype(jnp.float32), jnp.sum(squares, axis=tuple(range(1, squares.ndim)))


def zero_centered(squared_norm: Array, *, gamma: Array | float) -> Array:
    """Return the R1 or R2 term ``gamma / 2 |dD(x)/dx|^2`` of each image, [b] to [b].

    R1 at real images, R2 at generated ones (Mescheder et al., arXiv 1801.04406, eq. 9 and 10). ``gamma`` may
    be a traced scalar, for R3GAN lowers it while training.
    """
    return 0.5 * gamma * squared_norm


def one_centered(squared_norm: Array) -> Array:
    """Return the WGAN-GP term ``(|dD(x)/dx| - 1)^2`` of each image, not yet weighted, [b] to [b].

    Gulrajani et al., arXiv 1704.00028, eq. 3. An image where the discriminator is flat costs 1, and gives no gradient.
    """
    # The slope of the square root is infinite at 0: both branches of a `where` must be finite for its gradient to be.
    positive = squared_norm > 0.0
    norm = jnp.where(positive, jnp.sqrt(jnp.where(positive, squared_norm, 1.0)), 0.0)
    return jnp.square(norm - 1.0)


def interpolate(key: Array, real: Array, fake: Array) -> Array:
    """Return ``e real + (1 - e) fake``, [b, h, w, c], one e from U[0, 1) a pair (arXiv 1704.00028, algorithm 1)."""
    share = jax.random.uniform(key, (real.shape[0],) + (1,) * (real.ndim - 1), real.dtype)
    return share * real + (1.0 - share) * fake


def interpolated_penalty(key: Array, apply_images: ApplyImages, real: Array, fake: Array) -> Array:
    """Return the WGAN-GP penalty between each real image and its fake: ``one_centered`` at ``interpolate``.

    Args:
      key: of the interpolation.
      apply_images: as in ``logits_and_gradient``.
      real: [b, h, w, c].
      fake: [b, h, w, c].

    Returns:
      float32 [b], not yet weighted.
    """
    _, squared_norm = logits_and_gradient(apply_images, interpolate(key, real, fake))
    return one_centered(squared_norm)
