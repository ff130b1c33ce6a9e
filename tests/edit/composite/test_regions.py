"""cutout fills the rectangle that numpy would fill; vignette follows its formula about the true centre."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.edit.composite.regions import cutout, vignette
from gen_jax.errors import UserError

SIZES = [(1, 1), (1, 5), (5, 1), (3, 7), (64, 48)]


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_cutout_fills_the_rectangle_and_nothing_else(channels):
    images = noise(5, 9, 12, channels)
    boxes = np.array([(0, 0, 9, 12), (2, 3, 4, 5), (-2, -3, 4, 5), (8, 11, 100, 100), (4, 4, 0, 3)])
    top, left, height, width = boxes.T
    fill = tuple(range(10, 10 + channels))
    filled = cutout(images, top=top, left=left, height=height, width=width, fill=fill)
    for image, (top, left, height, width), out in zip(images, boxes, filled, strict=True):
        expected = image.copy()
        expected[max(0, top) : max(0, top + height), max(0, left) : max(0, left + width)] = fill
        np.testing.assert_array_equal(out, expected)


def test_fill_is_in_levels_for_float_images_too():
    images = np.ones((4, 4, 3), np.float32)
    filled = cutout(images, top=0, left=0, height=2, width=2, fill=51)
    np.testing.assert_allclose(filled[:2, :2], 0.2, atol=1e-6)
    gradient = jax.grad(lambda x: cutout(x, top=0, left=0, height=2, width=2, fill=51).sum())(jnp.asarray(images))
    assert gradient[:2, :2].sum() == 0 and gradient.sum() == 12 * 3


def test_a_negative_side_is_refused():
    with pytest.raises(UserError, match="height is -1; allowed are whole numbers from 0 up"):
        cutout(noise(4, 4, 3), top=0, left=0, height=-1, width=2)


def darkened(image, strength, radius, softness):
    """The formula of the docstring, pixel by pixel, in float64."""
    height, width = image.shape[:2]
    out = image.astype(np.float64)
    for i in range(height):
        for j in range(width):
            r = math.hypot((i + 0.5 - height / 2) / (height / 2), (j + 0.5 - width / 2) / (width / 2)) / math.sqrt(2)
            u = min(1.0, max(0.0, (r - radius) / softness))
            out[i, j, :3] *= 1 - strength * u * u * (3 - 2 * u)
    return out


@pytest.mark.parametrize("size", SIZES)
def test_vignette_follows_its_formula(size):
    image = noise(*size, 4)
    out = np.asarray(vignette(image, strength=0.8, radius=0.2, softness=0.6), np.float64)
    np.testing.assert_array_equal(out[..., 3], image[..., 3])
    assert np.abs(out - darkened(image, 0.8, 0.2, 0.6)).max() <= 0.501


def test_vignette_knows_the_true_size():
    images = noise(3, 20, 30, 3)
    sizes = np.array([(20, 30), (7, 30), (5, 3)])
    parameters = {"strength": np.array([0.5, 1.0, 0.7]), "radius": 0.1, "softness": np.array([0.5, 0.1, 0.0])}
    whole = vignette(images, **parameters, sizes=sizes)
    for i, (height, width) in enumerate(sizes):
        own = {key: value[i] if np.ndim(value) else value for key, value in parameters.items()}
        np.testing.assert_array_equal(whole[i, :height, :width], vignette(images[i, :height, :width], **own))


def test_a_vignette_without_strength_changes_nothing():
    image = noise(9, 9, 3)
    np.testing.assert_array_equal(vignette(image, strength=0.0), image)


def test_gradients_of_the_vignette_are_those_of_finite_differences():
    image = jnp.asarray(noise(9, 7, 3) / np.float32(255))

    def loss(image, parameters):
        return jnp.sum(vignette(image, **parameters) ** 2)

    parameters = {"strength": 0.5, "radius": 0.3, "softness": 0.5}
    over_image, over_parameters = jax.jit(jax.grad(loss, argnums=(0, 1)))(image, parameters)
    assert np.isfinite(over_image).all()
    for name, value in parameters.items():
        slope = (loss(image, parameters | {name: value + 0.01}) - loss(image, parameters | {name: value - 0.01})) / 0.02
        np.testing.assert_allclose(over_parameters[name], slope, rtol=2e-2, atol=2e-2)
    sharp = jax.grad(loss, argnums=1)(image, parameters | {"softness": 0.0})
    assert all(np.isfinite(value) for value in sharp.values())
