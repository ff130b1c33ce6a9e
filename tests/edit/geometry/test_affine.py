"""translate, scale, shear and affine are Pillow's Image.transform with the matrix that their formula says."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from gen_jax.edit.canvas import canvas_of
from gen_jax.edit.geometry.affine import affine, scale, shear, translate
from gen_jax.edit.kernel import plan_of
from gen_jax.edit.step import execute
from gen_jax.errors import UserError

from .peers import ALLOWED, RESAMPLES, SIZES, largest_difference, noise, slope, smooth, to_array, to_pillow


def transformed(image, matrix, resample, size=None, fill=None):
    height, width = size or image.shape[:2]
    method = Image.Transform.AFFINE
    return to_array(
        to_pillow(image).transform((width, height), method, tuple(matrix), RESAMPLES[resample], fillcolor=fill)
    )


def matrices(height, width, count=24):
    rng = np.random.default_rng(height)
    general = rng.normal(size=(count, 6))
    general[:, [2, 5]] *= width / 2
    general[: count // 3] = np.round(general[: count // 3], 1)  # ties, on pixel borders
    general[count // 3 : count // 2, [1, 3]] = 0  # scales, which Pillow's nearest neighbour treats apart
    general[-1, :3] = 300.0, 200.0, -400.0  # beyond the 16 bits of its fixed point
    return general


@pytest.mark.parametrize("resample", RESAMPLES)
@pytest.mark.parametrize("size", [*SIZES, (96, 128)])
def test_any_matrix_is_pillows(size, resample):
    image, general = noise(*size, 3), matrices(*size)
    batch = np.broadcast_to(image, (len(general), *image.shape))
    for left in (None, (50, 61)):
        found = np.asarray(affine(batch, matrix=general, size=left, resample=resample, fill=(9, 8, 7)))
        for matrix, made in zip(general, found, strict=True):
            expected = transformed(image, matrix, resample, left, (9, 8, 7))
            assert largest_difference(made, expected) <= ALLOWED[resample]


@pytest.mark.parametrize("resample", RESAMPLES)
def test_translate_is_pillows(resample):
    image, x, y = noise(20, 31, 3), np.array([0.0, 3.0, -2.5, 0.1, 40.0]), np.array([0.0, -4.0, 1.25, 0.7, 0.0])
    moved = np.asarray(translate(np.stack([image] * 5), x=x, y=y, resample=resample, fill=33))
    for index in range(5):
        expected = to_pillow(image).rotate(
            0, RESAMPLES[resample], translate=(x[index], y[index]), fillcolor=(33, 33, 33)
        )
        assert largest_difference(moved[index], to_array(expected)) <= ALLOWED[resample]


def test_scale_enlarges_about_what_stays_in_place():
    image = noise(20, 31, 3)
    for center in (None, (4.0, 11.5)):
        x, y = center or (15.5, 10.0)
        found = scale(image, x=2.0, y=0.5, resample="bilinear", center=center)
        expected = transformed(image, (0.5, 0, x - 0.5 * x, 0, 2.0, y - 2.0 * y), "bilinear")
        assert largest_difference(found, expected) <= 1
    np.testing.assert_array_equal(scale(image, x=3.0), scale(image, x=3.0, y=3.0))
    np.testing.assert_array_equal(scale(image), image)


def test_shear_leans_the_top_to_the_right():
    bar = np.zeros((41, 41, 1), np.uint8)
    bar[:, 20] = 255
    leant = np.asarray(shear(bar, x=30.0))[..., 0]
    assert leant[0].argmax() > 28 and leant[-1].argmax() < 12
    risen = np.asarray(shear(bar.swapaxes(0, 1), y=30.0))[..., 0]
    assert risen[:, -1].argmax() < 12 and risen[:, 0].argmax() > 28
    lean = np.tan(np.deg2rad(12.0))
    expected = transformed(bar, (1, lean, -lean * 20.5, 0, 1, 0), "bilinear")
    assert largest_difference(shear(bar, x=12.0, resample="bilinear"), expected) <= 1


@pytest.mark.parametrize(
    ("edit", "parameters"),
    [
        (translate, {"x": 3.3, "y": -1.2}),
        (scale, {"x": 1.3, "y": 0.8}),
        (shear, {"x": 12.0, "y": 5.0}),
        (affine, {"matrix": (0.9, 0.2, -1.0, -0.1, 1.1, 0.5)}),
    ],
)
def test_points_go_where_the_picture_goes(edit, parameters):
    blob = np.exp(-0.5 * ((np.arange(48) - 20.0) ** 2)[:, None] / 4 - 0.5 * ((np.arange(64) - 33.0) ** 2) / 4)
    step = plan_of(edit)(canvas_of(blob[None, ..., None].astype(np.float32)), resample="bilinear", **parameters)
    moved = np.asarray(execute(step, blob[None, ..., None].astype(np.float32)))[0, ..., 0]
    y, x = np.mgrid[:48, :64] + 0.5
    found = np.array([(moved * x).sum(), (moved * y).sum()]) / moved.sum()
    np.testing.assert_allclose(step.points(jnp.array([[[33.5, 20.5]]]))[0, 0], found, atol=0.05)


@pytest.mark.parametrize(
    ("edit", "name", "value", "width"),
    [(translate, "x", 2.3, 0.02), (scale, "x", 1.2, 0.005), (shear, "x", 9.0, 0.1)],
)
def test_gradients_of_the_parameters_are_the_slopes(edit, name, value, width):
    images = smooth(1, 24, 28)
    weights = np.zeros((1, 24, 28, 3), np.float32)
    weights[:, 8:16, 10:18] = np.random.default_rng(0).normal(size=(8, 8, 3))

    @jax.jit
    @jax.value_and_grad
    def loss(value, images, weights):
        return jnp.sum(edit(images, **{name: value}, resample="bilinear") * weights)

    numeric = slope(lambda value: loss(value, images, weights)[0], value, width)
    np.testing.assert_allclose(loss(value, images, weights)[1], numeric, rtol=0.05, atol=0.02)


def test_mistakes_are_named():
    image = noise(4, 4, 3)
    with pytest.raises(UserError, match="size is"):
        affine(image, matrix=(1, 0, 0, 0, 1, 0), size=(0, 3))
    with pytest.raises(UserError, match="matrix has 5 numbers"):
        affine(image, matrix=(1, 0, 0, 0, 1))
    with pytest.raises(UserError, match="from -89 to 89"):
        shear(image, x=90.0)
    with pytest.raises(UserError, match=r"from 0\.001"):
        scale(image, x=0.0)
