"""The functions that make images from numbers, on a model whose images tell its latent."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax import rng
from gen_jax.latent.decode import make_decoder
from gen_jax.latent.interpolate import Frames, Way
from gen_jax.latent.sample import STREAM, Coded, Source, Wanted, WantedBetween, make_between, make_sample


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


KEY = rng.stream(0, STREAM)


def _source(**options):
    return Source(weights=jnp.float32(1.0), key=KEY, **options)


def _levels(latent):
    return np.round((np.asarray(latent) / 8.0 + 1.0) * 127.5).reshape(-1, 1, 4, 1)


def _latent(*numbers):
    return jnp.concatenate([jax.random.normal(jax.random.fold_in(KEY, number), (1, 4)) for number in numbers])


def _sample(source, wanted):
    draw, enter, synthesis = make_sample(Glass)
    return synthesis(source, enter(source, draw(source, wanted)))


def test_image_i_shows_latent_i_of_the_key():
    images = _sample(_source(), Wanted(jnp.array([7, 2]), None))
    assert images.dtype == jnp.uint8
    np.testing.assert_allclose(images, _levels(_latent(7, 2)), atol=1)


def test_labels_and_temperature_reach_the_model():
    images = _sample(_source(temperature=0.0), Wanted(jnp.array([7, 2]), jnp.array([0, 2])))
    np.testing.assert_allclose(images[:, 0, :, 0], [[128] * 4, [round(1.4 * 127.5)] * 4], atol=1)


@pytest.mark.parametrize("seed", [0, 42, 2**31, 2**32 - 1])
def test_a_seed_of_its_own_is_the_seed_of_a_whole_set(seed):
    draw = make_sample(Glass)[0]
    many = draw(_source(), Wanted(jnp.array([3, 5]), None, jnp.array([9, seed], jnp.uint32)))
    alone = draw(_source()._replace(key=rng.stream(seed, STREAM)), Wanted(jnp.array([5]), None))
    np.testing.assert_array_equal(many.latent[1], alone.latent[0])
    assert not np.array_equal(many.latent[0], many.latent[1])


def test_a_row_may_have_a_temperature_and_a_truncation_of_its_own():
    draw = make_sample(Glass)[0]
    own = {"temperature": jnp.array([0.5, 2.0]), "truncation": jnp.array([0.5, 1.5])}
    got = draw(_source(temperature=9.0, truncation=9.0), Wanted(jnp.array([3, 1]), None, **own)).latent
    for place, number in enumerate([3, 1]):
        options = {name: float(values[place]) for name, values in own.items()}
        alone = draw(_source(**options), Wanted(jnp.array([number]), None)).latent
        np.testing.assert_allclose(got[place], alone[0], rtol=1e-6)


def test_frames_join_the_latents_of_their_ends():
    way = Way(_latent(7, 2))
    frames = Frames(jnp.array([0, 0, 0]), jnp.array([1, 1, 1]), jnp.array([0.0, 0.5, 1.0]))
    got = make_between("linear")(_source(way=way), WantedBetween(frames, None)).latent
    np.testing.assert_array_equal(got[jnp.array([0, 2])], way.keys)
    np.testing.assert_allclose(got[1], way.keys.mean(0), rtol=1e-6)


def test_latents_that_were_set_down_between_the_stages_give_the_same_bytes():
    draw, enter, synthesis = make_sample(Glass)
    wanted = Wanted(np.arange(37, dtype=np.int32), np.arange(37, dtype=np.int32) % 3)
    whole = make_decoder(draw, enter, synthesis)(_source(), wanted)
    halfway = make_decoder(draw)(_source(), wanted)
    assert isinstance(halfway, Coded) and halfway.latent.shape == (37, 4)
    assert make_decoder(enter, synthesis, batch=16)(_source(), halfway).tobytes() == whole.tobytes()
