"""The sliced distance against closed forms, SciPy's Wasserstein geometry on a line, and its own definition."""

import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.metrics.frechet import frechet_distance
from gen_jax.metrics.sliced import sliced_distance
from tests.metrics.features_for_tests import exactly, skewed


def test_distance_is_minds_definition():
    # 3 d times the mean squared difference of sorted projections, on the directions of the seed.
    features, reference = skewed(0, 500, 12), skewed(1, 500, 12)
    directions = np.random.Generator(np.random.Philox(4)).standard_normal((256, 12))[:90]
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    sorted_pairs = [np.sort(part.astype(np.float64) @ directions.T, axis=0) for part in (features, reference)]
    expected = 3 * 12 * np.mean(np.square(sorted_pairs[0] - sorted_pairs[1]))
    result = sliced_distance(features, reference, projections=90, seed=4)
    np.testing.assert_allclose(result.distance, expected, rtol=1e-4)
    np.testing.assert_allclose(result.distance, 36 * result.wasserstein**2, rtol=1e-12)
    assert (result.projections, result.count, result.reference_count) == (90, 500, 500)
    assert float(result) == result.distance


@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_a_shift_of_the_mean_gives_three_times_its_squared_length(offset):
    features = (np.random.default_rng(0).normal(size=(300, 16)) + offset).astype(np.float64)
    shift = np.random.default_rng(1).normal(size=16)
    result = sliced_distance(features + shift, features, projections=3000)
    np.testing.assert_allclose(result.distance, 3 * shift @ shift, atol=4 * result.standard_error)
    assert result.standard_error < 0.05 * result.distance


def test_gaussians_of_different_width_match_the_closed_form():
    # Every projection of N(0, s^2) on a direction is N(0, s^2): W2^2 = (s - t)^2.
    features, reference = (np.random.default_rng(i).normal(scale=i, size=(20_000, 3)) for i in (1, 2))
    np.testing.assert_allclose(sliced_distance(features, reference, projections=200).distance, 9.0, rtol=0.03)


def test_one_feature_of_unequal_counts_by_hand():
    # Quantiles: 0 on [0, 1/2], 1 on [1/2, 1] against 0, 3, 6 on thirds: 0, 9, then 4, 25 on lengths 1/3, 1/6, 1/6, 1/3.
    result = sliced_distance(np.array([[1.0], [0.0]]), np.array([[3.0], [0.0], [6.0]]), projections=8)
    np.testing.assert_allclose(result.distance, 3 * (9 / 6 + 4 / 6 + 25 / 3), rtol=1e-6)
    assert result.standard_error < 1e-6


def test_unequal_counts_are_their_common_multiple():
    features, reference = skewed(0, 40, 6), skewed(1, 60, 6)
    repeated = sliced_distance(np.repeat(features, 3, axis=0), np.repeat(reference, 2, axis=0), projections=50)
    plain = sliced_distance(features, reference, projections=50)
    np.testing.assert_allclose(plain.distance, repeated.distance, rtol=1e-6)


def test_more_rows_and_directions_than_one_block():
    features = np.random.default_rng(0).normal(size=(9_000, 2)).astype(np.float32)
    result = sliced_distance(features + np.float32([3.0, 0.0]), features, projections=600)
    np.testing.assert_allclose(result.distance, 27.0, atol=4 * result.standard_error)


def test_equal_sets_are_at_distance_0_in_any_order():
    features = skewed(2, 300, 8)
    assert sliced_distance(features, features[::-1]).distance < 1e-9


def test_the_sliced_distance_sees_what_two_moments_do_not():
    # Two far modes against a Gaussian with the same mean and covariance.
    random = np.random.default_rng(0)
    modes = np.concatenate([random.normal(size=(400, 2)) + 3.0, random.normal(size=(400, 2)) - 3.0])
    same = exactly(1, 800, modes.mean(axis=0), np.cov(modes, rowvar=False))
    assert frechet_distance(modes, same).distance < 1e-9
    assert sliced_distance(modes, same).distance > 1.0


def test_distance_rises_with_noise_and_with_every_mode_that_is_dropped():
    centers = 2.0 * np.random.default_rng(0).normal(size=(8, 10))
    kinds = np.arange(800) % 8
    noise = np.random.default_rng(1).normal(size=(2, 800, 10))
    reference = centers[kinds] + noise[0]
    noisy = [sliced_distance(centers[kinds] + level * noise[1], reference).distance for level in (1, 1.5, 2, 3)]
    dropped = [sliced_distance(centers[kinds % kept] + noise[1], reference).distance for kept in (8, 6, 4, 2, 1)]
    assert noisy == sorted(noisy)
    assert dropped == sorted(dropped)


def test_the_seed_alone_decides():
    features, reference = skewed(0, 50, 6), skewed(1, 60, 6)
    one, two, other = (sliced_distance(features, reference, projections=20, seed=seed) for seed in (1, 1, 2))
    assert one == two and one.distance != other.distance


def test_mistakes_are_named():
    with pytest.raises(UserError, match="projections: 1"):
        sliced_distance(np.zeros((5, 3)), np.zeros((5, 3)), projections=1)
    with pytest.raises(UserError, match="3 columns and reference 4"):
        sliced_distance(np.zeros((5, 3)), np.zeros((5, 4)))
