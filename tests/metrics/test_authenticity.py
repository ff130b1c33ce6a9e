"""Authenticity by hand, against brute force, and with copies among the samples."""

import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.metrics.authenticity import authenticity


def normals(seed, rows, width):
    return np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32)


def brute_force(features, train):
    def distances(x, y):
        return np.sqrt(np.square(x[:, None].astype(np.float64) - y).sum(axis=2))

    within = distances(train, train)
    np.fill_diagonal(within, np.inf)
    to_train = distances(features, train)
    return within.min(axis=1)[to_train.argmin(axis=1)] < to_train.min(axis=1)


def test_on_a_line_by_hand():
    train = [[0.0], [1.0], [5.0], [5.0]]
    # Distances: 0.5 against 1; 2 (from 1) against 1; 1 against 1, a tie; 0.25 from a sample held twice; a copy of it.
    result = authenticity([[-0.5], [2.9], [-1.0], [5.25], [5.0]], train)
    np.testing.assert_array_equal(result.each, [False, True, False, True, False])
    assert float(result) == result.authenticity == 0.4
    assert result.percent == 40.0 and result.held_out is None
    assert (result.count, result.train_count, result.held_out_count) == (5, 4, 0)


@pytest.mark.parametrize("offset", [0.0, 100.0])
def test_each_sample_is_judged_as_by_brute_force(offset):
    features, train, held_out = (
        normals(seed, rows, 10) + np.float32(offset) for seed, rows in enumerate((300, 400, 90))
    )
    result = authenticity(features, train, held_out=held_out)
    np.testing.assert_array_equal(result.each, brute_force(features, train))
    assert result.held_out == brute_force(held_out, train).mean()
    assert list(result.scalars()) == ["authenticity", "held_out", "percent", "count", "train_count", "held_out_count"]


def test_it_falls_with_the_share_of_copies_to_nothing():
    features, train, held_out = (normals(seed, 500, 10) for seed in range(3))
    shares = []
    for copies in (0, 50, 250, 500):
        result = authenticity(np.r_[train[:copies], features[copies:]], train, held_out=held_out)
        shares.append(result.authenticity)
        assert not result.each[:copies].any()
    assert shares[0] == pytest.approx(result.held_out, abs=0.1)
    assert shares[0] > shares[1] > shares[2] > shares[3] == 0.0


def test_near_copies_of_a_set_far_from_the_origin_are_found():
    train = normals(0, 300, 20) + 100
    assert authenticity(train + normals(1, 300, 20) * 1e-4, train).authenticity == 0.0


def test_sets_of_other_widths_are_refused():
    with pytest.raises(UserError, match="held_out has 3 columns and train 2"):
        authenticity(normals(0, 9, 2), normals(1, 9, 2), held_out=normals(2, 9, 3))
