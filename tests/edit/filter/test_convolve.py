"""Kernels of weights against Pillow, ties of rounding included."""

import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads
from PIL import ImageFilter

from gen_jax.edit.canvas import canvas_of
from gen_jax.edit.filter import convolve as module
from gen_jax.edit.filter.convolve import convolve
from gen_jax.edit.kernel import plan_of
from gen_jax.errors import UserError

NAMES = (
    "sharpen",
    "smooth",
    "smooth_more",
    "detail",
    "edge_enhance",
    "edge_enhance_more",
    "emboss",
    "find_edges",
    "contour",
)


@pytest.mark.parametrize("name", NAMES)
def test_named_kernels_equal_pillow(pictures, pillow, name):
    # Levels close together make sums that lie halfway between two levels, where the order of adding decides.
    close = np.random.default_rng(8).integers(100, 110, (200, 200, 3), np.uint8)
    for picture in (*pictures, close):
        expected = pillow(picture, getattr(ImageFilter, name.upper()))
        np.testing.assert_array_equal(getattr(module, name)(picture), expected)


@pytest.mark.parametrize("count", [9, 25])
def test_any_weights_scale_and_offset_equal_pillow(pictures, pillow, count):
    random, side = np.random.default_rng(count), int(count**0.5)
    for scale, offset in ((None, 0), (3.3, 7.5), (-2, -20)):
        weights = tuple(random.uniform(-1, 2, count))
        for picture in pictures[:6]:
            expected = pillow(picture, ImageFilter.Kernel((side, side), weights, scale, offset))
            got = convolve(picture, weights=weights, scale=scale, offset=offset)
            np.testing.assert_array_equal(got, expected)


def test_each_image_may_have_its_own_weights(pillow):
    random = np.random.default_rng(9)
    images, weights = random.integers(0, 256, (3, 6, 7, 3), np.uint8), random.uniform(-1, 2, (3, 9))
    got = np.asarray(convolve(images, weights=weights, offset=np.array([0.0, 5.0, -5.0])))
    for image, own, offset, result in zip(images, weights, (0, 5, -5), got, strict=True):
        expected = pillow(image, ImageFilter.Kernel((3, 3), tuple(own), None, offset))
        np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("name", ["emboss", "smooth_more"])
def test_images_of_their_own_size_keep_their_own_border(padded, name):
    def edit(images, sizes, _):
        return plan_of(getattr(module, name))(canvas_of(images, sizes)).images(jnp.asarray(images))

    padded(edit)


def test_floats_are_not_clipped_and_have_the_gradient_of_finite_differences():
    image = jnp.asarray(np.random.default_rng(10).random((5, 6, 3)), jnp.float32)
    assert float(module.contour(image * 0.0 + 1.3)[2, 2, 0]) == pytest.approx(1.0)
    assert float(module.sharpen(image.at[2, 2].set(3.0))[2, 2, 0]) > 3.0
    check_grads(module.emboss, (image,), order=1, modes=["rev"], atol=1e-2, rtol=1e-2)


def test_weights_that_cannot_be_are_refused():
    image = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(UserError, match="9 or 25"):
        convolve(image, weights=(1, 2, 3))
    with pytest.raises(UserError, match="sum to 0"):
        convolve(image, weights=(-1, -1, -1, -1, 8, -1, -1, -1, -1))
    with pytest.raises(UserError, match="scale is 0"):
        convolve(image, weights=(1,) * 9, scale=0)
