"""Images for training: latents, styles and their mixing, noise; one function for generators with and without styles."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from gen_jax import rng
from gen_jax.types import GanNetworks, PyTree, StyleNetworks

Generate = Callable[[PyTree, PyTree, Array | None, Array], tuple[Array, dict[str, Array]]]
"""``(params, latent [b, z], labels [b] | None, rows [b]) -> (images [b, h, w, c], {"mean_style": [w]} or {})``."""

MEAN_DECAY = 0.995
"""Share of the running mean style that stays at a step (StyleGAN2-ADA's)."""


class Made(NamedTuple):
    """Styles of a batch, on their way to images."""

    styles: Array
    """[b, n, w]."""
    mean: Array
    """Their mean before the mixing, [w], not differentiated."""
    noise_key: Array


def make_styles(
    networks: StyleNetworks, key: Array, *, style_mixing: float
) -> Callable[[PyTree, Array, Array | None, Array], Made]:
    """Return ``(params, latent [b, z], labels [b] | None, rows [b]) -> Made``; see ``make_generate``."""

    def make(params: PyTree, latent: Array, labels: Array | None, rows: Array) -> Made:
        keys = rng.named(rng.at(key, rows[0]), "noise", "latent", "mix")
        style = networks.map(params, latent, labels)
        styles = jnp.broadcast_to(style[:, None], (style.shape[0], networks.num_styles, style.shape[1]))
        if style_mixing > 0:
            other = networks.map(params, jax.random.normal(keys["latent"], latent.shape), labels)
            styles = jnp.where(
                _crossed(keys["mix"], latent.shape[0], networks.num_styles, probability=style_mixing),
                other[:, None],
                styles,
            )
        return Made(styles, lax.stop_gradient(jnp.mean(style, axis=0)), keys["noise"])

    return make


def make_generate(networks: GanNetworks, buffers: PyTree, key: Array, *, style_mixing: float = 0.0) -> Generate:
    """Return how a training step makes images.

    Args:
      networks: of the GAN.
      buffers: of a generator with styles; not used by others.
      key: of the noise and of the mixing; each part of a batch has its own, by the number of its first row.
      style_mixing: probability that an image takes its finer styles from a second latent (arXiv 1812.04948, 3.1).
    """

    def plain(params: PyTree, latent: PyTree, labels: Array | None, rows: Array) -> tuple[Array, dict[str, Array]]:
        del rows
        return networks.generator.apply(params, latent, labels), {}

    if not isinstance(networks, StyleNetworks):
        return plain
    make, synthesize = make_styles(networks, key, style_mixing=style_mixing), networks.synthesize

    def through_styles(
        params: PyTree, latent: PyTree, labels: Array | None, rows: Array
    ) -> tuple[Array, dict[str, Array]]:
        made = make(params, latent, labels, rows)
        return synthesize(params, buffers, made.styles, made.noise_key), {"mean_style": made.mean}

    return through_styles


def _crossed(key: Array, count: int, styles: int, *, probability: float) -> Array:
    """Return bool [b, n, 1]: which styles come from the other latent; all after a random one, the first never."""
    keys = rng.named(key, "whether", "where")
    crossing = jax.random.randint(keys["where"], (count, 1), 1, styles)
    mixes = jax.random.bernoulli(keys["whether"], probability, (count, 1))
    return ((jnp.arange(styles)[None] >= crossing) & mixes)[..., None]


def moved_mean(mean_style: Array, of_batch: Array) -> Array:
    """Return the running mean style after a batch: ``m' = m + (1 - 0.995) (mean of the batch - m)``."""
    return mean_style + (1.0 - MEAN_DECAY) * (of_batch - mean_style)
