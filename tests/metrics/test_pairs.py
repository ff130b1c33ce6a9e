"""Distances of pairs: the bounds hold, and direct differences are exact."""

import numpy as np
import pytest

from gen_jax.metrics import pairs as pairs_module
from gen_jax.metrics.pairs import double_bounds, prepare, products, squared_distances


def normals(seed, rows, width):
    return np.random.default_rng(seed).normal(size=(rows, width))


def brute_force(features, reference):
    difference = features.astype(np.float64)[:, None] - reference.astype(np.float64)
    return np.square(difference).sum(axis=2)


CASES = {
    "plain": (normals(0, 70, 40), normals(1, 300, 40)),
    "far from the origin": (normals(2, 40, 16) + 1e4, normals(3, 50, 16) + 1e4),
    "tiny": (normals(4, 30, 9) * 1e-30, normals(5, 30, 9) * 1e-30),
    "huge": (normals(6, 30, 9) * 1e30, normals(7, 30, 9) * 1e30),
    "of very different lengths": (normals(8, 60, 5) ** 9, normals(9, 60, 5) ** 9),
    "wide": (normals(10, 20, 3000), normals(11, 30, 3000)),
    "all equal": (np.full((20, 4), 0.1), np.full((30, 4), 0.1)),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", CASES)
def test_the_device_bounds_every_distance_from_both_sides(case, dtype):
    features, reference = (values.astype(dtype) for values in CASES[case])
    pairs = prepare(features, reference)
    true = brute_force(features * pairs.scale, reference * pairs.scale)
    product = np.asarray(products(pairs.rows.tiles[0], pairs.columns.tiles[0]), np.float64)
    low, high = (
        (np.add.outer(np.asarray(row[0]), np.asarray(column[0])) - 2 * product)[: len(features), : len(reference)]
        for row, column in ((pairs.rows.low, pairs.columns.low), (pairs.rows.high, pairs.columns.high))
    )
    assert (low <= true).all() and (true <= high).all()
    lengths = np.add.outer(pairs.rows.norms, pairs.columns.norms)
    assert ((high - low) <= 4 * pairs.slack * lengths + 1e-30).all()  # and bounds that say something


@pytest.mark.parametrize("case", CASES)
def test_float64_products_bound_every_distance_from_both_sides(case):
    features, reference = CASES[case]
    pairs = prepare(features, reference)
    low, high = double_bounds(pairs, np.arange(len(features)), slice(0, len(reference)))
    true = brute_force(features, reference)
    assert (low <= true).all() and (true <= high).all()


def test_rows_that_fill_a_tile_up_are_at_infinity():
    pairs = prepare(normals(0, 300, 3), normals(1, 10, 3))
    assert np.isinf(np.asarray(pairs.columns.low[0])[10:]).all()
    assert [len(tile) % pairs_module.TILE_STEP for tile in (*pairs.rows.tiles, *pairs.columns.tiles)] == [0, 0]


def test_many_pairs_of_repeated_rows_get_the_distances_of_few(monkeypatch):
    features, reference = normals(0, 12, 7)[np.arange(60) % 12], normals(1, 9, 7)[np.arange(50) % 9]
    pairs = prepare(features, reference)
    rows, columns = (index.ravel() for index in np.indices((60, 50)))
    one_by_one = squared_distances(pairs, rows, columns)
    np.testing.assert_allclose(one_by_one.reshape(60, 50), brute_force(features, reference), rtol=1e-14)
    monkeypatch.setattr(pairs_module, "MANY_PAIRS", 100)
    np.testing.assert_array_equal(squared_distances(pairs, rows, columns), one_by_one)


def test_equal_pairs_have_equal_distances_wherever_they_stand(monkeypatch):
    monkeypatch.setattr(pairs_module, "BLOCK_NUMBERS", 700)
    pairs = prepare(np.repeat(normals(0, 1, 101), 50, axis=0), np.repeat(normals(1, 1, 101), 60, axis=0))
    assert len(np.unique(squared_distances(pairs, np.arange(50), np.arange(50) + 7))) == 1
