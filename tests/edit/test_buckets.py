"""Buckets: every image in one, few shapes, bounded padding and batches."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gen_jax.edit.buckets import make_buckets, rounded_up

SHAPES = st.lists(st.tuples(st.integers(1, 5000), st.integers(1, 5000), st.sampled_from([1, 3, 4])), min_size=1)


def test_lengths_are_four_to_an_octave() -> None:
    lengths = sorted({rounded_up(length) for length in range(1, 129)})
    assert lengths == [16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128]


@given(st.integers(17, 100_000))
def test_padding_is_at_most_a_quarter(length: int) -> None:
    assert length <= rounded_up(length) <= 1.25 * length


@given(SHAPES, st.integers(1, 1 << 22))
def test_every_image_is_in_one_bucket_that_holds_it(shapes: list[tuple[int, int, int]], most_pixels: int) -> None:
    buckets = make_buckets(shapes, most_pixels=most_pixels)
    places = [place for bucket in buckets for place in bucket.members]
    assert sorted(places) == list(range(len(shapes)))
    for bucket in buckets:
        for place in bucket.members:
            height, width, channels = shapes[place]
            assert channels == bucket.channels
            assert height <= bucket.height and width <= bucket.width
            assert bucket.padded or (height, width) == (bucket.height, bucket.width)


@given(SHAPES, st.integers(1, 1 << 22))
def test_a_call_is_a_power_of_two_within_the_limit(shapes: list[tuple[int, int, int]], most_pixels: int) -> None:
    for bucket in make_buckets(shapes, most_pixels=most_pixels):
        assert bucket.batch & (bucket.batch - 1) == 0
        assert bucket.batch == 1 or bucket.batch * bucket.height * bucket.width <= most_pixels
        assert bucket.batch < 2 * len(bucket.members)


def test_a_folder_of_many_sizes_needs_few_shapes() -> None:
    generator = np.random.default_rng(0)
    shapes = [(int(height), int(width), 3) for height, width in generator.integers(256, 512, (1000, 2))]
    assert len(set(shapes)) > 950
    assert len(make_buckets(shapes, most_pixels=1 << 22)) <= 25


def test_many_images_of_one_size_are_not_padded() -> None:
    [bucket] = make_buckets([(333, 501, 3)] * 20, most_pixels=1 << 22)
    assert (bucket.height, bucket.width, bucket.padded) == (333, 501, False)
