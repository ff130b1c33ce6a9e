"""LPIPS: how far apart two images look, by the distance between their features in a deep network."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from gen_jax import pixels
from gen_jax.errors import UserError
from gen_jax.metrics.similarity import Similarity, block_of, check_pair, in_blocks, of_pairs
from gen_jax.types import PyTree

EPSILON = 1e-10
"""Added to the length of a feature vector before dividing by it, as the ``lpips`` package does."""

PIXELS = 1 << 20
"""Pixels of ``images`` that go through the network at once: 16 images of 256 x 256."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class LpipsNetwork:
    """A network whose layers are compared, with the learned weight of each channel."""

    name: str
    """As a user asks for it, such as ``vgg16_lpips``."""
    weights: PyTree
    """Arrays of the network; an argument of the compiled program, never a constant of it."""
    weights_hash: str
    """First 16 hexadecimal digits of the SHA-256 of the weights of network and heads."""
    heads: Sequence[Array]
    """One an output of ``apply``: float32 [c], the weight of each channel, 0 or more."""
    apply: Callable[[PyTree, Array], Sequence[Array]]
    """``apply(weights, images) -> feature maps``, each [b, h_i, w_i, c_i]; pure. Images are float32 [b, h, w, 3] on the
    scale -1..1; the shift and scale of the channels that the network was trained with are its own business."""

    @property
    def label(self) -> str:
        """Name and hash, as a result gives them: ``vgg16_lpips-f2bc3dd05dbc22e1``."""
        return f"{self.name}-{self.weights_hash}"


def lpips(images: Any, reference: Any, *, network: LpipsNetwork) -> Similarity:
    """Return the perceptual distance of each pair, 0 for equal images, about 0.7 for unrelated ones.

    ``sum_l mean_hw sum_c w_lc (f_lc / |f_l| - g_lc / |g_l|)^2`` with f and g the features of the two images at layer l,
    |.| their length over the channels of a pixel, and w the heads. Differentiable, and usable inside ``jax.jit``,
    where all pairs pass through the network at once; outside they pass in blocks, so that memory is bounded.

    Args:
      images: [b, h, w, c] or [h, w, c]; uint8 0..255 or float 0..1; grey is repeated into RGB, alpha laid over white.
      reference: the same shape and type.
      network: from ``gen_jax.io.feature_networks``, or any other.

    Returns:
      The mean over the pairs and the value of each; lower is more alike.

    Raises:
      UserError: the two are not images of one shape and type, or smaller than the network can take.

    Source: Zhang et al., arXiv 1801.03924, equation 1, in version 0.1 of its weights and code.
    """
    first, second = check_pair(images, reference)
    heads = tuple(jnp.asarray(head) for head in network.heads)
    program = functools.partial(_distances, network.apply, network.weights, heads)
    block = block_of(first, PIXELS * first.shape[-1])
    return of_pairs(in_blocks(program, first, second, block=block))


@functools.partial(jax.jit, static_argnums=0)
def _distances(
    apply: Callable[[PyTree, Array], Sequence[Array]],
    weights: PyTree,
    heads: tuple[Array, ...],
    images: Array,
    reference: Array,
) -> Array:
    both = _to_network(jnp.concatenate([images, reference]))
    with jax.default_matmul_precision("highest"):  # the same number on every machine
        maps = apply(weights, both)
    if len(maps) != len(heads):
        raise UserError(f"network: {len(maps)} feature maps and {len(heads)} heads, must be as many; repair its heads")
    if any(0 in features.shape for features in maps):
        raise UserError(f"images: {images.shape[1]}x{images.shape[2]}, too small for this network; resize them first")
    return sum((_layer(features, head) for features, head in zip(maps, heads, strict=True)), jnp.zeros(len(images)))


def _layer(features: Array, head: Array) -> Array:
    square = jnp.sum(jnp.square(features.astype(jnp.float32)), axis=-1, keepdims=True)
    # A pixel without any active feature has length 0, where the root has no derivative.
    active = square > 0
    length = jnp.where(active, jnp.sqrt(jnp.where(active, square, 1.0)), 0.0)
    first, second = jnp.split(features / (length + EPSILON), 2)
    weighted = jnp.square(first - second) @ head.astype(jnp.float32)
    return jnp.mean(jnp.mean(weighted, axis=2), axis=1)


def _to_network(images: Array) -> Array:
    signed = pixels.to_signed(images) if images.dtype == jnp.uint8 else pixels.unit_to_signed(images)
    if signed.shape[-1] == 1:
        return jnp.broadcast_to(signed, (*signed.shape[:-1], 3))
    if signed.shape[-1] == 4:
        alpha = pixels.signed_to_unit(signed[..., 3:])
        return signed[..., :3] * alpha + (1.0 - alpha)
    return signed
