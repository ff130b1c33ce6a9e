"""Latents by number, their temperature, and the truncated Gaussian against SciPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from gen_jax.latent.draw import draw, truncate


def _prior(key, n):
    return {"vector": jax.random.normal(key, (n, 5)), "map": jax.random.normal(jax.random.fold_in(key, 1), (n, 2, 2))}


def _draw(*numbers, **options):
    return draw(jax.random.key(3), _prior, jnp.array(numbers, jnp.int32), **options)


def test_a_latent_does_not_depend_on_those_beside_it():
    together, alone, elsewhere = _draw(4, 5, 6), _draw(5), _draw(9, 9, 9, 5)
    for name in ("vector", "map"):
        np.testing.assert_array_equal(together[name][1], alone[name][0])
        np.testing.assert_array_equal(together[name][1], elsewhere[name][3])
        assert not np.array_equal(together[name][0], together[name][1])


def test_latents_are_drawn_from_the_prior():
    drawn = draw(jax.random.key(0), lambda key, n: jax.random.normal(key, (n, 4)), jnp.arange(2000))
    assert stats.kstest(np.asarray(drawn).ravel(), "norm").pvalue > 1e-3


def test_temperature_scales_the_latent():
    np.testing.assert_array_equal(_draw(1, 2, temperature=0.5)["map"], 0.5 * _draw(1, 2)["map"])
    assert not np.any(_draw(1, 2, temperature=0.0)["vector"])


def test_a_truncated_latent_is_scaled_after_it_is_cut():
    drawn = _draw(*range(200), truncation=0.5, temperature=3.0)["vector"]
    assert 1.0 < np.abs(drawn).max() <= 1.5


@pytest.mark.parametrize("threshold", [0.04, 0.5, 1.0, 2.0, 4.0])
def test_truncation_keeps_the_quantile_of_every_number(threshold):
    z = np.linspace(-4.5, 4.5, 1001, dtype=np.float32)
    cut = np.asarray(truncate(jnp.asarray(z), threshold=threshold), np.float64)
    assert np.abs(cut).max() <= np.float32(threshold)
    expected = stats.truncnorm(-threshold, threshold).ppf(stats.norm.cdf(z.astype(np.float64)))
    np.testing.assert_allclose(cut, expected, atol=2e-3 if threshold == 4.0 else 3e-5)


def test_a_wide_truncation_changes_nothing_and_invents_no_infinity():
    z = jnp.linspace(-3.0, 3.0, 101)
    np.testing.assert_allclose(truncate(z, threshold=8.0), z, atol=1e-4)
    far = truncate(jnp.array([-40.0, 12.0]), threshold=6.0)
    np.testing.assert_allclose(far, [-6.0, 6.0])
