"""Principal components and k-means against scikit-learn."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

from gen_jax.metrics.cells import assign, kmeans, principal_components


def normals(seed, rows, width):
    return np.random.default_rng(seed).normal(size=(rows, width))


def test_components_are_those_of_scikit_learn_up_to_sign():
    train = normals(0, 300, 12) @ normals(1, 12, 12) + 50
    others = normals(2, 40, 12) @ normals(3, 12, 12) + 50
    project, peer = principal_components(train, 5), PCA(5, svd_solver="full").fit(train)
    for values in (train, others):
        ours, theirs = project(values), peer.transform(values)
        np.testing.assert_allclose(ours * np.sign((ours * theirs).sum(axis=0)), theirs, rtol=1e-8, atol=1e-9)


def test_cells_are_those_of_scikit_learn_where_clusters_are_plain():
    rng = np.random.default_rng(0)
    train = np.repeat(10 * np.eye(4), 50, axis=0) + rng.normal(size=(200, 4)) + 1e3
    centres, peer = kmeans(train, 4, seed=0), KMeans(4, n_init=10, random_state=0).fit(train)
    order = assign(peer.cluster_centers_, centres)
    assert sorted(order) == [0, 1, 2, 3]
    np.testing.assert_allclose(centres[order], peer.cluster_centers_, rtol=1e-9)
    np.testing.assert_array_equal(assign(train, centres), order[peer.labels_])


def test_the_best_start_is_as_good_as_that_of_scikit_learn_where_clusters_are_not_plain():
    train = normals(0, 500, 6)

    def cost(centres):
        return np.square(train[:, None] - centres).sum(axis=2).min(axis=1).sum()

    peer = KMeans(5, n_init=10, random_state=0).fit(train)
    assert cost(kmeans(train, 5, seed=0)) < 1.01 * cost(peer.cluster_centers_)


def test_one_cell_is_the_mean_and_every_seed_repeats_itself():
    train = normals(0, 60, 3)
    np.testing.assert_allclose(kmeans(train, 1, seed=0), train.mean(axis=0)[None])
    np.testing.assert_array_equal(kmeans(train, 3, seed=7), kmeans(train, 3, seed=7))


@pytest.mark.parametrize("cells", [2, 5])
def test_rows_that_are_all_equal_fall_into_one_cell(cells):
    train = np.ones((30, 3))
    assert len(np.unique(assign(train, kmeans(train, cells, seed=0)))) == 1
