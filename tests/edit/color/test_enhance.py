"""Brightness, contrast, saturation and sharpness are Pillow's ImageEnhance."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image, ImageEnhance

from gen_jax.edit.color.enhance import brightness, contrast, saturation, sharpness
from gen_jax.edit.color.levels import rounded_mean
from tests.edit.color.pictures import CHANNELS, SHAPES, array, by_pillow, pictures

ENHANCERS = {
    brightness: ImageEnhance.Brightness,
    contrast: ImageEnhance.Contrast,
    saturation: ImageEnhance.Color,
    sharpness: ImageEnhance.Sharpness,
}
FACTORS = [(0, 1, 0.5, 0.8, 1.3, 2.37, 30.0, -1), (0.6, 0.85, 1.01, 0.99, 1.1, -0.5, 4.44, 0.1)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("edit", ENHANCERS)
def test_levels_are_those_of_pillow(edit, channels, shape):
    images = pictures(*shape, channels)
    for factors in FACTORS:
        expected = by_pillow(images, lambda image, factor: ENHANCERS[edit](image).enhance(factor), factors)
        np.testing.assert_array_equal(edit(images, factor=np.array(factors)), expected)


@pytest.mark.parametrize("edit", ENHANCERS)
def test_a_large_photograph_is_that_of_pillow(edit):
    image = array(Image.fromarray(pictures(31, 44, 3)[1]).resize((701, 533)))
    for factor in (0.3, 0.8, 1.7):
        expected = np.asarray(ENHANCERS[edit](Image.fromarray(image)).enhance(factor))
        np.testing.assert_array_equal(edit(image, factor=factor), expected)


def test_every_pair_of_levels_blends_as_pillow_does():
    grey, red = np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8))
    image = np.stack([red, grey, grey], axis=-1)
    factors = np.arange(0, 300, 3) / 100
    for factor in factors:
        expected = np.asarray(ImageEnhance.Color(Image.fromarray(image)).enhance(factor))
        np.testing.assert_array_equal(saturation(image, factor=factor), expected)


def test_factors_known_only_inside_jit_give_the_same_levels():
    images = pictures(31, 44, 3)
    factors = np.array(FACTORS[0], np.float32)
    for edit in ENHANCERS:
        traced = jax.jit(lambda images, factors, edit=edit: edit(images, factor=factors))(images, factors)
        np.testing.assert_array_equal(traced, edit(images, factor=factors))


@pytest.mark.parametrize("edit", [contrast, sharpness])
@pytest.mark.parametrize("channels", [1, 4])
def test_a_padded_image_is_what_it_is_alone(edit, channels):
    images = pictures(31, 44, channels)
    sizes = np.array([[31, 44], [30, 1], [1, 1], [5, 44], [2, 2], [3, 3], [31, 43], [7, 9]], np.int32)
    for values in (images, images.astype(np.float32) / 255):
        together = edit(values, factor=1.6, sizes=sizes)
        traced = jax.jit(lambda values, sizes: edit(values, factor=1.6, sizes=sizes))(values, sizes)
        for index in (1, 2, 4, 5, 7):
            height, width = sizes[index]
            alone = edit(values[index, :height, :width], factor=1.6)
            np.testing.assert_allclose(together[index, :height, :width], alone, atol=1e-6)
            np.testing.assert_allclose(traced[index, :height, :width], alone, atol=1e-6)


def test_the_mean_of_more_levels_than_a_32_bit_sum_holds_is_exact():
    levels = jnp.full((1, 4100, 4200, 1), 255, jnp.uint8).at[:, :100].set(254)
    exact = int((255 * 4000 + 254 * 100) / 4100 + 0.5)
    assert int(jax.jit(lambda levels: rounded_mean(levels, None))(levels)[0, 0, 0, 0]) == exact


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_float_goes_on_beyond_white_and_gradients_are_finite(level):
    images = jnp.full((1, 5, 6, 3), level)
    np.testing.assert_allclose(brightness(images, factor=1.5), 1.5 * level, rtol=1e-6)
    for edit in ENHANCERS:
        np.testing.assert_allclose(edit(images, factor=1.0), images, atol=1e-6)
        gradient = jax.grad(lambda values, edit=edit: jnp.sum(edit(values, factor=1.7) ** 2))(images)
        assert jnp.isfinite(gradient).all()


def test_contrast_moves_the_mean_with_the_pixels():
    images = jnp.asarray(pictures(3, 7, 3)[:1] / 255, jnp.float32)
    gradient = jax.grad(lambda values: contrast(values, factor=0.0)[0, 0, 0, 0])(images)
    np.testing.assert_allclose(gradient[0, 2, 3] * 21, [0.299, 0.587, 0.114], atol=1e-4)
