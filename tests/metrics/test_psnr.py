"""PSNR against scikit-image and hand calculation; and what all measures of pairs refuse."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

from gen_jax.errors import UserError
from gen_jax.metrics.ms_ssim import ms_ssim
from gen_jax.metrics.psnr import psnr
from gen_jax.metrics.ssim import ssim
from tests.metrics.pairs import levels, pair


def test_equals_scikit_image_on_float_and_on_uint8_and_with_a_range_of_ones_own():
    images, reference = pair(0, 5, 20, 33, 3, noise=0.1)
    for first, second, given, meant in (
        (images, reference, None, 1.0),
        (levels(images), levels(reference), None, 255),
        (images, reference, 2.0, 2.0),
    ):
        expected = [peak_signal_noise_ratio(b, a, data_range=meant) for a, b in zip(first, second, strict=True)]
        found = psnr(first, second, data_range=given)
        np.testing.assert_allclose(found.each, expected, rtol=1e-5)
        np.testing.assert_allclose(float(found), np.mean(expected), rtol=1e-5)


def test_an_error_of_a_tenth_everywhere_is_20_decibels():
    assert float(psnr(jnp.full((2, 8, 8, 4), 0.6), jnp.full((2, 8, 8, 4), 0.5))) == pytest.approx(20.0, abs=1e-5)


def test_an_equal_pair_is_infinite_and_pushes_nowhere():
    images, reference = pair(1, 2, 8, 8, 1, noise=0.1)
    reference[0] = images[0]
    assert np.isinf(psnr(images, reference).each).tolist() == [True, False]
    gradient = jax.grad(lambda x: psnr(x, reference).each[0])(images)
    np.testing.assert_array_equal(gradient, np.zeros_like(images))


def test_one_level_of_one_pixel_in_a_big_bright_image_is_counted():
    images = np.full((1, 512, 512, 3), 255, np.uint8)
    reference = images.copy()
    reference[0, 7, 9, 1] = 254
    assert float(psnr(images, reference)) == pytest.approx(10 * np.log10(255**2 * 512 * 512 * 3), abs=1e-4)


@pytest.mark.parametrize("measure", [psnr, ssim, lambda a, b: ms_ssim(a, b, levels=1)])
def test_numpy_jax_and_a_users_own_jit_give_the_same_result_object(measure):
    images, reference = pair(2, 3, 24, 30, 3, noise=0.1)
    outside = measure(images, reference)
    inside = jax.jit(measure)(jnp.asarray(images), jnp.asarray(reference))
    assert type(inside) is type(outside)
    np.testing.assert_allclose(inside.each, outside.each, rtol=1e-6)
    np.testing.assert_allclose(inside.mean, np.mean(outside.each), rtol=1e-6)
    assert inside.value == float(inside.mean) == inside.scalars()["mean"]
    single = measure(images[1], reference[1])
    np.testing.assert_allclose(single.each, outside.each[1:2], rtol=1e-6)


@pytest.mark.parametrize(
    ("images", "reference", "options", "words"),
    [
        (np.zeros((2, 8, 8, 3)), np.zeros((2, 8, 9, 3)), {}, "reference: shape (2, 8, 9, 3), must be that of images"),
        (np.zeros((8, 8)), np.zeros((8, 8)), {}, "images: shape (8, 8)"),
        (np.zeros((2, 8, 8, 2)), np.zeros((2, 8, 8, 2)), {}, "c 1, 3 or 4"),
        (np.zeros((0, 8, 8, 3)), np.zeros((0, 8, 8, 3)), {}, "images: shape (0, 8, 8, 3)"),
        (np.zeros((8, 8, 1), np.uint8), np.zeros((8, 8, 1)), {}, "reference: type float32"),
        (np.zeros((8, 8, 1), np.int32), np.zeros((8, 8, 1)), {}, "images: type int32"),
        (np.zeros((8, 8, 1)), np.zeros((8, 8, 1)), {"data_range": 0.0}, "data_range: 0.0"),
    ],
)
def test_what_is_no_pair_of_images_is_refused_in_one_line(images, reference, options, words):
    with pytest.raises(UserError) as error:
        psnr(images, reference, **options)
    assert words in str(error.value) and "\n" not in str(error.value)
