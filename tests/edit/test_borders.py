"""Borders: the edge of each image carried into its padding, and which pixels lie next to the edge."""

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.borders import border_mask, extend_edges

SIZES = np.array([[3, 5], [1, 1], [4, 2], [4, 6]], np.int32)


def test_padding_gets_the_nearest_true_pixel_as_numpy_pads_with_mode_edge():
    images = np.random.default_rng(0).integers(0, 256, (4, 4, 6, 3), np.uint8)
    got = np.asarray(jax.jit(extend_edges)(images, SIZES))
    for image, (height, width), result in zip(images, SIZES, got, strict=True):
        expected = np.pad(image[:height, :width], ((0, 4 - height), (0, 6 - width), (0, 0)), mode="edge")
        np.testing.assert_array_equal(result, expected)


def test_without_sizes_nothing_changes():
    images = jnp.ones((1, 2, 3, 1))
    assert extend_edges(images, None) is images


def test_padding_full_of_nan_reaches_neither_the_images_nor_the_gradient():
    images = np.full((4, 4, 6, 1), np.nan, np.float32)
    for index, (height, width) in enumerate(SIZES):
        images[index, :height, :width] = 0.5
    assert np.all(np.asarray(extend_edges(images, SIZES)) == 0.5)
    gradient = np.asarray(jax.grad(lambda x: jnp.sum(extend_edges(x, SIZES) ** 2))(jnp.asarray(images)))
    assert np.all(np.isfinite(gradient))
    np.testing.assert_allclose(gradient.sum(axis=(1, 2, 3)), 24.0)
    assert np.all(gradient[1, 1:] == 0)


def test_border_mask_marks_the_margin_of_the_true_image_and_the_padding():
    got = np.asarray(border_mask(4, 6, SIZES, 1))[..., 0]
    for (height, width), mask in zip(SIZES, got, strict=True):
        expected = np.ones((4, 6), bool)
        expected[1 : max(height - 1, 1), 1 : max(width - 1, 1)] = False
        np.testing.assert_array_equal(mask, expected)
    assert border_mask(4, 6, None, 2).shape == (1, 4, 6, 1)
    assert np.asarray(border_mask(5, 5, None, 2)).sum() == 24
