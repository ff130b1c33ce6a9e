"""DCGAN without transposed convolutions: sub-pixel stages up, strided convolutions down.

Radford et al., arXiv 1511.06434, with the parts that train badly or slowly exchanged: sub-pixel
convolution (arXiv 1609.05158) for the transposed one, pixel normalisation or none for batch
normalisation, so that no image depends on the others of its batch.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import flax.linen as nn
import jax.numpy as jnp
from jax import Array
from jax.typing import DTypeLike

from gen_jax.models import pyramid
from gen_jax.models.layers import Conv, Dense, as_network, depth_to_space, leaky_relu, pixel_norm
from gen_jax.types import GanNetworks


@dataclasses.dataclass(frozen=True, kw_only=True)
class DcganConfig:
    """Sizes of a DCGAN."""

    kind: Literal["dcgan"] = "dcgan"
    size: int = 28
    """Height and width of the images: 16, 28, 32, 64 or 128."""
    channels: Literal[1, 3, 4] = 1
    """1 grey, 3 RGB, 4 RGBA."""
    latent_size: int = 64
    """Length of the latent vector, drawn from a unit Gaussian."""
    width: int = 32
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


def stage_widths(config: DcganConfig) -> list[int]:
    """Return the channels after each halving, largest resolution first."""
    return pyramid.widths(config.size, width=config.width, most=config.max_width)


class Generator(nn.Module):
    """Latent vectors to images."""

    config: DcganConfig
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
        x = Dense(start * start * widths[0], dtype=self.dtype)(latent)
        x = leaky_relu(pixel_norm(x.reshape(-1, start, start, widths[0])))
        for width in [*widths[1:], max(widths[-1] // 2, 8)]:
            x = depth_to_space(Conv(4 * width, dtype=self.dtype)(x))  # [b, 2 h, 2 w, width]
            x = leaky_relu(pixel_norm(x))
        x = Conv(config.channels, dtype=self.dtype, kernel_init=nn.initializers.lecun_normal())(x)
        return jnp.tanh(x.astype(jnp.float32))


class Discriminator(nn.Module):
    """Images to one number an image, high for real."""

    config: DcganConfig
    num_classes: int
    dtype: DTypeLike

    @nn.compact
    def __call__(self, images: Array, labels: Array | None) -> Array:
        """``[b, h, w, c], [b] -> [b]``, float32."""
        x = images.astype(self.dtype)
        for width in stage_widths(self.config):
            x = leaky_relu(Conv(width, size=4, stride=2, dtype=self.dtype)(x))  # [b, h / 2, w / 2, width]
        flat = x.reshape(x.shape[0], -1).astype(jnp.float32)
        logits = Dense(1, kernel_init=nn.initializers.lecun_normal())(flat)[:, 0]
        if self.num_classes:
            pooled = jnp.mean(x.astype(jnp.float32), axis=(1, 2))
            projection = nn.Embed(self.num_classes, x.shape[-1], embedding_init=nn.initializers.normal(0.1))
            logits = logits + jnp.sum(projection(labels) * pooled, axis=-1)  # arXiv 1802.05637, equation 3
        return logits


def build(config: DcganConfig, *, num_classes: int) -> GanNetworks:
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
