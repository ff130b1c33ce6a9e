"""The distances between sets of images grow with the damage: noise, blur, and classes that are missing or too many."""

import functools
import itertools

import numpy as np
import pytest

from gen_jax import edit
from gen_jax.data.source import EMBEDDED_FILE
from gen_jax.metrics.features import extract
from gen_jax.metrics.frechet import frechet_distance
from gen_jax.metrics.kernel import kernel_distance_full
from gen_jax.metrics.networks import random_convolutions

COUNT = 500


@functools.cache
def halves():
    """Two sets of Fashion-MNIST without a common image, and the classes of the first."""
    with np.load(EMBEDDED_FILE, allow_pickle=False) as archive:
        images, labels = archive["images"][: 2 * COUNT, :, :, None], archive["labels"]
    return images[:COUNT], images[COUNT:], labels[:COUNT]


def noisy(images, deviation):
    noise = np.random.default_rng(0).normal(scale=deviation, size=images.shape)
    return np.clip(np.round(images + noise), 0, 255).astype(np.uint8)


def blurred(images, radius):
    return np.asarray(edit.gaussian_blur(images, radius=radius))


def of_classes(images, kept):
    """As many images as before, all of the first classes."""
    some = images[np.flatnonzero(halves()[2] < kept)]
    return np.resize(some, images.shape)


def uneven(images, share):
    """A part of the images drawn from one class alone."""
    trousers = np.resize(images[halves()[2] == 1], images.shape)
    count = int(share * len(images))
    return np.concatenate([trousers[:count], images[count:]])


DAMAGES = {
    "noise": (noisy, (10, 20, 40)),
    "blur": (blurred, (0.5, 1.0, 2.0)),
    "fewer classes": (of_classes, (7, 4, 1)),
    "one class too often": (uneven, (0.25, 0.5, 1.0)),
}


def features_of(images):
    return extract(random_convolutions.network(), [images], batch=250).features


@functools.cache
def undamaged():
    return features_of(halves()[0]), features_of(halves()[1])


@functools.cache
def damaged(damage):
    change, levels = DAMAGES[damage]
    return [features_of(change(halves()[0], level)) for level in levels]


@pytest.mark.parametrize("distance", [frechet_distance, kernel_distance_full])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_distance_grows_with_the_damage(damage, distance):
    features, reference = undamaged()
    values = [float(distance(each, reference)) for each in (features, *damaged(damage))]
    assert all(less < more for less, more in itertools.pairwise(values))
    assert abs(values[0]) < 0.2 * values[-1]  # other real images are near
