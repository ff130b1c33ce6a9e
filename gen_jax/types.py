"""What the parts say to each other: data descriptions, batches, networks, models."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from jax import Array

PyTree = Any
Latent = Any
"""A pytree of arrays [b, ...]: one array for a GAN or a flat VAE, one a level for a hierarchical VAE."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class DatasetInfo:
    """What a model must know of its data, and a run directory keeps so that it stands alone."""

    image_shape: tuple[int, int, int]
    """Height, width, channels of every image."""
    num_images: int
    """Images in the split that trains."""
    class_names: tuple[str, ...] = ()
    """One name a class; empty where the data has no labels."""
    source: str = ""
    """Where the images came from, in words for a person."""

    @property
    def num_classes(self) -> int:
        """Number of classes; 0 without labels."""
        return len(self.class_names)


class Batch(NamedTuple):
    """One global batch, as the step receives it."""

    images: Array
    """uint8 [b, h, w, c]."""
    labels: Array | None
    """int32 [b] in [0, k), or None."""


class Network(NamedTuple):
    """A network as two pure functions; no layer class leaves ``models/``."""

    init: Callable[..., PyTree]
    """``init(key) -> params``."""
    apply: Callable[..., Any]
    """``apply(params, *inputs) -> outputs``."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class GanNetworks:
    """The two networks of a GAN."""

    image_shape: tuple[int, int, int]
    num_classes: int
    """0 for an unconditional model."""
    latent_size: int
    generator: Network
    """``apply(params, latent [b, z], labels [b] | None) -> images [b, h, w, c]`` in about [-1, 1]."""
    discriminator: Network
    """``apply(params, images [b, h, w, c], labels [b] | None) -> logits [b]``, float32, high for real."""
    compares_batch: bool = False
    """Whether the discriminator compares the images of its batch (minibatch standard deviation): real and generated
    images then go through it in batches of their own."""
    piecewise_linear: bool = False
    """Whether ``discriminator.apply(params, images, labels, unit [b])`` is there, linear in images and unit together
    wherever no activation changes sign, see ``objectives/piecewise.py``."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class StyleNetworks(GanNetworks):
    """A GAN whose generator first maps a latent to styles, one for each of its layers (StyleGAN2).

    ``generator.init(key)`` gives ``{"mapping": ..., "synthesis": ...}``; ``generator.apply`` goes all the way, without
    noise. Beside the trained parameters a generator has buffers, which training moves but no gradient does.
    """

    style_size: int
    """w: length of a style."""
    num_styles: int
    """n: styles that the synthesis takes."""
    init_buffers: Callable[[Array], PyTree]
    """``init_buffers(key) -> {"mean_style": [w], "noise": constant noise by layer}``."""
    map: Callable[..., Array]
    """``map(params, latent [b, z], labels [b] | None) -> style [b, w]``, ``params`` being the generator's."""
    synthesize: Callable[..., Array]
    """``synthesize(params, buffers, styles [b, n, w], noise) -> images [b, h, w, c]``; noise is ``"const"`` (the
    buffers'), ``"none"``, or a key for noise of its own in every image."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class VaeNetworks:
    """The encoder and decoder of a flat VAE."""

    image_shape: tuple[int, int, int]
    num_classes: int
    latent_size: int
    encoder: Network
    """``apply(params, images [b, h, w, c], labels) -> (mean [b, z], log_std [b, z])``."""
    decoder: Network
    """``apply(params, latent [b, z], labels) -> likelihood parameters [b, h, w, p]``, float32."""


class LatentModel(Protocol):
    """What sampling, editing, serving and metrics know of a model; the weights are bound.

    It is made inside a compiled function from the weights that function receives, so that new
    weights never recompile.
    """

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width, channels."""
        ...

    @property
    def num_classes(self) -> int:
        """Number of classes; 0 for an unconditional model."""
        ...

    def prior(self, key: Array, n: int) -> Latent:
        """Draw ``n`` latents from the prior."""
        ...

    def decode(self, latent: Latent, labels: Array | None) -> Array:
        """Return float32 images [b, h, w, c] in [-1, 1]."""
        ...


class StyleModel(LatentModel, Protocol):
    """A LatentModel that goes through styles; ``decode`` is ``synthesize(map(latent, labels))``."""

    @property
    def num_styles(self) -> int:
        """Styles of an image, one for each layer of the synthesis, coarse to fine."""
        ...

    @property
    def style_size(self) -> int:
        """Length of a style."""
        ...

    @property
    def mean_style(self) -> Array:
        """Running mean of the mapped styles, [w]: what truncation goes towards."""
        ...

    def map(self, latent: Latent, labels: Array | None) -> Array:
        """Return one style an image, [b, w]."""
        ...

    def synthesize(self, styles: Array) -> Array:
        """Return float32 images [b, h, w, c] in about [-1, 1] of styles [b, n, w], with the constant noise."""
        ...


class EncodingModel(LatentModel, Protocol):
    """A LatentModel that can also find the latent of an image (a VAE)."""

    def encode(self, images: Array, labels: Array | None) -> Latent:
        """Return the posterior mean of images in [-1, 1]."""
        ...
