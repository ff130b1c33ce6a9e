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


def _first_dense(params: PyTree) -> list[np.ndarray]:
    return [np.asarray(params["gen"]["Dense_0"]["Dense_0"]["kernel"])]


def _r3gan(params: PyTree) -> list[np.ndarray]:
    return [np.asarray(params["gen"]["from_latent"]["kernel"])]


def _conv_vae(params: PyTree) -> list[np.ndarray]:
    return [np.asarray(params["dec"]["Dense_0"]["Dense_0"]["kernel"])]


def _stylegan2(params: PyTree) -> list[np.ndarray]:
    """Style ``2 i`` enters conv1 of stage i; the next one its torgb, and conv0 of the stage after."""
    synthesis = params["gen"]["synthesis"]
    stages = [synthesis[name] for name in sorted(synthesis, key=lambda name: int(name.removeprefix("b")))]
    entries: list[list[np.ndarray]] = [[] for _ in range(2 * len(stages))]
    for number, stage in enumerate(stages):
        for layer, style in {"conv0": 2 * number - 1, "conv1": 2 * number, "torgb": 2 * number + 1}.items():
            if layer in stage:
                kernel = np.asarray(stage[layer]["affine"]["kernel"])
                # What a torgb does is scaled down by its inputs, for it has no demodulation.
                entries[style].append(kernel * (kernel.shape[1] ** -0.5 if layer == "torgb" else 1.0))
    return [np.concatenate(kernels, axis=1) for kernels in entries]


ENTRIES: dict[str, Callable[[PyTree], list[np.ndarray]]] = {
    "dcgan": _first_dense,
    "classic_dcgan": _first_dense,
    "r3gan": _r3gan,
    "conv_vae": _conv_vae,
    "stylegan2": _stylegan2,
}
"""kind -> the rule."""
