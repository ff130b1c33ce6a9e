"""From images to latents and back: what a model that encodes keeps of an image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from jax import Array

from gen_jax import pixels
from gen_jax.latent.sample import Bind
from gen_jax.types import PyTree


class Shown(NamedTuple):
    """Images for a model to encode, one a row."""

    image: Any
    """uint8 [b, h, w, c], in the model's size."""
    labels: Any
    """int32 [b], or None for an unconditional model."""


def make_reconstruct(bind: Bind) -> Callable[[PyTree, Shown], Array]:
    """Return ``reconstruct(weights, shown) -> uint8 images [b, h, w, c]``, the decoded posterior means."""

    def reconstruct(weights: PyTree, shown: Shown) -> Array:
        model: Any = bind(weights)
        latent = model.encode(pixels.to_signed(shown.image), shown.labels)
        return pixels.from_signed(model.decode(latent, shown.labels))

    return reconstruct
