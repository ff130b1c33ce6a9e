"""Mean and covariance against NumPy's own, in chunks, merged, and with a large mean."""

import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.metrics import squares
from gen_jax.metrics.moments import Moments, RunningMoments, merge_moments, moments
from tests.metrics.features_for_tests import skewed


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Blocks of 256 rows, so that few rows make many blocks."""
    monkeypatch.setattr(squares, "block_rows", lambda width: 256)


def assert_are(result, rows, rtol=1e-12):
    rows = np.asarray(rows, np.float64)
    covariance = np.cov(rows, rowvar=False).reshape(rows.shape[1], rows.shape[1])
    assert result.count == len(rows)
    np.testing.assert_allclose(result.mean, rows.mean(axis=0), rtol=rtol)
    np.testing.assert_allclose(result.covariance, covariance, rtol=rtol, atol=rtol * np.abs(covariance).max())


@pytest.mark.parametrize("count", [2, 255, 256, 257, 1000])
def test_moments_are_numpys(count):
    rows = skewed(0, count, 7)
    assert_are(moments(rows), rows)
    assert moments(rows).covariance.dtype == np.float64


@pytest.mark.parametrize("width", [127, 128, 255, 256, 259, 1100])
def test_moments_of_any_width_are_numpys(width):
    rows = np.random.default_rng(width).standard_normal((600, width)).astype(np.float32) + np.float32(5.0)
    result = moments(rows)
    assert_are(result, rows, rtol=1e-10)
    np.testing.assert_array_equal(result.covariance, result.covariance.T)


def test_one_feature_has_a_variance():
    rows = skewed(0, 300, 1)
    assert moments(rows).covariance.shape == (1, 1)
    assert_are(moments(rows), rows)


@pytest.mark.parametrize("sizes", [[1000], [1] * 20 + [980], [300, 1, 255, 256, 188], [100] * 10])
def test_chunks_of_any_size_give_the_moments_of_the_whole(sizes):
    rows, running, start = skewed(1, 1000, 5), RunningMoments(), 0
    for size in sizes:
        running.add(rows[start : start + size])
        start += size
    assert_are(running.moments(), rows)


def test_moments_may_be_asked_for_between_chunks():
    rows, running = skewed(1, 900, 5), RunningMoments()
    running.add(rows[:400])
    between = running.moments()
    running.add(rows[400:])
    assert_are(between, rows[:400])
    assert_are(running.moments(), rows)


def test_a_chunk_may_be_overwritten_after_it_was_added():
    rows, running = skewed(1, 100, 5), RunningMoments()
    buffer = rows.copy()
    running.add(buffer)
    buffer[:] = 0.0
    assert_are(running.moments(), rows)


def test_merged_moments_are_those_of_both_sets():
    rows = skewed(2, 700, 6)
    first, second = moments(rows[:200]), moments(rows[200:] + 3.0)
    assert_are(merge_moments(first, second), np.concatenate([rows[:200], rows[200:] + 3.0]))
    assert_are(first, rows[:200])


def test_a_large_mean_costs_no_digits():
    rows = np.round(skewed(3, 1000, 4) * 64.0) / 64.0
    shifted = (rows + np.float32(2.0**16)).astype(np.float32)
    np.testing.assert_array_equal(shifted - np.float32(2.0**16), rows)
    covariance = np.cov(rows.astype(np.float64), rowvar=False)
    np.testing.assert_allclose(moments(shifted).covariance, covariance, rtol=1e-9)


def test_half_precision_and_jax_arrays_are_welcome():
    rows = jnp.asarray(skewed(6, 300, 3), jnp.bfloat16)
    assert_are(moments(rows), np.asarray(rows.astype(jnp.float32)))


def test_statistics_of_other_tools_become_float64():
    made = Moments(count=None, mean=np.zeros(2, np.float32), covariance=np.eye(2, dtype=np.float32))
    assert made.mean.dtype == made.covariance.dtype == np.float64


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda: moments(np.zeros((1, 3))), "features: 1 rows"),
        (lambda: moments(np.full((2, 3), np.nan)), "features: row 0"),
        (lambda: Moments(count=3, mean=np.zeros((2, 1)), covariance=np.eye(2)), r"mean: shape \(2, 1\)"),
        (lambda: Moments(count=3, mean=np.zeros(2), covariance=np.eye(3)), r"covariance: shape \(3, 3\)"),
        (lambda: Moments(count=3, mean=np.zeros(2), covariance=np.diag([1.0, np.inf])), "not finite"),
        (lambda: RunningMoments().moments(), "features: 0 rows"),
    ],
)
def test_mistakes_are_named(work, message):
    with pytest.raises(UserError, match=message):
        work()


def test_chunks_of_another_width_are_refused():
    running = RunningMoments()
    running.add(np.zeros((2, 3)))
    with pytest.raises(UserError, match="4 columns, and the chunks before had 3"):
        running.add(np.zeros((2, 4)))


def test_moments_without_a_count_cannot_be_merged():
    known, unknown = (Moments(count=count, mean=np.zeros(2), covariance=np.eye(2)) for count in (5, None))
    with pytest.raises(UserError, match="count: None"):
        merge_moments(known, unknown)


@pytest.mark.parametrize("offset", [0.0, 100.0])
def test_many_rows_with_float32_products_are_as_good_as_float64(monkeypatch, offset):
    """Of a steep spectrum, where rounding would show first; the distance is small beside the traces."""
    import sys

    from gen_jax.metrics import frechet_distance

    module = sys.modules["gen_jax.metrics.moments"]
    rng = np.random.default_rng(0)
    mixing = np.linalg.qr(rng.normal(size=(96, 96)))[0] * np.logspace(0, -4, 96)[:, None]
    rows = ((rng.normal(size=(8000, 96)) @ mixing) + offset).astype(np.float32)
    exact = frechet_distance(rows[:4000].astype(np.float64), rows[4000:].astype(np.float64)).distance
    monkeypatch.setattr(module, "_MANY_PRODUCTS", 0)
    fast = frechet_distance(rows[:4000], rows[4000:]).distance
    assert fast != exact
    assert fast == pytest.approx(exact, rel=1e-5)
    # Few rows for their width keep float64 whatever their number.
    assert module.moments(rows[:300]).covariance[0, 0] == pytest.approx(
        np.var(rows[:300, 0].astype(np.float64), ddof=1), rel=1e-12
    )
