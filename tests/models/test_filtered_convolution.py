"""Convolutions that change the resolution, against the operations they are defined by."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from gen_jax.models.convolution import convolve_transposed
from gen_jax.models.filtered_convolution import convolve_down, convolve_up

LAYOUT = ("NHWC", "HWIO", "NHWC")
TAPS = np.array([1.0, 3.0, 3.0, 1.0]) / 8.0
FORMS = ("native", "closed")


def inputs(c=3, o=5, size=6):
    draw = np.random.default_rng(0)
    return (draw.normal(size=shape).astype(np.float32) for shape in ((2, size, size + 2, c), (3, 3, c, o)))


def filtered(x, *, pad, gain):
    """One depthwise convolution with the filter in two dimensions."""
    kernel = np.broadcast_to(gain * np.outer(TAPS, TAPS)[:, :, None, None], (4, 4, 1, x.shape[-1])).astype(np.float32)
    return lax.conv_general_dilated(
        x, kernel, (1, 1), [(pad, pad)] * 2, dimension_numbers=LAYOUT, feature_group_count=x.shape[-1]
    )


def up(x, kernel):
    # lax correlates after putting the zeros in, so that its kernel is turned round.
    transposed = lax.conv_transpose(x, kernel[::-1, ::-1], (2, 2), "VALID", dimension_numbers=LAYOUT)
    return filtered(transposed, pad=1, gain=4.0)


def down(x, kernel):
    return lax.conv_general_dilated(filtered(x, pad=2, gain=1.0), kernel, (2, 2), "VALID", dimension_numbers=LAYOUT)


def orders(function):
    """Compiled ``(x, kernel) -> values, gradients, gradients of a gradient penalty``."""

    def penalty(x, kernel):
        y, pull_back = jax.vjp(lambda x: jnp.square(function(x, kernel)), x)
        return jnp.sum(jnp.square(pull_back(jnp.ones_like(y))[0])), y

    def run(x, kernel):
        first = jax.grad(lambda *inputs: jnp.sum(jnp.sin(function(*inputs))), argnums=(0, 1))(x, kernel)
        second, y = jax.grad(penalty, argnums=(0, 1), has_aux=True)(x, kernel)
        return y, first, second

    return jax.jit(run)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("ours", "defined"), [(convolve_up, up), (convolve_down, down)])
def test_values_and_derivatives_of_two_orders_are_those_of_the_definition(ours, defined, form):
    x, kernel = inputs()
    found = orders(lambda x, kernel: ours(x, kernel, form=form))(x, kernel)
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(orders(defined)(x, kernel)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5 * np.abs(b).max())


@pytest.mark.parametrize("form", FORMS)
def test_one_pixel_becomes_the_kernel_unflipped(form):
    _, kernel = inputs(c=1, o=1)
    x = np.zeros((1, 3, 3, 1), np.float32)
    x[0, 1, 1] = 1.0
    y = np.asarray(convolve_transposed(x, kernel, stride=2, form=form))
    expected = np.zeros((1, 7, 7, 1), np.float32)
    expected[0, 2:5, 2:5, 0] = kernel[:, :, 0, 0]
    np.testing.assert_allclose(y, expected, atol=1e-7)


def test_a_flat_image_stays_flat_inside_and_keeps_its_level():
    flat, box = np.ones((1, 8, 8, 1), np.float32), np.full((3, 3, 1, 1), 1 / 9, np.float32)
    for y, level in ((convolve_up(flat, box), 1.0), (convolve_down(flat, box), 1.0)):
        np.testing.assert_allclose(np.asarray(y)[0, 2:-2, 2:-2, 0], level, rtol=1e-6)
