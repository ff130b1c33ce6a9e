"""The shared layers against PyTorch, numpy, and each other."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from gen_jax.models.convolution import convolve, patches
from gen_jax.models.layers import Conv, Dense, depth_to_space, leaky_relu, pixel_norm, upsample_nearest

SHAPES = [(3, 1, 1), (4, 2, 1), (1, 1, 0), (3, 2, 1)]
"""size, stride, padding; the networks use the first two."""


def random(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("form", ["native", "closed", "patches", None])
@pytest.mark.parametrize(("size", "stride", "padding"), SHAPES)
def test_convolve_matches_torch(size, stride, padding, form):
    torch = pytest.importorskip("torch")
    x, kernel = random(0, 2, 8, 7, 3), random(1, size, size, 3, 5)
    expected = torch.nn.functional.conv2d(
        torch.tensor(x).permute(0, 3, 1, 2), torch.tensor(kernel).permute(3, 2, 0, 1), stride=stride, padding=padding
    )
    ours = jax.jit(lambda x, k: convolve(x, k, stride=stride, padding=padding, form=form))(x, kernel)
    np.testing.assert_allclose(ours, expected.permute(0, 2, 3, 1).numpy(), rtol=1e-4, atol=1e-5)


def outcomes(form, size, stride, padding):
    """Values, gradient, and gradient of a gradient penalty of a small convolutional critic."""

    def critic(kernel, x):
        return jnp.sum(jnp.tanh(convolve(x, kernel, stride=stride, padding=padding, form=form)))

    def penalty(kernel, x):
        return jnp.sum(jnp.square(jax.grad(critic, argnums=1)(kernel, x)))

    @jax.jit
    def all_of_them(kernel, x):
        values = convolve(x, kernel, stride=stride, padding=padding, form=form)
        return values, jax.grad(critic, argnums=(0, 1))(kernel, x), jax.grad(penalty)(kernel, x)

    return all_of_them(random(3, size, size, 3, 4) / 4, random(2, 2, 8, 8, 3))


@pytest.mark.parametrize("form", ["closed", "patches"])
@pytest.mark.parametrize(("size", "stride", "padding"), SHAPES[:2])
def test_the_forms_of_a_convolution_agree_up_to_the_gradient_of_a_gradient_penalty(size, stride, padding, form):
    one, other = (outcomes(chosen, size, stride, padding) for chosen in ("native", form))
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


def test_a_closed_convolution_agrees_at_the_third_derivative():
    def third(form):
        def critic(kernel, x):
            return jnp.sum(jnp.tanh(convolve(x, kernel, stride=2, padding=1, form=form)))

        def penalty(kernel, x):
            return jnp.sum(jnp.square(jax.grad(critic, argnums=1)(kernel, x)))

        def flatness(kernel, x):
            return sum(jnp.sum(jnp.square(part)) for part in jax.grad(penalty, argnums=(0, 1))(kernel, x))

        return jax.jit(jax.grad(flatness, argnums=(0, 1)))(random(3, 4, 4, 3, 4) / 4, random(2, 2, 9, 8, 3))

    for a, b in zip(third("closed"), third("native"), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-3)


def test_patches_lie_in_the_order_of_a_kernel():
    x = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1)
    np.testing.assert_array_equal(patches(x, size=3, stride=1, padding=0)[0, 1, 0], [4, 5, 6, 8, 9, 10, 12, 13, 14])
    np.testing.assert_array_equal(patches(x, size=2, stride=2, padding=0)[0, 1, 1], [10, 11, 14, 15])
    np.testing.assert_array_equal(patches(x, size=2, stride=2, padding=1)[0, 0, 0], [0, 0, 0, 0])


def test_depth_to_space_puts_the_four_groups_of_channels_at_the_four_corners():
    x = np.zeros((1, 1, 1, 8), np.float32)
    x[...] = np.arange(8)
    np.testing.assert_array_equal(depth_to_space(x)[0], [[[0, 1], [2, 3]], [[4, 5], [6, 7]]])


def test_depth_to_space_is_torch_pixel_shuffle_with_position_before_channel():
    torch = pytest.importorskip("torch")
    x = random(0, 2, 3, 5, 12)  # channel (2 i + j) * 3 + c here is channel 4 c + 2 i + j there
    theirs = x.reshape(2, 3, 5, 4, 3).swapaxes(3, 4).reshape(2, 3, 5, 12)
    expected = torch.nn.functional.pixel_shuffle(torch.tensor(theirs).permute(0, 3, 1, 2), 2)
    np.testing.assert_array_equal(depth_to_space(x), expected.permute(0, 2, 3, 1).numpy())


def test_a_sub_pixel_stage_can_be_any_transposed_convolution_of_stride_2():
    """A 4x4 kernel of a transposed convolution, spread over the four 3x3 kernels of the sub-pixel form."""
    x, kernel = random(0, 2, 5, 6, 3), random(1, 4, 4, 3, 2)
    numbers = ("NHWC", "HWIO", "NHWC")
    transposed = lax.conv_general_dilated(
        x, kernel, (1, 1), [(2, 2)] * 2, lhs_dilation=(2, 2), dimension_numbers=numbers
    )
    spread = np.zeros((3, 3, 3, 2, 2, 2), np.float32)  # height, width, in, row of the corner, its column, out
    for i in range(2):
        for j in range(2):
            spread[i : i + 2, j : j + 2, :, i, j] = kernel[i::2, j::2]
    sub_pixel = depth_to_space(convolve(x, spread.reshape(3, 3, 3, 8), padding=1))
    np.testing.assert_allclose(sub_pixel, transposed, rtol=1e-5, atol=1e-5)


def test_upsample_nearest_repeats_rows_and_columns():
    x = random(0, 2, 3, 5, 4)
    np.testing.assert_array_equal(upsample_nearest(x), np.repeat(np.repeat(x, 2, axis=1), 2, axis=2))


def test_pixel_norm_gives_unit_mean_square_in_the_same_direction():
    x = 7.0 * random(0, 2, 3, 3, 16)
    y = np.asarray(pixel_norm(x))
    np.testing.assert_allclose(np.mean(np.square(y), axis=-1), np.ones((2, 3, 3)), rtol=1e-5)
    np.testing.assert_allclose(y * np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True)), x, rtol=1e-5)


def test_pixel_norm_of_nothing_is_nothing_and_differentiable():
    value, gradient = jax.value_and_grad(lambda x: jnp.sum(pixel_norm(x)))(jnp.zeros((1, 1, 1, 4)))
    assert value == 0.0 and np.isfinite(gradient).all()


def test_leaky_relu_matches_its_formula():
    np.testing.assert_allclose(leaky_relu(jnp.array([-5.0, -1.0, 0.0, 2.0])), [-1.0, -0.2, 0.0, 2.0])


@pytest.mark.parametrize("layer", [Conv, Dense])
def test_a_layer_keeps_the_size_of_its_activations(layer):
    """He initialisation: variance one in, through a leaky ReLU and the layer, variance one out."""
    x = random(0, 8, 8, 8, 64) if layer is Conv else random(0, 512, 64)
    y, _ = jax.jit(lambda key: layer(128).init_with_output(key, leaky_relu(x * np.sqrt(2 / (1 + 0.2**2)))))(
        jax.random.key(0)
    )
    inside = y[:, 1:-1, 1:-1] if layer is Conv else y  # zero padding takes some variance at the border
    # The variance of the leaky ReLU of x is (1 + 0.2^2) / 2, undone above; the layer then multiplies by its own gain.
    np.testing.assert_allclose(np.mean(np.square(inside)), 2 / (1 + 0.2**2), rtol=0.1)


@pytest.mark.parametrize("layer", [Conv(4, dtype=jnp.bfloat16), Dense(4, dtype=jnp.bfloat16)])
def test_bfloat16_arithmetic_keeps_float32_parameters(layer):
    x = random(0, 2, 8, 8, 3) if isinstance(layer, Conv) else random(0, 2, 3)
    y, variables = jax.eval_shape(layer.init_with_output, jax.random.key(0), x)
    assert y.dtype == jnp.bfloat16
    assert {leaf.dtype for leaf in jax.tree.leaves(variables)} == {jnp.dtype(jnp.float32)}
