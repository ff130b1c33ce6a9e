"""The evidence lower bound against PyTorch, hand calculation and a model whose evidence is known."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.objectives.config import ElboObjective
from gen_jax.objectives.elbo import beta_at, elbo_loss, free_bits, gaussian_kl, gaussian_kl_between
from gen_jax.objectives.likelihoods import gaussian_log_prob


def normals(seed, count):
    return np.random.default_rng(seed).normal(size=(count, 4, 6)).astype(np.float32)


def test_kl_matches_a_hand_calculation():
    mean, log_std = jnp.array([[0.0, 1.0, 0.0]]), jnp.array([[0.0, 0.0, math.log(2.0)]])
    np.testing.assert_allclose(gaussian_kl(mean, log_std), [[0.0, 0.5, 1.5 - math.log(2.0)]], rtol=1e-6)


def test_kl_matches_torch():
    torch = pytest.importorskip("torch")
    mean, log_std, prior_mean, prior_log_std = normals(0, 4)
    posterior, prior = (
        torch.distributions.Normal(*(torch.tensor(part) for part in (m, np.exp(s))))
        for m, s in ((mean, log_std), (prior_mean, prior_log_std))
    )
    between = gaussian_kl_between(mean, log_std, prior_mean, prior_log_std)
    np.testing.assert_allclose(between, torch.distributions.kl_divergence(posterior, prior), rtol=1e-4, atol=1e-5)
    standard = torch.distributions.kl_divergence(posterior, torch.distributions.Normal(0.0, 1.0))
    np.testing.assert_allclose(gaussian_kl(mean, log_std), standard, rtol=1e-4, atol=1e-5)


def test_kl_of_a_law_with_itself_is_nothing():
    mean, log_std = normals(1, 2)
    np.testing.assert_allclose(gaussian_kl_between(mean, log_std, mean, log_std), np.zeros((4, 6)))


def test_kl_keeps_its_digits_next_to_the_prior():
    # The series of the divergence in log std starts l^2 + 2 l^3 / 3; std^2 - 1 in float32 would leave two digits of it.
    log_std = np.linspace(1e-3, 2e-3, 9)
    kl = gaussian_kl(jnp.zeros(9), jnp.asarray(log_std, jnp.float32))
    np.testing.assert_allclose(kl, log_std**2 + 2 / 3 * log_std**3, rtol=2e-3)


def test_free_bits_charge_each_dimension_its_average_but_never_less_than_the_allowance():
    kl = jnp.array([[0.0, 1.0, 3.0], [0.4, 0.0, 1.0]])  # averages 0.2, 0.5, 2
    np.testing.assert_allclose(free_bits(kl, nats=0.5), 0.5 + 0.5 + 2.0)
    np.testing.assert_allclose(free_bits(kl, nats=0.0), 2.7, rtol=1e-6)


def test_dimensions_within_their_allowance_get_no_gradient():
    kl = jnp.array([[0.0, 3.0], [0.4, 1.0]])
    gradient = jax.grad(lambda kl: free_bits(kl, nats=0.5))(kl)
    np.testing.assert_allclose(gradient, [[0.0, 0.5], [0.0, 0.5]])


@pytest.mark.parametrize(("images", "beta"), [(0, 0.0), (250, 1.0), (500, 2.0), (1000, 4.0), (9000, 4.0)])
def test_beta_rises_in_a_straight_line(images, beta):
    config = ElboObjective(beta=4.0, kl_warmup=1000)
    np.testing.assert_allclose(jax.jit(lambda n: beta_at(n, config))(images), beta, rtol=1e-6)


def test_without_warmup_beta_is_whole_from_the_first_image():
    assert beta_at(0, ElboObjective(beta=0.5)) == 0.5


def test_loss_and_terms_match_a_hand_calculation():
    log_prob, kl = jnp.array([-10.0, -14.0]), jnp.array([[1.0, 0.0], [3.0, 0.2]])  # averages 2 and 0.1
    loss, terms = elbo_loss(log_prob, kl, image_shape=(2, 2, 1), beta=0.5, free_nats=0.3)
    np.testing.assert_allclose(loss, 12.0 + 0.5 * (2.0 + 0.3), rtol=1e-6)
    expected = {"elbo": -14.1, "rate": 2.1, "distortion": 12.0, "bits_per_dimension": 14.1 / (4 * math.log(2))}
    expected["beta"] = 0.5
    assert terms.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(terms[name], value, rtol=1e-6)
        assert terms[name].shape == ()


def test_collapse_shows_in_the_rate_whatever_the_allowance():
    _, terms = elbo_loss(-jnp.ones(3), jnp.zeros((3, 8)), image_shape=(2, 2, 1), free_nats=2.0)
    assert terms["rate"] == 0.0


def test_the_bound_is_tight_where_the_posterior_is_exact_and_lower_elsewhere():
    # z ~ N(0, 1), x ~ N(z, s^2): the evidence is N(x; 0, 1 + s^2), the posterior N(x / (1 + s^2), s^2 / (1 + s^2)).
    sigma, x = 0.6, 0.8
    variance = 1.0 + sigma**2
    evidence = -0.5 * x**2 / variance - 0.5 * math.log(2 * math.pi * variance)
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)

    def elbo(mean, std):
        latents = jnp.asarray(mean + std * nodes, jnp.float32).reshape(-1, 1, 1, 1)
        expected = gaussian_log_prob(latents, math.log(sigma), jnp.full_like(latents, x)) @ jnp.asarray(
            weights / weights.sum(), jnp.float32
        )
        kl = gaussian_kl(jnp.full((1, 1), mean), jnp.full((1, 1), math.log(std)))
        return elbo_loss(expected.reshape(1), kl, image_shape=(1, 1, 1))[1]["elbo"]

    np.testing.assert_allclose(elbo(x / variance, sigma / math.sqrt(variance)), evidence, rtol=1e-5)
    assert elbo(x / variance, 1.3 * sigma / math.sqrt(variance)) < evidence - 0.01
    assert elbo(0.0, sigma / math.sqrt(variance)) < evidence - 0.01
