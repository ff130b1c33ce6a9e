"""Held-out likelihood of a VAE that is linear and Gaussian, where it is known, and of the house's own networks."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.evaluate.likelihood import held_out_likelihood
from gen_jax.models import conv_vae
from gen_jax.models.conv_vae import ConvVaeConfig
from gen_jax.objectives.config import ElboObjective
from gen_jax.objectives.likelihoods import make_likelihood
from gen_jax.pixels import to_signed
from gen_jax.types import Network, VaeNetworks

SIGMA, SHAPE = 0.5, (2, 3, 1)
RANDOM = np.random.default_rng(0)
LOADINGS = RANDOM.normal(size=(2, 6))
WEIGHTS = {"enc": np.float32(LOADINGS), "dec": np.float32(LOADINGS)}
IMAGES = RANDOM.integers(0, 256, (11, *SHAPE)).astype(np.uint8)
PRECISION = LOADINGS @ LOADINGS.T / SIGMA**2 + np.eye(2)


@functools.cache
def linear(*, off=0.0):
    """Return z ~ N(0, 1), x ~ N(z A, sigma^2), and the best diagonal encoder, its mean moved."""
    log_std = jnp.asarray(-0.5 * np.log(np.diag(PRECISION)), jnp.float32)
    covariance = jnp.asarray(np.linalg.inv(PRECISION), jnp.float32)

    def encode(loadings, images, labels):
        mean = images.reshape(-1, 6) @ loadings.T / SIGMA**2 @ covariance + off
        return mean, jnp.broadcast_to(log_std[None], mean.shape)

    return VaeNetworks(
        image_shape=SHAPE,
        num_classes=0,
        latent_size=2,
        encoder=Network(lambda key: None, encode),
        decoder=Network(lambda key: None, lambda loadings, z, labels: (z @ loadings).reshape(-1, *SHAPE)),
    )


LIKELIHOOD = make_likelihood(ElboObjective(likelihood="gaussian", sigma=SIGMA), 1)


def evidence():
    x = np.asarray(to_signed(IMAGES), np.float64).reshape(-1, 6)
    covariance = LOADINGS.T @ LOADINGS + SIGMA**2 * np.eye(6)
    squares = np.einsum("bi,ij,bj->b", x, np.linalg.inv(covariance), x)
    return -0.5 * (squares + np.linalg.slogdet(2 * np.pi * covariance)[1])


def test_the_bound_comes_near_the_known_likelihood_and_lies_above_the_elbo():
    found = held_out_likelihood(linear(off=0.3), LIKELIHOOD, WEIGHTS, IMAGES, samples=20_000)
    np.testing.assert_allclose(found.iw_bound_each, evidence(), atol=0.1)
    assert found.elbo < found.iw_bound - 0.05
    assert found.elbo == pytest.approx(-(found.rate + found.distortion), rel=1e-6)
    assert (found.samples, found.images) == (20_000, 11)
    for nats, bits, error, each in (
        (found.elbo, found.bits_per_dimension, found.standard_error, found.elbo_each),
        (found.iw_bound, found.iw_bits_per_dimension, found.iw_standard_error, found.iw_bound_each),
    ):
        assert nats == pytest.approx(each.mean(), rel=1e-5)
        assert bits == pytest.approx(-nats / (6 * np.log(2)), rel=1e-6)
        assert error == pytest.approx(each.std(ddof=1) / np.sqrt(11) / (6 * np.log(2)), rel=1e-4)
    assert float(found) == found.bits_per_dimension


def test_a_poorer_encoder_costs_the_elbo_and_hardly_the_bound():
    good, poor = (held_out_likelihood(linear(off=off), LIKELIHOOD, WEIGHTS, IMAGES, samples=2000) for off in (0, 0.3))
    assert poor.elbo < good.elbo - 0.1
    assert poor.iw_bound == pytest.approx(good.iw_bound, abs=0.1)


def test_blocks_hardly_matter_and_the_same_seed_repeats():
    options = {"samples": 500}
    whole = held_out_likelihood(linear(), LIKELIHOOD, WEIGHTS, IMAGES, **options)
    again = held_out_likelihood(linear(), LIKELIHOOD, WEIGHTS, IMAGES, **options)
    np.testing.assert_array_equal(whole.iw_bound_each, again.iw_bound_each)
    parts = held_out_likelihood(linear(), LIKELIHOOD, WEIGHTS, IMAGES, batch=4, **options)
    np.testing.assert_allclose(parts.iw_bound_each, whole.iw_bound_each, atol=0.2)
    other = held_out_likelihood(linear(), LIKELIHOOD, WEIGHTS, IMAGES, seed=1, **options)
    assert not np.array_equal(other.iw_bound_each, whole.iw_bound_each)


def test_a_conditional_network_of_the_house_is_measured_and_wants_labels():
    config = ConvVaeConfig(size=16, latent_size=4, width=4, blocks=0, conditional=True)
    likelihood = make_likelihood(ElboObjective(likelihood="bernoulli"), 1)
    networks = conv_vae.build(config, num_classes=3, out_channels=likelihood.num_parameters)
    init = jax.jit(lambda a, b: {"enc": networks.encoder.init(a), "dec": networks.decoder.init(b)})
    weights = init(*jax.random.split(jax.random.key(0)))
    images = np.random.default_rng(1).integers(0, 256, (5, 16, 16, 1)).astype(np.uint8)
    found = held_out_likelihood(networks, likelihood, weights, images, np.arange(5) % 3, samples=4)
    assert found.images == 5 and np.isfinite(list(found.scalars().values())).all()
    with pytest.raises(UserError, match="labels: None, and this model is conditional"):
        held_out_likelihood(networks, likelihood, weights, images)
    with pytest.raises(UserError, match="labels: 4 for 5 images"):
        held_out_likelihood(networks, likelihood, weights, images, np.zeros(4, int))


def test_other_images_and_no_samples_are_refused():
    networks = linear()
    with pytest.raises(UserError, match=r"images: shape \(11, 6\)"):
        held_out_likelihood(networks, LIKELIHOOD, WEIGHTS, IMAGES.reshape(11, 6))
    with pytest.raises(UserError, match="samples: 0, must be 1 or more"):
        held_out_likelihood(networks, LIKELIHOOD, WEIGHTS, IMAGES, samples=0)
