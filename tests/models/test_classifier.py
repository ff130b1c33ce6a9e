"""The classifier network: its shapes, its size by hand, and that only a key makes it random."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.models.classifier import ClassifierConfig, build


@pytest.mark.parametrize("shape", [(28, 28, 1), (64, 64, 3), (8, 8, 1), (17, 30, 3)])
def test_images_of_any_small_size_become_logits(shape):
    network = build(ClassifierConfig(image_shape=shape, num_classes=7, width=4))
    params = jax.eval_shape(network.init, jax.random.key(0))
    logits = jax.eval_shape(network.apply, params, jax.ShapeDtypeStruct((5, *shape), jnp.float32))
    assert logits.shape == (5, 7) and logits.dtype == jnp.float32


def test_parameters_match_a_hand_count():
    network = build(ClassifierConfig(image_shape=(28, 28, 1), num_classes=10))
    params = jax.eval_shape(network.init, jax.random.key(0))
    down = (16 * 1 * 32 + 32) + (16 * 32 * 64 + 64)  # 28 -> 14 -> 7
    head = (9 * 64 * 64 + 64) + (7 * 7 * 64 * 128 + 128) + (128 * 10 + 10)
    assert sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(params)) == down + head == 473_130


def test_features_are_dropped_with_a_key_only():
    network = build(ClassifierConfig(image_shape=(16, 16, 1), num_classes=3, width=4, features=16))
    params = jax.jit(network.init)(jax.random.key(0))
    images = jax.random.uniform(jax.random.key(1), (2, 16, 16, 1))
    apply = jax.jit(network.apply)
    np.testing.assert_array_equal(apply(params, images), apply(params, images))
    first, second = (apply(params, images, jax.random.key(seed)) for seed in (2, 3))
    assert not np.allclose(first, second)
