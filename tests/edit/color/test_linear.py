"""Grayscale, matrices, sepia, temperature; and runs of linear edits as one matrix."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.edit.canvas import canvas_of
from gen_jax.edit.color.enhance import brightness, contrast, saturation, sharpness
from gen_jax.edit.color.fused import LinearColorStep, fuse_color
from gen_jax.edit.color.hue import hue
from gen_jax.edit.color.linear import color_matrix, grayscale, sepia, temperature
from gen_jax.edit.color.tone import exposure, invert
from gen_jax.edit.kernel import plan_of
from gen_jax.errors import UserError
from tests.edit.color.pictures import CHANNELS, by_pillow, pictures


@pytest.mark.parametrize("channels", CHANNELS)
def test_grayscale_is_that_of_pillow_and_keeps_alpha(channels):
    images = pictures(31, 44, channels)
    grey = by_pillow(images, lambda image: image.convert("L"))
    alpha = [images[..., -1:]] if channels in (2, 4) else []
    np.testing.assert_array_equal(grayscale(images), np.concatenate([grey, *alpha], axis=-1))
    np.testing.assert_array_equal(grayscale(images, channels=3), np.concatenate([grey] * 3 + alpha, axis=-1))
    assert plan_of(grayscale)(canvas_of(images), channels=3).canvas.channels == 3 + len(alpha)
    with pytest.raises(UserError, match=r"grayscale\.channels is 2; allowed are 1, 3"):
        grayscale(images, channels=2)


def test_every_colour_is_as_grey_as_in_pillow():
    image = np.stack(np.meshgrid(*[np.arange(0, 256, 3, dtype=np.uint8)] * 3), axis=-1).reshape(86, -1, 3)
    np.testing.assert_array_equal(grayscale(image)[None], by_pillow(image[None], lambda image: image.convert("L")))


def test_color_matrix_is_that_of_pillow():
    images = pictures(31, 44, 3)
    generator = np.random.default_rng(0)
    for digits in (1, 2, 7):
        matrices = generator.uniform(-1, 1.5, (8, 12)).round(digits)
        matrices[:, 3::4] = (matrices[:, 3::4] * 60).round(digits)
        expected = by_pillow(images, lambda image, matrix: image.convert("RGB", tuple(matrix)), matrices)
        np.testing.assert_array_equal(color_matrix(images, matrix=matrices), expected)
        with_alpha = np.concatenate([images, images[..., :1]], axis=-1)
        expected = np.concatenate([expected, images[..., :1]], axis=-1)
        np.testing.assert_array_equal(color_matrix(with_alpha, matrix=matrices), expected)
    alone = color_matrix(images[1], matrix=tuple(matrices[1]))
    np.testing.assert_array_equal(alone, color_matrix(images, matrix=matrices)[1])
    np.testing.assert_array_equal(color_matrix(images), images)


def test_a_grey_image_becomes_the_grey_of_what_its_colours_become():
    images = pictures(31, 44, 2)[:2].astype(np.float32) / 255
    colors = np.concatenate([images[..., :1]] * 3 + [images[..., 1:]], axis=-1)
    matrix = tuple(np.random.default_rng(1).uniform(-1, 1, 12))
    for edit in (lambda x: color_matrix(x, matrix=matrix), sepia, temperature, lambda x: hue(x, shift=0.3)):
        np.testing.assert_allclose(edit(images), grayscale(edit(colors)), atol=1e-5)


def test_sepia_goes_from_the_image_to_brown():
    images = pictures(3, 7, 3)
    np.testing.assert_array_equal(sepia(images, amount=0.0), images)
    brown = np.clip(
        np.floor(images[:2] @ np.array([[393, 349, 272], [769, 686, 534], [189, 168, 131]]) / 1e3 + 0.5), 0, 255
    )
    assert np.abs(np.asarray(sepia(images[:2])).astype(int) - brown).max() <= 1
    assert np.mean(np.asarray(sepia(images[:2])) == brown) > 0.99


def test_temperature_is_neutral_at_6500_warm_above_and_keeps_the_grey():
    images = pictures(31, 44, 3)
    np.testing.assert_array_equal(temperature(images, kelvin=6500), images)
    grey = np.full((1, 1, 1, 3), 0.5, np.float32)
    for kelvin in (1700, 2200, 2223, 3000, 3999, 4001, 5000, 8000, 12000, 25000):
        edited = temperature(grey, kelvin=kelvin)
        np.testing.assert_allclose(grayscale(edited), 0.5, atol=1e-5)
        red, _, blue = np.asarray(edited)[0, 0, 0]
        assert (red > blue) == (kelvin > 6500)
        traced = jax.jit(lambda kelvin: temperature(grey, kelvin=kelvin))(jnp.float32(kelvin))
        np.testing.assert_allclose(traced, edited, atol=1e-4)
    slope = jax.grad(lambda kelvin: temperature(grey, kelvin=kelvin)[0, 0, 0, 0])(6000.0)
    assert slope > 0


def test_lamp_light_at_2856_kelvin_becomes_white():
    # CIE illuminant A as sRGB: linear (R, G, B) of x = 0.44757, y = 0.40745 at Y = 1.
    lamp = np.array([1.8451, 0.8261, 0.2333]) ** (1 / 2.2)
    white = np.asarray(temperature(lamp.astype(np.float32).reshape(1, 1, 1, 3), kelvin=2856)).reshape(3)
    daylight = np.asarray(temperature(np.ones((1, 1, 1, 3), np.float32), kelvin=6500)).reshape(3)
    np.testing.assert_allclose(white / white.mean(), daylight, atol=0.06)


EDITS = {
    brightness: {"factor": 1.2},
    contrast: {"factor": np.linspace(0.3, 2, 8)},
    saturation: {"factor": np.linspace(-0.2, 1.8, 8)},
    exposure: {"stops": -0.4},
    invert: {},
    grayscale: {"channels": 3},
    sepia: {"amount": 0.6},
    color_matrix: {"matrix": (0.9, 0.2, 0.0, 8, 0.1, 0.8, -0.1, -4, 0.0, 0.3, 0.9, 2)},
    temperature: {"kelvin": 4100},
    hue: {"shift": 0.13, "method": "rotation"},
}
CHAINS = [
    [brightness, contrast, saturation],
    [contrast, contrast],
    [invert, contrast, hue, sepia, contrast],
    [color_matrix, temperature, contrast, exposure, saturation],
    [sepia, grayscale, contrast, brightness],
    [brightness, sharpness, contrast, saturation],
]


def applied(steps, images):
    for step in steps:
        images = step.images(images)
    return images


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("edits", CHAINS)
def test_a_fused_run_is_what_its_edits_are_one_by_one(edits, channels):
    levels = pictures(31, 44, channels)
    sizes = np.array([[31, 44], [30, 1], [1, 1], [5, 44], [2, 2], [3, 3], [31, 43], [7, 9]], np.int32)
    steps, canvas = [], canvas_of(levels, sizes)
    for edit in edits:
        steps.append(plan_of(edit)(canvas, **EDITS.get(edit, {"factor": 1.5})))
        canvas = steps[-1].canvas
    fused = fuse_color(steps)
    if channels > 1:
        assert sum(isinstance(step, LinearColorStep) for step in fused) == 1
        assert len(fused) == (3 if sharpness in edits else 1)
    assert fused[-1].canvas.channels == canvas.channels
    run = jax.jit(applied)
    images = levels.astype(np.float32) / 255
    inside = (np.arange(31)[:, None] < sizes[:, :1, None]) & (np.arange(44) < sizes[:, 1:, None])
    np.testing.assert_allclose(run(fused, images)[inside], run(steps, images)[inside], atol=1e-5)
    np.testing.assert_array_equal(run(fused, levels)[inside], run(steps, levels)[inside])


def test_what_is_not_linear_is_left_alone():
    canvas = canvas_of(pictures(3, 7, 3))
    steps = [
        plan_of(brightness)(canvas, factor=1.2),
        plan_of(hue)(canvas, shift=0.1),
        plan_of(exposure)(canvas, stops=1.0, linear=True),
        plan_of(grayscale)(canvas),
    ]
    assert fuse_color(steps) == steps


def test_fused_gradients_are_those_of_the_edits():
    images = jnp.asarray(pictures(3, 7, 3) / 255, jnp.float32)
    canvas = canvas_of(images)
    steps = [plan_of(edit)(canvas, **EDITS[edit]) for edit in CHAINS[3]]
    loss = jax.jit(lambda steps, images: jnp.sum(applied(steps, images) ** 2))
    np.testing.assert_allclose(
        jax.grad(loss, 1)(fuse_color(steps), images), jax.grad(loss, 1)(steps, images), rtol=1e-4, atol=1e-4
    )
