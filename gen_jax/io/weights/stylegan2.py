"""Weights of StyleGAN2 under their official names: from state dicts to our parameters and buffers, and back.

A state dict is ``{name: array}`` with PyTorch's layouts. Ours has the same names, with ``kernel`` for ``weight`` and
a level a dot; the running mean style and the constant noise, which no gradient moves, are kept apart as buffers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jax
import numpy as np

from gen_jax.errors import UserError
from gen_jax.io.weights import stylegan2_config
from gen_jax.io.weights.stylegan2_config import State, config_of, find, num_classes_of
from gen_jax.models import stylegan2
from gen_jax.models.stylegan2 import StyleGan2Config
from gen_jax.types import PyTree

__all__ = [
    "buffers",
    "config_of",
    "discriminator_params",
    "discriminator_state",
    "generator_params",
    "generator_state",
    "num_classes_of",
]

_FILTER = np.outer([1, 3, 3, 1], [1, 3, 3, 1]).astype(np.float32) / 64
_MEAN, _NOISE, _FILTER_NAME = "mapping.w_avg", ".noise_const", "resample_filter"


class _Tensor(NamedTuple):
    """One parameter: where it lies in our tree, and its shape there."""

    path: tuple[str, ...]
    shape: tuple[int, ...]

    @property
    def name(self) -> str:
        """Its official name."""
        *parents, leaf = self.path
        return ".".join([*parents, "weight" if leaf == "kernel" else leaf])

    @property
    def _transposed(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The official shape before axes of length 1 are added or axes are joined, and our axes in its order."""
        if self.path[-1] == "const":
            return self.shape, (2, 0, 1)
        if self.path[-1] != "kernel":
            return self.shape, tuple(range(len(self.shape)))
        if self.path == (
            "b4",
            "fc",
            "kernel",
        ):  # its inputs are the pixels of 4x4 images: ours h, w, c, official c, h, w
            return (4, 4, self.shape[0] // 16, self.shape[1]), (3, 2, 0, 1)
        return (self.shape, (3, 2, 0, 1)) if len(self.shape) == 4 else (self.shape, (1, 0))

    @property
    def official_shape(self) -> tuple[int, ...]:
        """Its shape under the official name."""
        shape, axes = self._transposed
        official = tuple(shape[axis] for axis in axes)
        if self.path == ("b4", "fc", "kernel"):
            return official[0], 16 * official[1]
        if self.path[-1] == "kernel" and self.path[-2] in ("fromrgb", "torgb", "skip"):
            return (*official, 1, 1)
        return official

    def ours(self, array: np.ndarray) -> np.ndarray:
        """From the official layout to ours."""
        shape, axes = self._transposed
        array = array.reshape([shape[axis] for axis in axes]).transpose(np.argsort(axes))
        return np.array(array.reshape(self.shape), np.float32)

    def official(self, array: np.ndarray) -> np.ndarray:
        """From our layout to the official one."""
        shape, axes = self._transposed
        array = np.asarray(array, np.float32).reshape(shape).transpose(axes)
        return np.array(array.reshape(self.official_shape))


def generator_params(state: State) -> PyTree:
    """Return the parameters of ``models.stylegan2``'s generator from an official state dict.

    Raises:
      UserError: a tensor is missing, left over or of the wrong shape; names it. Or another generator's.
    """
    networks = stylegan2.build(config_of(state), num_classes=num_classes_of(state))
    known = {_MEAN, *(name for name in state if name.endswith(_NOISE))}
    return _params(state, _tensors(networks.generator.init), network="generator", known=known)


def buffers(state: State) -> PyTree:
    """Return ``{"mean_style": [w], "noise": {stage: {layer: [size, size]}}}`` from a generator's official state dict.

    Raises:
      UserError: one is missing, left over or of the wrong shape; names it.
    """
    config = config_of(state)
    networks = stylegan2.build(config, num_classes=num_classes_of(state))
    wanted = jax.eval_shape(networks.init_buffers, jax.random.key(0))
    noise: dict[str, dict[str, np.ndarray]] = {}
    known = set()
    for stage, layers in wanted["noise"].items():
        noise[stage] = {}
        for layer, shape in layers.items():
            name = f"synthesis.{stage}.{layer}{_NOISE}"
            noise[stage][layer] = _checked(state, name, shape.shape, network="generator")
            known.add(name)
    _refuse_left_over({name for name in state if name.endswith(_NOISE)} - known, "generator")
    return {"mean_style": _checked(state, _MEAN, wanted["mean_style"].shape, network="generator"), "noise": noise}


def discriminator_params(state: State) -> PyTree:
    """Return the parameters of ``models.stylegan2``'s discriminator from an official state dict.

    Raises:
      UserError: a tensor is missing, left over or of the wrong shape; names it. Or another discriminator's.
    """
    config = StyleGan2Config(**stylegan2_config.discriminator_fields(state))
    networks = stylegan2.build(config, num_classes=num_classes_of(state))
    return _params(state, _tensors(networks.discriminator.init), network="discriminator", known=set())


def generator_state(params: PyTree, buffers: PyTree, config: StyleGan2Config) -> dict[str, np.ndarray]:
    """Return the official state dict of a generator; the inverse of ``generator_params`` and ``buffers``."""
    state = _state(params)
    for stage in stylegan2.stages(config):
        state[f"synthesis.{stage.name}.{_FILTER_NAME}"] = _FILTER.copy()
        for layer, noise in buffers["noise"][stage.name].items():
            state[f"synthesis.{stage.name}.{layer}{_NOISE}"] = np.array(noise, np.float32)
            state[f"synthesis.{stage.name}.{layer}.{_FILTER_NAME}"] = _FILTER.copy()
    return state | {_MEAN: np.array(buffers["mean_style"], np.float32)}


def discriminator_state(params: PyTree, config: StyleGan2Config) -> dict[str, np.ndarray]:
    """Return the official state dict of a discriminator; the inverse of ``discriminator_params``."""
    state = _state(params)
    for stage in stylegan2.stages(config):
        if stage.size > 4:
            state[f"{stage.name}.{_FILTER_NAME}"] = _FILTER.copy()
        for layer in params[stage.name]:
            if layer not in ("fc", "out"):
                state[f"{stage.name}.{layer}.{_FILTER_NAME}"] = _FILTER.copy()
    return state


def _tensors(init: Any) -> list[_Tensor]:
    return list(_leaves(jax.eval_shape(init, jax.random.key(0))))


def _leaves(tree: PyTree, path: tuple[str, ...] = ()) -> Iterator[_Tensor]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*path, name))
        else:
            yield _Tensor((*path, name), tuple(value.shape))


def _params(state: State, tensors: list[_Tensor], *, network: str, known: set[str]) -> PyTree:
    params: dict[str, Any] = {}
    for tensor in tensors:
        node = params
        for key in tensor.path[:-1]:
            node = node.setdefault(key, {})
        node[tensor.path[-1]] = tensor.ours(_checked(state, tensor.name, tensor.official_shape, network=network))
    filters = {name for name in state if name.split(".")[-1] == _FILTER_NAME}
    for name in sorted(filters):
        if not np.allclose(_checked(state, name, _FILTER.shape, network=network), _FILTER, atol=1e-6):
            raise UserError(f"{network}: tensor {name} is another filter than [1, 3, 3, 1]; only that one is supported")
    _refuse_left_over(set(state) - {tensor.name for tensor in tensors} - filters - known, network)
    return params


def _state(params: PyTree) -> dict[str, np.ndarray]:
    state = {}
    for tensor in _leaves(params):
        node = params
        for key in tensor.path:
            node = node[key]
        state[tensor.name] = tensor.official(node)
    return state


def _checked(state: State, name: str, shape: tuple[int, ...], *, network: str) -> np.ndarray:
    array = np.asarray(find(state, name, network))
    if array.shape != shape:
        raise UserError(f"{network}: tensor {name} has shape {array.shape}, but the others ask for {shape}")
    return array.astype(np.float32)


def _refuse_left_over(names: set[str], network: str) -> None:
    if names:
        raise UserError(f"{network}: tensor {min(names)} is not part of a StyleGAN2 {network}; is this its state dict?")
