"""Gamma, exposure, levels, invert, posterize, solarize and threshold: against Pillow's tables and by hand."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import ImageOps

from gen_jax.edit.color.tone import exposure, gamma, invert, levels, posterize, solarize, threshold
from gen_jax.edit.color.tone import levels as stretch
from tests.edit.color.pictures import CHANNELS, SHAPES, colors_by_pillow, pictures

RAMP = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)


def gamma_table(exponent: float, gain: float = 1.0) -> list[int]:
    return [int((255 + 1 - 1e-3) * gain * pow(level / 255.0, exponent)) for level in range(256)]


@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("shape", SHAPES[::3])
def test_invert_posterize_and_solarize_are_those_of_pillow(shape, channels):
    images = pictures(*shape, channels)
    np.testing.assert_array_equal(invert(images), colors_by_pillow(images, ImageOps.invert))
    bits = (1, 2, 3, 4, 5, 6, 7, 8)
    expected = colors_by_pillow(images, ImageOps.posterize, bits)
    np.testing.assert_array_equal(posterize(images, bits=np.array(bits)), expected)
    limits = (0, 1, 40, 127.5, 128, 200, 255, 256)
    expected = colors_by_pillow(images, ImageOps.solarize, limits)
    np.testing.assert_array_equal(solarize(images, threshold=np.array(limits)), expected)


@pytest.mark.parametrize("channels", CHANNELS)
def test_gamma_is_the_table_that_torchvision_gives_pillow(channels):
    images = pictures(31, 44, channels)
    exponents = (0, 0.1, 0.45, 0.5, 1, 1.5, 2.2, 9)
    expected = colors_by_pillow(
        images, lambda image, exponent: image.point(gamma_table(exponent) * len(image.getbands())), exponents
    )
    np.testing.assert_array_equal(gamma(images, gamma=np.array(exponents)), expected)


def test_gamma_with_a_gain_is_that_table_or_a_rounding_from_it():
    generator = np.random.default_rng(0)
    apart = 0
    for exponent, gain in generator.uniform(0.2, 3, (200, 2)).round(2):
        expected = np.minimum(gamma_table(exponent, gain), 255).reshape(RAMP.shape)
        difference = np.abs(np.asarray(gamma(RAMP, gamma=exponent, gain=gain)).astype(int) - expected)
        assert difference.max() <= 1
        apart += np.count_nonzero(difference)
    assert apart <= 5


def test_thresholds_are_levels_for_float_images_too():
    unit = RAMP.astype(np.float32) / 255
    for value in (0, 1, 17, 77, 128, 255, 256):
        np.testing.assert_allclose(
            solarize(unit, threshold=value) * 255, np.asarray(solarize(RAMP, threshold=value)), atol=1e-3
        )
        np.testing.assert_array_equal(threshold(unit, level=value) * 255, np.where(value <= RAMP, 255.0, 0.0))
        np.testing.assert_array_equal(threshold(RAMP, level=value), np.where(value <= RAMP, 255, 0))
    for bits in range(1, 9):
        np.testing.assert_allclose(posterize(unit, bits=bits) * 255, np.asarray(posterize(RAMP, bits=bits)), atol=1e-3)


def test_straight_through_passes_the_gradient_and_changes_no_value():
    unit = jnp.asarray(pictures(3, 7, 4)[:2] / 255, jnp.float32)
    for edit in (posterize, threshold):
        np.testing.assert_allclose(edit(unit, straight_through=True), edit(unit), atol=1e-6)
        gradient = jax.grad(lambda values, edit=edit: edit(values, straight_through=True).sum())(unit)
        np.testing.assert_array_equal(gradient, np.ones_like(unit))
        gradient = jax.grad(lambda values, edit=edit: edit(values)[..., :3].sum())(unit)
        np.testing.assert_array_equal(gradient, np.zeros_like(unit))


def test_exposure_doubles_the_value_or_the_light():
    unit = RAMP.astype(np.float32) / 255
    np.testing.assert_allclose(exposure(unit, stops=1.0), 2 * unit, rtol=1e-6)
    np.testing.assert_array_equal(exposure(RAMP, stops=-1.0), np.floor(RAMP / 2 + 0.5))
    np.testing.assert_array_equal(exposure(RAMP, stops=0.0, linear=True), RAMP)
    np.testing.assert_allclose(exposure(unit, stops=0.0, linear=True), unit, atol=2e-6)
    light = np.where(unit <= 0.04045, unit / 12.92, ((unit + 0.055) / 1.055) ** 2.4) * 2
    brighter = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(exposure(unit, stops=1.0, linear=True), brighter, atol=2e-6)
    apart = np.asarray(exposure(RAMP, stops=1.0, linear=True)) - np.clip(brighter * 255, 0, 255)
    assert np.abs(apart).max() <= 0.51


def test_levels_spread_the_tones_between_two_over_those_between_two_others():
    wanted = np.clip((RAMP.astype(float) - 20) / 180, 0, None) ** (1 / 1.7) * -90 + 230
    edited = stretch(RAMP, black=20, white=200, gamma=1.7, output_black=230, output_white=140)
    np.testing.assert_allclose(np.asarray(edited), np.clip(wanted, 0, 255), atol=0.51)
    unit = stretch(RAMP.astype(np.float32) / 255, black=20, white=200, gamma=1.7, output_black=230, output_white=140)
    np.testing.assert_allclose(unit * 255, wanted, atol=1e-3)
    np.testing.assert_array_equal(levels(RAMP), RAMP)
    np.testing.assert_array_equal(levels(RAMP, black=100, white=100), np.where(RAMP > 100, 255, 0))


@pytest.mark.parametrize("edit", [gamma, levels, lambda x, gamma: exposure(x, stops=1 / gamma, linear=True)])
def test_powers_have_finite_gradients_at_black_and_are_true_above(edit):
    values = jnp.array([-0.5, 0.0, 1e-30, 0.02, 0.4, 1.0, 1.4]).reshape(1, 1, 7, 1)
    for exponent in (0.2, 0.5, 1.0, 2.5):
        run = jax.jit(lambda values, exponent: jnp.sum(edit(values, gamma=exponent) ** 2))
        by_value, by_exponent = jax.grad(run, (0, 1))(values, exponent)
        assert jnp.isfinite(by_value).all() and jnp.isfinite(by_exponent)
        change = (run(values, exponent + 1e-2) - run(values, exponent - 1e-2)) / 2e-2
        np.testing.assert_allclose(by_exponent, change, rtol=5e-2, atol=2e-2)
