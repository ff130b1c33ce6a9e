"""The hash that every drawn picture comes from: no bias, neighbours unlike, one result in both libraries."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from gen_jax.draw import hashing


def random_bits(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 2**32, count, np.uint32)


def test_mix_gives_every_number_once():
    """A permutation of 32-bit numbers; here of 2^18 in a row and as many that differ in high bits."""
    numbers = np.arange(1 << 18, dtype=np.uint32)
    for some in (numbers, numbers << np.uint32(14)):
        assert len(np.unique(hashing.mix(some))) == len(some)


def test_a_changed_bit_changes_every_other_bit_half_the_time():
    bits = random_bits(1 << 16)
    mixed = hashing.mix(bits)
    places = np.arange(32, dtype=np.uint32)
    for place in places:
        changed = mixed ^ hashing.mix(bits ^ (np.uint32(1) << place))
        shares = np.mean((changed[:, None] >> places) & 1, axis=0)
        np.testing.assert_allclose(shares, 0.5, atol=0.012)  # six standard deviations of the sample


def test_numbers_in_the_unit_interval_are_uniform():
    numbers = hashing.unit(hashing.mix(np.arange(1 << 16, dtype=np.uint32)))
    assert numbers.dtype == np.float32 and numbers.min() >= 0.0 and numbers.max() < 1.0
    counts = np.histogram(numbers, bins=64, range=(0.0, 1.0))[0]
    assert np.sum((counts - 1024.0) ** 2 / 1024.0) < 130.0  # chi-squared of 63 degrees: 1 in 1e6
    assert hashing.unit(np.uint32(0xFFFFFFFF)) == np.float32(1.0 - 2.0**-24)


def test_neighbours_on_the_lattice_are_unlike():
    x, y = np.arange(-128, 128)[None, :], np.arange(-128, 128)[:, None]
    here = hashing.unit(hashing.at(np.uint32(7), x, y)) - 0.5
    for dx, dy in ((1, 0), (0, 1), (1, 1), (1, -1), (2, 0), (0, 128)):
        there = hashing.unit(hashing.at(np.uint32(7), x + dx, y + dy)) - 0.5
        assert abs(np.mean(here * there) * 12.0) < 0.025  # six standard deviations
    other_seed = hashing.unit(hashing.at(np.uint32(8), x, y)) - 0.5
    assert abs(np.mean(here * other_seed) * 12.0) < 0.025


def test_parts_of_a_seed_are_independent_of_neighbouring_seeds():
    seeds = np.arange(256, dtype=np.uint32)[:, None]
    parts = hashing.fold(seeds, np.arange(256, dtype=np.uint32)[None])
    assert len(np.unique(parts)) > 65536 - 5  # as many as so many random numbers have, one pair of equals expected
    np.testing.assert_array_equal(parts[:, 5], hashing.fold(seeds[:, 0], 5))


def test_numpy_and_jax_agree_bit_for_bit():
    bits = random_bits(64)
    np.testing.assert_array_equal(hashing.fold(bits, 3), hashing.fold(jnp.asarray(bits), 3))
    x, y = np.arange(-4, 4)[None, :], np.arange(-4, 4)[:, None]
    ours = hashing.unit(hashing.at(np.uint32(5), x, y))
    np.testing.assert_array_equal(ours, hashing.unit(hashing.at(jnp.uint32(5), jnp.asarray(x), jnp.asarray(y))))


def test_seeds_go_round_after_the_last():
    assert hashing.seeds(2**32 - 1, 3).tolist() == [2**32 - 1, 0, 1]
