"""Distributions of an image given what a decoder says of it: log-probability, mean, sample.

Images are float in [-1, 1]; parameters are the decoder's raw output [b, h, w, p], computed on in float32.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Protocol

import jax
import jax.numpy as jnp
from jax import Array

from gen_jax.objectives import logistic_mixture
from gen_jax.objectives.config import ElboObjective
from gen_jax.pixels import signed_to_unit
from gen_jax.registry import lookup

SMALLEST_LOG_STD = math.log(1.0 / 255.0)
"""Floor of a learned log standard deviation: half a level of 8 bits."""
LARGEST_LOG_STD = 2.0
"""About the ceiling of a learned log standard deviation, in units of [-1, 1]."""


class Sampler(Protocol):
    """``(key, parameters [b, h, w, p], temperature) -> images [b, h, w, c]`` in [-1, 1]."""

    def __call__(self, key: Array, parameters: Array, temperature: Array | float = 1.0) -> Array:
        """Draw an image for each entry of the batch; temperature 0 takes the noise away."""
        ...


@dataclasses.dataclass(frozen=True, kw_only=True)
class Likelihood:
    """One distribution with its choices bound, as pure functions."""

    num_parameters: int
    """p: values that the decoder gives for a pixel."""
    log_prob: Callable[[Array, Array], Array]
    """``(parameters [b, h, w, p], images [b, h, w, c]) -> [b]``, nats summed over height, width and channels."""
    mean: Callable[[Array], Array]
    """``parameters [b, h, w, p] -> images [b, h, w, c]`` in [-1, 1]."""
    sample: Sampler


def make_likelihood(config: ElboObjective, channels: int) -> Likelihood:
    """Return the likelihood that the config names, for images of that many channels.

    Raises:
      UserError: the likelihood is unknown, or it has no form for that many channels.
    """
    return lookup(LIKELIHOODS, config.likelihood, what="likelihood")(config, channels)


def bits_per_dimension(nats: Array | float, image_shape: tuple[int, int, int]) -> Array:
    """Return ``nats / (ln 2 h w c)``.

    The figure of the literature where ``nats`` is the negative log-probability of 8-bit levels (``logistic_mixture``).
    From a density (the Gaussians) it is relative to the unit of [-1, 1], and may be negative.
    """
    return jnp.asarray(nats) / (math.log(2.0) * math.prod(image_shape))


def bernoulli_log_prob(parameters: Array, images: Array) -> Array:
    """Return ``sum u log s(l) + (1 - u) log(1 - s(l))`` with u = (x + 1) / 2 and l the logits, in nats.

    A log-probability on black-and-white images. On grey ones it is the usual relaxation: minus the cross-entropy, at
    its best where s(l) = u, though not normalised over u (Loaiza-Ganem and Cunningham, arXiv 1907.06845). Finite and
    exact at any finite logit, for both logarithms are taken of logits.

    Args:
      parameters: logits [b, h, w, c].
      images: [b, h, w, c] in [-1, 1].
    """
    logits, share = parameters.astype(jnp.float32), signed_to_unit(images).astype(jnp.float32)
    return _sum_pixels(share * jax.nn.log_sigmoid(logits) + (1.0 - share) * jax.nn.log_sigmoid(-logits))


def gaussian_log_prob(mean: Array, log_std: Array | float, images: Array) -> Array:
    """Return ``sum -((x - m) / sigma)^2 / 2 - log sigma - log(2 pi) / 2``, the log-density in nats, [b].

    Args:
      mean: [b, h, w, c].
      log_std: the natural logarithm of sigma, [b, h, w, c] or one number.
      images: [b, h, w, c] in [-1, 1].
    """
    scaled = (images - mean) * jnp.exp(-jnp.asarray(log_std))
    return _sum_pixels(-0.5 * jnp.square(scaled) - log_std - 0.5 * math.log(2.0 * math.pi))


def bounded_log_std(raw: Array) -> Array:
    """Take a raw output smoothly into about [log(1/255), 2], close to the identity well inside.

    ``lo + softplus(hi - softplus(hi - raw) - lo)`` (Chua et al., arXiv 1805.12114, appendix A). The density of a
    pixel that never changes grows without limit as sigma falls; at the floor one of 256 levels holds 68% of the mass.
    """
    below = LARGEST_LOG_STD - jax.nn.softplus(LARGEST_LOG_STD - raw)
    return SMALLEST_LOG_STD + jax.nn.softplus(below - SMALLEST_LOG_STD)


def _bernoulli(config: ElboObjective, channels: int) -> Likelihood:
    """Black or white in each channel; p = c logits. Temperature divides the logits."""
    del config

    def sample(key: Array, parameters: Array, temperature: Array | float = 1.0) -> Array:
        logits = parameters.astype(jnp.float32) / jnp.maximum(temperature, 1e-6)
        return jnp.where(jax.random.bernoulli(key, jax.nn.sigmoid(logits)), 1.0, -1.0)

    return Likelihood(
        num_parameters=channels,
        log_prob=bernoulli_log_prob,
        mean=lambda parameters: jnp.tanh(parameters.astype(jnp.float32) / 2.0),  # 2 s(l) - 1
        sample=sample,
    )


def _gaussian(config: ElboObjective, channels: int) -> Likelihood:
    """Mean from the decoder, one sigma for every pixel; p = c means."""
    log_std = math.log(config.sigma)
    return _from_mean_and_log_std(channels, lambda parameters: (parameters.astype(jnp.float32), jnp.float32(log_std)))


def _learned_gaussian(config: ElboObjective, channels: int) -> Likelihood:
    """Mean and sigma of every pixel from the decoder; p = c means, then c raw log standard deviations."""
    del config

    def parts(parameters: Array) -> tuple[Array, Array]:
        mean, raw = jnp.split(parameters.astype(jnp.float32), 2, axis=-1)
        return mean, bounded_log_std(raw)

    return _from_mean_and_log_std(2 * channels, parts)


def _from_mean_and_log_std(num_parameters: int, parts: Callable[[Array], tuple[Array, Array]]) -> Likelihood:
    """Return the Gaussian whose mean and log sigma ``parts`` reads; images leave it clipped to [-1, 1]."""

    def sample(key: Array, parameters: Array, temperature: Array | float = 1.0) -> Array:
        mean, log_std = parts(parameters)
        noise = jax.random.normal(key, mean.shape)
        return jnp.clip(mean + temperature * jnp.exp(log_std) * noise, -1.0, 1.0)

    return Likelihood(
        num_parameters=num_parameters,
        log_prob=lambda parameters, images: gaussian_log_prob(*parts(parameters), images.astype(jnp.float32)),
        mean=lambda parameters: jnp.clip(parts(parameters)[0], -1.0, 1.0),
        sample=sample,
    )


def _logistic_mixture(config: ElboObjective, channels: int) -> Likelihood:
    """Exact on 8-bit levels; p = 3K, 10K or 15K for 1, 3 or 4 channels, laid out as ``logistic_mixture`` says."""
    mixtures = config.mixtures
    return Likelihood(
        num_parameters=logistic_mixture.parameters_a_pixel(channels, mixtures=mixtures),
        log_prob=functools.partial(logistic_mixture.log_prob, mixtures=mixtures),
        mean=functools.partial(logistic_mixture.mean, channels=channels, mixtures=mixtures),
        sample=functools.partial(logistic_mixture.sample, channels=channels, mixtures=mixtures),
    )


LIKELIHOODS: dict[str, Callable[[ElboObjective, int], Likelihood]] = {
    "bernoulli": _bernoulli,
    "gaussian": _gaussian,
    "learned_gaussian": _learned_gaussian,
    "logistic_mixture": _logistic_mixture,
}
"""Every likelihood by the name that ``ElboObjective.likelihood`` gives it."""


def _sum_pixels(values: Array) -> Array:
    return jnp.sum(values, axis=tuple(range(1, values.ndim)))
