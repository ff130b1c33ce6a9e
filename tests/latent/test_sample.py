"""The functions that make images from numbers, on a model whose images tell its latent."""

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax import rng
from gen_jax.latent.interpolate import Frames
from gen_jax.latent.sample import Source, Wanted, WantedBetween, make_interpolation, make_sample


class Glass:
    """Shows its latent, one number a pixel, brighter by a tenth of the range a class."""

    image_shape, num_classes = (1, 4, 1), 3

    def __init__(self, weights):
        self.weights = weights

    def prior(self, key, n):
        return jax.random.normal(key, (n, 4))

    def decode(self, latent, labels):
        shift = 0.0 if labels is None else 0.2 * labels.reshape(-1, 1)
        return (self.weights * latent / 8.0 + shift).reshape(-1, 1, 4, 1)


KEY = rng.stream(0, "sample")


def _source(**options):
    return Source(weights=jnp.float32(1.0), key=KEY, **options)


def _levels(latent):
    return np.round((np.asarray(latent) / 8.0 + 1.0) * 127.5).reshape(-1, 1, 4, 1)


def _latent(*numbers):
    return jnp.concatenate([jax.random.normal(jax.random.fold_in(KEY, number), (1, 4)) for number in numbers])


def test_image_i_shows_latent_i_of_the_key():
    images = make_sample(Glass)(_source(), Wanted(jnp.array([7, 2]), None))
    assert images.dtype == jnp.uint8
    np.testing.assert_allclose(images, _levels(_latent(7, 2)), atol=1)


def test_labels_and_temperature_reach_the_model():
    images = make_sample(Glass)(_source(temperature=0.0), Wanted(jnp.array([7, 2]), jnp.array([0, 2])))
    np.testing.assert_allclose(images[:, 0, :, 0], [[128] * 4, [round(1.4 * 127.5)] * 4], atol=1)


def test_an_interpolation_joins_the_samples_of_its_ends():
    frames = Frames(jnp.array([7, 7, 7]), jnp.array([2, 2, 2]), jnp.array([0.0, 0.5, 1.0]))
    strip = make_interpolation(Glass, curve="linear")(_source(), WantedBetween(frames, None))
    ends = make_sample(Glass)(_source(), Wanted(jnp.array([7, 2]), None))
    np.testing.assert_array_equal(strip[jnp.array([0, 2])], ends)
    np.testing.assert_allclose(strip[1:2], _levels(_latent(7, 2).mean(0, keepdims=True)), atol=1)
