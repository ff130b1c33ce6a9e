"""A fixed network of random convolutions: features of colour, edges and texture for when no weights are at hand.

At three scales, each half the one before, the image passes two layers of random filters; the mean and the standard
deviation over the image of each filter's output are the features. Distances over them order noise, blur, lost
contrast and lost modes as they should; they say little of what an image shows. They need nothing that is not in
this file, take images at their own size, and are the same numbers on every machine up to rounding.
"""

from __future__ import annotations

import hashlib

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from gen_jax.errors import UserError
from gen_jax.metrics.features import FeatureNetwork, Outputs
from gen_jax.types import PyTree

SMALLEST = 8
"""Least height and width: 2 pixels at the coarsest scale."""
_SCALES = 3
_WIDTHS = (24, 48)
_EDGES = 18
"""Filters of the first layer that do not see the level, only its changes; the other six see colour."""
_SPREAD = ((0.121, 0.085), (0.172, 0.111), (0.154, 0.104))
"""Root mean square deviation of the features of each scale and layer over 32-pixel patches of photographs."""
_SLOPE = 0.2
_LEAST_VARIANCE = 1e-4
"""Added to the variance over an image, so that flat images do not stand apart by the root of a rounding error."""


def make_weights(seed: int = 0) -> PyTree:
    """Return the filters, drawn by numpy's Philox from ``seed``: ``scale_S/layer_L`` [3, 3, c, o], float32.

    Each is unit Gaussian over the square root of its fan-in; the mean of an edge filter is taken off.
    """
    generator = np.random.Generator(np.random.Philox(seed))
    weights: dict[str, dict[str, np.ndarray]] = {}
    for scale in range(_SCALES):
        layers, channels = {}, 3
        for index, width in enumerate(_WIDTHS):
            kernel = generator.standard_normal((3, 3, channels, width)) / np.sqrt(9 * channels)
            if index == 0:
                kernel[..., :_EDGES] -= kernel[..., :_EDGES].mean(axis=(0, 1, 2))
            layers[f"layer_{index}"], channels = kernel.astype(np.float32), width
        weights[f"scale_{scale}"] = layers
    return weights


def hash_of(weights: PyTree) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of the filters, in the order of their names."""
    digest = hashlib.sha256()
    for scale in sorted(weights):
        for layer in sorted(weights[scale]):
            digest.update(np.ascontiguousarray(weights[scale][layer], "<f4").tobytes())
    return digest.hexdigest()[:16]


def apply(weights: PyTree, images: Array) -> Outputs:
    """Return the features [b, 432] of images [b, h, w, 3] on the scale 0..255; there are no classes.

    Raises:
      UserError: images smaller than 8 pixels.
    """
    height, width = images.shape[1:3]
    if min(height, width) < SMALLEST:
        raise UserError(
            f"images of {height}x{width} pixels: random_convolutions needs {SMALLEST} or more; use pixels as features"
        )
    x = images / 127.5 - 1.0
    features = []
    for scale in range(_SCALES):
        x = _halved(x) if scale else x
        y = x
        for layer in range(len(_WIDTHS)):
            y = _filtered(y, weights[f"scale_{scale}"][f"layer_{layer}"])
            mean, variance = jnp.mean(y, axis=(1, 2)), jnp.var(y, axis=(1, 2))
            features += [mean / _SPREAD[scale][layer], jnp.sqrt(variance + _LEAST_VARIANCE) / _SPREAD[scale][layer]]
    return Outputs(jnp.concatenate(features, axis=-1), None)


def _filtered(x: Array, kernel: Array) -> Array:
    # The border is repeated: zeros would be an edge round every image, the same in good ones and bad ones.
    x = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    x = lax.conv_general_dilated(x, kernel, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    return jnp.maximum(x, _SLOPE * x)


def _halved(x: Array) -> Array:
    """Return the averages of blocks of 2 x 2 pixels; a last row or column without a partner is left out."""
    b, h, w, c = x.shape
    return jnp.mean(x[:, : h // 2 * 2, : w // 2 * 2].reshape(b, h // 2, 2, w // 2, 2, c), axis=(2, 4))


def network() -> FeatureNetwork:
    """Return the network for ``extract``, at the images' own size."""
    weights = make_weights()
    return FeatureNetwork(
        name="random_convolutions",
        weights=weights,
        weights_hash=hash_of(weights),
        size=None,
        channels=3,
        apply=apply,
    )
