"""Latents one by one: number ``i`` of a seed is the same whatever is drawn beside it."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array, lax
from jax.typing import ArrayLike

from gen_jax import rng
from gen_jax.types import Latent


def draw(
    key: Array,
    prior: Callable[[Array, int], Latent],
    indices: Array,
    *,
    temperature: ArrayLike = 1.0,
    truncation: ArrayLike | None = None,
) -> Latent:
    """Return the latents of these numbers: ``z_i = temperature * truncate(prior(fold_in(key, i), 1))``.

    Args:
      key: of the whole set of latents, or keys [b], one a latent.
      prior: ``prior(key, n)`` of a LatentModel; its leaves are drawn from a unit Gaussian.
      indices: int32 [b], the numbers of the images.
      temperature: factor of the standard deviation, 0 or more; 1 is what the model was trained with. A scalar, or
        [b], one a latent.
      truncation: threshold of ``truncate``, above 0; a scalar, or [b]; None leaves the Gaussian whole.

    Returns:
      The pytree that ``prior`` gives, leaves [b, ...].
    """

    def one(key: Array, index: Array) -> Latent:
        return jax.tree.map(lambda leaf: leaf[0], prior(rng.at(key, index), 1))

    latents = jax.vmap(one, in_axes=(0 if key.ndim else None, 0))(key, indices)
    if truncation is not None:
        latents = jax.tree.map(lambda leaf: truncate(leaf, threshold=_beside(truncation, leaf)), latents)
    return jax.tree.map(lambda leaf: leaf * _beside(temperature, leaf), latents)


def _beside(value: ArrayLike, leaf: Array) -> ArrayLike:
    """Return one value a row in the shape that goes with [b, ...]; a scalar as it is."""
    return value if jnp.ndim(value) == 0 else jnp.reshape(value, (-1, *[1] * (leaf.ndim - 1)))


def truncate(latent: Array, *, threshold: ArrayLike) -> Array:
    """Turn unit Gaussian numbers into truncated Gaussian ones in [-t, t], the "truncation trick".

    ``z' = F_t^-1(F(z)) = sqrt(2) erfinv(erf(z / sqrt(2)) erf(t / sqrt(2)))``, F and F_t being the cumulative
    distributions of the Gaussian and of the truncated Gaussian. The distribution is the one that BigGAN draws
    by rejection (Brock et al., arXiv 1809.11096, section 3.1); the map is increasing and tends to ``z`` with
    growing t, so that an image keeps its identity while the threshold moves.

    Args:
      latent: drawn from a unit Gaussian, any shape.
      threshold: t, above 0, of a shape that goes with the latent's; BigGAN's range is 0.04 (all alike, clean) to 2
        (nearly the whole Gaussian).
    """
    root = jnp.sqrt(2.0)
    t = jnp.asarray(threshold, latent.dtype)
    inside = lax.erf(latent / root) * lax.erf(t / root)
    # erf is 1 in float32 from 3.9 on, and erfinv(1) is infinite.
    return jnp.clip(root * lax.erf_inv(inside), -t, t)
