"""Inception score and Vendi score against torch-fidelity, vendi_score and cases known by heart."""

import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.metrics import squares
from gen_jax.metrics.scores import inception_score, vendi_score
from tests.metrics.features_for_tests import skewed


def probabilities(seed, count, classes, dtype=np.float64):
    logits = np.random.default_rng(seed).normal(scale=2.0, size=(count, classes))
    values = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (values / values.sum(axis=1, keepdims=True)).astype(dtype)


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-10), (np.float32, 1e-6), (np.float16, 2e-3)])
def test_score_is_that_of_torch_fidelity(dtype, rtol):
    # torch-fidelity 0.4.0, isc_features_to_metric of the logits in float64; rng_seed is 2020 unless given.
    rows = probabilities(4, 503, 20, dtype)
    result = inception_score(rows)
    np.testing.assert_allclose([result.mean, result.std], [3.137429070278155, 0.22013354784931838], rtol=rtol)
    result = inception_score(rows, splits=3, seed=5)
    np.testing.assert_allclose([result.mean, result.std], [3.223122575343062, 0.1024916531055406], rtol=rtol)
    assert (result.splits, result.count, result.classes, float(result)) == (3, 503, 20, result.mean)


def test_sure_and_even_predictions_score_the_number_of_classes():
    result = inception_score(np.tile(np.eye(5), (20, 1)), splits=1)
    np.testing.assert_allclose(result.mean, 5.0, rtol=1e-12)
    assert result.std == 0.0


def test_predictions_that_do_not_depend_on_the_image_score_1():
    assert inception_score(np.tile(probabilities(0, 1, 7), (40, 1))).mean == pytest.approx(1.0, abs=1e-12)
    assert inception_score(np.eye(3)[[1] * 40]).mean == 1.0


def test_logits_are_refused():
    with pytest.raises(UserError, match=r"probabilities: row 0 adds up to .* apply softmax"):
        inception_score(np.random.default_rng(0).normal(size=(20, 5)))
    with pytest.raises(UserError, match="probabilities: row 1 "):
        inception_score(np.array([[0.5, 0.5], [1.5, -0.5]]), splits=1)


@pytest.mark.parametrize("splits", [0, 9, 2.0])
def test_a_split_needs_a_sample(splits):
    with pytest.raises(UserError, match="splits: "):
        inception_score(probabilities(0, 8, 3), splits=splits)


def test_vendi_score_is_that_of_its_package():
    # vendi-score 0.0.3: score_X of all rows and of 12; score_dual with q = 2 (its score_X forgets q).
    rows = skewed(5, 200, 16).astype(np.float64) - 0.2
    np.testing.assert_allclose(vendi_score(rows).score, 2.919756197878973, rtol=1e-9)
    np.testing.assert_allclose(vendi_score(rows[:12]).score, 2.14970995138266, rtol=1e-9)
    np.testing.assert_allclose(vendi_score(rows, q=2).score, 1.7848660638314842, rtol=1e-9)


@pytest.mark.parametrize("q", [0, 0.5, 1, 2, np.inf])
@pytest.mark.parametrize("copies", [1, 4])
def test_kinds_of_equal_share_count_whole_at_every_order(q, copies):
    # 6 orthogonal directions in 8 dimensions, of different lengths: the kernel sees directions only.
    rows = np.tile(np.diag(np.arange(1.0, 9.0))[:6], (copies, 1))
    result = vendi_score(rows, q=q)
    np.testing.assert_allclose(result.score, 6.0, rtol=1e-9)
    assert (result.q, result.count) == (q, 6 * copies)


def test_shares_by_hand():
    # Kinds with shares 3/4 and 1/4.
    rows = np.eye(2)[[0, 0, 0, 1]]
    np.testing.assert_allclose(vendi_score(rows).score, 4 / 3**0.75, rtol=1e-12)
    np.testing.assert_allclose(vendi_score(rows, q=2).score, 1.6, rtol=1e-12)
    np.testing.assert_allclose(vendi_score(rows, q=np.inf).score, 4 / 3, rtol=1e-12)
    np.testing.assert_allclose(vendi_score(rows, q=0).score, 2.0, rtol=1e-12)


def test_vendi_score_falls_as_samples_become_copies():
    rows = np.random.default_rng(0).normal(size=(60, 40))
    scores = [vendi_score(rows[np.arange(60) % kept]).score for kept in (60, 30, 10, 3, 1)]
    assert scores == sorted(scores, reverse=True)
    np.testing.assert_allclose(scores[-1], 1.0, rtol=1e-9)


def test_vendi_score_of_many_blocks_is_that_of_one(monkeypatch):
    rows = skewed(6, 700, 5)
    whole = vendi_score(rows).score
    monkeypatch.setattr(squares, "block_rows", lambda width: 256)
    np.testing.assert_allclose(vendi_score(rows).score, whole, rtol=1e-12)


def test_a_row_without_direction_is_named():
    rows = np.ones((700, 2))
    rows[650] = 0.0
    with pytest.raises(UserError, match="features: row 650 is all zeros"):
        vendi_score(rows)


@pytest.mark.parametrize("q", [-1.0, np.nan])
def test_an_order_below_0_is_refused(q):
    with pytest.raises(UserError, match="q: "):
        vendi_score(np.eye(3), q=q)
