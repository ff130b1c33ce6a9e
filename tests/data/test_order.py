"""The order is a permutation of every epoch, looks random, and is the same on the host and on the device."""

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.data import order
from gen_jax.errors import UserError

COUNTS = [1, 2, 3, 4, 5, 7, 11, 157, 381, 785, 1000, 1684, 10007]


@pytest.mark.parametrize("n", COUNTS)
def test_every_epoch_visits_every_image_once(n):
    for seed in (0, 1, 2**40 + 5, -3):
        epochs = order.indices(seed, np.arange(3 * n), n, np).reshape(3, n)
        assert (np.sort(epochs, axis=1) == np.arange(n)).all()


@pytest.mark.parametrize("n", [1, 3, 785, 10007, 2**32 - 1])
def test_numpy_and_jax_agree(n):
    positions = np.concatenate([np.arange(500), np.arange(2**32 - 500, 2**32)]).astype(np.uint32)
    on_device = jax.jit(lambda p: order.indices(7, p, n, jnp))(positions)
    assert on_device.dtype == jnp.uint32
    np.testing.assert_array_equal(np.asarray(on_device), order.indices(7, positions, n, np))


def test_the_order_of_a_seed_does_not_change_between_versions():
    # A run that is continued with a later version must see the images it would have seen. Do not edit these numbers.
    assert order.indices(0, np.arange(8), 10_000, np).tolist() == [4458, 7371, 3825, 9683, 7792, 1492, 8163, 242]
    assert order.indices(123, np.arange(8), 10_007, np).tolist() == [7861, 4132, 3379, 5476, 2909, 9175, 7326, 5105]


def test_epochs_and_seeds_differ():
    n = 1000
    first = order.indices(0, np.arange(2 * n), n, np).reshape(2, n)
    other = order.indices(1, np.arange(n), n, np)
    high = order.indices(2**32, np.arange(n), n, np)
    # Two independent permutations agree in about one place.
    for a, b in itertools.combinations([*first, other, high], 2):
        assert (a == b).sum() < 10


def test_small_sets_see_every_permutation_about_equally_often():
    for n in (3, 4, 5):
        epochs = 400 * math.factorial(n)
        orders = order.indices(0, np.arange(epochs * n), n, np).reshape(epochs, n)
        _, counts = np.unique(orders, axis=0, return_counts=True)
        assert len(counts) == math.factorial(n)
        assert counts.min() > 250 and counts.max() < 600


@pytest.mark.parametrize("n", [785, 10_000, 10_007])
def test_the_order_looks_random(n):
    cells = 16
    epochs = 8
    orders = order.indices(3, np.arange(epochs * n), n, np).reshape(epochs, n).astype(np.int64)
    for shift in (1, 2, 64):  # neighbours in the order are far apart in the set
        pairs = np.stack([orders[:, :-shift].ravel(), orders[:, shift:].ravel()])
        assert abs(np.corrcoef(pairs)[0, 1]) < 4 / math.sqrt(pairs.shape[1])
        table = np.histogramdd(pairs.T, bins=(cells, cells))[0]
        expected = table.mean()
        chi_square = ((table - expected) ** 2 / expected).sum()
        freedom = cells * cells - 1
        assert chi_square < freedom + 6 * math.sqrt(2 * freedom)
    where = np.histogram2d(np.tile(np.arange(n), epochs), orders.ravel(), bins=cells)[0]
    assert ((where - where.mean()) ** 2 / where.mean()).sum() < freedom + 6 * math.sqrt(2 * freedom)


def test_the_walk_into_range_is_short():
    generator = np.random.default_rng(0)
    for n in [*range(1, 3000), *generator.integers(3000, 2**32, 300).tolist()]:
        a, b = order.factors(int(n))
        assert n <= a * b <= n + 32
        assert a >= 2 or n <= 2


def test_a_batch_may_straddle_epochs_and_start_anywhere():
    whole = order.indices(5, np.arange(300), 100, np)
    np.testing.assert_array_equal(order.indices(5, np.arange(95, 130), 100, np), whole[95:130])


def test_no_data_dependent_loop_reaches_the_device():
    text = jax.jit(lambda p: order.indices(0, p, 10_007, jnp)).lower(np.arange(8, dtype=np.uint32)).as_text()
    assert "while" not in text


def test_positions_beyond_32_bits_are_refused():
    order.check_positions(2**32 - 1)
    with pytest.raises(UserError, match="4294967295"):
        order.check_positions(2**32)
    with pytest.raises(ValueError, match="number of images"):
        order.indices(0, np.arange(3), 0, np)
