"""The memorisation penalty against torchmetrics, by hand, and where angles are tiny."""

import math

import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.metrics.memorization_penalty import memorization_penalty


def samples(offset, noise):
    train = np.random.default_rng(0).normal(offset, 1.0, size=(200, 12))
    return train[:150] + noise * np.random.default_rng(1).normal(size=(150, 12)), train


@pytest.mark.parametrize(
    ("offset", "noise", "sign", "distance"),
    [
        # torchmetrics 1.9.0, image.mifid._compute_cosine_distance(features, train, 1.0) in float64.
        (0.0, 0.3, -1, 0.04707066618810459),
        (2.0, 0.3, 1, 0.009080494055223449),
        (2.0, 2.0, 1, 0.1759176498253426),
        (0.0, 0.9, -1, 0.20627445704222033),
    ],
)
def test_distance_and_penalty_equal_those_of_torchmetrics(offset, noise, sign, distance):
    features, train = samples(offset, noise)
    result = memorization_penalty(sign * features, train)
    assert result.cosine_distance == pytest.approx(distance, rel=1e-9)
    assert float(result) == result.penalty == pytest.approx(distance if distance < 0.1 else 1.0, rel=1e-9)


def test_on_a_circle_by_hand():
    angles = np.radians([10.0, 100.0, 170.0])
    features = np.stack([np.cos(angles), np.sin(angles)], axis=1) * [[1.0], [5.0], [0.1]]
    result = memorization_penalty(features, [[2.0, 0.0], [0.0, 3.0]], threshold=1.0)
    assert result.penalty == pytest.approx(1 - math.cos(math.radians(10)), rel=1e-9)
    assert (result.count, result.train_count, result.threshold) == (3, 2, 1.0)


def test_copies_have_no_penalty_left_to_divide_by_whatever_their_length():
    features, train = samples(2.0, 0.0)
    assert memorization_penalty(features, train).penalty == 0.0
    assert memorization_penalty(4 * features, train).penalty == 0.0


def test_tiny_angles_keep_their_digits():
    features = np.array([[1.0, 1e-5], [1.0, 3e-5]])
    expected = (5e-11 + 4.5e-10) / 2  # 1 - cos is half the angle squared
    assert memorization_penalty(features, [[1.0, 0.0], [0.0, 1.0]]).penalty == pytest.approx(expected, rel=1e-8)


def test_it_falls_with_the_share_of_copies():
    features, train = samples(2.0, 2.0)
    distances = [
        memorization_penalty(np.r_[train[:copies], features[copies:]], train).cosine_distance
        for copies in (0, 15, 75, 150)
    ]
    assert distances[0] > distances[1] > distances[2] > distances[3] == 0.0


def test_rows_of_zeros_are_left_out():
    result = memorization_penalty([[1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [1.0, 1.0]], threshold=1.0)
    assert result.cosine_distance == pytest.approx(1 - math.sqrt(0.5))
    assert (result.count, result.train_count) == (1, 1)
    with pytest.raises(UserError, match="features: all rows are zero"):
        memorization_penalty([[0.0, 0.0]], [[1.0, 1.0]])


@pytest.mark.parametrize("threshold", [0.0, 1.5, float("nan")])
def test_a_threshold_out_of_range_is_refused(threshold):
    with pytest.raises(UserError, match=r"threshold: .*, must be above 0 and at most 1"):
        memorization_penalty([[1.0]], [[1.0]], threshold=threshold)
