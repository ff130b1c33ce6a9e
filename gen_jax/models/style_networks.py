"""The three networks of StyleGAN2: mapping, synthesis and discriminator.

Karras et al., arXiv 1912.04958; class conditioning, clamping and low precision as in arXiv 2006.06676.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import DTypeLike

from gen_jax.errors import UserError
from gen_jax.models.equalized import EqualizedConv, EqualizedDense, EqualizedPointwise, activate, unit_normal
from gen_jax.models.layers import pixel_norm
from gen_jax.models.modulated import StyledConv, ToImage
from gen_jax.models.resample import downsample, upsample

Noise = Mapping[str, Mapping[str, Array]]
"""Stage -> layer -> [b or 1, size, size, 1], unit Gaussian."""

MAPPING_LR = 0.01
"""The mapping learns so many times slower than the rest."""

HALF = 0.5**0.5
"""Keeps the variance of a sum of two branches."""


class Stage(NamedTuple):
    """One resolution of the synthesis or the discriminator."""

    size: int
    width: int
    dtype: DTypeLike

    @property
    def name(self) -> str:
        """Name of its parameters: ``b8`` at 8x8."""
        return f"b{self.size}"


class Style(nn.Module):
    """Latents and classes to styles; without latents, classes alone."""

    layers: int
    features: int
    num_classes: int

    @nn.compact
    def __call__(self, latent: Array | None, labels: Array | None) -> Array:
        """``[b, z], [b] -> [b, features]``."""
        parts = [] if latent is None else [pixel_norm(latent)]
        if self.num_classes:
            one_hot = jax.nn.one_hot(labels, self.num_classes)
            parts.append(pixel_norm(EqualizedDense(self.features, name="embed")(one_hot)))
        x = jnp.concatenate(parts, axis=-1)
        for layer in range(self.layers):
            x = activate(EqualizedDense(self.features, lr_multiplier=MAPPING_LR, name=f"fc{layer}")(x))
        return x


def noise_layers(stages: Sequence[Stage]) -> list[tuple[Stage, str]]:
    """Return the layers of the synthesis that add noise, in order: (stage, name of the layer)."""
    return [(stage, name) for stage in stages for name in ("conv0", "conv1") if (stage.size, name) != (4, "conv0")]


class SynthesisStage(nn.Module):
    """One resolution: a feature map grows and is convolved, and adds its share to the image."""

    stage: Stage
    channels: int
    clamp: float

    @nn.compact
    def __call__(
        self, x: Array | None, image: Array | None, styles: Array, noise: Mapping[str, Array] | None
    ) -> tuple[Array, Array]:
        """``[b, h, w, c], [b, h, w, channels], [b, 2 or 3, w] -> `` both twice as large; the first takes None, None."""
        _, width, dtype = self.stage
        noise = noise or {}
        if x is None:
            constant = self.param("const", unit_normal, (4, 4, width), jnp.float32)
            x = jnp.broadcast_to(constant[None], (styles.shape[0], 4, 4, width))
        else:
            conv0 = StyledConv(width, up=True, clamp=self.clamp, dtype=dtype, name="conv0")
            x = conv0(x, styles[:, 0], noise.get("conv0"))
        conv1 = StyledConv(width, clamp=self.clamp, dtype=dtype, name="conv1")
        x = conv1(x, styles[:, -2], noise.get("conv1"))
        share = ToImage(self.channels, clamp=self.clamp, name="torgb")(x, styles[:, -1])
        return x, share if image is None else upsample(image) + share


class Synthesis(nn.Module):
    """Styles to images: a constant grows stage by stage; the image is the sum of what all stages add."""

    stages: tuple[Stage, ...]
    """4x4 first."""
    channels: int
    clamp: float

    @nn.compact
    def __call__(self, styles: Array, noise: Noise | None) -> Array:
        """``[b, n, w] -> [b, h, w, channels]``, float32; without noise where it is None."""
        x = image = None
        for index, stage in enumerate(self.stages):
            # The last style of a stage, that of its image, is also the first of the next stage.
            used = styles[:, max(2 * index - 1, 0) : 2 * index + 2]
            of_stage = None if noise is None else noise[stage.name]
            x, image = SynthesisStage(stage, self.channels, self.clamp, name=stage.name)(x, image, used, of_stage)
        assert image is not None
        return image


class DiscriminatorStage(nn.Module):
    """One resolution on the way down: two convolutions, beside a shortcut where residual."""

    stage: Stage
    features: int
    """Channels of the next resolution."""
    residual: bool
    clamp: float
    first: bool

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """``[b, h, w, c] -> [b, h / 2, w / 2, features]``."""
        _, width, dtype = self.stage
        x = x.astype(dtype)
        if self.first:
            x = EqualizedPointwise(width, clamp=self.clamp, dtype=dtype, name="fromrgb")(x)
        gain = HALF if self.residual else 1.0
        y = EqualizedConv(width, clamp=self.clamp, dtype=dtype, name="conv0")(x)
        y = EqualizedConv(self.features, down=True, gain=gain, clamp=self.clamp, dtype=dtype, name="conv1")(y)
        if not self.residual:
            return y
        skip = EqualizedPointwise(self.features, active=False, gain=gain, dtype=dtype, name="skip")
        return skip(downsample(x)) + y


class Verdict(nn.Module):
    """The end of the discriminator at 4x4: compare the batch, convolve, and one vector an image."""

    features: int
    """Length of the vector; 1 is the logit."""
    group: int
    clamp: float

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """``[b, 4, 4, c] -> [b, features]``, float32."""
        x = x.astype(jnp.float32)
        width = x.shape[-1]
        if self.group:
            x = jnp.concatenate([x, batch_deviation(x, group=self.group)], axis=-1)
        x = EqualizedConv(width, clamp=self.clamp, name="conv")(x)
        x = activate(EqualizedDense(width, name="fc")(x.reshape(x.shape[0], -1)))
        return EqualizedDense(self.features, name="out")(x)


class Discriminator(nn.Module):
    """Images to one number an image, high for real."""

    stages: tuple[Stage, ...]
    """4x4 last."""
    num_classes: int
    mapping_layers: int
    residual: bool
    group: int
    clamp: float

    @nn.compact
    def __call__(self, images: Array, labels: Array | None) -> Array:
        """``[b, h, w, c], [b] -> [b]``, float32."""
        x = images
        for index, (stage, following) in enumerate(zip(self.stages, self.stages[1:], strict=False)):
            part = DiscriminatorStage(
                stage, following.width, self.residual, self.clamp, first=index == 0, name=stage.name
            )
            x = part(x)
        last = self.stages[-1]
        features = last.width if self.num_classes else 1
        x = Verdict(features, self.group, self.clamp, name=last.name)(x)
        if not self.num_classes:
            return x[:, 0]
        direction = Style(self.mapping_layers, features, self.num_classes, name="mapping")(None, labels)
        return jnp.sum(x * direction, axis=-1) * features**-0.5


def batch_deviation(x: Array, *, group: int) -> Array:
    """Return how much the images of a group differ: the mean of the standard deviations of all their features.

    Every ``b / group``-th image is of one group, and gets the number of its group at every pixel. A batch smaller
    than ``group`` is one group.

    Args:
      x: [b, h, w, c], float32.
      group: images that are compared with each other.

    Returns:
      [b, h, w, 1].

    Raises:
      UserError: the groups do not divide the batch.

    Source: Karras et al., arXiv 1710.10196, section 3.
    """
    b, h, w, c = x.shape
    size = min(group, b)
    if b % size:
        raise UserError(
            f"--model.minibatch_std_group {group}: the discriminator compares {group} images at a time, and got {b}; "
            "take a batch that is a multiple, or a group that divides it"
        )
    grouped = x.reshape(size, b // size, h, w, c)
    variance = jnp.mean(jnp.square(grouped - jnp.mean(grouped, axis=0, keepdims=True)), axis=0)
    deviation = jnp.mean(jnp.sqrt(variance + 1e-8), axis=(1, 2, 3))
    deviation = jnp.broadcast_to(deviation[None], (size, b // size)).reshape(b, 1, 1, 1)
    return jnp.broadcast_to(deviation, (b, h, w, 1))
