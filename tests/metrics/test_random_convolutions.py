"""Random convolutions: the same filters for ever, and distances that grow with every kind of damage."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import ndimage

from gen_jax.data.config import EmbeddedData
from gen_jax.data.dataset import open_dataset
from gen_jax.errors import UserError
from gen_jax.metrics.features import extract
from gen_jax.metrics.frechet import frechet_distance
from gen_jax.metrics.networks.random_convolutions import hash_of, make_weights, network

COUNT = 500


@pytest.fixture(scope="module")
def fashion():
    images, labels = open_dataset(EmbeddedData(), size=None).load_all(progress=False)
    return np.asarray(images[: 2 * COUNT]), np.asarray(labels[: 2 * COUNT])


@pytest.fixture(scope="module")
def photographs():
    """Patches of 32 pixels from four photographs, which stand for the labels."""
    from skimage import data

    generator = np.random.default_rng(0)
    photos = [photo[::2, ::2] for photo in (data.astronaut(), data.chelsea(), data.coffee(), data.rocket())]
    labels = generator.integers(0, 4, 2 * COUNT)
    corners = [[generator.integers(0, side - 32) for side in photos[label].shape[:2]] for label in labels]
    patches = [photos[k][i : i + 32, j : j + 32] for k, (i, j) in zip(labels, corners, strict=True)]
    return np.stack(patches), labels


def features(images):
    return extract(network(), [images], batch=256).features


def noisy(images, sigma):
    noise = np.random.default_rng(1).normal(0, sigma, images.shape)
    return np.clip(np.round(images + noise), 0, 255).astype(np.uint8)


def blurred(images, sigma):
    return ndimage.gaussian_filter(images.astype(np.float32), (0, sigma, sigma, 0)).round().astype(np.uint8)


def with_labels_from(images, labels, first):
    return images[np.resize(np.flatnonzero(labels >= first), len(images))]


def copies(images, count):
    return images[np.resize(np.arange(count), len(images))]


@pytest.mark.parametrize("name", ["fashion", "photographs"])
def test_the_frechet_distance_grows_with_noise_blur_and_lost_modes(name, request):
    images, labels = request.getfixturevalue(name)
    reference, others, labels = features(images[:COUNT]), images[COUNT:], labels[COUNT:]

    def distance(images):
        return float(frechet_distance(features(images), reference))

    floor = distance(others)
    for damaged in (
        [noisy(others, 15), noisy(others, 40)],
        [blurred(others, 0.8), blurred(others, 2.0)],
        [with_labels_from(others, labels, first) for first in (1, 3)],
        [copies(others, count) for count in (200, 30)],
    ):
        ladder = [floor, *map(distance, damaged)]
        assert all(low < high for low, high in pairwise(ladder)), ladder
        assert ladder[-1] > 2 * floor, ladder


def test_features_of_photographs_have_about_unit_spread(photographs):
    values = features(photographs[0][:COUNT])
    assert values.shape == (COUNT, 432) and np.isfinite(values).all()
    assert 0.5 < np.sqrt(values.var(0).mean()) < 2.0


def test_the_filters_never_change():
    weights = make_weights()
    generator = np.random.Generator(np.random.Philox(0))
    drawn = generator.standard_normal((3, 3, 3, 24)) / np.sqrt(27)
    np.testing.assert_allclose(weights["scale_0"]["layer_0"][..., 18:], drawn[..., 18:], rtol=1e-6)
    np.testing.assert_allclose(weights["scale_0"]["layer_0"][..., :18].mean((0, 1, 2)), np.zeros(18), atol=1e-7)
    assert hash_of(weights) == network().weights_hash == "4c94aa983df607e5"
    assert hash_of(make_weights(1)) != hash_of(weights)


@pytest.mark.parametrize("shape", [(8, 8, 1), (9, 13, 4), (28, 28, 1), (32, 20, 3), (65, 65, 2)])
def test_any_size_from_8_pixels_and_any_channels_give_432_features(shape):
    images = np.random.default_rng(0).integers(0, 256, (3, *shape), np.uint8)
    result = extract(network(), [images], batch=4)
    assert result.features.shape == (3, 432) and np.isfinite(result.features).all()


def test_grey_has_the_features_of_the_same_picture_in_rgb():
    grey = np.random.default_rng(0).integers(0, 256, (4, 12, 12, 1), np.uint8)
    rgb = extract(network(), [np.repeat(grey, 3, -1)], batch=4).features
    np.testing.assert_allclose(extract(network(), [grey], batch=4).features, rgb, rtol=1e-5, atol=1e-5)


def test_images_below_8_pixels_are_refused():
    with pytest.raises(UserError, match="7x9 pixels"):
        extract(network(), [np.zeros((2, 7, 9, 3), np.uint8)])
