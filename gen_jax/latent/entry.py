"""The weights that take the latent, by kind of model: what the directions of a latent space are read from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gen_jax.registry import lookup
from gen_jax.types import PyTree


def entry_weights(params: PyTree, kind: str) -> list[np.ndarray]:
    """Return the kernels [d, outputs] of the layers that take a model's latent, gains that all share left out.

    Args:
      params: as checkpoints hold them: ``{"gen": ...}`` of a GAN, ``{"enc": ..., "dec": ...}`` of a VAE.
      kind: of the model.

    Returns:
      One kernel for a model that takes z, its rows for the class embedding, which lie behind those for z, included;
      for a model with styles one a style, coarse to fine, which holds every layer that takes the style side by side.

    Raises:
      UserError: there is no rule for the kind.
    """
    return lookup(ENTRIES, kind, what="model with known entry weights")(params)


def _dcgan(params: PyTree) -> list[np.ndarray]:
    return [np.asarray(params["gen"]["Dense_0"]["Dense_0"]["kernel"])]


def _conv_vae(params: PyTree) -> list[np.ndarray]:
    return [np.asarray(params["dec"]["Dense_0"]["Dense_0"]["kernel"])]


ENTRIES: dict[str, Callable[[PyTree], list[np.ndarray]]] = {"dcgan": _dcgan, "conv_vae": _conv_vae}
"""kind -> the rule."""
