"""C_T against SciPy and scikit-learn, in closed form, and with copies among the samples."""

import math

import numpy as np
import pytest
from scipy.stats import mannwhitneyu
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from gen_jax.errors import UserError
from gen_jax.metrics.data_copying import c_t, z_score


def normals(seed, rows, width):
    return np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32)


def blobs(seed, counts):
    centres = 20 * np.eye(len(counts), 6)
    return normals(seed, sum(counts), 6) + np.repeat(centres, counts, axis=0).astype(np.float32)


def peer_score(features, train, held_out):
    """The authors' formula with the nearest neighbours of scikit-learn and the U of SciPy."""
    tree = NearestNeighbors(n_neighbors=1).fit(train)
    ours, theirs = (tree.kneighbors(values)[0][:, 0] for values in (features, held_out))
    n, m = len(ours), len(theirs)
    u = mannwhitneyu(ours, theirs, alternative="less").statistic
    return (u - (n * m / 2 - 0.5)) / math.sqrt(n * m * (n + m + 1) / 12)


def test_one_cell_equals_the_peers():
    features, train, held_out = normals(0, 300, 8) * 1.1, normals(1, 400, 8), normals(2, 200, 8)
    result = c_t(features, train, held_out, cells=1)
    assert result.c_t == pytest.approx(peer_score(features, train, held_out), rel=1e-9)
    assert result.modified == pytest.approx(peer_score(train, features, held_out), rel=1e-9)


def test_principal_components_are_kept_as_by_the_peers():
    features, train, held_out = (normals(seed, 200, 40) @ normals(9, 40, 40) for seed in range(3))
    result = c_t(features, train, held_out, cells=1, dimensions=5)
    brought = [PCA(5, svd_solver="full").fit(train).transform(values) for values in (features, train, held_out)]
    assert result.c_t == pytest.approx(peer_score(*brought), rel=1e-6)
    assert c_t(features, train, held_out, cells=1, dimensions=None).c_t != result.c_t


def test_cells_are_weighted_by_the_held_out_set_and_too_empty_ones_dropped():
    counts = {"features": (100, 60, 19), "train": (150, 100, 80), "held_out": (50, 90, 60)}
    features, train, held_out = (blobs(seed, count) for seed, count in enumerate(counts.values()))
    result = c_t(features, train, held_out, cells=3, least=20)
    scores = []
    for cell in range(3):
        parts = (
            np.split(values, np.cumsum(count))[cell]
            for values, count in zip((features, train, held_out), counts.values(), strict=True)
        )
        scores.append(peer_score(*parts))
    assert result.c_t == pytest.approx((50 * scores[0] + 90 * scores[1]) / 140, rel=1e-9)
    assert (result.cells, result.dropped, result.covered) == (3, 1, pytest.approx(140 / 200))
    np.testing.assert_allclose(sorted(result.each[~np.isnan(result.each)]), sorted(scores[:2]), rtol=1e-9)
    np.testing.assert_allclose(sorted(result.shares), [0.25, 0.3, 0.45])
    assert c_t(features, train, held_out, cells=3, least=19).dropped == 0


def test_copies_and_spread_samples_reach_the_ends_of_the_scale_and_fresh_ones_its_middle():
    # Each of n generated samples nearer than each of n held-out ones: z = (1/2 - n^2 / 2) / sqrt(n^2 (2 n + 1) / 12).
    fresh, train, held_out = (normals(seed, 1000, 16) for seed in range(3))
    end = (0.5 - 500_000) / math.sqrt(1e6 * 2001 / 12)
    assert end == pytest.approx(-38.72, abs=0.01)
    copies = c_t(train, train, held_out, cells=1)
    assert copies.c_t == pytest.approx(end, rel=1e-9)
    assert abs(copies.held_out_c_t) < 2.5
    assert c_t(2 * fresh, train, held_out, cells=1).c_t > 34
    assert abs(c_t(fresh, train, held_out, cells=1).c_t) < 2.5


def test_it_falls_with_the_share_of_copies():
    fresh, train, held_out = (normals(seed, 500, 10) for seed in range(3))
    results = [c_t(np.r_[train[:copies], fresh[copies:]], train, held_out) for copies in (0, 50, 250, 500)]
    scores = [result.c_t for result in results]
    assert scores[0] > scores[1] > scores[2] > scores[3]
    assert abs(scores[0]) < 3 and scores[3] < -12
    assert [result.modified for result in results] == sorted((result.modified for result in results), reverse=True)


def test_copying_in_one_cell_shows_though_another_makes_up_for_it():
    train, held_out, fresh = (blobs(seed, (300, 300)) for seed in range(3))
    spread = train[300:] + 3 * normals(3, 300, 6)
    features = np.r_[train[:300], spread]
    result = c_t(features, train, held_out, cells=2)
    assert result.each.min() < -20 and result.each.max() > 10
    assert np.abs(c_t(fresh, train, held_out, cells=2).each).max() < 3.5


def test_the_score_of_pairs_counts_equal_distances_as_half_wins():
    ours, theirs = np.array([0.0, 1.0, 1.0, 2.0]), np.array([1.0, 1.0, 3.0])
    wins = mannwhitneyu(ours, theirs).statistic
    assert wins == 4.0  # 1 of 2 twice (two halves each), 2 for the last
    assert z_score(ours, theirs) == pytest.approx((wins - 6 + 0.5) / math.sqrt(12 * 8 / 12))


def test_a_seed_repeats_itself():
    features, train, held_out = (normals(seed, 200, 5) for seed in range(3))
    first, second = (c_t(features, train, held_out, seed=3) for _ in range(2))
    assert first.scalars() == second.scalars() and first.seed == 3


def test_few_samples_leave_the_scores_beside_out():
    features, train, held_out = normals(0, 30, 5), normals(1, 200, 5), normals(2, 30, 5)
    result = c_t(features, train, held_out, cells=1, least=20)
    assert result.held_out_c_t is None  # halves of 15
    assert "held_out_c_t" not in result.scalars()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cells": 0}, "cells: 0, must be a whole number, 1 to 60"),
        ({"dimensions": 0}, "dimensions: 0, must be a whole number, 1 or more"),
        ({"least": 51}, "least: 51, and no cell of 3 holds so many"),
        ({"seed": -1}, "seed: -1, must be a whole number, 0 or more"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(UserError, match=message):
        c_t(normals(0, 50, 4), normals(1, 60, 4), normals(2, 70, 4), **options)
