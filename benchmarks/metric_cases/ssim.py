"""Structural similarity with Wang's window, against scikit-image one image at a time."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import numpy as np

from benchmarks.metric_cases.inputs import at_least

STORY = "SSIM (Gaussian window), 64 pairs of 256x256x3 uint8"


def sides(share: float) -> dict[str, Callable[[], list[float]]]:
    """Return the work of each library."""
    from gen_jax.metrics.ssim import ssim

    random = np.random.default_rng(0)
    reference = random.integers(0, 256, (at_least(64, share, 2), 256, 256, 3), np.uint8)
    images = np.clip(reference + random.normal(scale=20.0, size=reference.shape), 0, 255).astype(np.uint8)
    found = {"gen_jax": lambda: [float(ssim(images, reference))]}
    if importlib.util.find_spec("skimage"):
        from skimage.metrics import structural_similarity

        options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "channel_axis": -1}
        found["scikit-image"] = lambda: [
            float(np.mean([structural_similarity(a, b, **options) for a, b in zip(images, reference, strict=True)]))
        ]
    return found
