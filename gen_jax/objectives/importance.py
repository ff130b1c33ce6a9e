"""A tighter bound on the log-likelihood: many latents a picture, each weighed by how likely it was to be drawn.

``log p(x) >= E log 1/K sum_k p(x | z_k) p(z_k) / q(z_k | x)`` with z_1..z_K from q(z | x). One draw gives the evidence
lower bound; more draws never lower it, and it tends to log p(x) (Burda et al., arXiv 1509.00519, eq. 8 and theorem 1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from gen_jax.errors import UserError
from gen_jax.objectives.elbo import gaussian_kl


def standard_normal_log_prob(latent: Array) -> Array:
    """Return log N(z; 0, 1), the sum over every axis but the first, [b], in nats."""
    return _sum_latent(-0.5 * jnp.square(latent) - 0.5 * math.log(2.0 * math.pi))


def log_weight(noise: Array, mean: Array, log_std: Array) -> Array:
    """Return ``log p(z) - log q(z | x)`` of ``z = mean + exp(log_std) noise`` under a standard normal prior, [b].

    ``sum (noise^2 - z^2) / 2 + log_std``: the constants of the two densities cancel. Its mean over the noise is minus
    the KL divergence.

    Args:
      noise: [b, ...], standard normal.
      mean: of the posterior, the same shape.
      log_std: the natural logarithm of its standard deviation, the same shape.
    """
    latent = mean + jnp.exp(log_std) * noise
    return _sum_latent(0.5 * (jnp.square(noise) - jnp.square(latent)) + log_std)


def importance_weighted_bound(log_prob: Array, log_prior: Array, log_posterior: Array) -> Array:
    """Return ``log 1/K sum_k exp(log p(x | z_k) + log p(z_k) - log q(z_k | x))`` of each image, [b], in nats.

    Args:
      log_prob: log p(x | z_k), [k, b], in nats, z_k drawn from the posterior.
      log_prior: log p(z_k), [k, b].
      log_posterior: log q(z_k | x), [k, b].
    """
    weights = (log_prob + log_prior - log_posterior).astype(jnp.float32)
    return jax.nn.logsumexp(weights, axis=0) - math.log(weights.shape[0])


class Bounds(NamedTuple):
    """Bounds of each image, [b] each, float32, in nats."""

    importance_weighted: Array
    """The bound of all draws together: higher than the other in expectation, and closer to log p(x)."""
    distortion: Array
    """Mean over the draws of -log p(x | z)."""
    rate: Array
    """KL divergence of the posterior from the prior, in closed form."""

    @property
    def elbo(self) -> Array:
        """``-(distortion + rate)``: the evidence lower bound, over the same draws."""
        return -(self.distortion + self.rate)


def gaussian_bounds(
    key: Array, log_prob: Callable[[Array], Array], mean: Array, log_std: Array, *, samples: int
) -> Bounds:
    """Return both bounds of a flat VAE: standard normal prior, diagonal Gaussian posterior.

    The draws are taken one after the other and what they say is summed as they come, so that memory does not grow
    with their number. Differentiable, yet made to measure: on a CPU the derivatives of convolutions are slow in a loop.

    Args:
      key: of all draws.
      log_prob: ``latent [b, z] -> log p(x | z) [b]`` in nats, the images closed over.
      mean: of the posterior, [b, z].
      log_std: the natural logarithm of its standard deviation, [b, z].
      samples: K, draws an image, 1 or more; 1000 is usual for a figure to publish.

    Raises:
      UserError: fewer than one draw.

    Source: Burda et al., arXiv 1509.00519, equation 8.
    """
    if samples < 1:
        raise UserError(f"samples: {samples}, must be 1 or more; 100 gives a bound near that of 1000")
    mean, log_std = mean.astype(jnp.float32), log_std.astype(jnp.float32)

    def draw(number: Array | int, sums: tuple[Array, Array]) -> tuple[Array, Array]:
        log_sum, distortion = sums
        noise = jax.random.normal(jax.random.fold_in(key, number), mean.shape)
        found = log_prob(mean + jnp.exp(log_std) * noise).astype(jnp.float32)
        weight = found + log_weight(noise, mean, log_std)
        # A mean that is updated keeps the digits that a sum of a thousand terms would lose.
        return jnp.logaddexp(log_sum, weight), distortion + (-found - distortion) / (number + 1.0)

    start = jnp.full(mean.shape[:1], -jnp.inf), jnp.zeros(mean.shape[:1])
    log_sum, distortion = jax.lax.fori_loop(0, samples, draw, start)
    return Bounds(log_sum - math.log(samples), distortion, _sum_latent(gaussian_kl(mean, log_std)))


def _sum_latent(values: Array) -> Array:
    return jnp.sum(values, axis=tuple(range(1, values.ndim)))
