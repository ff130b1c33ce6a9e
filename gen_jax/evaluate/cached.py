"""Features of sets of images; those of data sets are kept in the user's cache, by the content of the images."""

from __future__ import annotations

import contextlib
import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np

from gen_jax.data.cache import cache_directory
from gen_jax.evaluate.sets import ImageSet
from gen_jax.io import files
from gen_jax.metrics.features import Extracted, FeatureNetwork, extract

VERSION = 1
"""Raised when the same images and weights give other features."""


def features_of(
    images: ImageSet,
    network: FeatureNetwork,
    *,
    keep: bool = False,
    batch: int = 64,
    progress: Callable[[int], None] | None = None,
) -> Extracted:
    """Return the features of all images of a set.

    Args:
      images: the set.
      network: what looks at them.
      keep: look in the cache first, and store the result there. The key is a hash of the pixels, the weights,
        the resize and the kind of device, so that a changed file is never taken for the old one.
      batch: images a call of the network.
      progress: called with the number of images done so far.
    """
    path = _path(images, network) if keep else None
    found = _load(path) if path is not None else None
    if found is not None:
        if progress is not None:
            progress(images.count)
        return found
    extracted = extract(network, images.read(), batch=batch, progress=progress)
    if path is not None:
        _store(path, extracted)
    return extracted


def rows_of(extracted: Extracted, rows: np.ndarray) -> Extracted:
    """Return the features of some of the images."""
    probabilities = None if extracted.probabilities is None else extracted.probabilities[rows]
    return Extracted(features=extracted.features[rows], probabilities=probabilities, count=len(rows))


def _path(images: ImageSet, network: FeatureNetwork) -> Path:
    parts = (VERSION, images.digest(), network.label, network.resize, network.channels, jax.default_backend())
    return cache_directory() / "features" / f"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}.npz"


def _load(path: Path) -> Extracted | None:
    try:
        with np.load(path, allow_pickle=False) as stored:
            features = stored["features"]
            probabilities = stored["probabilities"] if "probabilities" in stored.files else None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return Extracted(features=features, probabilities=probabilities, count=len(features))


def _store(path: Path, extracted: Extracted) -> None:
    """Write the features; a cache that cannot be written is as good as none."""
    arrays = {"features": extracted.features}
    if extracted.probabilities is not None:
        arrays["probabilities"] = extracted.probabilities
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with files.replacing(path) as file:
            np.savez(file, allow_pickle=False, **arrays)
