"""Residual convolutional VAE: an encoder to one Gaussian latent vector, a decoder to a likelihood."""

from __future__ import annotations

import dataclasses
from typing import Literal

import flax.linen as nn
import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import DTypeLike

from gen_jax.models import pyramid
from gen_jax.models.layers import Conv, Dense, as_network, depth_to_space, leaky_relu
from gen_jax.types import VaeNetworks


@dataclasses.dataclass(frozen=True, kw_only=True)
class ConvVaeConfig:
    """Sizes of a convolutional VAE."""

    kind: Literal["conv_vae"] = "conv_vae"
    size: int = 28
    """Height and width of the images: 16, 28, 32, 64 or 128."""
    channels: Literal[1, 3, 4] = 1
    """1 grey, 3 RGB, 4 RGBA."""
    latent_size: int = 32
    """Length of the latent vector; its prior is a unit Gaussian."""
    width: int = 32
    """Channels at half the full resolution; doubled at each halving."""
    max_width: int = 256
    """Most channels anywhere."""
    blocks: int = 1
    """Residual blocks at each resolution."""
    conditional: bool = False
    """Condition encoder and decoder on the class."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Type of the arithmetic; parameters are float32 in either case."""

    def __post_init__(self) -> None:
        """Refuse sizes that the stages cannot reach, and stages without channels."""
        pyramid.check_size(self.size, kind=self.kind)
        pyramid.check_at_least_one(width=self.width, max_width=self.max_width, latent_size=self.latent_size)


def stage_widths(config: ConvVaeConfig) -> list[int]:
    """Return the channels after each halving, largest resolution first."""
    return pyramid.widths(config.size, width=config.width, most=config.max_width)


class ResidualBlock(nn.Module):
    """``x + f(x)`` with f = (leaky ReLU, 3x3) twice; the last kernel starts at zero."""

    dtype: DTypeLike

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """``[b, h, w, c] -> [b, h, w, c]``."""
        y = Conv(x.shape[-1], dtype=self.dtype)(leaky_relu(x))
        y = Conv(x.shape[-1], dtype=self.dtype, kernel_init=nn.initializers.zeros_init())(leaky_relu(y))
        return x + y


class Encoder(nn.Module):
    """Images to the mean and log standard deviation of the posterior."""

    config: ConvVaeConfig
    num_classes: int
    dtype: DTypeLike

    @nn.compact
    def __call__(self, images: Array, labels: Array | None) -> tuple[Array, Array]:
        """``[b, h, w, c], [b] -> [b, z], [b, z]``, float32."""
        x = images.astype(self.dtype)
        for width in stage_widths(self.config):
            x = Conv(width, size=4, stride=2, dtype=self.dtype)(x)  # [b, h / 2, w / 2, width]
            for _ in range(self.config.blocks):
                x = ResidualBlock(self.dtype)(x)
        x = leaky_relu(x).reshape(x.shape[0], -1).astype(jnp.float32)
        if self.num_classes:
            x = jnp.concatenate([x, jax.nn.one_hot(labels, self.num_classes)], axis=-1)
        # A posterior that starts near the prior keeps the first KL small.
        small = nn.initializers.variance_scaling(0.1, "fan_in", "normal")
        mean, log_std = jnp.split(Dense(2 * self.config.latent_size, kernel_init=small)(x), 2, axis=-1)
        return mean, jnp.clip(log_std, -8.0, 4.0)


class Decoder(nn.Module):
    """Latent vectors to the parameters of a likelihood, p of them a pixel."""

    config: ConvVaeConfig
    num_classes: int
    out_channels: int
    dtype: DTypeLike

    @nn.compact
    def __call__(self, latent: Array, labels: Array | None) -> Array:
        """``[b, z], [b] -> [b, h, w, p]``, float32."""
        start, widths = pyramid.smallest(self.config.size), stage_widths(self.config)[::-1]
        if self.num_classes:
            latent = jnp.concatenate([latent, jax.nn.one_hot(labels, self.num_classes)], axis=-1)
        x = Dense(start * start * widths[0], dtype=self.dtype)(latent)
        x = x.reshape(-1, start, start, widths[0])
        for width in [*widths[1:], max(widths[-1] // 2, 8)]:
            for _ in range(self.config.blocks):
                x = ResidualBlock(self.dtype)(x)
            x = depth_to_space(Conv(4 * width, dtype=self.dtype)(leaky_relu(x)))  # [b, 2 h, 2 w, width]
        x = Conv(self.out_channels, dtype=self.dtype, kernel_init=nn.initializers.lecun_normal())(leaky_relu(x))
        return x.astype(jnp.float32)


def build(config: ConvVaeConfig, *, num_classes: int, out_channels: int) -> VaeNetworks:
    """Return the two networks; ``out_channels`` is what the likelihood wants a pixel."""
    classes = num_classes if config.conditional else 0
    shape = (config.size, config.size, config.channels)
    dtype = jnp.dtype(config.precision)
    encoder = Encoder(config, classes, dtype)
    decoder = Decoder(config, classes, out_channels, dtype)
    return VaeNetworks(
        image_shape=shape,
        num_classes=classes,
        latent_size=config.latent_size,
        encoder=as_network(encoder, shape, num_classes=classes),
        decoder=as_network(decoder, (config.latent_size,), num_classes=classes),
    )
