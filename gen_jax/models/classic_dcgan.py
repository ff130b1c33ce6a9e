"""The DCGAN that pretrained weights come in: transposed 4x4 convolutions and ReLU, batch normalisation folded away.

Radford et al., arXiv 1511.06434. At inference batch normalisation multiplies and shifts every channel by constants,
which the kernel and the bias of the layer before it absorb; so the generator here has neither statistics nor scales.
The discriminator mirrors it, without normalisation, so that imported weights can be trained on.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import flax.linen as nn
import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import DTypeLike

from gen_jax.models import pyramid
from gen_jax.models.convolution import convolve_transposed
from gen_jax.models.layers import Conv, Dense, as_network, leaky_relu
from gen_jax.types import GanNetworks

he_normal = nn.initializers.variance_scaling(2.0, "fan_in", "normal")
"""Keeps the variance through a ReLU."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassicDcganConfig:
    """Sizes of a classic DCGAN; what `gen-jax weights import` makes of one. For a new model take dcgan."""

    kind: Literal["classic_dcgan"] = "classic_dcgan"
    size: int = 64
    """Height and width of the images: 16, 28, 32, 64 or 128."""
    channels: Literal[1, 3, 4] = 3
    """1 grey, 3 RGB, 4 RGBA."""
    latent_size: int = 100
    """Length of the latent vector, drawn from a unit Gaussian."""
    width: int = 64
    """Channels at half the full resolution; doubled at each halving."""
    max_width: int = 512
    """Most channels anywhere."""
    conditional: bool = False
    """Condition on the class: an embedding in the generator, a projection in the discriminator."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Type of the arithmetic; parameters are float32 in either case."""

    def __post_init__(self) -> None:
        """Refuse sizes that the stages cannot reach, and stages without channels."""
        pyramid.check_size(self.size, kind=self.kind)
        pyramid.check_at_least_one(width=self.width, max_width=self.max_width, latent_size=self.latent_size)


def stage_widths(config: ClassicDcganConfig) -> list[int]:
    """Return the channels after each halving, largest resolution first."""
    return pyramid.widths(config.size, width=config.width, most=config.max_width)


def transposed_convolution(x: Array, kernel: Array) -> Array:
    """Double the resolution by a transposed 4x4 convolution of stride 2 and padding 1.

    Output row ``2 i + k - 1`` receives input row ``i`` times row ``k`` of the kernel.

    Args:
      x: [b, h, w, c].
      kernel: [4, 4, c, o], in PyTorch's orientation (not flipped).

    Returns:
      [b, 2 h, 2 w, o].
    """
    return convolve_transposed(x, kernel, stride=2)[:, 1:-1, 1:-1]


class TransposedConv(nn.Module):
    """``transposed_convolution`` with a bias; float32 parameters, ``dtype`` arithmetic."""

    features: int
    dtype: DTypeLike

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """``[b, h, w, c] -> [b, 2 h, 2 w, features]``."""
        shape = (4, 4, x.shape[-1], self.features)
        kernel = self.param("kernel", _init_transposed, shape, jnp.float32).astype(self.dtype)
        bias = self.param("bias", nn.initializers.zeros_init(), (self.features,), jnp.float32).astype(self.dtype)
        return transposed_convolution(x.astype(self.dtype), kernel) + bias.reshape(1, 1, 1, -1)


def _init_transposed(key: Array, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """Draw a kernel of which each output pixel sees a quarter."""
    return 2.0 * he_normal(key, shape, dtype)


class Generator(nn.Module):
    """Latent vectors to images."""

    config: ClassicDcganConfig
    num_classes: int
    dtype: DTypeLike

    @nn.compact
    def __call__(self, latent: Array, labels: Array | None) -> Array:
        """``[b, z], [b] -> [b, h, w, c]`` in [-1, 1], float32."""
        config, widths = self.config, stage_widths(self.config)[::-1]
        start = pyramid.smallest(config.size)
        if self.num_classes:
            embedding = nn.Embed(self.num_classes, config.latent_size, embedding_init=nn.initializers.normal(1.0))
            latent = jnp.concatenate([latent, embedding(labels)], axis=-1)
        # The transposed convolution of a single pixel is a matrix product, with a bias for each channel.
        x = Dense(start * start * widths[0], dtype=self.dtype, kernel_init=he_normal, use_bias=False)(latent)
        bias = self.param("bias", nn.initializers.zeros_init(), (widths[0],), jnp.float32).astype(self.dtype)
        x = jax.nn.relu(x.reshape(-1, start, start, widths[0]) + bias.reshape(1, 1, 1, -1))
        for width in widths[1:]:
            x = jax.nn.relu(TransposedConv(width, self.dtype)(x))
        return jnp.tanh(TransposedConv(config.channels, self.dtype)(x).astype(jnp.float32))


class Discriminator(nn.Module):
    """Images to one number an image, high for real."""

    config: ClassicDcganConfig
    num_classes: int
    dtype: DTypeLike

    @nn.compact
    def __call__(self, images: Array, labels: Array | None) -> Array:
        """``[b, h, w, c], [b] -> [b]``, float32."""
        x = images.astype(self.dtype)
        for width in stage_widths(self.config):
            x = leaky_relu(Conv(width, size=4, stride=2, dtype=self.dtype)(x))
        flat = x.reshape(x.shape[0], -1).astype(jnp.float32)
        logits = Dense(1, kernel_init=nn.initializers.lecun_normal())(flat)[:, 0]
        if self.num_classes:
            pooled = jnp.mean(x.astype(jnp.float32), axis=(1, 2))
            projection = nn.Embed(self.num_classes, x.shape[-1], embedding_init=nn.initializers.normal(0.1))
            logits = logits + jnp.sum(projection(labels) * pooled, axis=-1)  # arXiv 1802.05637, equation 3
        return logits


def build(config: ClassicDcganConfig, *, num_classes: int) -> GanNetworks:
    """Return the two networks; ``num_classes`` is used where ``config.conditional``."""
    classes = num_classes if config.conditional else 0
    shape = (config.size, config.size, config.channels)
    dtype = jnp.dtype(config.precision)
    generator = Generator(config, classes, dtype)
    discriminator = Discriminator(config, classes, dtype)
    return GanNetworks(
        image_shape=shape,
        num_classes=classes,
        latent_size=config.latent_size,
        generator=as_network(generator, (config.latent_size,), num_classes=classes),
        discriminator=as_network(discriminator, shape, num_classes=classes),
    )
