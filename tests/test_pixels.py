"""The three ranges of a pixel: every level survives the way there and back."""

import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax import pixels

LEVELS = np.arange(256, dtype=np.uint8)


@pytest.mark.parametrize(
    ("there", "back"), [(pixels.to_signed, pixels.from_signed), (pixels.to_unit, pixels.from_unit)]
)
def test_every_level_survives_the_way_there_and_back(there, back):
    assert there(LEVELS).dtype == jnp.float32
    returned = back(there(LEVELS))
    assert returned.dtype == jnp.uint8
    np.testing.assert_array_equal(returned, LEVELS)


@pytest.mark.parametrize(("there", "black", "white"), [(pixels.to_signed, -1.0, 1.0), (pixels.to_unit, 0.0, 1.0)])
def test_black_and_white_are_exactly_the_ends_and_levels_are_even_steps(there, black, white):
    values = np.asarray(there(LEVELS), np.float64)
    assert values[0] == black and values[255] == white
    np.testing.assert_allclose(np.diff(values), (white - black) / 255, atol=2.0**-23)


@pytest.mark.parametrize("there", [pixels.to_signed, pixels.to_unit])
def test_bfloat16_is_the_rounded_float32(there):
    assert there(LEVELS, jnp.bfloat16).dtype == jnp.bfloat16
    np.testing.assert_array_equal(there(LEVELS, jnp.bfloat16), there(LEVELS).astype(jnp.bfloat16))


@pytest.mark.parametrize("back", [pixels.from_signed, pixels.from_unit])
def test_what_is_out_of_range_is_clipped_and_nan_is_black(back):
    values = np.array([-np.inf, -1.01, 1.01, 1e30, np.inf, np.nan], np.float32)
    np.testing.assert_array_equal(back(values), np.array([0, 0, 255, 255, 255, 0], np.uint8))


def test_a_value_between_two_levels_goes_to_the_nearest():
    np.testing.assert_array_equal(pixels.from_unit(np.array([0.4, 0.6, 100.4, 100.6]) / 255), [0, 1, 100, 101])
    np.testing.assert_array_equal(pixels.from_signed(np.array([0.4, 0.6, 100.4, 100.6]) / 127.5 - 1), [0, 1, 100, 101])


def test_signed_and_unit_invert_each_other_and_do_not_clip():
    values = jnp.array([-2.0, -1.0, -0.5, 0.0, 1.0, 3.0])
    np.testing.assert_array_equal(pixels.signed_to_unit(values), [-0.5, 0.0, 0.25, 0.5, 1.0, 2.0])
    np.testing.assert_array_equal(pixels.unit_to_signed(pixels.signed_to_unit(values)), values)
