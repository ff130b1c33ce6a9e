"""The layers that the networks share: convolution, dense, resampling, normalisation."""

from __future__ import annotations

import flax.linen as nn
import jax.numpy as jnp
from jax import Array, lax
from jax.typing import DTypeLike

from gen_jax.models.convolution import convolve
from gen_jax.types import Network, PyTree

LEAK = 0.2
"""Slope of the leaky ReLU below zero, in every network here."""

he_normal = nn.initializers.variance_scaling(2.0 / (1.0 + LEAK**2), "fan_in", "normal")
"""Keeps the variance through a leaky ReLU (He et al., arXiv 1502.01852, equation 14)."""


def leaky_relu(x: Array) -> Array:
    """``x`` where it is positive or zero, else ``0.2 x``."""
    # Not jnp.maximum: its gradient shares ties out, which costs a GAN a third of its time on a CPU.
    return jnp.where(x >= 0, x, LEAK * x)


def depth_to_space(x: Array) -> Array:
    """Double the resolution out of the channels: ``[b, h, w, 4 c] -> [b, 2 h, 2 w, c]`` (arXiv 1609.05158)."""
    b, h, w, c = x.shape
    x = x.reshape(b, h, w, 2, 2, c // 4)
    return x.transpose(0, 1, 3, 2, 4, 5).reshape(b, 2 * h, 2 * w, c // 4)


def upsample_nearest(x: Array) -> Array:
    """Double the resolution by repeating pixels: ``[b, h, w, c] -> [b, 2 h, 2 w, c]``."""
    b, h, w, c = x.shape
    x = jnp.broadcast_to(x[:, :, None, :, None, :], (b, h, 2, w, 2, c))
    return x.reshape(b, 2 * h, 2 * w, c)


def pixel_norm(x: Array) -> Array:
    """Scale each pixel's feature vector to unit mean square (arXiv 1710.10196, section 4.2)."""
    square = jnp.mean(jnp.square(x.astype(jnp.float32)), axis=-1, keepdims=True)
    return x * lax.rsqrt(square + 1e-8).astype(x.dtype)


def as_network(module: nn.Module, shape: tuple[int, ...], *, num_classes: int) -> Network:
    """Return a module of ``(inputs [b, *shape], labels [b] | None)`` as two pure functions."""

    def init(key: Array) -> PyTree:
        labels = jnp.zeros((1,), jnp.int32) if num_classes else None
        return module.init(key, jnp.zeros((1, *shape)), labels)["params"]

    return Network(init, lambda params, *inputs: module.apply({"params": params}, *inputs))


class Conv(nn.Module):
    """Convolution with a bias; float32 parameters, ``dtype`` arithmetic."""

    features: int
    size: int = 3
    stride: int = 1
    dtype: DTypeLike = jnp.float32
    kernel_init: nn.initializers.Initializer = he_normal
    use_bias: bool = True

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """``[b, h, w, c] -> [b, h / stride, w / stride, features]``."""
        shape = (self.size, self.size, x.shape[-1], self.features)
        kernel = self.param("kernel", self.kernel_init, shape, jnp.float32).astype(self.dtype)
        x = convolve(x.astype(self.dtype), kernel, stride=self.stride, padding=(self.size - 1) // 2)
        if self.use_bias:
            bias = self.param("bias", nn.initializers.zeros_init(), (self.features,), jnp.float32)
            x = x + bias.astype(self.dtype).reshape(1, 1, 1, -1)
        return x


class Dense(nn.Module):
    """Matrix product with a bias; float32 parameters, ``dtype`` arithmetic."""

    features: int
    dtype: DTypeLike = jnp.float32
    kernel_init: nn.initializers.Initializer = he_normal
    use_bias: bool = True

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """``[b, c] -> [b, features]``."""
        return nn.Dense(
            self.features,
            dtype=self.dtype,
            param_dtype=jnp.float32,
            kernel_init=self.kernel_init,
            use_bias=self.use_bias,
        )(x)
