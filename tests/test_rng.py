"""Key streams: known values, independence, and any step in any order."""

import jax
import numpy as np
import pytest

from gen_jax import rng


def data(key):
    return np.asarray(jax.random.key_data(key))


@pytest.mark.parametrize(
    ("name", "crc", "words"),
    [("init", 3329549428, [84463273, 254242907]), ("step", 1136262716, [620047839, 2027559671])],
)
def test_a_stream_is_the_seed_folded_with_the_checksum_of_its_name(name, crc, words):
    """Fixed for good: another value would change every run that is resumed."""
    np.testing.assert_array_equal(data(rng.stream(7, name)), np.array(words, np.uint32))
    np.testing.assert_array_equal(data(rng.stream(7, name)), data(jax.random.fold_in(jax.random.key(7), crc)))


def test_streams_differ_by_seed_and_by_name_and_by_step():
    names, seeds, steps = ("init", "step", "data", "sample"), (0, 1, 2**31 - 1), (0, 1, 2, 10**6)
    keys = [tuple(data(rng.at(rng.stream(seed, name), step))) for name in names for seed in seeds for step in steps]
    assert len(set(keys)) == len(keys)


def test_two_streams_are_uncorrelated():
    draws = [np.asarray(jax.random.normal(rng.stream(0, name), (4096,))) for name in ("disc", "gen")]
    # The correlation of independent samples has a standard deviation of 1/64.
    assert abs(np.corrcoef(*draws)[0, 1]) < 5 / 64


def test_one_more_name_moves_no_other_key():
    few = rng.named(rng.stream(3, "step"), "disc", "gen")
    more = rng.named(rng.stream(3, "step"), "penalty", "gen", "disc")
    assert list(few) == ["disc", "gen"] and set(more) == {"penalty", "gen", "disc"}
    for name, key in few.items():
        np.testing.assert_array_equal(data(key), data(more[name]))
    assert len({tuple(data(key)) for key in more.values()}) == 3


def test_a_traced_step_gives_the_key_of_the_same_number():
    stream = rng.stream(0, "step")
    traced = jax.jit(lambda step: jax.random.key_data(rng.at(stream, step)))(np.int32(5))
    np.testing.assert_array_equal(traced, data(rng.at(stream, 5)))
