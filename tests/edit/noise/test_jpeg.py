"""JPEG against libjpeg through Pillow: near to the level, and the same loss at the same quality."""

import io

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from gen_jax.edit.noise.jpeg import jpeg


def photograph(height, width, channels=3):
    """Return a smooth picture with some grain."""
    row, column, channel = np.mgrid[0:height, 0:width, 0:channels]
    smooth = 127 + 60 * np.sin(row / 17 + channel) + 50 * np.cos(column / 11 - row / 29)
    return (smooth + np.random.default_rng(0).normal(0, 3, smooth.shape)).clip(0, 255).astype(np.uint8)


def through_a_file(image, quality, subsampling=2):
    file = io.BytesIO()
    Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(
        file, "JPEG", quality=quality, subsampling=subsampling
    )
    return np.asarray(Image.open(file)).reshape(image.shape)


def loss(image, other):
    return np.mean((image.astype(float) - other) ** 2)


@pytest.mark.parametrize("shape", [(128, 128, 3), (101, 83, 3), (70, 61, 1), (1, 1, 3), (3, 7, 3)])
def test_the_result_is_that_of_libjpeg_but_for_the_rounding_of_its_transform(shape):
    image = photograph(*shape)
    for quality in (1, 10, 30, 50, 75, 95, 100):
        got, expected = np.asarray(jpeg(image, quality=quality)).astype(int), through_a_file(image, quality)
        assert np.abs(got - expected).mean() < 1.0
        assert loss(image, got) == pytest.approx(loss(image, expected), rel=0.05, abs=0.6)


@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_subsampling_means_what_it_means_in_pillow(subsampling):
    image = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    got = np.asarray(jpeg(image, quality=90, subsampling=subsampling))
    others = [through_a_file(image, 90, other) for other in (0, 1, 2)]
    assert np.argmin([loss(got, other) for other in others]) == subsampling
    assert loss(got, others[subsampling]) < 4.0


def test_each_image_has_its_quality_and_its_size_as_if_alone():
    images, sizes = np.stack([photograph(37, 45)] * 3), np.array([[37, 45], [9, 31], [16, 17]], np.int32)
    qualities = np.array([20, 60, 95])
    together = np.asarray(jpeg(images, quality=qualities, sizes=sizes))
    for image, (height, width), quality, result in zip(images, sizes, qualities, together, strict=True):
        alone = np.asarray(jpeg(image[:height, :width], quality=quality))
        np.testing.assert_array_equal(result[:height, :width], alone)


def test_floats_give_the_levels_that_integers_give():
    image = photograph(37, 45)
    for quality in (20, 90):
        unit = np.asarray(jpeg(image / np.float32(255), quality=quality))
        np.testing.assert_allclose(unit * 255, jpeg(image, quality=quality), atol=1e-3)


def test_alpha_stays():
    image = np.concatenate([photograph(17, 20), photograph(17, 20, 1)[::-1]], axis=-1)
    got = np.asarray(jpeg(image, quality=30))
    np.testing.assert_array_equal(got[..., 3], image[..., 3])
    np.testing.assert_array_equal(got[..., :3], jpeg(image[..., :3], quality=30))


def test_the_gradient_passes_straight_through_and_is_finite():
    for unit in (jnp.asarray(photograph(24, 24) / np.float32(255)), jnp.zeros((24, 24, 3)), jnp.ones((24, 24, 3))):
        gradient = np.asarray(jax.grad(lambda x: jpeg(x, quality=40, subsampling=0).sum())(unit))
        assert np.isfinite(gradient).all()
    # Color and back, frequencies and back: without the rounding each is the identity, and so is the gradient.
    np.testing.assert_allclose(gradient, 1.0, atol=1e-3)
