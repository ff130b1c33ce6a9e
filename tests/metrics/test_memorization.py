"""Neighbour ratios and the closest samples: by hand, against scikit-learn, and with copies among the samples."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from gen_jax.errors import UserError
from gen_jax.metrics.memorization import closest, neighbour_ratio

TRAIN = [[0.0], [4.0], [10.0], [20.0]]


def normals(seed, rows, width):
    return np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32)


def with_copies(copies, offset=0.0):
    fresh, train, held_out = (normals(seed, 400, 8) + np.float32(offset) for seed in range(3))
    return np.r_[train[:copies], fresh[copies:]], train, held_out


def test_on_a_line_by_hand():
    result = neighbour_ratio([[1.0], [10.0], [18.0]], TRAIN, k=3)
    np.testing.assert_allclose(result.each, [1 / 3, 0.0, 2 / 8])
    np.testing.assert_allclose(result.distances, [1.0, 0.0, 2.0])
    np.testing.assert_array_equal(result.rows, [0, 2, 3])
    assert float(result) == result.ratio == pytest.approx(7 / 36)
    assert result.distance == 1.0
    assert result.calibrated == pytest.approx((3 / 13 + 0 + 6 / 24) / 3)  # neighbours at 1 3 9; 0 6 10; 2 8 14
    assert result.closer is None and result.held_out_ratio is None
    assert (result.k, result.count, result.train_count, result.held_out_count) == (3, 3, 4, 0)


def test_values_equal_those_of_scikit_learn():
    features, train, held_out = with_copies(0)
    result = neighbour_ratio(features, train, held_out, k=20, percentile=10)
    tree = NearestNeighbors(n_neighbors=20).fit(train.astype(np.float64))
    for prefix, values in (("", features), ("held_out_", held_out)):
        distances, _ = tree.kneighbors(values.astype(np.float64))
        ratios = distances[:, 0] / distances[:, 1]
        expected = {
            "ratio": ratios.mean(),
            "low_ratio": np.percentile(ratios, 10),
            "distance": np.median(distances[:, 0]),
            "calibrated": (distances[:, 0] / distances.mean(axis=1)).mean(),
        }
        assert {name: getattr(result, prefix + name) for name in expected} == pytest.approx(expected, rel=1e-9)
    to_train, to_held_out = (
        NearestNeighbors(n_neighbors=1).fit(values).kneighbors(features)[0] for values in (train, held_out)
    )
    assert result.closer == np.mean(to_train < to_held_out)


@pytest.mark.parametrize("offset", [0.0, 100.0])
def test_every_measure_follows_the_share_of_copies(offset):
    results = [neighbour_ratio(*with_copies(copies, offset)) for copies in (0, 40, 200, 400)]
    for name in ("ratio", "distance", "calibrated"):
        values = [getattr(result, name) for result in results]
        assert values[0] > values[1] > values[2] > values[3] == 0.0
        assert values[0] == pytest.approx(getattr(results[0], f"held_out_{name}"), rel=0.05)
    closer = [result.closer for result in results]
    assert closer[0] < closer[1] < closer[2] < closer[3] == 1.0
    assert closer[0] == pytest.approx(0.5, abs=0.1) and results[0].held_out_closer == pytest.approx(0.5, abs=0.1)
    assert results[0].low_ratio > 0.5 and results[1].low_ratio == 0.0  # a tenth is enough


def test_a_copy_of_a_sample_that_is_in_the_set_twice_is_a_copy():
    result = neighbour_ratio([[4.0]], [*TRAIN, [4.0]])
    assert result.ratio == result.calibrated == 0.0


def test_sets_of_other_sizes_are_brought_to_one_before_they_are_compared():
    fresh, train, held_out = normals(0, 400, 4), normals(1, 2000, 4), normals(2, 200, 4)
    result = neighbour_ratio(fresh, train, held_out)
    assert result.closer == pytest.approx(0.5, abs=0.1)
    assert result.closer == neighbour_ratio(fresh, train, held_out).closer
    assert result.closer != neighbour_ratio(fresh, train, held_out, seed=1).closer


def test_distances_that_are_equal_count_a_half():
    assert neighbour_ratio(normals(0, 50, 3), normals(1, 60, 3), normals(1, 60, 3)).closer == 0.5


def test_the_closest_samples_come_first_with_the_rows_beside_them():
    features = [[1.0], [19.0], [10.5], [4.0], [0.25]]
    result = closest(features, TRAIN, count=3, neighbours=2)
    np.testing.assert_array_equal(result.samples, [3, 4, 2])  # ratios 1/3, 1/9, 0.5/6.5, 0, 0.25/3.75
    np.testing.assert_array_equal(result.rows, [[1, 0], [0, 1], [2, 1]])
    np.testing.assert_allclose(result.distances, [[0.0, 4.0], [0.25, 3.75], [0.5, 6.5]])
    np.testing.assert_allclose(result.scores, [0.0, 0.25 / 3.75, 0.5 / 6.5])
    assert float(result) == 0.0
    by_distance = closest(features, TRAIN, count=5, by="distance")
    np.testing.assert_array_equal(by_distance.samples, [3, 4, 2, 0, 1])
    np.testing.assert_array_equal(by_distance.rows, [[1], [0], [2], [0], [3]])


def test_the_copies_are_the_closest():
    features, train, _ = with_copies(10)
    result = closest(features, train, count=10)
    np.testing.assert_array_equal(np.sort(result.samples), np.arange(10))
    np.testing.assert_array_equal(result.rows[:, 0], result.samples)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: neighbour_ratio([[1.0]], TRAIN, k=1), "k: 1, must be a whole number, 2 or more"),
        (lambda: neighbour_ratio([[1.0]], TRAIN, percentile=101), "percentile: 101, must be 0 to 100"),
        (lambda: closest([[1.0]], TRAIN, count=2), "count: 2, must be a whole number, 1 to 1"),
        (lambda: closest([[1.0]], TRAIN, count=1, neighbours=5), "neighbours: 5, must be a whole number, 1 to 4"),
        (lambda: closest([[1.0]], TRAIN, count=1, by="looks"), "by: 'looks', must be ratio or distance"),
    ],
)
def test_options_out_of_range_are_refused(call, message):
    with pytest.raises(UserError, match=message):
        call()
