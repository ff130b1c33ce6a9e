"""Modulated convolutions against their definition: one kernel of its own for every image."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from gen_jax.models.modulated import StyledConv, ToImage
from tests.models.test_filtered_convolution import LAYOUT, filtered


def drawn(module, *inputs):
    """Parameters that leave nothing at zero."""
    draw = np.random.default_rng(0)
    shapes = jax.eval_shape(module.init, jax.random.key(0), *inputs)["params"]
    return jax.tree.map(lambda leaf: draw.normal(size=leaf.shape).astype(np.float32), shapes)


def scale_of(params, style):
    return style @ params["affine"]["kernel"] / np.sqrt(style.shape[1]) + params["affine"]["bias"]


def activated(x):
    return np.where(x >= 0, x, 0.2 * x) * np.sqrt(2.0)


@pytest.fixture(scope="module")
def shown():
    draw = np.random.default_rng(1)
    x, style = (draw.normal(size=shape).astype(np.float32) for shape in ((3, 6, 6, 4), (3, 5)))
    return x, style, draw.normal(size=(3, 6, 6, 1)).astype(np.float32)


def own_kernels(params, style):
    """[b, 3, 3, c, o], each output channel of unit norm."""
    kernels = params["kernel"][None] * scale_of(params, style)[:, None, None, :, None]
    return kernels / np.sqrt(np.sum(np.square(kernels), axis=(1, 2, 3), keepdims=True) + 1e-8)


def test_the_images_are_convolved_with_kernels_scaled_by_their_styles_and_normalised(shown):
    x, style, noise = shown
    layer = StyledConv(7)
    params = drawn(layer, x, style, noise)
    expected = np.concatenate(
        [
            lax.conv_general_dilated(x[i : i + 1], kernel, (1, 1), "SAME", dimension_numbers=LAYOUT)
            for i, kernel in enumerate(own_kernels(params, style))
        ]
    )
    expected = activated(expected + params["noise_strength"] * noise + params["bias"].reshape(1, 1, 1, -1))
    found = jax.jit(layer.apply)({"params": params}, x, style, noise)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_the_resolution_is_doubled_by_the_same_kernels(shown):
    x, style, _ = shown
    layer = StyledConv(7, up=True)
    params = drawn(layer, x, style, None)
    expected = np.concatenate(
        [
            lax.conv_transpose(x[i : i + 1], kernel[::-1, ::-1], (2, 2), "VALID", dimension_numbers=LAYOUT)
            for i, kernel in enumerate(own_kernels(params, style))
        ]
    )
    expected = activated(filtered(jnp.asarray(expected), pad=1, gain=4.0) + params["bias"].reshape(1, 1, 1, -1))
    found = jax.jit(layer.apply)({"params": params}, x, style, None)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_a_share_of_the_image_is_neither_normalised_nor_activated(shown):
    x, style, _ = shown
    layer = ToImage(3)
    params = drawn(layer, x, style)
    expected = np.einsum("bhwc,bc,co->bhwo", x, scale_of(params, style) / 2.0, params["kernel"]) + params["bias"]
    np.testing.assert_allclose(layer.apply({"params": params}, x, style), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("clamp", [0.5, 2.0])
def test_activations_and_images_stay_within_the_clamp(shown, clamp):
    x, style, noise = shown
    for layer, inputs in ((StyledConv(7, clamp=clamp), (x, style, noise)), (ToImage(3, clamp=clamp), (x, style))):
        free = type(layer)(7 if isinstance(layer, StyledConv) else 3)
        params = drawn(layer, *inputs)
        unlimited = free.apply({"params": params}, *inputs)
        assert np.abs(unlimited).max() > clamp
        np.testing.assert_allclose(layer.apply({"params": params}, *inputs), np.clip(unlimited, -clamp, clamp))


def test_bfloat16_needs_no_scaling_of_weights_or_styles_beforehand(shown):
    x, style, _ = shown
    rounded, exact = StyledConv(7, dtype=jnp.bfloat16), StyledConv(7)
    params = drawn(exact, x, style, None) | {"bias": np.zeros(7, np.float32)}
    huge = params | {"kernel": 1e8 * params["kernel"]}
    expected = np.asarray(exact.apply({"params": params}, x, style, None))
    found = np.asarray(rounded.apply({"params": huge}, x, style, None), np.float32)
    np.testing.assert_allclose(found, expected, atol=0.02 * np.abs(expected).max())
