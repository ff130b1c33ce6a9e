"""A classic DCGAN generator out of a PyTorch state dict, its batch normalisation folded into kernels and biases.

The layers must follow one another as ``torch.nn.Sequential`` numbers them: a transposed convolution of a single pixel,
then transposed 4x4 convolutions of stride 2, each followed by batch normalisation, the last one perhaps not.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, NoReturn

import numpy as np

from gen_jax.errors import UserError
from gen_jax.models.classic_dcgan import ClassicDcganConfig, stage_widths
from gen_jax.types import PyTree

_EPSILON = 1e-5
"""PyTorch's, added to the variance of batch normalisation."""
_IGNORED = "num_batches_tracked"
_ENTRIES = ("netG_state_dict", "generator_state_dict", "generator", "netG", "G", "g_ema", "state_dict", "model")
"""Where in a checkpoint the generator may lie; the first that is there."""


class _Layer(NamedTuple):
    kernel: np.ndarray
    """[4, 4, c, o], float64, the scale of the normalisation in it."""
    bias: np.ndarray


def generator_tensors(state: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return the generator's tensors out of what a checkpoint holds: itself, or one of its entries."""
    for name in _ENTRIES:
        if isinstance(state.get(name), dict):
            state = state[name]
            break
    return {name: value for name, value in state.items() if isinstance(value, np.ndarray)}


def config_of(state: Mapping[str, np.ndarray]) -> ClassicDcganConfig:
    """Return the sizes of the network that a state dict is of.

    Raises:
      UserError: it is of another layout; names the tensors that do not fit.
    """
    return _config(_layers(state))


def generator_params(state: Mapping[str, np.ndarray]) -> PyTree:
    """Return the parameters of ``models/classic_dcgan.py``'s generator.

    With batch normalisation y = gamma (x - mean) / sqrt(variance + 1e-5) + beta behind it, a kernel is multiplied by
    s = gamma / sqrt(variance + 1e-5), and the bias b becomes s (b - mean) + beta.

    Raises:
      UserError: the state dict is of another layout; names the tensors that do not fit.
    """
    layers = _layers(state)
    _config(layers)
    first, *others = layers
    features = first.kernel.shape[-1]
    dense = first.kernel.transpose(2, 0, 1, 3).reshape(-1, 16 * features)
    params: dict[str, Any] = {"Dense_0": {"Dense_0": {"kernel": _float32(dense)}}, "bias": _float32(first.bias)}
    for number, layer in enumerate(others):
        params[f"TransposedConv_{number}"] = {"kernel": _float32(layer.kernel), "bias": _float32(layer.bias)}
    return params


def _float32(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array, np.float32)


def _config(layers: list[_Layer]) -> ClassicDcganConfig:
    size = 2 ** (len(layers) + 1)
    widths = [layer.kernel.shape[-1] for layer in layers[:-1]][::-1]
    channels: Any = layers[-1].kernel.shape[-1]
    if channels not in (1, 3, 4):
        raise UserError(f"state dict: the last layer makes {channels} channels; a DCGAN makes 1, 3 or 4")
    config = ClassicDcganConfig(
        size=size, channels=channels, latent_size=layers[0].kernel.shape[2], width=widths[0], max_width=max(widths)
    )
    if stage_widths(config) != widths:
        raise UserError(f"state dict: has layers of {widths[::-1]} channels; those of a DCGAN halve at each doubling")
    return config


def _layers(state: Mapping[str, np.ndarray]) -> list[_Layer]:
    """Return the layers in their order, normalisation folded."""
    blocks: dict[tuple[int, ...], dict[str, np.ndarray]] = {}
    strange = []
    for name, array in state.items():
        path, _, field = name.rpartition(".")
        numbers = tuple(int(number) for number in re.findall(r"\d+", path))
        if not numbers or array.ndim not in (0, 1, 4):
            strange.append(name)
        elif field != _IGNORED:
            blocks.setdefault(numbers, {})[field] = array
    if strange or not blocks:
        _refuse(strange)
    layers: list[_Layer] = []
    for place in sorted(blocks):
        fields = blocks[place]
        if fields.keys() in ({"weight"}, {"weight", "bias"}) and fields["weight"].ndim == 4:
            layers.append(_convolution(fields))
        elif fields.keys() == {"weight", "bias", "running_mean", "running_var"} and layers:
            layers[-1] = _folded(layers[-1], fields)
        else:
            _refuse(name for name in state if str(place[-1]) in name.split("."))
    for before, layer in itertools.pairwise(layers):
        if before.kernel.shape[-1] != layer.kernel.shape[2] or layer.kernel.shape[:2] != (4, 4):
            _refuse(name for name, array in state.items() if array.ndim == 4)
    if len(layers) < 2 or layers[0].kernel.shape[:2] != (4, 4):
        _refuse(name for name, array in state.items() if array.ndim == 4)
    return layers


def _convolution(fields: Mapping[str, np.ndarray]) -> _Layer:
    kernel = fields["weight"].astype(np.float64).transpose(2, 3, 0, 1)  # of [in, out, 4, 4]
    bias = fields["bias"].astype(np.float64) if "bias" in fields else np.zeros(kernel.shape[-1])
    if bias.shape != kernel.shape[-1:]:
        _refuse(["a bias"])
    return _Layer(kernel, bias)


def _folded(layer: _Layer, fields: Mapping[str, np.ndarray]) -> _Layer:
    if any(array.shape != layer.bias.shape for array in fields.values()):
        _refuse(["a normalisation of other channels than the layer before it"])
    gamma, beta, mean, variance = (
        fields[name].astype(np.float64) for name in ("weight", "bias", "running_mean", "running_var")
    )
    scale = gamma / np.sqrt(variance + _EPSILON)
    return _Layer(layer.kernel * scale, scale * (layer.bias - mean) + beta)


def _refuse(names: Iterable[str]) -> NoReturn:
    listed = list(names)
    found = ", ".join(listed[:6]) + (f" and {len(listed) - 6} more" if len(listed) > 6 else "")
    raise UserError(
        "state dict: not a classic DCGAN generator (transposed 4x4 convolutions, batch normalisation between them); "
        f"these do not fit: {found or 'it has no tensors'}; give such a generator, or a StyleGAN2 or R3GAN snapshot"
    )
