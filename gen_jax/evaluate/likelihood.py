"""Held-out likelihood of a flat VAE: both bounds over a whole set of images, in bits a dimension, with their errors."""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Any

import jax
import numpy as np
from jax import Array

from gen_jax import rng
from gen_jax.errors import UserError
from gen_jax.metrics.classification import as_classes
from gen_jax.metrics.result import Measured
from gen_jax.objectives.importance import Bounds, gaussian_bounds
from gen_jax.objectives.likelihoods import Likelihood
from gen_jax.pixels import to_signed
from gen_jax.types import PyTree, VaeNetworks


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class HeldOutLikelihood(Measured):
    """How well a VAE explains images that it has not seen; means over the images, nats an image unless it says bits.

    The bits a dimension are those of the literature for a likelihood on 8-bit levels; see
    ``objectives.likelihoods.bits_per_dimension``.
    """

    bits_per_dimension: float
    """-elbo in bits for each pixel and channel; lower is better."""
    elbo: float
    """Evidence lower bound, -(distortion + rate); higher is better."""
    rate: float
    """KL divergence of the posterior from the prior; 0 where the posterior has collapsed."""
    distortion: float
    """-log p(x | z)."""
    iw_bound: float
    """Importance-weighted bound; higher than the elbo, and closer to the log-likelihood."""
    iw_bits_per_dimension: float
    """-iw_bound in bits for each pixel and channel."""
    standard_error: float
    """Of bits_per_dimension: standard deviation over the images, divided by the root of their number."""
    iw_standard_error: float
    """The same of iw_bits_per_dimension."""
    samples: int
    """Latents drawn an image; the importance-weighted bounds of two different numbers do not compare."""
    images: int
    """Images measured."""
    elbo_each: np.ndarray
    """float32 [n], nats."""
    iw_bound_each: np.ndarray
    """float32 [n], nats."""


def held_out_likelihood(
    networks: VaeNetworks,
    likelihood: Likelihood,
    weights: PyTree,
    images: Any,
    labels: Any = None,
    *,
    samples: int = 64,
    batch: int = 256,
    seed: int = 0,
) -> HeldOutLikelihood:
    """Measure the evidence lower bound and the importance-weighted bound of each image.

    ``log p(x) >= E log 1/K sum_k p(x | z_k) p(z_k) / q(z_k | x) >= elbo``. Both use the same draws, and an image's
    draws depend on the seed, on its place in the set and on ``batch`` alone. Memory does not grow with ``samples``.

    Args:
      networks: encoder and decoder, from ``build_networks``.
      likelihood: p(x | z), from ``likelihood_of``.
      weights: ``{"enc": ..., "dec": ...}``.
      images: uint8 [n, h, w, c], held out from the training.
      labels: whole numbers [n], for a conditional model; left out otherwise.
      samples: K, latents drawn an image.
      batch: images that are worked on at a time.
      seed: of the draws, by jax.

    Raises:
      UserError: other images than those of the model, or labels missing.

    Source: Kingma and Welling, arXiv 1312.6114, eq. 3; Burda et al., arXiv 1509.00519, eq. 8.
    """
    images, labels = _checked(networks, images, labels)
    for name, value in (("samples", samples), ("batch", batch)):
        if value < 1:
            raise UserError(f"{name}: {value}, must be 1 or more; raise it")
    program = functools.partial(_bounds, networks=networks, likelihood=likelihood, samples=samples)
    size = min(batch, 1 << (len(images) - 1).bit_length())
    key = rng.stream(seed, "likelihood")
    found = []
    for number, start in enumerate(range(0, len(images), size)):
        # The last block is filled up with its first image.
        rows = np.arange(start, start + size)
        rows = np.where(rows < len(images), rows, start)
        bounds = program(weights, images[rows], None if labels is None else labels[rows], rng.at(key, number))
        found.append(np.stack(bounds)[:, : len(images) - start])
    return _summary(np.concatenate(found, axis=1).astype(np.float64), networks.image_shape, samples)


@functools.partial(jax.jit, static_argnames=("networks", "likelihood", "samples"))
def _bounds(
    weights: PyTree,
    images: Array,
    labels: Array | None,
    key: Array,
    *,
    networks: VaeNetworks,
    likelihood: Likelihood,
    samples: int,
) -> Bounds:
    signed = to_signed(images)
    mean, log_std = networks.encoder.apply(weights["enc"], signed, labels)

    def log_prob(latent: Array) -> Array:
        return likelihood.log_prob(networks.decoder.apply(weights["dec"], latent, labels), signed)

    return gaussian_bounds(key, log_prob, mean, log_std, samples=samples)


def _summary(bounds: np.ndarray, shape: tuple[int, int, int], samples: int) -> HeldOutLikelihood:
    weighted, distortion, rate = bounds  # in the order of ``Bounds``
    elbo = -(distortion + rate)
    count, dimensions = len(elbo), math.log(2.0) * math.prod(shape)

    def error(values: np.ndarray) -> float:
        return float(values.std(ddof=1) / math.sqrt(count) / dimensions) if count > 1 else math.nan

    return HeldOutLikelihood(
        bits_per_dimension=float(-elbo.mean() / dimensions),
        elbo=float(elbo.mean()),
        rate=float(rate.mean()),
        distortion=float(distortion.mean()),
        iw_bound=float(weighted.mean()),
        iw_bits_per_dimension=float(-weighted.mean() / dimensions),
        standard_error=error(elbo),
        iw_standard_error=error(weighted),
        samples=samples,
        images=count,
        elbo_each=elbo.astype(np.float32),
        iw_bound_each=weighted.astype(np.float32),
    )


def _checked(networks: VaeNetworks, images: Any, labels: Any) -> tuple[np.ndarray, np.ndarray | None]:
    array = np.asarray(images)
    if array.dtype != np.uint8 or array.shape[1:] != networks.image_shape or not len(array):
        raise UserError(
            f"images: shape {array.shape} of {array.dtype}, must be uint8 [n, h, w, c] with (h, w, c) the model's "
            f"{networks.image_shape}; resize or convert them"
        )
    if not networks.num_classes:
        return array, None
    if labels is None:
        raise UserError("labels: None, and this model is conditional; give the class of each image")
    classes = as_classes(labels, name="labels", num_classes=networks.num_classes)
    if len(classes) != len(array):
        raise UserError(f"labels: {len(classes)} for {len(array)} images; give one label an image")
    return array, classes.astype(np.int32)
