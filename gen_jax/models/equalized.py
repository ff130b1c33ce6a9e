"""Layers with an equalised learning rate: weights of unit variance are stored, and scaled when they are used.

Adam moves every stored weight by about the learning rate; scaling at run time makes that the same relative step in
every layer, however many inputs it has (Karras et al., arXiv 1710.10196, section 4.1).
"""

from __future__ import annotations

import flax.linen as nn
import jax.numpy as jnp
from jax import Array
from jax.typing import DTypeLike

from gen_jax.models import filtered_convolution
from gen_jax.models.convolution import convolve
from gen_jax.models.layers import leaky_relu

unit_normal = nn.initializers.normal(1.0)


def activate(x: Array, *, gain: float = 1.0, clamp: float = 0.0) -> Array:
    """Leaky ReLU of unit gain, times ``gain``: ``clip(gain sqrt(2) lrelu(x), gain clamp)``."""
    return clip(leaky_relu(x) * (gain * 2.0**0.5), gain * clamp)


def clip(x: Array, limit: float) -> Array:
    """Limit ``x`` to ``[-limit, limit]``; 0 is no limit."""
    if not limit:
        return x
    # As in leaky_relu: a minimum would share ties out in its gradient, and so would a maximum.
    limited = jnp.where(x > limit, jnp.asarray(limit, x.dtype), x)
    return jnp.where(x < -limit, jnp.asarray(-limit, x.dtype), limited)


class EqualizedDense(nn.Module):
    """Matrix product with a bias, in float32."""

    features: int
    lr_multiplier: float = 1.0
    """Weights and bias learn so many times faster than others, for the same function at the start."""
    bias: float = 0.0
    """At the start."""

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """``[b, c] -> [b, features]``."""
        c, multiplier = x.shape[-1], self.lr_multiplier
        kernel = self.param("kernel", nn.initializers.normal(1.0 / multiplier), (c, self.features), jnp.float32)
        bias = self.param("bias", nn.initializers.constant(self.bias / multiplier), (self.features,), jnp.float32)
        return x @ (kernel * (multiplier * c**-0.5)) + (bias * multiplier).reshape(1, -1)


class EqualizedConv(nn.Module):
    """3x3 convolution, bias and leaky ReLU."""

    features: int
    down: bool = False
    """Halve the resolution, behind a low-pass filter."""
    gain: float = 1.0
    clamp: float = 0.0
    dtype: DTypeLike = jnp.float32

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """``[b, h, w, c] -> [b, h, w, features]``, or half as large."""
        shape = (3, 3, x.shape[-1], self.features)
        kernel = self.param("kernel", unit_normal, shape, jnp.float32) * (9 * x.shape[-1]) ** -0.5
        bias = self.param("bias", nn.initializers.zeros_init(), (self.features,), jnp.float32)
        x, kernel = x.astype(self.dtype), kernel.astype(self.dtype)
        x = filtered_convolution.convolve_down(x, kernel) if self.down else convolve(x, kernel, padding=1)
        return activate(x + bias.astype(x.dtype).reshape(1, 1, 1, -1), gain=self.gain, clamp=self.clamp)


class EqualizedPointwise(nn.Module):
    """1x1 convolution, as the matrix product that it is; with a bias and leaky ReLU where ``active``."""

    features: int
    active: bool = True
    gain: float = 1.0
    clamp: float = 0.0
    dtype: DTypeLike = jnp.float32

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """``[b, h, w, c] -> [b, h, w, features]``."""
        c = x.shape[-1]
        kernel = self.param("kernel", unit_normal, (c, self.features), jnp.float32)
        if not self.active:
            return x.astype(self.dtype) @ (kernel * (self.gain * c**-0.5)).astype(self.dtype)
        bias = self.param("bias", nn.initializers.zeros_init(), (self.features,), jnp.float32)
        x = x.astype(self.dtype) @ (kernel * c**-0.5).astype(self.dtype)
        return activate(x + bias.astype(x.dtype).reshape(1, 1, 1, -1), gain=self.gain, clamp=self.clamp)
