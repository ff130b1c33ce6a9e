"""The Inception network against torch-fidelity's, with weights that both draw by one rule.

The numbers in inception_v3.json were computed in float64 by FeatureExtractorInceptionV3 of torch-fidelity 0.4.0
(torch 2.15) without its resize, from the weights and images of ``tensor`` and ``pictures`` below: means over the pixels
after some layers, and every so many channels of them. The names and shapes of the convolutions are from there too.
"""

import functools
import json
import pathlib
import zlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.metrics.networks import inception_v3

GOLDEN = json.loads(pathlib.Path(__file__).with_name("inception_v3.json").read_text())
STAGES = GOLDEN["forward"]["96x107"].keys() - {"features", "probabilities"}


def tensor(name, shape):
    """One tensor, from a stream of its own."""
    random = np.random.Generator(np.random.Philox(zlib.crc32(name.encode())))
    if len(shape) > 1:
        gain = 0.01 if name == "fc.weight" else 2.0
        return random.standard_normal(shape, np.float32) * np.float32(np.sqrt(gain / np.prod(shape[1:])))
    if name.endswith(("bn.weight", "bn.running_var")):
        return random.uniform(0.5, 1.5, shape).astype(np.float32)
    return 0.2 * random.standard_normal(shape, np.float32)


def pictures(count, height, width):
    """Patches of colour under noise, so that the images differ beyond their texture."""
    random = np.random.Generator(np.random.Philox(0))
    patches = random.integers(0, 256, (count, height // 24 + 1, width // 24 + 1, 3))
    patches = patches.repeat(24, axis=1).repeat(24, axis=2)[:, :height, :width]
    return np.clip(patches + random.integers(-60, 61, patches.shape), 0, 255).astype(np.uint8)


@functools.cache
def tensors():
    shapes = {"fc.weight": (1008, 2048), "fc.bias": (1008,)}
    for name, shape in GOLDEN["convolutions"].items():
        shapes[f"{name}.conv.weight"] = tuple(shape)
        shapes |= {f"{name}.bn.{part}": shape[:1] for part in ("weight", "bias", "running_mean", "running_var")}
    return {name: tensor(name, tuple(shape)) for name, shape in shapes.items()}


@functools.cache
def weights():
    return inception_v3.params_from_state_dict(tensors())


def assert_equal_to(golden, values):
    golden, values = np.array(golden), np.asarray(values)
    np.testing.assert_allclose(values[:, :: values.shape[1] // 64], golden, rtol=0, atol=1e-5 * np.abs(golden).max())


def test_features_and_probabilities_at_its_own_size_match_torch_fidelity():
    outputs = jax.jit(inception_v3.apply)(weights(), jnp.asarray(pictures(2, 299, 299), jnp.float32))
    assert outputs.features.shape == (2, 2048) and outputs.features.dtype == jnp.float32
    assert_equal_to(GOLDEN["forward"]["299x299"]["features"], outputs.features)
    assert_equal_to(GOLDEN["forward"]["299x299"]["probabilities"], outputs.probabilities)


def test_every_stage_matches_torch_fidelity():
    @jax.jit
    def stages(weights, images):
        (features, scores), state = inception_v3.InceptionV3().apply(
            {"params": weights}, images, capture_intermediates=True, mutable=["intermediates"]
        )
        inner = {name: state["intermediates"][name]["__call__"][0].mean((1, 2)) for name in STAGES}
        return {"features": features, "probabilities": jax.nn.softmax(scores), **inner}

    values = stages(weights(), jnp.asarray(pictures(2, 96, 107), jnp.float32))
    for name, golden in GOLDEN["forward"]["96x107"].items():
        assert_equal_to(golden, values[name])


def test_probabilities_add_up_to_one():
    outputs = jax.jit(inception_v3.apply)(weights(), jnp.asarray(pictures(2, 75, 75), jnp.float32))
    assert outputs.probabilities.shape == (2, 1008)
    np.testing.assert_allclose(np.sum(outputs.probabilities, axis=1), 1.0, rtol=1e-5)


def test_counters_of_batch_normalisation_are_ignored():
    counted = {**tensors(), "Conv2d_1a_3x3.bn.num_batches_tracked": np.int64(0)}
    assert len(jax.tree.leaves(inception_v3.params_from_state_dict(counted))) == 2 * 94 + 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Mixed_7c.branch_pool.bn.bias": None}, "Mixed_7c.branch_pool.bn.bias"),
        ({"AuxLogits.fc.weight": np.zeros((1000, 768))}, "AuxLogits.fc.weight"),
        ({"fc.bias": np.zeros(1000)}, r"\(1000,\), must be \(1008,\)"),
        ({"Conv2d_1a_3x3.conv.weight": np.zeros((3, 3, 3, 32))}, r"must be \(32, 3, 3, 3\)"),
        ({"Conv2d_1a_3x3.bn.bias": np.full(32, np.nan)}, "not finite"),
    ],
)
def test_a_file_of_another_network_is_refused_with_the_tensor_that_tells(change, words):
    state = {name: tensor for name, tensor in {**tensors(), **change}.items() if tensor is not None}
    with pytest.raises(UserError, match=words) as raised:
        inception_v3.params_from_state_dict(state)
    assert "\n" not in str(raised.value)


def test_only_the_one_file_is_the_inception_of_fid():
    assert inception_v3.is_fid_inception("6726825d0af5f729")
    assert not inception_v3.is_fid_inception("f2bc3dd05dbc22e1")
    assert not inception_v3.is_fid_inception("0006726825d")


def test_a_network_says_what_it_is():
    network = inception_v3.network(tensors(), weights_hash="0123456789abcdef")
    assert network.label == "inception_v3-0123456789abcdef"
    assert network.resize == "bicubic (Pillow's, in float) to 299x299" and network.channels == 3
