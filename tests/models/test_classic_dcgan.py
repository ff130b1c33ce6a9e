"""The classic DCGAN against transposed convolutions as other code computes them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from gen_jax.models import ClassicDcganConfig, classic_dcgan
from gen_jax.models.classic_dcgan import transposed_convolution


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (2, 5, 6, 3)])
def test_the_transposed_convolution_is_that_of_jax(shape):
    draw = np.random.default_rng(0)
    x = draw.normal(size=shape).astype(np.float32)
    kernel = draw.normal(size=(4, 4, shape[-1], 7)).astype(np.float32)
    expected = lax.conv_transpose(x, kernel[::-1, ::-1], (2, 2), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    np.testing.assert_allclose(transposed_convolution(x, kernel), expected, rtol=1e-5, atol=1e-5)


def test_one_pixel_spreads_the_kernel_over_its_surroundings():
    x = np.zeros((1, 3, 3, 1), np.float32)
    x[0, 1, 1, 0] = 1.0
    kernel = np.arange(16, dtype=np.float32).reshape(4, 4, 1, 1)
    y = np.zeros((6, 6), np.float32)
    y[1:5, 1:5] = kernel[..., 0, 0]  # output row 2 i + k - 1, with i = 1 and k = 0..3
    np.testing.assert_array_equal(transposed_convolution(x, kernel)[0, ..., 0], y)


def test_parameters_of_the_default_match_a_hand_count():
    networks = classic_dcgan.build(ClassicDcganConfig(), num_classes=0)  # 64x64, RGB, z = 100
    shapes = jax.eval_shape(networks.generator.init, jax.random.key(0))
    kernels = 16 * (100 * 512 + 512 * 256 + 256 * 128 + 128 * 64 + 64 * 3)
    assert sum(leaf.size for leaf in jax.tree.leaves(shapes)) == kernels + 512 + 256 + 128 + 64 + 3 == 3_575_747


def test_a_new_generator_keeps_the_variance_of_its_layers():
    networks = classic_dcgan.build(ClassicDcganConfig(size=32, width=32), num_classes=0)
    latent = np.random.default_rng(2).normal(size=(16, 100)).astype(np.float32)
    images = networks.generator.apply(networks.generator.init(jax.random.key(0)), jnp.asarray(latent), None)
    assert 0.3 < np.std(images) < 0.95
