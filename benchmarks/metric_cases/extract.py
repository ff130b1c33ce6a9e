"""Features of images, by each network that is found here; no peer, images a second."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np

from benchmarks.metric_cases.inputs import at_least

IMAGES = 256
STORY = f"features of {IMAGES} images of 64x64x3"


def images(share: float) -> int:
    """Return how many images one call sees."""
    return at_least(IMAGES, share, 64)


def sides(share: float) -> dict[str, Callable[[], list[float]]]:
    """Return the work of each network; its value is the mean feature."""
    from gen_jax.errors import UserError
    from gen_jax.io.feature_networks import load_network
    from gen_jax.metrics.features import extract

    pixels = np.random.default_rng(0).integers(0, 256, (images(share), 64, 64, 3), np.uint8)
    found: dict[str, Callable[[], list[float]]] = {}
    for name in ("efficientnet_lite0", "random_convolutions"):
        try:
            network = load_network(name)
        except (UserError, ImportError) as error:
            print(f"{name}: left out ({error})", file=sys.stderr)
            continue
        found[name] = lambda network=network: [float(extract(network, [pixels]).features.mean())]
    return found
