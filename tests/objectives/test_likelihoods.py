"""Every likelihood: the common contract, and each against PyTorch and a hand calculation."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.objectives import likelihoods
from gen_jax.objectives.config import ElboObjective
from gen_jax.objectives.likelihoods import LIKELIHOODS, bits_per_dimension, make_likelihood

SHAPE = (3, 6, 5)


def bound(name, channels=3, **options):
    return make_likelihood(ElboObjective(likelihood=name, **options), channels)


def levels(seed, channels):
    drawn = np.random.default_rng(seed).integers(0, 256, (*SHAPE, channels))
    return (drawn / 127.5 - 1.0).astype(np.float32)


def parameters_for(likelihood, seed, scale=1.0):
    shape = (*SHAPE, likelihood.num_parameters)
    return scale * np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("name", LIKELIHOODS)
def test_every_likelihood_keeps_the_contract(name, channels):
    likelihood = bound(name, channels)
    parameters, images = parameters_for(likelihood, 0, 2.0).astype(jnp.bfloat16), levels(1, channels)

    @jax.jit
    def everything(key, parameters, images):
        return likelihood.log_prob(parameters, images), likelihood.mean(parameters), likelihood.sample(key, parameters)

    log_prob, *made = everything(jax.random.key(2), parameters, images)
    assert log_prob.shape == SHAPE[:1] and log_prob.dtype == jnp.float32
    for result in made:
        assert result.shape == images.shape and result.dtype == jnp.float32
        assert (np.abs(np.asarray(result)) <= 1.0).all()


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_a_step_up_the_gradient_raises_the_log_probability(name):
    likelihood = bound(name)
    parameters, images = parameters_for(likelihood, 0), levels(1, 3)
    total = jax.jit(jax.value_and_grad(lambda p: jnp.sum(likelihood.log_prob(p, images))))
    value, gradient = total(parameters)
    norm = np.sqrt(np.sum(np.square(gradient)))
    step = 1e-2 * gradient / norm
    # To first order the rise over a step of length 0.02 is 0.02 times the norm of the gradient.
    rise = total(parameters + step)[0] - total(parameters - step)[0]
    rounding = 4e-7 * abs(float(value))
    np.testing.assert_allclose(rise, 2e-2 * norm, rtol=0.02, atol=rounding)


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_the_mean_is_the_average_of_samples(name):
    likelihood = bound(name, sigma=0.05)
    # Narrow distributions well inside the range, so that clipping plays no part.
    one = parameters_for(likelihood, 0, 0.3)[:1, :2, :2] - 0.1
    log_scales = {"learned_gaussian": [slice(3, 6)], "logistic_mixture": [slice(i, i + 10) for i in (20, 50, 80)]}
    for rows in log_scales.get(name, []):
        one[..., rows] = -4.0
    draws = jax.jit(likelihood.sample)(jax.random.key(1), np.broadcast_to(one, (20_000, *one.shape[1:])))
    error = 6 * np.std(draws, axis=0) / math.sqrt(20_000)
    assert (np.abs(np.mean(draws, axis=0) - np.asarray(likelihood.mean(one))[0]) < error + 1e-3).all()


@pytest.mark.parametrize("name", ["gaussian", "learned_gaussian"])
def test_temperature_zero_takes_the_noise_away(name):
    likelihood = bound(name)
    parameters = parameters_for(likelihood, 0)
    sample = likelihood.sample(jax.random.key(1), parameters, 0.0)
    np.testing.assert_array_equal(sample, likelihood.mean(parameters))


def test_bernoulli_samples_are_black_or_white_and_cold_ones_the_likelier():
    likelihood = bound("bernoulli", 1)
    parameters = parameters_for(likelihood, 0)
    assert (parameters > 0).any() and (parameters < 0).any()
    warm = likelihood.sample(jax.random.key(1), parameters)
    cold = likelihood.sample(jax.random.key(2), parameters, 0.0)
    assert set(np.unique(warm)) == {-1.0, 1.0}
    np.testing.assert_array_equal(cold, np.sign(parameters))


def test_bernoulli_matches_a_hand_calculation():
    # A logit of log 3 is a probability of 3/4; a pixel of 0 is half white.
    logits = jnp.full((1, 1, 3, 1), math.log(3.0))
    images = jnp.array([-1.0, 1.0, 0.0]).reshape(1, 1, 3, 1)
    expected = math.log(1 / 4) + math.log(3 / 4) + 0.5 * (math.log(1 / 4) + math.log(3 / 4))
    np.testing.assert_allclose(bound("bernoulli", 1).log_prob(logits, images), [expected], rtol=1e-6)
    np.testing.assert_allclose(bound("bernoulli", 1).mean(logits), np.full((1, 1, 3, 1), 0.5), rtol=1e-6)


def test_bernoulli_stays_finite_and_exact_at_saturation():
    log_prob = bound("bernoulli", 1).log_prob
    images = jnp.array([1.0, -1.0, 1.0, -1.0, 0.0]).reshape(5, 1, 1, 1)
    logits = jnp.array([1e6, -1e6, -1e6, 1e6, 1e6]).reshape(5, 1, 1, 1)
    np.testing.assert_allclose(log_prob(logits, images), [0.0, 0.0, -1e6, -1e6, -5e5])
    gradient = jax.grad(lambda p: jnp.sum(log_prob(p, images)))(logits).reshape(-1)
    np.testing.assert_allclose(gradient, [0.0, 0.0, 1.0, -1.0, -0.5], atol=1e-6)


def test_gaussian_matches_a_hand_calculation():
    likelihood = bound("gaussian", 1, sigma=0.5)
    mean, images = jnp.zeros((1, 1, 2, 1)), jnp.array([0.0, 1.0]).reshape(1, 1, 2, 1)
    expected = 2 * (-0.5 * math.log(2 * math.pi) + math.log(2.0)) - 0.5 * (1.0 / 0.5) ** 2
    np.testing.assert_allclose(likelihood.log_prob(mean, images), [expected], rtol=1e-6)


@pytest.mark.parametrize("name", ["bernoulli", "gaussian", "learned_gaussian"])
def test_log_probability_matches_torch(name):
    torch = pytest.importorskip("torch")
    likelihood = bound(name, sigma=0.3)
    parameters = parameters_for(likelihood, 0)
    images = levels(1, 3) if name != "bernoulli" else np.sign(levels(1, 3))
    raw = torch.tensor(np.array(parameters))
    if name == "bernoulli":
        peer, x = torch.distributions.Bernoulli(logits=raw), (np.array(images) + 1.0) / 2.0
    elif name == "gaussian":
        peer, x = torch.distributions.Normal(raw, 0.3), np.array(images)
    else:
        scale = np.exp(np.array(likelihoods.bounded_log_std(parameters[..., 3:])))
        peer, x = torch.distributions.Normal(raw[..., :3], torch.tensor(scale)), np.array(images)
    expected = peer.log_prob(torch.tensor(x)).sum((1, 2, 3)).numpy()
    np.testing.assert_allclose(likelihood.log_prob(parameters, images), expected, rtol=1e-5)


def test_learned_log_std_is_bounded_smooth_and_rising():
    raw = jnp.array([-1e30, -50.0, -3.0, -1.0, 0.0, 50.0, 1e30])
    bounded = likelihoods.bounded_log_std(raw)
    assert (jnp.diff(bounded) >= 0).all()
    np.testing.assert_allclose(bounded[:2], np.full(2, -math.log(255.0)), rtol=1e-6)
    np.testing.assert_allclose(bounded[2:4], raw[2:4], atol=0.1)
    assert (bounded[-2:] < 2.01).all()
    slope = jax.vmap(jax.grad(likelihoods.bounded_log_std))(jnp.linspace(-5.0, 1.5, 50))
    assert (slope > 0.1).all() and (slope <= 1.0).all()


def test_a_pixel_that_never_changes_cannot_win_without_limit():
    likelihood = bound("learned_gaussian", 1)
    parameters = jnp.array([-1.0, -1e4]).reshape(1, 1, 1, 2)
    best = likelihood.log_prob(parameters, -jnp.ones((1, 1, 1, 1)))
    np.testing.assert_allclose(best, [math.log(255.0 / math.sqrt(2 * math.pi))], rtol=1e-5)


def test_a_uniform_law_over_256_levels_costs_eight_bits():
    shape = (5, 7, 3)
    np.testing.assert_allclose(bits_per_dimension(math.prod(shape) * math.log(256.0), shape), 8.0, rtol=1e-6)
