"""Feature networks: what stands between images and the measures that compare distributions."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

from jax import Array

from gen_jax.types import PyTree


class Outputs(NamedTuple):
    """What a feature network says of a batch."""

    features: Array
    """float32 [b, d]."""
    probabilities: Array | None
    """float32 [b, k], each row adding up to 1, of a network that classifies; else None."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class FeatureNetwork:
    """A network with its weights, ready for ``extract``; ``io/feature_networks.py`` finds the weights."""

    name: str
    """As a user asks for it, such as ``efficientnet_lite0``."""
    weights: PyTree
    """Arrays; an argument of the compiled program, never a constant of it."""
    weights_hash: str
    """First 16 hexadecimal digits of the SHA-256 of the weights; of the file where they come from one."""
    size: int | None
    """Height and width that images are resized to; None: as they are."""
    channels: int | None
    """3: grey images are repeated into RGB and alpha is laid over white; None: as they are."""
    apply: Callable[[PyTree, Array], Outputs]
    """``apply(weights, images) -> Outputs``; pure. Images are float32 [b, size, size, channels] on the scale 0..255,
    neither rounded nor clipped after the resize; the network does its own normalisation."""

    @property
    def resize(self) -> str:
        """How images come to the network's size, in words."""
        return "none" if self.size is None else f"bicubic (Pillow's, in float) to {self.size}x{self.size}"

    @property
    def label(self) -> str:
        """Name and hash, as a result gives them: ``efficientnet_lite0-f2bc3dd05dbc22e1``."""
        return f"{self.name}-{self.weights_hash}"
