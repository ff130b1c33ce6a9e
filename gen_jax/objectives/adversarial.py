"""The adversarial losses: what discriminator and generator each minimise, one value a pair of samples.

Every function takes the logits of a batch of real and of generated images, paired by position, and
returns float32 [b]; high logits mean "real". The mean over the batch is the loss.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import jax
import jax.numpy as jnp
from jax import Array


class LossTerm(Protocol):
    """One side of a game: ``(real logits [b], fake logits [b]) -> loss [b]``."""

    def __call__(self, real: Array, fake: Array) -> Array:
        """Return the loss of each sample; all sides take both logits, though some need one."""
        ...


class AdversarialLoss(NamedTuple):
    """Both sides of one game."""

    discriminator: LossTerm
    generator: LossTerm


def non_saturating_discriminator(real: Array, fake: Array) -> Array:
    """``-log s(real) - log(1 - s(fake)) = softplus(-real) + softplus(fake)``, with s the logistic function.

    Goodfellow et al., arXiv 1406.2661, equation 1.
    """
    return _softplus(-real) + _softplus(fake)


def non_saturating_generator(real: Array, fake: Array) -> Array:
    """``-log s(fake) = softplus(-fake)`` (Goodfellow et al., arXiv 1406.2661, end of section 3)."""
    del real
    return _softplus(-fake)


def hinge_discriminator(real: Array, fake: Array) -> Array:
    """``max(0, 1 - real) + max(0, 1 + fake)`` (Lim and Ye, arXiv 1705.02894; Miyato et al., arXiv 1802.05957)."""
    return jax.nn.relu(1.0 - _float32(real)) + jax.nn.relu(1.0 + _float32(fake))


def hinge_generator(real: Array, fake: Array) -> Array:
    """``-fake`` (Miyato et al., arXiv 1802.05957)."""
    del real
    return -_float32(fake)


def wasserstein_discriminator(real: Array, fake: Array) -> Array:
    """``fake - real`` (Arjovsky et al., arXiv 1701.07875, eq. 3); to be kept Lipschitz by a gradient penalty."""
    return _float32(fake) - _float32(real)


def wasserstein_generator(real: Array, fake: Array) -> Array:
    """``-fake`` (Arjovsky et al., arXiv 1701.07875)."""
    del real
    return -_float32(fake)


def least_squares_discriminator(real: Array, fake: Array) -> Array:
    """``(real - 1)^2 / 2 + fake^2 / 2`` (Mao et al., arXiv 1611.04076, with labels 0 and 1)."""
    return 0.5 * jnp.square(_float32(real) - 1.0) + 0.5 * jnp.square(_float32(fake))


def least_squares_generator(real: Array, fake: Array) -> Array:
    """``(fake - 1)^2 / 2`` (Mao et al., arXiv 1611.04076, with labels 0 and 1)."""
    del real
    return 0.5 * jnp.square(_float32(fake) - 1.0)


def relativistic_discriminator(real: Array, fake: Array) -> Array:
    """``softplus(-(real - fake))``, the relativistic pairing loss, RpGAN.

    Jolicoeur-Martineau, arXiv 1807.00734; R3GAN, arXiv 2501.05441, eq. 2.
    """
    return _softplus(_float32(fake) - _float32(real))


def relativistic_generator(real: Array, fake: Array) -> Array:
    """``softplus(-(fake - real))``; the real logits matter, for the function is not linear.

    Jolicoeur-Martineau, arXiv 1807.00734; R3GAN, arXiv 2501.05441, eq. 2.
    """
    return _softplus(_float32(real) - _float32(fake))


LOSSES: dict[str, AdversarialLoss] = {
    "non_saturating": AdversarialLoss(non_saturating_discriminator, non_saturating_generator),
    "hinge": AdversarialLoss(hinge_discriminator, hinge_generator),
    "wasserstein": AdversarialLoss(wasserstein_discriminator, wasserstein_generator),
    "least_squares": AdversarialLoss(least_squares_discriminator, least_squares_generator),
    "relativistic": AdversarialLoss(relativistic_discriminator, relativistic_generator),
}
"""Every adversarial loss by the name that ``AdversarialObjective.loss`` gives it."""


def _float32(logits: Array) -> Array:
    return jnp.asarray(logits, jnp.float32)


def _softplus(logits: Array) -> Array:
    return jax.nn.softplus(_float32(logits))
