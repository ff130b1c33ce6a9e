"""Convolutions whose weights a style scales: the layers of StyleGAN2's synthesis.

Karras et al., arXiv 1912.04958, section 2.2: scale the input channels by the style (equation 1), convolve, and divide
each output channel by the norm of its scaled weights (equation 3). Scaling the images in place of the weights gives
the same numbers, and leaves one convolution for the whole batch where scaled weights would need one an image.
"""

from __future__ import annotations

import flax.linen as nn
import jax.numpy as jnp
from jax import Array, lax
from jax.typing import DTypeLike

from gen_jax.models.convolution import convolve
from gen_jax.models.equalized import EqualizedDense, activate, clip, unit_normal
from gen_jax.models.filtered_convolution import convolve_up


def demodulation(kernel: Array, scale: Array) -> Array:
    """Return ``1 / |scaled weights|`` of each output channel: ``rsqrt(sum_ijc (s_c k_ijco)^2 + 1e-8)``.

    Args:
      kernel: k, [size, size, c, o].
      scale: s, [b, c].

    Returns:
      [b, o].

    Source: Karras et al., arXiv 1912.04958, equation 3.
    """
    return lax.rsqrt(jnp.square(scale) @ jnp.sum(jnp.square(kernel), axis=(0, 1)) + 1e-8)


def _a_channel(values: Array, like: Array) -> Array:
    return values.astype(like.dtype).reshape(-1, 1, 1, values.shape[-1])


class StyledConv(nn.Module):
    """Modulated 3x3 convolution, noise, bias, leaky ReLU."""

    features: int
    up: bool = False
    """Double the resolution first."""
    clamp: float = 0.0
    dtype: DTypeLike = jnp.float32

    @nn.compact
    def __call__(self, x: Array, style: Array, noise: Array | None) -> Array:
        """``[b, h, w, c], [b, w], [b | 1, h', w', 1] | None -> [b, h', w', features]``."""
        kernel = self.param("kernel", unit_normal, (3, 3, x.shape[-1], self.features), jnp.float32)
        bias = self.param("bias", nn.initializers.zeros_init(), (self.features,), jnp.float32)
        strength = self.param("noise_strength", nn.initializers.zeros_init(), (), jnp.float32)
        scale = EqualizedDense(x.shape[-1], bias=1.0, name="affine")(style)
        x = x.astype(self.dtype)
        x, shared = x * _a_channel(scale, x), kernel.astype(self.dtype)
        x = convolve_up(x, shared) if self.up else convolve(x, shared, padding=1)
        x = x * _a_channel(demodulation(kernel, scale), x)
        if noise is not None:
            x = x + (noise * strength).astype(x.dtype)
        return activate(x + _a_channel(bias, x), clamp=self.clamp)


class ToImage(nn.Module):
    """Modulated 1x1 convolution to the channels of the image, without demodulation or activation."""

    channels: int
    clamp: float = 0.0

    @nn.compact
    def __call__(self, x: Array, style: Array) -> Array:
        """``[b, h, w, c], [b, w] -> [b, h, w, channels]``, float32."""
        c = x.shape[-1]
        kernel = self.param("kernel", unit_normal, (c, self.channels), jnp.float32)
        bias = self.param("bias", nn.initializers.zeros_init(), (self.channels,), jnp.float32)
        scale = EqualizedDense(c, bias=1.0, name="affine")(style) * c**-0.5
        x = (x * _a_channel(scale, x)) @ kernel.astype(x.dtype)
        return clip(x + _a_channel(bias, x), self.clamp).astype(jnp.float32)
