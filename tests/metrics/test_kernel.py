"""The kernel distance against hand calculation, torch-fidelity and torchmetrics."""

import importlib

import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.metrics.kernel import kernel_distance, kernel_distance_full
from tests.metrics.features_for_tests import skewed

module = importlib.import_module("gen_jax.metrics.kernel")
OURS, THEIRS = skewed(1, 1500, 64) + np.float32(0.05), skewed(2, 1200, 64)


def by_definition(features, reference, degree=3, gamma=None, coef0=1.0):
    """The unbiased estimate, in float64, with whole matrices."""
    gamma = 1.0 / features.shape[1] if gamma is None else gamma
    features, reference = features.astype(np.float64), reference.astype(np.float64)
    xx, yy, xy = (
        (gamma * a @ b.T + coef0) ** degree
        for a, b in ((features, features), (reference, reference), (features, reference))
    )
    n, m = xy.shape
    return (xx.sum() - np.trace(xx)) / (n * (n - 1)) + (yy.sum() - np.trace(yy)) / (m * (m - 1)) - 2.0 * xy.mean()


def test_three_samples_match_a_hand_calculation():
    features = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    reference = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
    # k = (x.y / 2 + 1)^3. Products within features 0, 1, 1; within reference 0, 0, 0; between 0 2 0, 0 0 2, 0 2 2.
    within = 2 * (1.0 + 1.5**3 + 1.5**3) / 6 + 1.0
    between = (5 * 1.0 + 4 * 2.0**3) / 9
    np.testing.assert_allclose(kernel_distance_full(features, reference).distance, within - 2 * between, rtol=1e-6)
    result = kernel_distance(features, reference, subsets=4)
    np.testing.assert_allclose(result.mean, within - 2 * between, rtol=1e-6)
    assert (result.subset_size, result.subsets, result.count, result.reference_count) == (3, 4, 3, 3)
    assert result.std < 1e-6 and float(result) == result.mean


def test_subsets_and_values_are_those_of_torch_fidelity():
    # torch-fidelity 0.4.0, kid_features_to_metric of the same arrays in float64; rng_seed is 2020 unless given.
    result = kernel_distance(OURS, THEIRS, subsets=8, subset_size=300)
    np.testing.assert_allclose([result.mean, result.std], [0.013110844007219014, 0.0008803985879916426], rtol=1e-5)
    result = kernel_distance(OURS, THEIRS, subsets=5, subset_size=101, degree=2, gamma=0.5, coef0=0.25, seed=7)
    np.testing.assert_allclose([result.mean, result.std], [1.4821886434829992, 0.6181745834254807], rtol=1e-5)


def test_sets_of_one_law_give_almost_nothing_and_that_exactly():
    # The same of torch-fidelity, 100 subsets of 1000: 2.9e-5 is left of kernels about 1.7.
    result = kernel_distance(skewed(3, 1500, 64), THEIRS)
    np.testing.assert_allclose([result.mean, result.std], [2.8887881043710982e-05, 0.00010041564528673139], rtol=1e-4)
    assert (result.subset_size, result.subsets) == (1000, 100)


def test_full_estimate_is_that_of_torchmetrics():
    # torchmetrics 1.9.0, image.kid.poly_mmd of the first 1200 rows of each, float64.
    result = kernel_distance_full(OURS[:1200], THEIRS)
    np.testing.assert_allclose(result.distance, 0.012802058790063242, rtol=1e-6)
    assert (result.count, result.reference_count) == (1200, 1200)


@pytest.mark.parametrize(("count", "other"), [(2, 2), (5, 300), (33, 64), (100, 31)])
def test_full_estimate_matches_its_definition_for_any_counts(count, other, monkeypatch):
    monkeypatch.setattr(module, "_TILE", 32)
    module._tile_total.clear_cache()
    features, reference = OURS[:count, :5], THEIRS[:other, :5]
    for options in ({}, {"degree": 2, "gamma": 0.3, "coef0": 0.0}):
        np.testing.assert_allclose(
            kernel_distance_full(features, reference, **options).distance,
            by_definition(features, reference, **options),
            rtol=1e-5,
            atol=1e-7,
        )
    module._tile_total.clear_cache()


@pytest.mark.parametrize("size", [2, 3, 7, 101])
def test_subsets_of_any_size_match_the_definition(size):
    random = np.random.RandomState(5)
    expected = [
        by_definition(
            OURS[random.choice(1500, size, replace=False)].astype(np.float64),
            THEIRS[random.choice(1200, size, replace=False)],
        )
        for _ in range(3)
    ]
    result = kernel_distance(OURS, THEIRS, subsets=3, subset_size=size, seed=5)
    np.testing.assert_allclose([result.mean, result.std], [np.mean(expected), np.std(expected)], rtol=1e-4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_large_mean_costs_no_digits(dtype):
    # Kernels of 1e6 and a distance of some thousandths of that; float32 sums would leave two digits of it.
    offset = 10.0
    features, reference = (OURS + offset).astype(dtype), (THEIRS + offset).astype(dtype)
    expected = by_definition(features[:1200], reference)
    np.testing.assert_allclose(kernel_distance_full(features[:1200], reference).distance, expected, rtol=1e-7)
    whole = kernel_distance(features[:1200], reference, subsets=1, subset_size=1200)
    np.testing.assert_allclose(whole.mean, expected, rtol=1e-7)


def test_fewer_samples_than_a_subset_make_subsets_of_them_all():
    result = kernel_distance(OURS[:150], THEIRS[:120], subsets=2)
    assert result.subset_size == 120
    assert result == kernel_distance(OURS[:150], THEIRS[:120], subsets=2, subset_size=120)


def test_the_seed_alone_decides():
    one, two, other = (kernel_distance(OURS, THEIRS, subsets=3, subset_size=50, seed=seed) for seed in (1, 1, 2))
    assert one == two and one.mean != other.mean


def test_unbiased_means_as_often_below_0_as_above():
    random = np.random.default_rng(0)
    values = [
        kernel_distance_full(random.normal(size=(20, 4)), random.normal(size=(20, 4))).distance for _ in range(60)
    ]
    assert abs(np.mean(values)) < 3 * np.std(values) / 60**0.5
    assert 12 <= sum(value < 0 for value in values) <= 48


def test_distance_rises_with_noise_and_with_every_mode_that_is_dropped():
    centers = 2.0 * np.random.default_rng(0).normal(size=(8, 10))
    kinds = np.arange(800) % 8
    noise = np.random.default_rng(1).normal(size=(2, 800, 10))
    reference = centers[kinds] + noise[0]
    noisy = [kernel_distance_full(centers[kinds] + level * noise[1], reference).distance for level in (1, 2, 3, 4)]
    dropped = [kernel_distance_full(centers[kinds % kept] + noise[1], reference).distance for kept in (8, 6, 4, 2, 1)]
    assert noisy == sorted(noisy)
    assert dropped == sorted(dropped)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"subsets": 0}, "subsets: 0"),
        ({"subset_size": 1}, "subset_size: 1"),
        ({"subset_size": 10.5}, "subset_size: 10.5, must be a whole number"),
        ({"degree": 0}, "degree: 0"),
    ],
)
def test_mistakes_are_named(options, message):
    with pytest.raises(UserError, match=message):
        kernel_distance(OURS, THEIRS, **options)
    with pytest.raises(UserError, match="64 columns and reference 63"):
        kernel_distance(OURS, THEIRS[:, 1:], subsets=1)
