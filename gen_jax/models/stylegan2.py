"""StyleGAN2: a mapping to styles, a synthesis from them, a discriminator; sizes, published presets, networks.

Karras et al., arXiv 1912.04958 and 2006.06676.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

import jax
import jax.numpy as jnp
from jax import Array

from gen_jax import rng
from gen_jax.errors import UserError
from gen_jax.models import pyramid
from gen_jax.models.style_networks import Discriminator, Noise, Stage, Style, Synthesis, noise_layers
from gen_jax.types import Network, PyTree, StyleNetworks

SIZES = (8, 16, 32, 64, 128, 256, 512, 1024)


@dataclasses.dataclass(frozen=True, kw_only=True)
class StyleGan2Config:
    """Sizes of a StyleGAN2."""

    kind: Literal["stylegan2"] = "stylegan2"
    size: int = 256
    """Height and width of the images: a power of two from 8 to 1024."""
    channels: Literal[1, 3, 4] = 3
    """1 grey, 3 RGB, 4 RGBA."""
    latent_size: int = 512
    """Length of the latent vector, drawn from a unit Gaussian."""
    style_size: int = 512
    """Length of a style, what the latent vector is mapped to."""
    mapping_layers: int = 8
    """Layers of the mapping; small data sets train better with 2."""
    channel_base: int = 32768
    """Channels times resolution, as long as that is at most ``max_width`` channels."""
    max_width: int = 512
    """Most channels anywhere."""
    disc_architecture: Literal["resnet", "orig"] = "resnet"
    """Of the discriminator: with shortcuts around each resolution, or without."""
    minibatch_std_group: int = 4
    """Images whose spread the discriminator sees; the batch is a multiple of it, or smaller. 0: none."""
    clamp: float = 256.0
    """Largest activation, either way, of every convolution; keeps low precision stable. 0: none."""
    conditional: bool = False
    """Condition on the class."""
    disc_mapping_layers: int = 8
    """Layers that map the class in a conditional discriminator."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Type of the arithmetic of the stages that ``bf16_resolutions`` names; parameters are float32 in either case."""
    bf16_resolutions: int = 4
    """With bfloat16: how many resolutions, highest first and none below 8, compute in it."""

    def __post_init__(self) -> None:
        """Refuse sizes that doubling 4x4 does not reach, and layers without channels."""
        if self.size not in SIZES:
            allowed = ", ".join(map(str, SIZES))
            raise UserError(
                f"--model.size {self.size}: a {self.kind} takes one of {allowed}; choose the nearest, data are resized"
            )
        pyramid.check_at_least_one(
            latent_size=self.latent_size,
            style_size=self.style_size,
            mapping_layers=self.mapping_layers,
            disc_mapping_layers=self.disc_mapping_layers,
            max_width=self.max_width,
        )
        if self.channel_base < self.size:
            raise UserError(
                f"--model.channel_base {self.channel_base}: must be --model.size {self.size} or more, for 1 channel"
            )
        for name in ("minibatch_std_group", "clamp", "bf16_resolutions"):
            if getattr(self, name) < 0:
                raise UserError(f"--model.{name} {getattr(self, name)}: must be 0 or more; 0 turns it off")


def stages(config: StyleGan2Config) -> tuple[Stage, ...]:
    """Return every resolution with its channels and its type, 4x4 first."""
    low = config.bf16_resolutions if config.precision == "bfloat16" else 0
    lowest = max(2 * config.size >> low, 8)
    return tuple(
        Stage(
            size,
            min(config.channel_base // size, config.max_width),
            jnp.bfloat16 if low and size >= lowest else jnp.float32,
        )
        for size in (4, *SIZES[: SIZES.index(config.size) + 1])
    )


def auto_config(size: int, *, conditional: bool = False) -> StyleGan2Config:
    """Return the sizes that suit new data: those of StyleGAN2-ADA's configuration ``auto``.

    Raises:
      UserError: ``size`` is not a power of two from 8 to 1024.
    """
    base = 32768 if size >= 512 else 16384
    return StyleGan2Config(
        size=size, mapping_layers=2, channel_base=base, conditional=conditional, precision="bfloat16"
    )


PRESETS: dict[str, StyleGan2Config] = {
    "cifar": StyleGan2Config(
        size=32, mapping_layers=2, disc_architecture="orig", minibatch_std_group=32, precision="bfloat16"
    ),
    "paper256": StyleGan2Config(channel_base=16384, minibatch_std_group=8, precision="bfloat16"),
    "paper512": StyleGan2Config(size=512, minibatch_std_group=8, precision="bfloat16"),
    "paper1024": StyleGan2Config(size=1024, precision="bfloat16"),
    "stylegan2": StyleGan2Config(size=1024, precision="bfloat16"),
}
"""The published configurations; where those computed in float16, these do in bfloat16."""


def build(config: StyleGan2Config, *, num_classes: int) -> StyleNetworks:
    """Return the networks; ``num_classes`` is used where ``config.conditional``."""
    classes = num_classes if config.conditional else 0
    upwards = stages(config)
    num_styles = 2 * len(upwards)
    mapping = Style(config.mapping_layers, config.style_size, classes)
    synthesis = Synthesis(upwards, config.channels, config.clamp)
    labels = jnp.zeros((1,), jnp.int32) if classes else None

    def init_generator(key: Array) -> PyTree:
        keys = rng.named(key, "mapping", "synthesis")
        latent, styles = jnp.zeros((1, config.latent_size)), jnp.zeros((1, num_styles, config.style_size))
        return {
            "mapping": mapping.init(keys["mapping"], latent, labels)["params"],
            "synthesis": synthesis.init(keys["synthesis"], styles, None)["params"],
        }

    def map_latent(params: PyTree, latent: Array, labels: Array | None) -> Array:
        style: Any = mapping.apply({"params": params["mapping"]}, latent, labels)
        return style

    def synthesize(params: PyTree, buffers: PyTree, styles: Array, noise: Literal["const", "none"] | Array) -> Array:
        chosen = _noise(upwards, buffers, noise, batch=styles.shape[0])
        images: Any = synthesis.apply({"params": params["synthesis"]}, styles, chosen)
        return images

    def generate(params: PyTree, latent: Array, labels: Array | None) -> Array:
        style = map_latent(params, latent, labels)
        styles = jnp.broadcast_to(style[:, None], (style.shape[0], num_styles, style.shape[1]))
        return synthesize(params, None, styles, "none")

    return StyleNetworks(
        image_shape=(config.size, config.size, config.channels),
        num_classes=classes,
        latent_size=config.latent_size,
        generator=Network(init_generator, generate),
        discriminator=_discriminator(config, classes),
        compares_batch=config.minibatch_std_group > 0,
        style_size=config.style_size,
        num_styles=num_styles,
        init_buffers=lambda key: {"mean_style": jnp.zeros(config.style_size), "noise": _constant_noise(key, upwards)},
        map=map_latent,
        synthesize=synthesize,
    )


def _discriminator(config: StyleGan2Config, classes: int) -> Network:
    module = Discriminator(
        stages(config)[::-1],
        num_classes=classes,
        mapping_layers=config.disc_mapping_layers,
        residual=config.disc_architecture == "resnet",
        group=config.minibatch_std_group,
        clamp=config.clamp,
    )
    labels = jnp.zeros((1,), jnp.int32) if classes else None

    def init(key: Array) -> PyTree:
        return module.init(key, jnp.zeros((1, config.size, config.size, config.channels)), labels)["params"]

    return Network(init, lambda params, *inputs: module.apply({"params": params}, *inputs))


def _constant_noise(key: Array, upwards: tuple[Stage, ...]) -> PyTree:
    """Return stage -> layer -> unit Gaussian [size, size]."""
    return jax.tree.map(lambda noise: noise[0, :, :, 0], _draw_noise(key, upwards, batch=1))


def _draw_noise(key: Array, upwards: tuple[Stage, ...], *, batch: int) -> dict[str, dict[str, Array]]:
    noise: dict[str, dict[str, Array]] = {stage.name: {} for stage in upwards}
    for stage, layer in noise_layers(upwards):
        one = rng.named(key, f"{stage.name}/{layer}")[f"{stage.name}/{layer}"]
        noise[stage.name][layer] = jax.random.normal(one, (batch, stage.size, stage.size, 1))
    return noise


def _noise(
    upwards: tuple[Stage, ...], buffers: PyTree, noise: Literal["const", "none"] | Array, *, batch: int
) -> Noise | None:
    if not isinstance(noise, str):
        return _draw_noise(noise, upwards, batch=batch)
    if noise == "none":
        return None
    return jax.tree.map(lambda constant: constant[None, :, :, None], buffers["noise"])
