"""The importance-weighted bound on a linear Gaussian model, whose log-likelihood is known."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.objectives.elbo import gaussian_kl
from gen_jax.objectives.importance import (
    gaussian_bounds,
    importance_weighted_bound,
    log_weight,
    standard_normal_log_prob,
)

SIGMA = 0.5
RANDOM = np.random.default_rng(0)
LOADINGS = RANDOM.normal(size=(2, 5))
IMAGES = RANDOM.normal(size=(4, 5))
# z ~ N(0, 1), x ~ N(z A, sigma^2): the evidence is N(x; 0, A'A + sigma^2).
EVIDENCE = -0.5 * (
    np.einsum("bi,ij,bj->b", IMAGES, np.linalg.inv(LOADINGS.T @ LOADINGS + SIGMA**2 * np.eye(5)), IMAGES)
    + np.linalg.slogdet(2 * np.pi * (LOADINGS.T @ LOADINGS + SIGMA**2 * np.eye(5)))[1]
)
PRECISION = LOADINGS @ LOADINGS.T / SIGMA**2 + np.eye(2)
MEAN = IMAGES @ LOADINGS.T / SIGMA**2 @ np.linalg.inv(PRECISION)


def log_prob(latent):
    scaled = (jnp.asarray(IMAGES, jnp.float32) - latent @ jnp.asarray(LOADINGS, jnp.float32)) / SIGMA
    return jnp.sum(-0.5 * scaled**2 - np.log(SIGMA) - 0.5 * np.log(2 * np.pi), axis=-1)


def posterior(*, off=0.0):
    """The exact mean, moved; and the deviations of the best diagonal Gaussian, for the exact one is not diagonal."""
    mean = jnp.asarray(MEAN + off, jnp.float32)
    return mean, jnp.broadcast_to(jnp.asarray(-0.5 * np.log(np.diag(PRECISION)), jnp.float32)[None], mean.shape)


@pytest.fixture(scope="module")
def bounds():
    """Means over many keys, of K draws: [K] -> (importance-weighted bound, elbo), each [b]."""

    def of(samples):
        def one(key):
            found = gaussian_bounds(key, log_prob, *posterior(off=0.1), samples=samples)
            return found.importance_weighted, found.elbo

        return jax.tree.map(
            lambda x: np.mean(x, axis=0), jax.jit(jax.vmap(one))(jax.random.split(jax.random.key(1), 2000))
        )

    return {samples: of(samples) for samples in (1, 5, 100)}


def exact_elbo():
    """-KL + E log p(x | z), where the expectation of the square adds the variances of z A."""
    mean, log_std = (np.asarray(part, np.float64) for part in posterior(off=0.1))
    spread = np.exp(2 * log_std) @ np.sum(LOADINGS**2, axis=1)
    squares = np.sum((IMAGES - mean @ LOADINGS) ** 2, axis=1) + spread
    expected = -0.5 * squares / SIGMA**2 - 5 * (np.log(SIGMA) + 0.5 * np.log(2 * np.pi))
    return expected - np.sum(gaussian_kl(*map(jnp.asarray, posterior(off=0.1))), axis=1)


def test_one_draw_is_the_elbo_and_more_tighten_towards_the_evidence(bounds):
    for _, elbo in bounds.values():
        np.testing.assert_allclose(elbo, exact_elbo(), atol=0.15)
    np.testing.assert_allclose(bounds[1][0], exact_elbo(), atol=0.2)
    assert np.all(bounds[1][0] + 0.1 < bounds[5][0])
    assert np.all(bounds[5][0] < bounds[100][0] + 0.01)
    assert np.all(bounds[100][0] < EVIDENCE + 0.02)
    np.testing.assert_allclose(bounds[100][0], EVIDENCE, atol=0.1)


def test_a_single_draw_of_the_exact_posterior_gives_the_evidence():
    # With one latent a diagonal posterior is exact, and then every weight is the evidence itself.
    x, variance = 0.8, 1.0 + SIGMA**2
    mean, log_std = jnp.full((1, 1), x / variance), jnp.full((1, 1), 0.5 * np.log(SIGMA**2 / variance))
    found = gaussian_bounds(
        jax.random.key(2),
        lambda z: (-0.5 * ((x - z) / SIGMA) ** 2 - np.log(SIGMA) - 0.5 * np.log(2 * np.pi))[:, 0],
        mean,
        log_std,
        samples=3,
    )
    evidence = -0.5 * x**2 / variance - 0.5 * np.log(2 * np.pi * variance)
    np.testing.assert_allclose(found.importance_weighted, evidence, rtol=1e-5)


def test_both_forms_agree_on_the_same_draws():
    key, samples = jax.random.key(3), 7
    mean, log_std = posterior(off=0.2)
    found = gaussian_bounds(key, log_prob, mean, log_std, samples=samples)
    noise = jnp.stack([jax.random.normal(jax.random.fold_in(key, k), mean.shape) for k in range(samples)])
    latents = mean[None] + jnp.exp(log_std)[None] * noise
    log_likelihood, log_prior = jax.vmap(log_prob)(latents), jax.vmap(standard_normal_log_prob)(latents)
    log_posterior = jax.vmap(standard_normal_log_prob)(noise) - jnp.sum(log_std, axis=1)[None]
    np.testing.assert_allclose(
        found.importance_weighted, importance_weighted_bound(log_likelihood, log_prior, log_posterior), rtol=1e-5
    )
    np.testing.assert_allclose(found.distortion, -np.mean(log_likelihood, axis=0), rtol=1e-5)
    np.testing.assert_allclose(found.rate, np.sum(gaussian_kl(mean, log_std), axis=1), rtol=1e-6)
    np.testing.assert_allclose(log_weight(noise[0], mean, log_std), log_prior[0] - log_posterior[0], atol=1e-4)


def test_a_hand_calculation_far_below_what_exp_can_hold():
    log_prob_of = jnp.array([[-1000.0], [-1000.0 + np.log(3.0)]])
    nothing = jnp.zeros((2, 1))
    np.testing.assert_allclose(
        importance_weighted_bound(log_prob_of, nothing, nothing), [-1000.0 + np.log(2.0)], rtol=1e-6
    )


def test_an_impossible_draw_counts_as_nothing_and_leaves_a_finite_bound():
    found = importance_weighted_bound(jnp.array([[-jnp.inf], [0.0]]), jnp.zeros((2, 1)), jnp.zeros((2, 1)))
    np.testing.assert_allclose(found, [-np.log(2.0)], rtol=1e-6)


def test_the_bound_can_be_climbed():
    gradient = jax.grad(
        lambda mean: jnp.sum(
            gaussian_bounds(jax.random.key(4), log_prob, mean, posterior()[1], samples=50).importance_weighted
        )
    )(posterior(off=1.0)[0])
    assert np.all(np.asarray(gradient) < 0)  # back towards the exact mean


def test_no_draws_are_refused():
    with pytest.raises(UserError, match="samples: 0, must be 1 or more"):
        gaussian_bounds(jax.random.key(0), log_prob, *posterior(), samples=0)
