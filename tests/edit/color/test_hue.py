"""Hue: Pillow's HSV to the level, the float HSV against colorsys, the rotation by its invariants."""

from __future__ import annotations

import colorsys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from gen_jax.edit.color.hue import hue
from gen_jax.errors import UserError
from tests.edit.color.pictures import pictures


def through_hsv(image: np.ndarray, shift: float) -> np.ndarray:
    """Return what torchvision makes of a PIL image: its uint8 hue moved, modulo 256."""
    hues, saturations, values = Image.fromarray(image).convert("HSV").split()
    moved = (np.asarray(hues).astype(int) + int(shift * 255)) % 256
    bands = (Image.fromarray(moved.astype(np.uint8)), saturations, values)
    return np.asarray(Image.merge("HSV", bands).convert("RGB"))


def every_colour(step: int) -> np.ndarray:
    ramp = np.unique(np.r_[np.arange(0, 256, step), 255]).astype(np.uint8)
    return np.stack(np.meshgrid(ramp, ramp, ramp), axis=-1).reshape(len(ramp), -1, 3)


@pytest.mark.parametrize("shift", [-0.5, -0.27, -0.1, 0.0, 0.002, 0.2, 0.3, 0.4, 0.5])
def test_pillow_is_pillow_to_the_level(shift):
    image = every_colour(7)
    np.testing.assert_array_equal(hue(image, shift=shift, method="pillow"), through_hsv(image, shift))


def test_pillow_for_one_shift_an_image_and_alpha():
    images, shifts = pictures(31, 44, 4), np.linspace(-0.5, 0.5, 8)
    expected = np.stack([through_hsv(image[..., :3], shift) for image, shift in zip(images, shifts, strict=True)])
    edited = hue(images, shift=shifts, method="pillow")
    np.testing.assert_array_equal(edited[..., :3], expected)
    np.testing.assert_array_equal(edited[..., 3], images[..., 3])


@pytest.mark.parametrize("shift", [-0.5, -0.21, 0.0, 1 / 3, 0.45])
def test_hsv_is_that_of_colorsys(shift):
    image = every_colour(51)
    unit = image.astype(np.float32) / 255

    def moved(color):
        turn, saturation, value = colorsys.rgb_to_hsv(*color)
        return colorsys.hsv_to_rgb((turn + shift) % 1.0, saturation, value)

    expected = np.apply_along_axis(moved, -1, unit.astype(float))
    np.testing.assert_allclose(hue(unit, shift=shift), expected, atol=2e-6)
    np.testing.assert_allclose(hue(image, shift=shift), expected * 255, atol=0.501)
    np.testing.assert_allclose(hue(unit, shift=shift, method="pillow"), expected, atol=2e-6)


def test_a_rotation_of_a_third_moves_the_channels_and_keeps_grey():
    unit = jnp.asarray(pictures(31, 44, 3) / 255, jnp.float32)
    np.testing.assert_allclose(hue(unit, shift=1 / 3, method="rotation"), np.roll(unit, 1, axis=-1), atol=1e-6)
    np.testing.assert_allclose(hue(unit, shift=1 / 3), np.roll(unit, 1, axis=-1), atol=1e-6)
    turned = hue(unit, shift=0.12, method="rotation")
    np.testing.assert_allclose(turned.sum(-1), unit.sum(-1), atol=1e-5)
    np.testing.assert_allclose(hue(turned, shift=-0.12, method="rotation"), unit, atol=1e-5)


@pytest.mark.parametrize("method", ["hsv", "rotation"])
def test_gradients_are_finite_on_grey_and_ties_and_true_elsewhere(method):
    ties = jnp.asarray(
        [[0, 0, 0], [1, 1, 1], [0.5, 0.5, 0.5], [0.5, 0.5, 0.2], [0.7, 0.2, 0.2], [1e-20, 0, 0], [0.5, 0.5, 0.5 + 1e-7]]
    ).reshape(1, 1, 7, 3)
    weights = jnp.arange(1.0, 4.0).reshape(1, 1, 1, 3)
    run = jax.jit(lambda values, shift: jnp.sum(hue(values, shift=shift, method=method) * weights))
    for gradient in jax.grad(run, (0, 1))(ties, 0.1):
        assert jnp.isfinite(gradient).all()
    color = jnp.asarray([0.2, 0.9, 0.5]).reshape(1, 1, 1, 3)
    by_value, by_shift = jax.grad(run, (0, 1))(color, 0.1)
    for channel in range(3):
        step = 1e-3 * jax.nn.one_hot(channel, 3).reshape(1, 1, 1, 3)
        change = (run(color + step, 0.1) - run(color - step, 0.1)) / 2e-3
        np.testing.assert_allclose(by_value[0, 0, 0, channel], change, atol=5e-3)
    np.testing.assert_allclose(by_shift, (run(color, 0.101) - run(color, 0.099)) / 2e-3, atol=2e-2)


def test_another_method_is_refused():
    with pytest.raises(UserError, match=r"hue\.method is 'hsl'; allowed are 'hsv', 'pillow', 'rotation'"):
        hue(pictures(3, 7, 3), shift=0.1, method="hsl")
