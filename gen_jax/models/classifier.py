"""A small convolutional classifier for images of 16 to 64 pixels, quick to train on a CPU."""

from __future__ import annotations

import dataclasses

import flax.linen as nn
import jax
import jax.numpy as jnp
from jax import Array

from gen_jax.models.layers import Conv, Dense, leaky_relu
from gen_jax.types import Network, PyTree

SMALLEST = 8
"""Feature maps are halved until their longer side is at most this."""

DROPPED = 0.3
"""Share of the features that are left out while training (Srivastava et al., JMLR 15, 2014)."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassifierConfig:
    """Sizes of a classifier."""

    image_shape: tuple[int, int, int]
    """Height, width, channels."""
    num_classes: int
    width: int = 32
    """Channels at half the full resolution; doubled at each halving."""
    features: int = 128
    """Length of the vector that the classes are read from."""


class ClassifierNetwork(nn.Module):
    """Images to the logits of their classes."""

    config: ClassifierConfig

    @nn.compact
    def __call__(self, images: Array, key: Array | None = None) -> Array:
        """``[b, h, w, c] -> [b, k]``, float32; with a key, features are dropped."""
        x, width = images, self.config.width
        while max(x.shape[1:3]) > SMALLEST or x is images:
            x = leaky_relu(Conv(width, size=4, stride=2)(x))  # [b, h / 2, w / 2, width]
            width *= 2
        x = leaky_relu(Conv(x.shape[-1])(x)).reshape(x.shape[0], -1)
        x = _dropped(x, key, 0)
        x = leaky_relu(Dense(self.config.features)(x))
        x = _dropped(x, key, 1)
        return Dense(self.config.num_classes, kernel_init=nn.initializers.lecun_normal())(x)


def _dropped(x: Array, key: Array | None, place: int) -> Array:
    if key is None:
        return x
    kept = jax.random.bernoulli(jax.random.fold_in(key, place), 1.0 - DROPPED, x.shape)
    return jnp.where(kept, x / (1.0 - DROPPED), 0.0)


def build(config: ClassifierConfig) -> Network:
    """Return the network: ``init(key) -> params``, ``apply(params, images [b, h, w, c], key=None) -> logits [b, k]``.

    Images are float in [-1, 1]. With a key, features are dropped as in training; without, the result is a function
    of the image alone.
    """
    network = ClassifierNetwork(config)

    def init(key: Array) -> PyTree:
        return network.init(key, jnp.zeros((1, *config.image_shape)))["params"]

    return Network(init, lambda params, *inputs: network.apply({"params": params}, *inputs))
