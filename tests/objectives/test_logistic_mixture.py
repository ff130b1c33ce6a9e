"""The discretised mixture of logistics against published numbers, hand calculation and the laws of probability."""

import functools
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.objectives import logistic_mixture
from tests.golden import golden, tolerance

CASES = [("m10_8bit", 10, 256), ("m3_5bit", 3, 32)]


log_prob = jax.jit(logistic_mixture.log_prob, static_argnames=("mixtures", "levels"))
sample = jax.jit(logistic_mixture.sample, static_argnames=("channels", "mixtures"))


@functools.partial(jax.jit, static_argnames="mixtures")
def log_prob_and_gradient(parameters, images, *, mixtures):
    return jax.value_and_grad(lambda p: jnp.sum(logistic_mixture.log_prob(p, images, mixtures=mixtures)))(parameters)


def levels_of(count):
    return np.asarray(2.0 * np.arange(count) / (count - 1) - 1.0, np.float32)


def images_of(seed, shape):
    return levels_of(256)[np.random.default_rng(seed).integers(0, 256, shape)]


def parameters_of(seed, shape, scale=1.0):
    return scale * np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize(("tag", "mixtures", "levels"), CASES)
def test_log_probability_and_its_gradient_match_vdvae(tag, mixtures, levels):
    arrays = golden("vdvae_dmol")
    x, parameters = arrays[f"{tag}/x"], arrays[f"{tag}/logits"]
    dimensions = x[0].size  # the published numbers are nats a dimension

    def nll(parameters):
        values = -log_prob(parameters, x, mixtures=mixtures, levels=levels) / dimensions
        return jnp.sum(values), values

    (_, values), gradient = jax.jit(jax.value_and_grad(nll, has_aux=True))(parameters)
    np.testing.assert_allclose(values, arrays[f"{tag}/nll"], rtol=0, atol=tolerance("vdvae_dmol", f"{tag}/nll"))
    limit = tolerance("vdvae_dmol", f"{tag}/grad_logits")
    np.testing.assert_allclose(gradient, arrays[f"{tag}/grad_logits"], rtol=0, atol=limit)


@pytest.mark.parametrize(("tag", "mixtures"), [case[:2] for case in CASES])
def test_samples_from_given_uniform_numbers_match_vdvae(tag, mixtures):
    arrays = golden("vdvae_dmol")
    choice, noise = arrays[f"{tag}/uniform_mixture"], arrays[f"{tag}/uniform_logistic"]
    assert choice.shape[-1] == mixtures
    image = jax.jit(logistic_mixture.sample_from_uniforms)(arrays[f"{tag}/logits"], choice, noise)
    np.testing.assert_allclose(image, arrays[f"{tag}/sample"], rtol=1e-5, atol=1e-5)


def test_one_logistic_on_grey_matches_a_hand_calculation():
    mean, log_scale = 0.1, -2.0
    x = np.array([-1.0, -0.6, 0.1, 0.5, 1.0])
    x = np.round((x + 1.0) * 127.5) / 127.5 - 1.0

    def cdf(value):
        return 1.0 / (1.0 + np.exp(-(value - mean) / np.exp(log_scale)))

    mass = cdf(x + 1 / 255) - cdf(x - 1 / 255)
    mass[0], mass[-1] = cdf(x[0] + 1 / 255), 1.0 - cdf(x[-1] - 1 / 255)
    parameters = np.broadcast_to(
        np.array([0.7, mean, log_scale]), (5, 1, 1, 3)
    )  # the lone weight is 1 whatever its logit
    images = x.astype(np.float32).reshape(5, 1, 1, 1)
    np.testing.assert_allclose(log_prob(parameters, images, mixtures=1), np.log(mass), rtol=1e-4, atol=1e-4)


def test_a_component_far_away_is_judged_by_its_density():
    # 0.8 from the mean at a scale of e^-4: the mass lies under 1e-5, so the density at the middle is used.
    log_scale = -4.0
    parameters = np.array([0.0, -0.8, log_scale]).reshape(1, 1, 1, 3)
    x = np.full((1, 1, 1, 1), 1.0 / 255.0, np.float32)
    distance = (1.0 / 255.0 + 0.8) / np.exp(log_scale)
    expected = -distance - log_scale - 2 * np.log1p(np.exp(-distance)) - np.log(127.5)
    np.testing.assert_allclose(log_prob(parameters, x, mixtures=1), [expected], rtol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_probabilities_of_all_grey_levels_sum_to_one(seed):
    mixtures = 5
    parameters = np.broadcast_to(parameters_of(seed, (1, 1, 1, 3 * mixtures)), (256, 1, 1, 3 * mixtures))
    log_probs = log_prob(parameters, levels_of(256).reshape(256, 1, 1, 1), mixtures=mixtures)
    assert (log_probs < 0).all()
    np.testing.assert_allclose(np.exp(log_probs).sum(), 1.0, atol=1e-4)


@pytest.mark.parametrize("channels", [3, 4])
def test_probabilities_of_all_colours_sum_to_one(channels):
    mixtures, levels = 3, 4
    size = logistic_mixture.parameters_a_pixel(channels, mixtures=mixtures)
    colours = np.array(list(itertools.product(np.asarray(levels_of(levels)), repeat=channels)), np.float32)
    parameters = np.broadcast_to(parameters_of(4, (1, 1, 1, size), 1.5), (len(colours), 1, 1, size))
    images = colours.reshape(-1, 1, 1, channels)
    log_probs = log_prob(parameters, images, mixtures=mixtures, levels=levels)
    np.testing.assert_allclose(np.exp(np.asarray(log_probs, np.float64)).sum(), 1.0, atol=1e-4)


def test_the_log_probability_of_an_image_is_the_sum_over_its_pixels():
    parameters = parameters_of(0, (2, 3, 4, 20))
    images = images_of(1, (2, 3, 4, 3))
    whole = log_prob(parameters, images, mixtures=2)
    pixels = log_prob(parameters.reshape(24, 1, 1, 20), images.reshape(24, 1, 1, 3), mixtures=2)
    np.testing.assert_allclose(whole, pixels.reshape(2, 12).sum(1), rtol=1e-5)


def test_alpha_without_coefficients_adds_its_own_log_probability_to_that_of_the_colour():
    colour = parameters_of(0, (2, 3, 3, 10))
    alpha = parameters_of(1, (2, 3, 3, 2))
    images = images_of(2, (2, 3, 3, 4))
    parameters = np.concatenate([colour, alpha, np.zeros((2, 3, 3, 3))], axis=-1)
    grey_of_alpha = np.concatenate([np.zeros((2, 3, 3, 1)), alpha], axis=-1)
    apart = log_prob(colour, images[..., :3], mixtures=1) + log_prob(grey_of_alpha, images[..., 3:], mixtures=1)
    np.testing.assert_allclose(log_prob(parameters, images, mixtures=1), apart, rtol=1e-5)


def test_each_channel_follows_the_channels_before_it():
    # One component, in the rows of the layout: logit, then mean, scale and coefficient of red, green and blue.
    narrow = -7.0
    colour = [0.0, 0.4, narrow, 1.0, 0.0, narrow, -0.5, 0.0, narrow, 2.0]
    green = 0.4 * np.tanh(1.0)
    blue = 0.4 * np.tanh(-0.5) + green * np.tanh(2.0)
    alpha = 0.2 + 0.4 * np.tanh(0.3) + green * np.tanh(-0.8) + blue * np.tanh(1.5)
    row = np.array([*colour, 0.2, narrow, 0.3, -0.8, 1.5]).reshape(1, 1, 1, 15)
    for channels, values in ((3, row[..., :10]), (4, row)):
        expected = [0.4, green, blue, alpha][:channels]
        mean = logistic_mixture.mean(values, channels=channels, mixtures=1)
        np.testing.assert_allclose(mean[0, 0, 0], expected, rtol=1e-5)
        cold = sample(jax.random.key(0), values, 0.0, channels=channels, mixtures=1)
        np.testing.assert_allclose(cold[0, 0, 0], expected, rtol=1e-5)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_samples_fall_on_levels_as_often_as_log_probability_says(channels):
    mixtures, levels, draws = 2, 4, 40_000
    size = logistic_mixture.parameters_a_pixel(channels, mixtures=mixtures)
    parameters = np.broadcast_to(parameters_of(5, (1, 1, 1, size)), (draws, 1, 1, size))
    images = sample(jax.random.key(6), parameters, channels=channels, mixtures=mixtures)
    # The first channel is conditioned on nothing, so rounding it to levels gives the discretised law itself.
    indices = np.clip(np.round((np.asarray(images)[:, 0, 0, 0] + 1.0) * (levels - 1) / 2), 0, levels - 1).astype(int)
    frequency = np.bincount(indices, minlength=levels) / draws
    rest = np.array(list(itertools.product(range(levels), repeat=channels)))
    colours = levels_of(levels)[rest].reshape(-1, 1, 1, channels)
    log_probs = log_prob(parameters[: len(rest)], colours, mixtures=mixtures, levels=levels)
    expected = np.bincount(rest[:, 0], weights=np.exp(log_probs), minlength=levels)
    np.testing.assert_allclose(frequency, expected, atol=5 * 0.5 / np.sqrt(draws))


def test_scales_below_the_floor_count_as_the_floor():
    images = images_of(0, (2, 3, 3, 1))
    at_floor, below = (np.broadcast_to(np.array([0.0, 0.1, scale]), (2, 3, 3, 3)) for scale in (-7.0, -30.0))
    np.testing.assert_array_equal(log_prob(at_floor, images, mixtures=1), log_prob(below, images, mixtures=1))


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("scale", [30.0, 1e4])
def test_extreme_parameters_give_finite_values_and_gradients(channels, scale):
    size = logistic_mixture.parameters_a_pixel(channels, mixtures=4)
    parameters = parameters_of(0, (2, 4, 4, size), scale)
    images = images_of(1, (2, 4, 4, channels))
    images[0, 0], images[1, 0] = 1.0, -1.0
    value, gradient = log_prob_and_gradient(parameters, images, mixtures=4)
    assert np.isfinite(value) and np.isfinite(gradient).all()


def test_images_of_two_channels_are_refused():
    with pytest.raises(UserError, match=r"'2'.*Known: 1, 3, 4"):
        logistic_mixture.parameters_a_pixel(2, mixtures=10)
