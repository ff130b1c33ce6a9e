"""The evidence lower bound: ``log p(x) >= E_q[log p(x | z)] - KL(q(z | x) || p(z))``.

Kingma and Welling, arXiv 1312.6114, eq. 3. The first term with its sign turned is the distortion, the second the
rate (Alemi et al., arXiv 1711.00464), both in nats an image.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from gen_jax.objectives.config import ElboObjective
from gen_jax.objectives.likelihoods import bits_per_dimension
from gen_jax.schedules import linear_ramp


def gaussian_kl(mean: Array, log_std: Array) -> Array:
    """Return KL(N(mean, std^2) || N(0, 1)) of each latent dimension, in nats, the shape of ``mean``.

    ``(mean^2 + std^2 - 1) / 2 - log std`` (Kingma and Welling, arXiv 1312.6114, appendix B); ``std = exp(log_std)``.
    """
    # expm1 keeps the digits of std^2 - 1 where the posterior is almost the prior.
    return 0.5 * (jnp.square(mean) + jnp.expm1(2.0 * log_std)) - log_std


def gaussian_kl_between(mean: Array, log_std: Array, prior_mean: Array, prior_log_std: Array) -> Array:
    """Return KL(N(mean, std^2) || N(prior_mean, prior_std^2)) of each latent dimension, in nats.

    ``((mean - prior_mean)^2 / prior_std^2 + r^2 - 1) / 2 - log r`` with ``r = std / prior_std``: the KL divergence from
    the standard normal of the posterior in units of the prior. For models whose prior is learned, such as VDVAE.
    """
    return gaussian_kl((mean - prior_mean) * jnp.exp(-prior_log_std), log_std - prior_log_std)


def free_bits(kl: Array, *, nats: float) -> Array:
    """Return ``sum_j max(nats, mean over the batch of kl_j)``, the rate that is charged; a scalar.

    A latent dimension j that spends less than ``nats`` on average over the batch gets no gradient from the KL
    divergence, and so is not pushed to collapse ("free bits" of Kingma et al., arXiv 1606.04934, with one dimension
    a group). At ``nats = 0`` it is the mean over the batch of the sum, since no divergence is negative.

    Args:
      kl: [b, ...], every axis after the first a latent dimension. The mean is over the batch given here, hence over
        a part of the step's batch under gradient accumulation.
      nats: allowed to each dimension, 0 or more.
    """
    mean_kl = jnp.mean(kl, axis=0)
    return jnp.sum(jnp.maximum(mean_kl, nats) if nats > 0.0 else mean_kl)


def beta_at(images: ArrayLike, config: ElboObjective) -> Array:
    """Return the weight of the KL divergence after so many images: ``beta min(images / kl_warmup, 1)``.

    Sønderby et al., arXiv 1602.02282 (warm-up); Higgins et al., ICLR 2017 (beta).
    """
    return linear_ramp(images, start=0.0, end=config.beta, over=config.kl_warmup)


def elbo_loss(
    log_prob: Array, kl: Array, *, image_shape: tuple[int, int, int], beta: ArrayLike = 1.0, free_nats: float = 0.0
) -> tuple[Array, dict[str, Array]]:
    """Return ``distortion + beta free_bits(kl)``, means over the batch in nats an image, and its named terms.

    Args:
      log_prob: log p(x | z) of each image, [b], in nats, with z drawn from the posterior.
      kl: KL divergence of each latent dimension, [b, ...], in nats; of a hierarchical model those of all levels.
      image_shape: height, width, channels, for ``bits_per_dimension``.
      beta: weight of the KL divergence now, see ``beta_at``.
      free_nats: nats a latent dimension, see ``free_bits``.

    Returns:
      The loss, and as scalars
        distortion: mean of -log p(x | z);
        rate: mean KL divergence, whole: no weight and no free bits, so that posterior collapse shows as a rate of 0;
        elbo: -(distortion + rate), the bound itself whatever the weight, higher is better;
        bits_per_dimension: -elbo in bits for each pixel and channel, see ``likelihoods.bits_per_dimension``;
        beta: the weight.
    """
    distortion = -jnp.mean(log_prob)
    rate = free_bits(kl, nats=0.0)
    elbo = -(distortion + rate)
    beta = jnp.asarray(beta, jnp.float32)
    terms = {
        "elbo": elbo,
        "rate": rate,
        "distortion": distortion,
        "bits_per_dimension": bits_per_dimension(-elbo, image_shape),
        "beta": beta,
    }
    return distortion + beta * free_bits(kl, nats=free_nats), terms
