"""R3GAN: residual networks of grouped convolutions without normalisation, mirrored in generator and discriminator.

Huang et al., arXiv 2501.05441: every block is ``x + W3 act(W2 act(W1 x))`` with 1x1, grouped 3x3 and 1x1
convolutions, fix-up initialisation (arXiv 1901.09321) in place of normalisation, bilinear resampling between the
stages, no mapping network, no noise, no minibatch statistics; it trains with the relativistic loss and R1 and R2.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import flax.linen as nn
import jax.numpy as jnp
from jax import Array
from jax.typing import DTypeLike

from gen_jax.errors import UserError
from gen_jax.models import pyramid, resample
from gen_jax.models.grouped import convolve_grouped
from gen_jax.models.layers import LEAK, as_network, leaky_relu
from gen_jax.types import GanNetworks

SIZES = (8, 16, 28, 32, 64, 128, 256, 512)


@dataclasses.dataclass(frozen=True, kw_only=True)
class R3ganConfig:
    """Sizes of an R3GAN; what has one value a stage starts at the lowest resolution."""

    kind: Literal["r3gan"] = "r3gan"
    size: int = 32
    """Height and width of the images: 8, 16, 28, 32, 64, 128, 256 or 512."""
    channels: Literal[1, 3, 4] = 3
    """1 grey, 3 RGB, 4 RGBA."""
    latent_size: int = 64
    """Length of the latent vector, drawn from a unit Gaussian."""
    widths: tuple[int, ...] = (768, 768, 768, 768)
    """Channels of each stage, 4x4 (7x7 for images of 28) first; each stage doubles the resolution."""
    cardinality: tuple[int, ...] = (96, 96, 96, 96)
    """Groups of the 3x3 convolutions of each stage."""
    blocks: tuple[int, ...] = (2, 2, 2, 2)
    """Residual blocks of each stage."""
    expansion: int = 2
    """How much wider a block is inside than outside."""
    class_embedding: int = 64
    """Length of the class embedding that is appended to the latent vector."""
    disc_class_embedding: int = 768
    """Length of the class embedding that the discriminator compares its features with."""
    conditional: bool = False
    """Condition on the class."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Type of the arithmetic of the stages that ``bf16_stages`` names; parameters are float32 in either case."""
    bf16_stages: int = 3
    """With bfloat16: how many stages, highest resolution first, compute in it."""

    def __post_init__(self) -> None:
        """Refuse sizes that the stages do not reach, and groups that do not divide the channels."""
        if self.size not in SIZES:
            allowed = ", ".join(map(str, SIZES))
            raise UserError(
                f"--model.size {self.size}: a {self.kind} takes one of {allowed}; choose the nearest, data are resized"
            )
        pyramid.check_at_least_one(
            latent_size=self.latent_size,
            expansion=self.expansion,
            class_embedding=self.class_embedding,
            disc_class_embedding=self.disc_class_embedding,
        )
        if self.bf16_stages < 0:
            raise UserError(f"--model.bf16_stages {self.bf16_stages}: must be 0 or more")
        _check_stages(self)


def stages(size: int) -> int:
    """Return the number of stages that end at ``size`` pixels."""
    return (size // pyramid.smallest(size)).bit_length()


def _check_stages(config: R3ganConfig) -> None:
    needed = stages(config.size)
    for name in ("widths", "cardinality", "blocks"):
        values: tuple[int, ...] = getattr(config, name)
        given = f"--model.{name} {' '.join(map(str, values))}"
        if len(values) != needed:
            raise UserError(
                f"{given}: has {len(values)} values, and --model.size {config.size} needs {needed}, one a stage "
                f"from {pyramid.smallest(config.size)} to {config.size} pixels"
            )
        if min(values) < 1:
            raise UserError(f"{given}: every value must be 1 or more")
    for width, groups in zip(config.widths, config.cardinality, strict=True):
        if config.expansion * width % groups:
            raise UserError(
                f"--model.cardinality {groups}: must divide the {config.expansion * width} channels inside a block "
                f"of a stage of width {width} (--model.expansion {config.expansion})"
            )


def stage_dtypes(config: R3ganConfig) -> list[DTypeLike]:
    """Return the type that each stage computes in, lowest resolution first."""
    low = len(config.widths) - (config.bf16_stages if config.precision == "bfloat16" else 0)
    return [jnp.float32 if stage < low else jnp.bfloat16 for stage in range(len(config.widths))]


def scaled_normal(fan_in: int, gain: float = 1.0) -> nn.initializers.Initializer:
    """Return the initialiser ``N(0, gain^2 / fan_in)``."""
    return nn.initializers.normal(gain * fan_in**-0.5)


class Pointwise(nn.Module):
    """1x1 convolution without a bias, as the matrix product that it is."""

    features: int
    dtype: DTypeLike = jnp.float32
    gain: float = 1.0

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """``[..., c] -> [..., features]``."""
        fan_in = x.shape[-1]
        kernel = self.param("kernel", scaled_normal(fan_in, self.gain), (fan_in, self.features), jnp.float32)
        return x.astype(self.dtype) @ kernel.astype(self.dtype)


class GroupedConv(nn.Module):
    """Grouped 3x3 convolution without a bias."""

    groups: int
    dtype: DTypeLike
    gain: float

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """``[b, h, w, c] -> [b, h, w, c]``."""
        features = x.shape[-1]
        shape = (3, 3, features // self.groups, features)
        kernel = self.param("kernel", scaled_normal(9 * shape[2], self.gain), shape, jnp.float32)
        return convolve_grouped(x, kernel.astype(self.dtype), groups=self.groups)


class BiasedLeakyRelu(nn.Module):
    """Leaky ReLU of the input and a bias a channel."""

    @nn.compact
    def __call__(self, x: Array, unit: Array | None) -> Array:
        """``[b, h, w, c], [b] | None -> [b, h, w, c]``."""
        bias = self.param("bias", nn.initializers.zeros_init(), (x.shape[-1],), jnp.float32)
        bias = bias.astype(x.dtype).reshape(1, 1, 1, -1)
        return leaky_relu(x + (bias if unit is None else bias * unit.astype(x.dtype).reshape(-1, 1, 1, 1)))


class Block(nn.Module):
    """Residual block that is the identity at the start of training."""

    config: R3ganConfig
    groups: int
    dtype: DTypeLike

    @nn.compact
    def __call__(self, x: Array, unit: Array | None = None) -> Array:
        """``[b, h, w, c], [b] | None -> [b, h, w, c]``; the biases are multiplied by ``unit``, 1 where left out."""
        width = x.shape[-1]
        # Fix-up with m = 3 layers a block scales by L^(-1 / (2 m - 2)) (arXiv 1901.09321, section 3).
        gain = (2.0 / (1.0 + LEAK**2)) ** 0.5 * sum(self.config.blocks) ** -0.25
        y = Pointwise(self.config.expansion * width, self.dtype, gain, name="expand")(x)
        y = BiasedLeakyRelu(name="activation1")(y, unit)
        y = GroupedConv(self.groups, self.dtype, gain, name="grouped")(y)
        y = BiasedLeakyRelu(name="activation2")(y, unit)
        return x + Pointwise(width, self.dtype, 0.0, name="reduce")(y)


class Generator(nn.Module):
    """Latent vectors to images."""

    config: R3ganConfig
    num_classes: int

    @nn.compact
    def __call__(self, latent: Array, labels: Array | None) -> Array:
        """``[b, z], [b] -> [b, h, w, c]``, about [-1, 1] once trained, float32; nothing squashes it."""
        config = self.config
        if self.num_classes:
            embed = nn.Embed(
                self.num_classes,
                config.class_embedding,
                embedding_init=scaled_normal(self.num_classes),
                name="class_embedding",
            )
            latent = jnp.concatenate([latent, embed(labels)], axis=-1)
        side, width = pyramid.smallest(config.size), config.widths[0]
        basis = self.param("basis", nn.initializers.normal(1.0), (side, side, width), jnp.float32)
        x = basis[None] * Pointwise(width, name="from_latent")(latent)[:, None, None, :]
        for stage, dtype in enumerate(stage_dtypes(config)):
            x, width = x.astype(dtype), config.widths[stage]
            if stage:
                if width != x.shape[-1]:
                    x = Pointwise(width, dtype, name=f"transition{stage}")(x)
                x = resample.upsample(x)  # [b, 2 h, 2 w, c]
            for block in range(config.blocks[stage]):
                x = Block(config, config.cardinality[stage], dtype, name=f"stage{stage}_block{block}")(x)
        return Pointwise(config.channels, x.dtype, name="to_image")(x).astype(jnp.float32)


class Discriminator(nn.Module):
    """Images to one number an image, high for real: the generator in reverse."""

    config: R3ganConfig
    num_classes: int

    @nn.compact
    def __call__(self, images: Array, labels: Array | None, unit: Array | None = None) -> Array:
        """``[b, h, w, c], [b] | None, [b] | None -> [b]``, float32; piecewise linear in images and unit together."""
        config, dtypes = self.config, stage_dtypes(self.config)
        x = Pointwise(config.widths[-1], dtypes[-1], name="from_image")(images)
        for stage in reversed(range(len(config.widths))):
            x = x.astype(dtypes[stage])
            for block in range(config.blocks[stage]):
                x = Block(config, config.cardinality[stage], dtypes[stage], name=f"stage{stage}_block{block}")(x, unit)
            if stage:
                x, width = resample.downsample(x), config.widths[stage - 1]  # [b, h / 2, w / 2, c]
                if width != x.shape[-1]:
                    x = Pointwise(width, dtypes[stage], name=f"transition{stage}")(x)
        x = x.astype(jnp.float32)
        basis = self.param("basis", scaled_normal(x[0, ..., 0].size), x.shape[1:], jnp.float32)
        features = jnp.sum(x * basis[None], axis=(1, 2))
        if not self.num_classes:
            return Pointwise(1, name="to_logit")(features)[:, 0]
        embed = nn.Embed(
            self.num_classes,
            config.disc_class_embedding,
            embedding_init=scaled_normal(self.num_classes, config.disc_class_embedding**-0.5),
            name="class_embedding",
        )
        return jnp.sum(Pointwise(config.disc_class_embedding, name="to_logit")(features) * embed(labels), axis=-1)


def build(config: R3ganConfig, *, num_classes: int) -> GanNetworks:
    """Return the two networks; ``num_classes`` is used where ``config.conditional``."""
    classes = num_classes if config.conditional else 0
    shape = (config.size, config.size, config.channels)
    generator, discriminator = Generator(config, classes), Discriminator(config, classes)
    return GanNetworks(
        image_shape=shape,
        num_classes=classes,
        latent_size=config.latent_size,
        generator=as_network(generator, (config.latent_size,), num_classes=classes),
        discriminator=as_network(discriminator, shape, num_classes=classes),
        # In bfloat16 one sum would hold both derivatives, and the smaller could be lost in the rounding of the larger.
        piecewise_linear=config.precision == "float32",
    )


def _preset(size: int, *, width: int, tail: tuple[int, ...] = (), bf16_stages: int, conditional: bool) -> R3ganConfig:
    widths = (width,) * (stages(size) - len(tail)) + tail
    channels_of_group = width // 48  # 16, and 32 for the wide networks
    return R3ganConfig(
        size=size,
        widths=widths,
        cardinality=tuple(2 * each // channels_of_group for each in widths),
        blocks=(2,) * len(widths),
        disc_class_embedding=width,
        conditional=conditional,
        precision="bfloat16",
        bf16_stages=bf16_stages,
    )


PRESETS: dict[str, R3ganConfig] = {
    "cifar10": _preset(32, width=768, bf16_stages=3, conditional=True),
    "ffhq64": _preset(64, width=768, tail=(384,), bf16_stages=4, conditional=False),
    "ffhq256": _preset(256, width=768, tail=(384, 192, 96), bf16_stages=4, conditional=False),
    "imagenet32": _preset(32, width=1536, bf16_stages=3, conditional=True),
    "imagenet64": _preset(64, width=1536, bf16_stages=4, conditional=True),
    "stacked_mnist": _preset(32, width=768, bf16_stages=3, conditional=False),
}
"""The networks of the paper (arXiv 2501.05441, appendix D) by data set."""
