"""The pixels themselves as features: for small images, and for measures of exact copies."""

from __future__ import annotations

from jax import Array

from gen_jax.metrics.features import FeatureNetwork, Outputs
from gen_jax.types import PyTree


def apply(weights: PyTree, images: Array) -> Outputs:
    """Return images [b, h, w, c] on the scale 0..255 as [b, h w c] in [0, 1]; there are no weights."""
    del weights
    return Outputs(images.reshape(len(images), -1) / 255.0, None)


def network() -> FeatureNetwork:
    """Return the network for ``extract``; alpha and grey stay as they are."""
    return FeatureNetwork(name="pixels", weights={}, weights_hash="none", size=None, channels=None, apply=apply)
