"""Rank filters against Pillow; their gradients; the merge network against sorting."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads
from PIL import ImageFilter

from gen_jax.edit.filter.network import ascending, merged, ranked
from gen_jax.edit.filter.rank import maximum, median, minimum
from gen_jax.errors import UserError

PAIRS = (
    (median, ImageFilter.MedianFilter),
    (minimum, ImageFilter.MinFilter),
    (maximum, ImageFilter.MaxFilter),
)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
@pytest.mark.parametrize("size", [1, 3, 5, 9])
def test_rank_filters_equal_pillow_as_integers_and_as_floats(pictures, pillow, ours, theirs, size):
    for picture in pictures[3:]:
        expected = pillow(picture, theirs(size))
        np.testing.assert_array_equal(ours(picture, size=size), expected)
        if picture.shape == (17, 23, 3):
            unit = picture / np.float32(255)
            np.testing.assert_allclose(np.asarray(ours(unit, size=size)) * 255, expected, atol=1e-3)


def test_the_largest_network_equals_pillow(pictures, pillow):
    np.testing.assert_array_equal(median(pictures[4], size=7), pillow(pictures[4], ImageFilter.MedianFilter(7)))


def test_images_of_their_own_size_are_filtered_as_if_alone(padded):
    for edit in (median, minimum, maximum):
        padded(lambda images, sizes, _, edit=edit: edit(images, size=5, sizes=sizes))
    padded(lambda images, sizes, _: median(images, size=9, sizes=sizes))


@pytest.mark.parametrize("size", [3, 9])
def test_the_gradient_of_a_median_goes_to_the_middle_pixel(size):
    # All values differ by more than the step of the finite differences.
    values = np.random.default_rng(11).permutation(20 * 21).reshape(20, 21, 1) / np.float32(420)
    chosen = np.random.default_rng(12).normal(size=(20, 21, 1)).astype(np.float32)

    def loss(x):
        return jnp.sum(median(x, size=size) * chosen)

    check_grads(loss, (jnp.asarray(values),), order=1, modes=["rev"], eps=5e-4, atol=2e-2, rtol=2e-2)


@pytest.mark.parametrize("size", [3, 9])
def test_the_gradient_of_a_constant_picture_is_finite_and_sums_to_one_a_pixel(size):
    for level in (0.0, 0.5, 1.0):
        gradient = jax.grad(lambda x: median(x, size=size).sum())(jnp.full((6, 7, 1), level))
        np.testing.assert_allclose(gradient.sum(), 42.0, rtol=1e-5)


def test_medians_of_negative_and_huge_floats_are_exact():
    values = np.random.default_rng(13).normal(0, 1e6, (12, 13, 1)).astype(np.float32)
    around = np.pad(values[..., 0], 4, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(around, (9, 9)).reshape(12, 13, 81)
    np.testing.assert_array_equal(np.asarray(median(values, size=9))[..., 0], np.median(windows, axis=-1))


@pytest.mark.parametrize(("first", "second"), [(1, 1), (3, 2), (5, 10), (4, 7)])
def test_merging_and_ranking_agree_with_sorting(first, second):
    random = np.random.default_rng(first)
    one, two = (np.sort(random.integers(0, 9, (count, 200)), axis=0) for count in (first, second))
    expected = np.sort(np.concatenate([one, two]), axis=0)
    np.testing.assert_array_equal(np.stack(merged(list(jnp.array(one)), list(jnp.array(two)))), expected)
    for rank in range(first + second):
        got = ranked(list(jnp.array(one)), list(jnp.array(two)), rank)
        np.testing.assert_array_equal(got, expected[rank])
    shuffled = random.permuted(expected, axis=0)
    np.testing.assert_array_equal(np.stack(ascending(list(jnp.array(shuffled)))), expected)


@pytest.mark.parametrize("size", [0, 2, -3, 3.0, True])
def test_an_even_size_is_refused(size):
    with pytest.raises(UserError, match="odd whole numbers"):
        median(np.zeros((4, 4, 3), np.uint8), size=size)
