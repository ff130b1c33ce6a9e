"""The Inception network of the Frechet Inception distance: TensorFlow's graph of 2015-12-05, as PyTorch files name it.

Szegedy et al., arXiv 1512.00567, in the variant that Heusel et al., arXiv 1706.08500, measured with. It differs from
the Inception v3 of torchvision and Keras: average pools count no padding, the last block pools by maximum, there are
1008 classes, batch normalisation adds 1e-3. Only with one file of weights is a distance over its features an FID.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from flax import traverse_util
from jax import Array, lax

from gen_jax.metrics.features import FeatureNetwork, Outputs
from gen_jax.metrics.networks.tensors import check_tensors
from gen_jax.types import PyTree

SIZE = 299
"""Height and width that the network was trained at; 75 is the least that reaches its end."""
FID_WEIGHTS = "6726825d"
"""First digits of the SHA-256 of the file of weights, which also stand in its name."""

_EPSILON = 1e-3
_CLASSES = 1008
_LAYOUT = ("NHWC", "HWIO", "NHWC")
_TENSORS = ("conv.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var")


def is_fid_inception(weights_hash: str) -> bool:
    """Tell whether a file of this SHA-256 (hexadecimal, 8 digits or more) holds the weights that FID is defined by."""
    return weights_hash.lower().startswith(FID_WEIGHTS)


class Convolution(nn.Module):
    """Kernel and bias of a convolution whose batch normalisation is folded in."""

    features: int
    size: tuple[int, int] = (1, 1)
    stride: int = 1
    padding: str = "SAME"

    @nn.compact
    def __call__(self, x: Array, *, bare: bool = False) -> Any:
        """Return relu(x * kernel + bias); ``bare``: kernel and bias themselves, for who runs several as one."""
        kernel = self.param("kernel", nn.initializers.he_normal(), (*self.size, x.shape[-1], self.features))
        bias = self.param("bias", nn.initializers.zeros_init(), (self.features,))
        return (kernel, bias) if bare else nn.relu(_convolve(x, kernel, bias, stride=self.stride, padding=self.padding))


def _convolve(x: Array, kernel: Array, bias: Array, *, stride: int = 1, padding: str = "SAME") -> Array:
    if kernel.shape[:2] == (1, 1):  # XLA's convolution on a CPU takes twice the time of the product that this is
        y = x @ kernel[0, 0]
    elif padding == "VALID" and jax.default_backend() == "cpu":
        y = _valid_on_cpu(x, kernel, stride=stride)
    else:
        y = lax.conv_general_dilated(x, kernel, (stride, stride), padding, dimension_numbers=_LAYOUT)
    return y + bias.reshape(1, 1, 1, -1)


def _valid_on_cpu(x: Array, kernel: Array, *, stride: int) -> Array:
    """Convolve without padding by padding a row and a column, whose results are cut off.

    Before 0.12 jax takes up to seven times as long for a batch of images without padding as with it; since, no longer.
    """
    height, width = ((length - size) // stride + 1 for length, size in zip(x.shape[1:3], kernel.shape[:2], strict=True))
    y = lax.conv_general_dilated(x, kernel, (stride, stride), ((0, 1), (0, 1)), dimension_numbers=_LAYOUT)
    return y[:, :height, :width]


def _entries(x: Array, widths: Mapping[str, int], *, pooled: int = 0) -> list[Array]:
    """Run the 1x1 convolutions that read one input as one product; the last is averaged over 3x3 where ``pooled``.

    The network averages before it convolves. Both are linear, and the weights of an average add up to 1 also at the
    border, so that averaging the convolved is the same, on a fraction of the channels.
    """
    widths = {**widths, **({"branch_pool": pooled} if pooled else {})}
    parts = [Convolution(features, name=name)(x, bare=True) for name, features in widths.items()]
    kernel, bias = (jnp.concatenate(several, axis=-1) for several in zip(*parts, strict=True))
    outputs = jnp.split(_convolve(x, kernel, bias), np.cumsum(list(widths.values()))[:-1].tolist(), axis=-1)
    if pooled:
        outputs[-1] = nn.avg_pool(outputs[-1], (3, 3), padding="SAME", count_include_pad=False)
    return [nn.relu(output) for output in outputs]


class BlockA(nn.Module):
    """Mixed 5b to 5d."""

    pooled: int

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """``[b, h, w, c] -> [b, h, w, 224 + pooled]``."""
        widths = {"branch1x1": 64, "branch5x5_1": 48, "branch3x3dbl_1": 64}
        point, five, double, pool = _entries(x, widths, pooled=self.pooled)
        five = Convolution(64, (5, 5), name="branch5x5_2")(five)
        double = Convolution(96, (3, 3), name="branch3x3dbl_2")(double)
        double = Convolution(96, (3, 3), name="branch3x3dbl_3")(double)
        return jnp.concatenate([point, five, double, pool], axis=-1)


class BlockB(nn.Module):
    """Mixed 6a."""

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """``[b, h, w, c] -> [b, (h - 1) // 2, (w - 1) // 2, 480 + c]``."""
        three = Convolution(384, (3, 3), 2, "VALID", name="branch3x3")(x)
        double = Convolution(64, name="branch3x3dbl_1")(x)
        double = Convolution(96, (3, 3), name="branch3x3dbl_2")(double)
        double = Convolution(96, (3, 3), 2, "VALID", name="branch3x3dbl_3")(double)
        return jnp.concatenate([three, double, _halve(x)], axis=-1)


class BlockC(nn.Module):
    """Mixed 6b to 6e."""

    width: int

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """``[b, h, w, 768] -> [b, h, w, 768]``."""
        widths = {"branch1x1": 192, "branch7x7_1": self.width, "branch7x7dbl_1": self.width}
        point, seven, double, pool = _entries(x, widths, pooled=192)
        seven = Convolution(self.width, (1, 7), name="branch7x7_2")(seven)
        seven = Convolution(192, (7, 1), name="branch7x7_3")(seven)
        double = Convolution(self.width, (7, 1), name="branch7x7dbl_2")(double)
        double = Convolution(self.width, (1, 7), name="branch7x7dbl_3")(double)
        double = Convolution(self.width, (7, 1), name="branch7x7dbl_4")(double)
        double = Convolution(192, (1, 7), name="branch7x7dbl_5")(double)
        return jnp.concatenate([point, seven, double, pool], axis=-1)


class BlockD(nn.Module):
    """Mixed 7a."""

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """``[b, h, w, c] -> [b, (h - 1) // 2, (w - 1) // 2, 512 + c]``."""
        three, seven = _entries(x, {"branch3x3_1": 192, "branch7x7x3_1": 192})
        three = Convolution(320, (3, 3), 2, "VALID", name="branch3x3_2")(three)
        seven = Convolution(192, (1, 7), name="branch7x7x3_2")(seven)
        seven = Convolution(192, (7, 1), name="branch7x7x3_3")(seven)
        seven = Convolution(192, (3, 3), 2, "VALID", name="branch7x7x3_4")(seven)
        return jnp.concatenate([three, seven, _halve(x)], axis=-1)


class BlockE(nn.Module):
    """Mixed 7b, and with ``by_maximum`` Mixed 7c."""

    by_maximum: bool

    @nn.compact
    def __call__(self, x: Array) -> Array:
        """``[b, h, w, c] -> [b, h, w, 2048]``."""
        widths = {"branch1x1": 320, "branch3x3_1": 384, "branch3x3dbl_1": 448}
        point, three, double, *pool = _entries(x, widths, pooled=0 if self.by_maximum else 192)
        if self.by_maximum:
            highest = nn.max_pool(x, (3, 3), padding="SAME")
            pool = [Convolution(192, name="branch_pool")(highest)]
        double = Convolution(384, (3, 3), name="branch3x3dbl_2")(double)
        crosses = [
            Convolution(384, size, name=f"{branch}{letter}")(y)
            for branch, y in (("branch3x3_2", three), ("branch3x3dbl_3", double))
            for letter, size in (("a", (1, 3)), ("b", (3, 1)))
        ]
        return jnp.concatenate([point, *crosses, *pool], axis=-1)


def _halve(x: Array) -> Array:
    return nn.max_pool(x, (3, 3), strides=(2, 2))


class InceptionV3(nn.Module):
    """Images to pooled features and class scores."""

    @nn.compact
    def __call__(self, images: Array) -> tuple[Array, Array]:
        """``[b, h, w, 3]`` on the scale 0..255, 75 pixels or more a side -> features [b, 2048], scores [b, 1008].

        The scores are those before the bias, over which the Inception score is defined.
        """
        x = (images - 128.0) / 128.0
        x = Convolution(32, (3, 3), 2, "VALID", name="Conv2d_1a_3x3")(x)
        x = Convolution(32, (3, 3), 1, "VALID", name="Conv2d_2a_3x3")(x)
        x = _halve(Convolution(64, (3, 3), name="Conv2d_2b_3x3")(x))
        x = Convolution(80, name="Conv2d_3b_1x1")(x)
        x = _halve(Convolution(192, (3, 3), 1, "VALID", name="Conv2d_4a_3x3")(x))
        for letter, pooled in (("b", 32), ("c", 64), ("d", 64)):
            x = BlockA(pooled, name=f"Mixed_5{letter}")(x)
        x = BlockB(name="Mixed_6a")(x)
        for letter, width in (("b", 128), ("c", 160), ("d", 160), ("e", 192)):
            x = BlockC(width, name=f"Mixed_6{letter}")(x)
        x = BlockD(name="Mixed_7a")(x)
        x = BlockE(by_maximum=False, name="Mixed_7b")(x)
        x = BlockE(by_maximum=True, name="Mixed_7c")(x)
        features = jnp.mean(x, axis=(1, 2))
        return features, nn.Dense(_CLASSES, use_bias=False, name="fc")(features)


def apply(weights: PyTree, images: Array) -> Outputs:
    """Return the pooled features [b, 2048] and the probabilities of the 1008 classes.

    The probabilities leave the bias of the last layer out, as the Inception score does (Salimans et al.,
    arXiv 1606.03498, whose program multiplies the pooled features by the matrix alone).
    """
    outputs: Any = InceptionV3().apply({"params": weights}, images)
    features, scores = outputs
    return Outputs(features, jax.nn.softmax(scores))


def params_from_state_dict(state: Mapping[str, Any]) -> PyTree:
    """Return the weights that ``apply`` takes, with batch normalisation folded into kernels and biases.

    ``kernel g / sqrt(v + 1e-3)`` and ``b - m g / sqrt(v + 1e-3)`` for weight g, bias b, mean m and variance v of the
    normalisation that follows the convolution; computed in float64, float32 out.

    Args:
      state: tensors as arrays, by the names that the files of pytorch-fid and torch-fidelity use, such as
        ``Mixed_5b.branch1x1.conv.weight``, with kernels [out, in, h, w]. Every tensor is used once, but for the
        counters ``num_batches_tracked``, which say nothing, and ``fc.bias``, which ``apply`` does without.

    Raises:
      UserError: a tensor is missing, of another shape, of another name, or not finite.
    """
    state = {name: tensor for name, tensor in state.items() if not name.endswith(".num_batches_tracked")}
    shapes = _shapes()
    wanted = f"weights-inception-2015-12-05-{FID_WEIGHTS}.pth of torch-fidelity or pytorch-fid"
    check_tensors(state, shapes, wanted=wanted)
    layers = sorted({name.removesuffix(".conv.weight") for name in shapes if name.endswith(".conv.weight")})
    flat = {tuple(layer.split(".")): _folded(*(state[f"{layer}.{name}"] for name in _TENSORS)) for layer in layers}
    flat["fc",] = {"kernel": jnp.asarray(np.asarray(state["fc.weight"], np.float32).T)}
    return traverse_util.unflatten_dict(flat)


def network(state: Mapping[str, Any], *, weights_hash: str) -> FeatureNetwork:
    """Return the network for ``extract``.

    Args:
      state: see ``params_from_state_dict``.
      weights_hash: first 16 hexadecimal digits of the SHA-256 of the file that ``state`` was read from.

    Raises:
      UserError: the tensors are not those of this network.
    """
    return FeatureNetwork(
        name="inception_v3",
        weights=params_from_state_dict(state),
        weights_hash=weights_hash,
        size=SIZE,
        channels=3,
        apply=apply,
    )


@functools.cache
def _shapes() -> dict[str, tuple[int, ...]]:
    """Return the shape of every tensor of the file, by its name."""
    key, image = jax.ShapeDtypeStruct((2,), jnp.uint32), jax.ShapeDtypeStruct((1, SIZE, SIZE, 3), jnp.float32)
    variables: Any = jax.eval_shape(InceptionV3().init, key, image)
    parameters: dict[tuple[str, ...], Any] = traverse_util.flatten_dict(variables["params"])
    shapes: dict[str, tuple[int, ...]] = {"fc.weight": (_CLASSES, 2048), "fc.bias": (_CLASSES,)}
    for path, leaf in parameters.items():
        if path[-1] == "kernel" and path[0] != "fc":
            height, width, inputs, outputs = leaf.shape
            names = [".".join((*path[:-1], tensor)) for tensor in _TENSORS]
            shapes |= dict.fromkeys(names, (outputs,)) | {names[0]: (outputs, inputs, height, width)}
    return shapes


def _folded(kernel: Any, gain: Any, bias: Any, mean: Any, variance: Any) -> PyTree:
    kernel, gain, bias, mean, variance = (np.asarray(part, np.float64) for part in (kernel, gain, bias, mean, variance))
    scale = gain / np.sqrt(variance + _EPSILON)
    return {
        "kernel": jnp.asarray((kernel * scale[:, None, None, None]).transpose(2, 3, 1, 0), jnp.float32),
        "bias": jnp.asarray(bias - mean * scale, jnp.float32),
    }
