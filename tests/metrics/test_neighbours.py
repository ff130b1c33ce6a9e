"""Nearest neighbours against brute force in float64, where float32 is enough and where it is not."""

import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.metrics import neighbours
from gen_jax.metrics.neighbours import nearest
from gen_jax.metrics.pairs import products


def normals(seed, rows, width):
    return np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32)


def brute_force(features, reference, k, *, exclude_self=False):
    squares = np.empty((len(features), len(reference)))
    for row, feature in enumerate(features.astype(np.float64)):
        squares[row] = np.square(feature - reference.astype(np.float64)).sum(axis=1)
    if exclude_self:
        np.fill_diagonal(squares, np.inf)
    order = np.argsort(squares, axis=1, kind="stable")[:, :k]
    return np.sqrt(np.take_along_axis(squares, order, axis=1)), order


def clusters_that_float32_cannot_tell_apart():
    return normals(0, 400, 6).astype(np.float64) * 1e-6 + np.where(np.arange(400) % 2, 1.0, -1.0)[:, None]


CASES = {
    "plain": normals(0, 700, 20),
    "one row too many for a tile": normals(1, 2049, 3),
    "one column": normals(2, 500, 1),
    "wide": normals(3, 60, 3000),
    "far from the origin": 100 + normals(4, 600, 12),
    "very far from the origin, in float64": 1e6 + 1e-3 * normals(5, 300, 12).astype(np.float64),
    "on a grid, with ties and duplicates": np.random.default_rng(6).integers(0, 5, (900, 3)).astype(np.float32),
    "all equal": np.full((450, 4), 0.1, np.float32),
    "in clusters": clusters_that_float32_cannot_tell_apart(),
}


@pytest.mark.parametrize("case", CASES)
def test_neighbours_within_a_set_are_those_of_float64(case):
    features = CASES[case]
    distances, rows = nearest(features, features, k=4, exclude_self=True)
    expected, expected_rows = brute_force(features, features, 4, exclude_self=True)
    np.testing.assert_array_equal(rows, expected_rows)
    np.testing.assert_allclose(distances, expected, rtol=1e-13, atol=0)


@pytest.mark.parametrize("case", CASES)
def test_neighbours_in_another_set_are_those_of_float64(case):
    features, reference = CASES[case][: len(CASES[case]) // 3], CASES[case][len(CASES[case]) // 4 :]
    distances, rows = nearest(features, reference, k=2)
    expected, expected_rows = brute_force(features, reference, 2)
    np.testing.assert_array_equal(rows, expected_rows)
    np.testing.assert_allclose(distances, expected, rtol=1e-13, atol=0)


@pytest.mark.parametrize("k", [1, 20, 300])
def test_as_many_neighbours_as_there_are_can_be_asked_for(k):
    features, reference = normals(0, 5, 4), normals(1, 300, 4)
    distances, rows = nearest(features, reference, k=k)
    expected, expected_rows = brute_force(features, reference, k)
    np.testing.assert_array_equal(rows, expected_rows)
    np.testing.assert_allclose(distances, expected, rtol=1e-13)


def test_all_others_are_neighbours():
    features = normals(0, 40, 4)
    _, rows = nearest(features, features, k=39, exclude_self=True)
    np.testing.assert_array_equal(np.sort(rows, axis=1), [[j for j in range(40) if j != i] for i in range(40)])


def test_on_a_line_by_hand():
    reference = np.array([[0.0], [1.0], [3.0], [3.0]])
    distances, rows = nearest([[0.25], [3.0], [2.0]], reference, k=3)
    np.testing.assert_array_equal(rows, [[0, 1, 2], [2, 3, 1], [1, 2, 3]])
    np.testing.assert_array_equal(distances, [[0.25, 0.75, 2.75], [0.0, 0.0, 2.0], [1.0, 1.0, 1.0]])


def test_rows_that_go_to_float64_in_many_blocks_come_out_the_same(monkeypatch):
    features = clusters_that_float32_cannot_tell_apart()
    once = nearest(features, features, k=3, exclude_self=True)
    monkeypatch.setattr(neighbours, "DOUBLES", 7 * 400)
    for first, second in zip(once, nearest(features, features, k=3, exclude_self=True), strict=True):
        np.testing.assert_array_equal(first, second)


def test_few_rows_of_gaussian_features_need_float64(monkeypatch):
    looked_at = []
    monkeypatch.setattr(neighbours, "_settle_in_double", lambda *arguments: looked_at.append(arguments))
    features = normals(0, 1500, 64)
    nearest(features, features, k=5, exclude_self=True)
    assert not looked_at


def test_jax_arrays_integers_and_mixed_widths_are_welcome():
    features, reference = np.arange(12).reshape(6, 2), np.arange(0.0, 40.0).reshape(20, 2)
    expected, expected_rows = brute_force(features, reference, 2)
    distances, rows = nearest(jnp.asarray(features), reference, k=2)
    np.testing.assert_array_equal(rows, expected_rows)
    np.testing.assert_allclose(distances, expected, rtol=1e-13)
    assert distances.dtype == np.float64 and rows.dtype == np.int64


def test_other_numbers_of_rows_use_the_same_programs(monkeypatch):
    traced = []

    def counted(rows, columns):
        traced.append((rows.shape, columns.shape))
        return products(rows, columns)

    monkeypatch.setattr(neighbours, "products", counted)
    for rows in (500, 257, 400, 512):
        nearest(normals(0, rows, 7), normals(1, rows, 7), k=rows % 5 + 1)
    assert traced == [((512, 7), (512, 7))]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "k: 0, must be a whole number, 1 to 9"),
        ({"k": 10}, "k: 10, must be a whole number, 1 to 9"),
        ({"k": 9, "exclude_self": True}, "k: 9, must be a whole number, 1 to 8"),
        ({"exclude_self": True}, "exclude_self: True, and features and reference differ"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(UserError, match=message):
        nearest(normals(0, 9, 2), normals(1, 9, 2), **options)


def test_other_widths_are_refused():
    with pytest.raises(UserError, match="features has 3 columns and reference 2"):
        nearest(normals(0, 9, 3), normals(1, 9, 2))
