"""LPIPS: the distance of the lpips package on a small random network, and its invariants."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.metrics.lpips import LpipsNetwork, lpips
from tests.metrics.pairs import levels, pair


def apply(weights, images):
    maps = []
    for kernel in weights:
        if maps:
            images = jax.lax.reduce_window(images, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        images = jax.lax.conv_general_dilated(
            images, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        images = jax.nn.relu(images)
        maps.append(images)
    return maps


def network(**changes):
    random = np.random.default_rng(5)
    kernels = [random.normal(0, 0.4, (3, 3, i, o)).astype(np.float32) for i, o in ((3, 8), (8, 12), (12, 16))]
    heads = [random.random(kernel.shape[3]).astype(np.float32) for kernel in kernels]
    return LpipsNetwork(
        **{"name": "random", "weights": kernels, "weights_hash": "0" * 16, "heads": heads, "apply": apply} | changes
    )


EXPECTED = [0.32957723736763, 0.3491782546043396, 0.36351194977760315]
"""lpips 0.1.4 on torch 2.15: its forward with this trunk, these heads and no shift, of the pairs in ``pairs``."""


def pairs():
    return pair(6, 3, 24, 20, 3, noise=0.2)


def test_equals_the_lpips_package():
    np.testing.assert_allclose(lpips(*pairs(), network=network()).each, EXPECTED, rtol=1e-5)


def test_blocks_and_a_users_own_jit_say_the_same(monkeypatch):
    # The package exports a function of the module's name.
    monkeypatch.setattr(sys.modules["gen_jax.metrics.lpips"], "PIXELS", 2 * 24 * 20)
    net = network()
    np.testing.assert_allclose(lpips(*pairs(), network=net).each, EXPECTED, rtol=1e-5)
    np.testing.assert_allclose(jax.jit(lambda a, b: lpips(a, b, network=net).each)(*pairs()), EXPECTED, rtol=1e-5)


def test_one_feature_is_a_hand_calculation():
    # Features (1, x): the unit vectors of x = 0 and x = 1 differ by (1 - r, -r) with r = sqrt(1/2).
    net = network(
        weights=(), heads=[np.array([2.0, 3.0])], apply=lambda _, x: [jnp.stack([0 * x[..., 0] + 1, x[..., 0]], -1)]
    )
    r = np.sqrt(0.5)
    images, reference = np.full((1, 2, 2, 3), 0.5), np.ones((1, 2, 2, 3))
    assert float(lpips(images, reference, network=net)) == pytest.approx(2 * (1 - r) ** 2 + 3 * r**2, rel=1e-6)


def test_grey_is_repeated_and_alpha_laid_over_white():
    images, reference = pairs()
    net = network()
    grey = lpips(images[..., :1], reference[..., :1], network=net)
    repeated = lpips(images[..., :1].repeat(3, -1), reference[..., :1].repeat(3, -1), network=net)
    np.testing.assert_allclose(grey.each, repeated.each, rtol=1e-6)
    alpha = np.random.default_rng(7).random((*images.shape[:3], 1)).astype(np.float32)
    over_white = (x * alpha + 1 - alpha for x in (images, reference))
    found = lpips(*(np.concatenate([x, alpha], -1) for x in (images, reference)), network=net)
    np.testing.assert_allclose(found.each, lpips(*over_white, network=net).each, rtol=1e-4)


def test_uint8_and_float_say_the_same():
    images, reference = (levels(x) for x in pairs())
    in_unit = lpips(images / np.float32(255), reference / np.float32(255), network=network())
    np.testing.assert_allclose(lpips(images, reference, network=network()).each, in_unit.each, rtol=1e-5)


def test_equal_images_are_at_distance_nought_with_a_finite_gradient_even_where_no_feature_is_active():
    images, reference = pairs()
    net = network()
    value, gradient = jax.value_and_grad(lambda x: lpips(x, images, network=net).mean)(images)
    assert value < 1e-12 and np.isfinite(gradient).all()
    silent = network(apply=lambda weights, x: [0.0 * features for features in apply(weights, x)])
    value, gradient = jax.value_and_grad(lambda x: lpips(x, reference, network=silent).mean)(images)
    assert value == 0.0 and np.isfinite(gradient).all()


def test_a_network_that_cannot_take_the_images_is_one_line():
    with pytest.raises(UserError, match="images: 2x2, too small for this network"):
        lpips(np.zeros((2, 2, 3)), np.zeros((2, 2, 3)), network=network())
    with pytest.raises(UserError, match="3 feature maps and 2 heads"):
        lpips(*pairs(), network=network(heads=network().heads[:2]))
