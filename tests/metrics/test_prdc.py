"""Precision, recall, density and coverage against prdc, torch-fidelity, brute force and published behaviour."""

import contextlib
import io

import numpy as np
import pytest
from prdc import compute_prdc

from gen_jax.errors import UserError
from gen_jax.metrics import balls
from gen_jax.metrics.balls import count_members
from gen_jax.metrics.neighbours import nearest
from gen_jax.metrics.prdc import density_coverage, prdc, precision_recall

FOUR = ("precision", "recall", "density", "coverage")


def normals(seed, rows, width):
    return np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32)


def grid(seed, rows, side):
    return np.random.default_rng(seed).integers(0, side, (rows, 2)).astype(np.float32)


def brute_force(features, reference, k, *, closed=False):
    within = np.less_equal if closed else np.less
    features, reference = features.astype(np.float64), reference.astype(np.float64)

    def distances(x, y):
        return np.sqrt(np.square(x[:, None] - y).sum(axis=2))

    radius, feature_radius = (np.sort(distances(x, x), axis=1)[:, k] for x in (reference, features))
    cross = distances(features, reference)
    inside = within(cross, radius)
    return {
        "precision": inside.any(axis=1).mean(),
        "recall": within(cross, feature_radius[:, None]).any(axis=0).mean(),
        "density": inside.sum(axis=1).mean() / k,
        "coverage": inside.any(axis=0).mean(),
    }


def values(result):
    return {name: getattr(result, name) for name in FOUR}


@pytest.mark.parametrize("k", [1, 5])
@pytest.mark.parametrize(
    ("features", "reference"),
    [
        (normals(0, 400, 16) * 0.9, normals(1, 500, 16)),
        (normals(2, 2100, 4) + 0.5, normals(3, 300, 4)),
        (normals(4, 300, 64) + 100, normals(5, 300, 64) * 1.1 + 100),
        (normals(6, 700, 1), normals(7, 600, 1) + 1),
    ],
    ids=["plain", "two tiles", "far from the origin", "one column"],
)
def test_all_four_equal_those_of_prdc(features, reference, k):
    with contextlib.redirect_stdout(io.StringIO()):
        # In float64: prdc rounds the distances of float32 features to float32, and so makes ties.
        expected = compute_prdc(reference.astype(np.float64), features.astype(np.float64), k)
    assert values(prdc(features, reference, k=k)) == pytest.approx({name: expected[name] for name in FOUR}, rel=1e-12)


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize(
    ("features", "reference"),
    [
        (grid(0, 300, 9), grid(1, 200, 9) + 3),
        (grid(2, 30, 9), grid(2, 30, 9)),
        (np.full((600, 3), 0.1), np.full((300, 3), 0.1)),
        (np.full((600, 3), 0.1), normals(3, 300, 3)),
        (1e-6 * normals(4, 300, 5).astype(np.float64) + 1, np.r_[normals(5, 20, 5), 1e-6 * normals(6, 300, 5) + 1.0]),
    ],
    ids=["ties and duplicates", "the same set", "all equal", "collapsed", "beyond float32"],
)
def test_hard_cases_are_decided_as_in_float64(features, reference, closed):
    expected = brute_force(features, reference, 3, closed=closed)
    assert values(prdc(features, reference, k=3, closed=closed)) == pytest.approx(expected, rel=1e-12)


def test_many_open_questions_are_answered_as_few_are(monkeypatch):
    features, reference = grid(0, 300, 9), grid(1, 200, 9) + 3
    once = [prdc(features, reference, k=3, closed=closed) for closed in (False, True)]
    monkeypatch.setattr(balls, "MANY_OPEN", 0)
    assert once == [prdc(features, reference, k=3, closed=closed) for closed in (False, True)]


def test_measures_alone_equal_those_together():
    features, reference = grid(0, 300, 20), grid(1, 200, 20) + 3
    for closed in (False, True):
        together = prdc(features, reference, k=4, closed=closed)
        pair = precision_recall(features, reference, k=4, closed=closed)
        assert (pair.precision, pair.recall) == (together.precision, together.recall)
        pair = density_coverage(features, reference, k=4, closed=closed)
        assert (pair.density, pair.coverage) == (together.density, together.coverage)


def test_precision_and_recall_equal_those_of_torch_fidelity():
    # torch-fidelity 0.4.0, metric_prc.calculate_precision_recall_full(features, reference, k), in float64.
    features, reference = (
        np.random.default_rng(seed).normal(size=size) for seed, size in ((1, (200, 8)), (0, (300, 8)))
    )
    features = 0.8 * features + 0.3
    for k, precision, recall in ((3, 0.945, 0.6), (5, 0.97, 0.69)):
        result = precision_recall(features, reference, k=k)
        assert (result.precision, result.recall) == pytest.approx((precision, recall), rel=1e-6)


def test_precision_and_recall_count_ties_as_torch_fidelity_does():
    # The same function on rng = default_rng(5); rng.integers(0, 6, (24, 2)); rng.integers(0, 6, (20, 2)) + [2, 0].
    rng = np.random.default_rng(5)
    features, reference = rng.integers(0, 6, (24, 2)), rng.integers(0, 6, (20, 2)) + np.array([2, 0])
    for k, precision, recall in ((3, 19 / 24, 0.95), (1, 19 / 24, 0.9)):
        result = precision_recall(features, reference, k=k)
        assert (result.precision, result.recall) == pytest.approx((precision, recall), rel=1e-12)
    assert precision_recall(features, reference, k=1, closed=False).precision < 19 / 24


def test_on_a_line_by_hand():
    # Balls of k = 1: around 0, 1 and 4 of radius 1, 1 and 3; around 0.5, 10 and 11 of radius 9.5, 1 and 1.
    result = prdc([[0.5], [10.0], [11.0]], [[0.0], [1.0], [4.0]], k=1)
    assert values(result) == pytest.approx({"precision": 1 / 3, "recall": 1.0, "density": 2 / 3, "coverage": 2 / 3})
    assert (result.k, result.count, result.reference_count) == (1, 3, 3)
    closed = prdc([[1.0], [7.0], [20.0]], [[0.0], [1.0], [4.0]], k=1, closed=True)
    # 1 lies in the balls of 0, 1 and 4, 7 in that of 4; around 1 of radius 6 lie all three.
    assert values(closed) == pytest.approx({"precision": 2 / 3, "recall": 1.0, "density": 4 / 3, "coverage": 1.0})


def test_a_set_with_itself_has_everything_and_sets_apart_nothing():
    features = normals(0, 200, 6)
    same = prdc(features, features, k=5)
    assert (same.precision, same.recall, same.coverage) == (1.0, 1.0, 1.0)
    assert same.density == pytest.approx(1.0)  # a ball of radius r(y_j) holds y_j and the k - 1 nearer than the k-th
    apart = prdc(features + 1000, features, k=5)
    assert values(apart) == dict.fromkeys(FOUR, 0.0)


def test_two_draws_of_one_law_reach_what_the_paper_expects():
    # Naeem et al.: density 1 and coverage 1 - 2^-k in expectation for equal sizes.
    result = density_coverage(normals(0, 1500, 8), normals(1, 1500, 8), k=3)
    assert result.density == pytest.approx(1.0, abs=0.05)
    assert result.coverage == pytest.approx(1 - 2**-3, abs=0.02)


def test_a_lost_mode_lowers_recall_and_coverage_but_not_precision_and_density():
    modes = np.repeat(np.eye(4, 8, dtype=np.float32) * 20, 100, axis=0)
    reference, features = modes + normals(0, 400, 8), modes + normals(1, 400, 8)
    whole, less = (prdc(part, reference, k=5) for part in (features, features[:300]))
    assert less.recall < whole.recall - 0.2 and less.coverage < whole.coverage - 0.2
    assert less.precision == pytest.approx(whole.precision, abs=0.05)
    assert less.density == pytest.approx(whole.density, abs=0.1)


def test_one_stray_real_sample_spoils_precision_but_not_density_and_coverage():
    reference, features = normals(0, 300, 8), normals(1, 300, 8) * 0.1 + 6
    before = prdc(features, reference, k=5)
    after = prdc(features, np.r_[reference, np.full((1, 8), 8, np.float32)], k=5)
    assert before.precision == 0.0 and after.precision == 1.0
    assert after.density <= 0.2 + 1e-9 and after.coverage < 0.01


def test_counts_of_members_add_up_from_both_sides():
    features, reference = normals(0, 2100, 3), normals(1, 300, 3)
    radii = nearest(reference, reference, k=5, exclude_self=True)[0][:, -1]
    feature_radii = nearest(features, features, k=2, exclude_self=True)[0][:, -1]
    generated, real = count_members(features, reference, radii=radii, feature_radii=feature_radii)
    assert generated.of_points.shape == (2100,) and generated.of_balls.shape == (300,)
    assert real.of_points.shape == (300,) and real.of_balls.shape == (2100,)
    assert generated.of_points.sum() == generated.of_balls.sum() > 0
    assert real.of_points.sum() == real.of_balls.sum() > 0


@pytest.mark.parametrize("measure", [precision_recall, density_coverage, prdc])
@pytest.mark.parametrize("k", [0, 9, 2.5])
def test_a_k_out_of_range_is_refused(measure, k):
    with pytest.raises(UserError, match=f"k: {k}, must be a whole number, 1 to 8; the smaller set has 9 rows"):
        measure(normals(0, 9, 2), normals(1, 20, 2), k=k)


def test_float_of_a_result_is_its_first_measure():
    result = prdc(normals(0, 30, 2), normals(1, 30, 2))
    assert float(result) == result.value == result.precision
    assert list(result.scalars()) == [*FOUR, "k", "count", "reference_count"]
