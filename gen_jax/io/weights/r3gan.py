"""Weights of R3GAN under their official names: from a state dict to our parameters, and back.

A state dict is ``{name: array}`` with PyTorch's layouts. Official stages run in the order they are computed, ours
from the lowest resolution up, so that the discriminator's are counted backwards.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from gen_jax.errors import UserError
from gen_jax.models.r3gan import R3ganConfig
from gen_jax.types import PyTree

State = Mapping[str, np.ndarray]

_KERNEL = np.outer([1, 3, 3, 1], [1, 3, 3, 1]).astype(np.float32) / 64
_BLOCK = (
    # official name, ours, squeezed official axes in our order
    ("LinearLayer1.Layer.weight", ("expand", "kernel"), (1, 0)),
    ("NonLinearity1.Bias", ("activation1", "bias"), (0,)),
    ("LinearLayer2.Layer.weight", ("grouped", "kernel"), (2, 3, 1, 0)),
    ("NonLinearity2.Bias", ("activation2", "bias"), (0,)),
    ("LinearLayer3.Layer.weight", ("reduce", "kernel"), (1, 0)),
)


@dataclasses.dataclass(frozen=True)
class _Tensor:
    """One tensor: its official name, where it lies in our tree, its official shape, and its axes in our order."""

    name: str
    path: tuple[str, ...]
    shape: tuple[int, ...]
    axes: tuple[int, ...]

    def ours(self, array: np.ndarray) -> np.ndarray:
        """From the official layout to ours."""
        # Axes of length 1 that our layout does not have: those of 1x1 kernels, and the input of a depthwise one.
        squeezed = array.reshape(self._squeezed()).transpose(self.axes)
        return np.ascontiguousarray(squeezed, np.float32)

    def official(self, array: np.ndarray) -> np.ndarray:
        """From our layout to the official one."""
        back = np.asarray(array, np.float32).transpose(np.argsort(self.axes))
        return np.ascontiguousarray(back).reshape(self.shape)

    def _squeezed(self) -> tuple[int, ...]:
        if len(self.axes) == len(self.shape):
            return self.shape
        if len(self.axes) == 2:  # [o, i, 1, 1]
            return self.shape[:2]
        return self.shape[:1] + self.shape[2:]  # [c, 1, h, w]


def generator_params(state: State) -> PyTree:
    """Return the parameters of ``models.r3gan``'s generator from an official state dict.

    Raises:
      UserError: a tensor is missing, left over or of the wrong shape; names it.
    """
    return _params(state, _generator_tensors(config_of(state), num_classes_of(state)), "generator")


def discriminator_params(state: State) -> PyTree:
    """Return the parameters of ``models.r3gan``'s discriminator from an official state dict.

    Raises:
      UserError: a tensor is missing, left over or of the wrong shape; names it.
    """
    fields = _stage_fields(state, "discriminator")
    fields |= _embedding_field(state, "disc_class_embedding")
    config = R3ganConfig(**fields)
    return _params(state, _discriminator_tensors(config, num_classes_of(state)), "discriminator")


def generator_state(params: PyTree, config: R3ganConfig, *, num_classes: int) -> dict[str, np.ndarray]:
    """Return the official state dict of a generator's parameters; the inverse of ``generator_params``."""
    return _state(params, _generator_tensors(config, num_classes if config.conditional else 0), config, "generator")


def discriminator_state(params: PyTree, config: R3ganConfig, *, num_classes: int) -> dict[str, np.ndarray]:
    """Return the official state dict of a discriminator's parameters; the inverse of ``discriminator_params``."""
    classes = num_classes if config.conditional else 0
    return _state(params, _discriminator_tensors(config, classes), config, "discriminator")


def num_classes_of(state: State) -> int:
    """Return the number of classes that a network knows; 0 for an unconditional one."""
    return state[_EMBEDDING].shape[-1] if _EMBEDDING in state else 0


def config_of(
    generator_state: State, discriminator_state: State | None = None, *, latent_size: int | None = None
) -> R3ganConfig:
    """Return the sizes of a network, deduced from the names and shapes of its tensors.

    Args:
      generator_state: official state dict.
      discriminator_state: of the same model; without it its class embedding keeps the default length.
      latent_size: where it is known from elsewhere, to be held against the weights.

    Raises:
      UserError: a tensor that tells a size is missing, or two of them contradict each other.
    """
    fields = _stage_fields(generator_state, "generator") | _embedding_field(generator_state, "class_embedding")
    first = _find(generator_state, _FROM_LATENT, "generator", axes=2)
    found = first.shape[1] - (fields["class_embedding"] if fields["conditional"] else 0)
    if latent_size is not None and found != latent_size:
        raise UserError(
            f"generator: {_FROM_LATENT} has shape {first.shape}, which leaves {found} numbers for the latent vector, "
            f"and the file says {latent_size}; is it the file of one model?"
        )
    config = R3ganConfig(latent_size=found, **fields)
    if discriminator_state is None:
        return config
    mirror = _stage_fields(discriminator_state, "discriminator")
    for name, value in mirror.items():
        if getattr(config, name) != value:
            raise UserError(
                f"the discriminator has {name} {value} and the generator {getattr(config, name)}; both must be equal"
            )
    return dataclasses.replace(config, **_embedding_field(discriminator_state, "disc_class_embedding"))


_EMBEDDING = "Model.EmbeddingLayer.weight"
_FROM_LATENT = "Model.MainLayers.0.Layers.0.LinearLayer.weight"


def _find(state: State, name: str, network: str, *, axes: int) -> np.ndarray:
    if name not in state:
        raise UserError(f"{network}: tensor {name} is missing; is this an R3GAN {network}?")
    if state[name].ndim != axes:
        raise UserError(f"{network}: tensor {name} has shape {state[name].shape}, but it must have {axes} axes")
    return state[name]


def _embedding_field(state: State, field: str) -> dict[str, Any]:
    return {field: state[_EMBEDDING].shape[0]} if _EMBEDDING in state else {}


def _stage_fields(state: State, network: str) -> dict[str, Any]:
    """Return the fields that both networks tell."""
    generator = network == "generator"
    pattern = re.compile(r"Model\.MainLayers\.(\d+)\.Layers\.(\d+)\.LinearLayer3\.")
    blocks = sorted({(int(m[1]), int(m[2])) for m in map(pattern.match, state) if m})
    count = 1 + max((stage for stage, _ in blocks), default=-1)
    if not count:
        raise UserError(f"{network}: no tensor is named Model.MainLayers...LinearLayer3; is this an R3GAN {network}?")
    widths, cardinality, expansion = [], [], 1
    for stage in range(count):
        prefix = f"Model.MainLayers.{stage}.Layers.{int(generator)}."
        width, inside = _find(state, f"{prefix}LinearLayer3.Layer.weight", network, axes=4).shape[:2]
        widths.append(width)
        cardinality.append(inside // _find(state, f"{prefix}LinearLayer2.Layer.weight", network, axes=4).shape[1])
        expansion = inside // width
    # Official stages run in the order they are computed.
    order = slice(None) if generator else slice(None, None, -1)
    last = f"Model.MainLayers.{count - 1}.Layers.{1 + max(b for s, b in blocks if s == count - 1)}.Basis.weight"
    basis = _find(state, _BASIS if generator else last, network, axes=3 if generator else 4)
    image = _find(state, _TO_IMAGE if generator else _FROM_IMAGE, network, axes=4)
    return {
        "size": basis.shape[-1] * 2 ** (count - 1),
        "channels": image.shape[0 if generator else 1],
        "widths": tuple(widths[order]),
        "cardinality": tuple(cardinality[order]),
        "blocks": tuple([sum(s == stage for s, _ in blocks) for stage in range(count)][order]),
        "expansion": expansion,
        "conditional": _EMBEDDING in state,
    }


_BASIS = "Model.MainLayers.0.Layers.0.Basis"
_TO_IMAGE = "Model.AggregationLayer.Layer.weight"
_FROM_IMAGE = "Model.ExtractionLayer.Layer.weight"


def _generator_tensors(config: R3ganConfig, classes: int) -> Iterator[_Tensor]:
    width, side = config.widths[0], config.size >> (len(config.widths) - 1)
    given = config.latent_size + (config.class_embedding if classes else 0)
    yield _Tensor(_BASIS, ("basis",), (width, side, side), (1, 2, 0))
    yield _Tensor(_FROM_LATENT, ("from_latent", "kernel"), (width, given), (1, 0))
    for stage, width in enumerate(config.widths):
        before = config.widths[max(stage - 1, 0)]
        if before != width:
            name = f"Model.MainLayers.{stage}.Layers.0.LinearLayer.Layer.weight"
            yield _Tensor(name, (f"transition{stage}", "kernel"), (width, before, 1, 1), (1, 0))
        for block in range(config.blocks[stage]):
            yield from _block_tensors(config, stage, block, f"Model.MainLayers.{stage}.Layers.{block + 1}")
    yield _Tensor(_TO_IMAGE, ("to_image", "kernel"), (config.channels, config.widths[-1], 1, 1), (1, 0))
    if classes:
        yield _Tensor(_EMBEDDING, ("class_embedding", "embedding"), (config.class_embedding, classes), (1, 0))


def _discriminator_tensors(config: R3ganConfig, classes: int) -> Iterator[_Tensor]:
    yield _Tensor(_FROM_IMAGE, ("from_image", "kernel"), (config.widths[-1], config.channels, 1, 1), (1, 0))
    for stage in reversed(range(len(config.widths))):
        layers = f"Model.MainLayers.{len(config.widths) - 1 - stage}.Layers"
        for block in range(config.blocks[stage]):
            yield from _block_tensors(config, stage, block, f"{layers}.{block}")
        width, last = config.widths[stage], f"{layers}.{config.blocks[stage]}"
        after = config.widths[max(stage - 1, 0)]
        if after != width:
            path = (f"transition{stage}", "kernel")
            yield _Tensor(f"{last}.LinearLayer.Layer.weight", path, (after, width, 1, 1), (1, 0))
        if not stage:
            side, features = config.size >> (len(config.widths) - 1), config.disc_class_embedding if classes else 1
            yield _Tensor(f"{last}.Basis.weight", ("basis",), (width, 1, side, side), (1, 2, 0))
            yield _Tensor(f"{last}.LinearLayer.weight", ("to_logit", "kernel"), (features, width), (1, 0))
    if classes:
        shape = (config.disc_class_embedding, classes)
        yield _Tensor(_EMBEDDING, ("class_embedding", "embedding"), shape, (1, 0))


def _block_tensors(config: R3ganConfig, stage: int, block: int, prefix: str) -> Iterator[_Tensor]:
    width, inside = config.widths[stage], config.widths[stage] * config.expansion
    shapes = ((inside, width, 1, 1), (inside,), (inside, inside // config.cardinality[stage], 3, 3), (inside,))
    for (name, path, axes), shape in zip(_BLOCK, (*shapes, (width, inside, 1, 1)), strict=True):
        yield _Tensor(f"{prefix}.{name}", (f"stage{stage}_block{block}", *path), shape, axes)


def _params(state: State, tensors: Iterator[_Tensor], network: str) -> PyTree:
    params: dict[str, Any] = {}
    left = {name for name in state if not name.endswith(".Resampler.Kernel")}
    for tensor in tensors:
        array = _find(state, tensor.name, network, axes=len(tensor.shape))
        if array.shape != tensor.shape:
            raise UserError(
                f"{network}: tensor {tensor.name} has shape {array.shape}, but the others ask for {tensor.shape}"
            )
        left.remove(tensor.name)
        node = params
        for key in tensor.path[:-1]:
            node = node.setdefault(key, {})
        node[tensor.path[-1]] = tensor.ours(np.asarray(array))
    if left:
        raise UserError(f"{network}: tensor {min(left)} is not part of an R3GAN {network}; is this its state dict?")
    return params


def _state(params: PyTree, tensors: Iterator[_Tensor], config: R3ganConfig, network: str) -> dict[str, np.ndarray]:
    state = {}
    for tensor in tensors:
        node = params
        for key in tensor.path:
            node = node[key]
        state[tensor.name] = tensor.official(node)
    count = len(config.widths)
    for stage in range(count - 1):
        layer = "0" if network == "generator" else str(config.blocks[::-1][stage])
        position = stage + 1 if network == "generator" else stage
        state[f"Model.MainLayers.{position}.Layers.{layer}.Resampler.Kernel"] = _KERNEL.copy()
    return state
