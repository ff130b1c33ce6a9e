"""The Frechet distance against closed forms and torch-fidelity, and its limit for many samples."""

import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.metrics.frechet import frechet_distance, frechet_infinity
from gen_jax.metrics.moments import Moments, moments
from tests.metrics.features_for_tests import exactly, gaussian, rotation, skewed


def diagonal_law(width):
    """Two Gaussians with diagonal covariances, and their distance: the squared differences of means and of stds."""
    random = np.random.default_rng(0)
    means, stds = random.normal(size=(2, width)), random.uniform(0.2, 2.0, size=(2, width))
    return means, stds, float(np.square(means[0] - means[1]).sum() + np.square(stds[0] - stds[1]).sum())


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("width", [1, 2, 33])
def test_gaussians_with_covariances_that_commute_match_the_closed_form(width, turned):
    means, stds, expected = diagonal_law(width)
    turn = rotation(1, width) if turned else np.eye(width)
    sets = [exactly(i, 200, turn @ means[i], turn * stds[i] ** 2 @ turn.T) for i in range(2)]
    result = frechet_distance(*sets)
    np.testing.assert_allclose(result.distance, expected, rtol=1e-9)
    np.testing.assert_allclose(result.mean_term, np.square(means[0] - means[1]).sum(), rtol=1e-9)
    np.testing.assert_allclose(result.covariance_term, np.square(stds[0] - stds[1]).sum(), rtol=1e-9)
    assert (result.count, result.reference_count) == (200, 200)
    assert float(result) == result.value == result.distance


def test_covariances_that_do_not_commute_match_the_closed_form_of_two_dimensions():
    # tr (S1 S2)^1/2 of 2x2 matrices is sqrt(tr(S1 S2) + 2 sqrt(det(S1 S2))).
    first, second = np.array([[2.0, 0.7], [0.7, 1.0]]), np.array([[1.0, -0.5], [-0.5, 3.0]])
    product = first @ second
    expected = 7.0 - 2.0 * np.sqrt(np.trace(product) + 2.0 * np.sqrt(np.linalg.det(product)))
    result = frechet_distance(*(exactly(i, 50, np.zeros(2), part) for i, part in enumerate((first, second))))
    np.testing.assert_allclose(result.distance, expected, rtol=1e-10)


def test_a_shift_of_the_mean_gives_its_squared_length():
    features = skewed(0, 500, 20)
    shift = np.linspace(-1.0, 1.0, 20)
    result = frechet_distance(features + shift, features.astype(np.float64))
    np.testing.assert_allclose(result.mean_term, shift @ shift, rtol=1e-10)
    assert result.covariance_term < 1e-6


def test_scaling_features_scales_the_distance_by_the_square():
    features, reference = skewed(0, 300, 16), skewed(1, 200, 16)
    small = frechet_distance(features, reference).distance
    np.testing.assert_allclose(frechet_distance(8.0 * features, 8.0 * reference).distance, 64.0 * small, rtol=1e-9)


@pytest.mark.parametrize(
    ("counts", "width", "expected"), [((1500, 1200), 64, 0.21339735472842225), ((60, 80), 96, 2.142920254921677)]
)
def test_distance_is_that_of_torch_fidelity(counts, width, expected):
    # torch-fidelity 0.4.0, fid_features_to_statistics and fid_statistics_to_metric, of the same arrays in float64.
    features, reference = skewed(1, counts[0], width) + np.float32(0.05), skewed(2, counts[1], width)
    for ours in (features, moments(features)):
        for theirs in (reference, moments(reference)):
            np.testing.assert_allclose(frechet_distance(ours, theirs).distance, expected, rtol=1e-6)


@pytest.mark.parametrize(("count", "other"), [(40, 30), (30, 40), (40, 300), (300, 40)])
def test_fewer_rows_than_columns_give_what_the_whole_covariances_give(count, other):
    features, reference = skewed(1, count, 64), skewed(2, other, 64)
    thin = frechet_distance(features, reference)
    whole = frechet_distance(moments(features), moments(reference))
    np.testing.assert_allclose(thin.distance, whole.distance, rtol=1e-6)
    np.testing.assert_allclose(frechet_distance(reference, features).distance, thin.distance, rtol=1e-9)


@pytest.mark.parametrize("count", [2, 50, 500])
def test_equal_sets_are_at_distance_0(count):
    features = skewed(3, count, 64)
    for reference in (features, moments(features), features[::-1]):
        assert 0.0 <= frechet_distance(features, reference).distance < 1e-7


def test_dead_features_and_copies_of_features_do_no_harm():
    # Covariances of rank 5 in 12 dimensions: the distance is that of the 5.
    features, reference = skewed(4, 400, 5), skewed(5, 300, 5) * 1.5
    embed = np.zeros((5, 12))
    embed[:, [0, 3, 4, 8, 11]] = np.eye(5)
    expected = frechet_distance(features, reference).distance
    np.testing.assert_allclose(frechet_distance(features @ embed, reference @ embed).distance, expected, rtol=1e-6)
    embed = embed @ rotation(6, 12)
    np.testing.assert_allclose(frechet_distance(features @ embed, reference @ embed).distance, expected, rtol=1e-6)


def test_constant_features_are_a_point():
    result = frechet_distance(np.ones((10, 3)), np.zeros((10, 3)))
    assert (result.distance, result.covariance_term) == (3.0, 0.0)
    spread = frechet_distance(np.ones((10, 3)), exactly(0, 10, np.zeros(3), np.eye(3)))
    np.testing.assert_allclose(spread.distance, 6.0, rtol=1e-9)


def test_distance_rises_with_noise_and_with_every_mode_that_is_dropped():
    centers = 4.0 * np.random.default_rng(0).normal(size=(8, 10))
    kinds = np.arange(800) % 8
    noise = np.random.default_rng(1).normal(size=(2, 800, 10))
    reference = centers[kinds] + noise[0]
    noisy = [frechet_distance(centers[kinds] + level * noise[1], reference).distance for level in (1, 1.5, 2, 3)]
    dropped = [frechet_distance(centers[kinds % kept] + noise[1], reference).distance for kept in (8, 6, 4, 2, 1)]
    assert noisy == sorted(noisy) and noisy[1] > 2 * noisy[0]
    assert dropped == sorted(dropped) and dropped[1] > 2 * dropped[0]


def test_statistics_without_a_count_are_reported_so():
    known = Moments(count=None, mean=np.zeros(3), covariance=np.eye(3))
    result = frechet_distance(exactly(0, 10, np.zeros(3), 4.0 * np.eye(3)), known)
    np.testing.assert_allclose(result.distance, 3.0, rtol=1e-9)
    assert result.reference_count is None and "reference_count" not in result.scalars()


def test_the_limit_takes_away_what_few_samples_add():
    # The law itself is the reference, so the true distance is 0 and all that is measured is the bias of N samples.
    width = 24
    law = Moments(count=None, mean=np.zeros(width), covariance=np.eye(width))
    features = gaussian(7, 4000, np.zeros(width), np.eye(width))
    result = frechet_infinity(features, law)
    np.testing.assert_allclose(result.measured, frechet_distance(features, law).distance, rtol=1e-9)
    assert abs(result.distance) < 0.15 * result.measured
    # To first order the means add d / N and the covariance d (d + 1) / (4 N).
    np.testing.assert_allclose(result.slope, width + width * (width + 1) / 4, rtol=0.1)
    assert 0.0 < result.standard_error < 0.1 * result.measured


def test_the_limit_keeps_a_distance_that_is_there():
    width = 24
    law = Moments(count=None, mean=np.full(width, 0.1), covariance=np.eye(width))
    result = frechet_infinity(gaussian(7, 4000, np.zeros(width), np.eye(width)), law)
    np.testing.assert_allclose(result.distance, width * 0.01, rtol=0.15)


def test_points_of_the_limit_are_plain_distances_of_the_shuffled_prefixes():
    features, reference = skewed(8, 200, 12), skewed(9, 150, 12)
    result = frechet_infinity(features, reference, points=6, least=8, seed=3)
    order = np.random.Generator(np.random.Philox(3)).permutation(200)
    assert result.counts.tolist() == [8, 46, 84, 123, 161, 200]
    plain = [frechet_distance(features[order[:count]], reference).distance for count in result.counts]
    np.testing.assert_allclose(result.distances, plain, rtol=1e-7)
    slope, intercept = np.polyfit(1.0 / result.counts, plain, 1)
    np.testing.assert_allclose([result.slope, result.distance], [slope, intercept], rtol=1e-6)


def test_the_error_of_the_limit_is_that_of_least_squares():
    from scipy.stats import linregress

    result = frechet_infinity(skewed(8, 300, 6), skewed(9, 150, 6))
    line = linregress(1.0 / result.counts, result.distances)
    np.testing.assert_allclose(result.standard_error, line.intercept_stderr, rtol=1e-6)
    assert (result.points, result.least, result.count) == (15, 30, 300)


def test_the_limit_starts_at_5000_samples_or_a_tenth():
    reference = np.random.default_rng(0).normal(size=(50, 2))
    for count, least in ((9_999, 999), (10_000, 5_000), (60_000, 6_000)):
        features = np.random.default_rng(1).normal(size=(count, 2))
        assert frechet_infinity(features, reference, points=3).least == least


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda: frechet_distance(np.zeros((5, 3)), np.zeros((5, 4))), "features has 3 columns and reference 4"),
        (lambda: frechet_distance(np.zeros((1, 3)), np.zeros((5, 3))), "features: 1 rows"),
        (lambda: frechet_distance(np.zeros((5, 3)), np.zeros((5, 3, 1))), "reference: shape"),
        (lambda: frechet_infinity(np.zeros((50, 3)), np.zeros((5, 3)), points=2), "points: 2, .* 3 or more"),
        (lambda: frechet_infinity(np.zeros((50, 3)), np.zeros((5, 3)), least=49), "least: 49, .* 2 to 48"),
        (lambda: frechet_infinity(np.zeros((50, 3)), np.zeros((5, 4))), "features has 3 columns and reference 4"),
    ],
)
def test_mistakes_are_named(work, message):
    with pytest.raises(UserError, match=message):
        work()
