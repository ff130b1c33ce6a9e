"""Sobel edges and motion blur against sums done by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from gen_jax.edit.canvas import canvas_of
from gen_jax.edit.filter.edges import edges
from gen_jax.edit.filter.motion import motion_blur
from gen_jax.edit.kernel import plan_of
from gen_jax.errors import UserError

RANDOM = np.random.default_rng(14)
IMAGE = RANDOM.integers(0, 256, (11, 12, 3), np.uint8)


def sobel(image):
    around = np.pad(image.astype(np.float64), ((1, 1), (1, 1), (0, 0)), mode="edge")
    height, width = image.shape[:2]
    turned = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 4
    total = [np.zeros(image.shape), np.zeros(image.shape)]
    for row in range(3):
        for column in range(3):
            part = around[row : row + height, column : column + width]
            total[0] += turned[row, column] * part
            total[1] += turned.T[row, column] * part
    return np.sqrt((total[0] ** 2 + total[1] ** 2) / 2)


def test_edges_are_the_sobel_magnitude():
    np.testing.assert_array_equal(edges(IMAGE), np.floor(sobel(IMAGE) + 0.5))
    np.testing.assert_allclose(edges(IMAGE / np.float32(255)), sobel(IMAGE / 255), atol=1e-6)


def test_a_step_from_black_to_white_is_as_bright_as_edges_get():
    step = np.zeros((8, 8, 1), np.uint8)
    step[:, 4:] = 255
    assert np.asarray(edges(step)).max() == round(255 / np.sqrt(2))
    assert np.asarray(edges(np.full((5, 5, 3), 200, np.uint8))).max() == 0


def test_edges_leave_alpha_alone():
    image = RANDOM.integers(0, 256, (5, 6, 4), np.uint8)
    got = np.asarray(edges(image))
    np.testing.assert_array_equal(got[..., 3], image[..., 3])
    np.testing.assert_array_equal(got[..., :3], edges(image[..., :3]))


def test_edges_have_finite_gradients_where_nothing_changes():
    assert np.all(np.asarray(jax.grad(lambda x: edges(x).sum())(jnp.full((5, 6, 3), 0.5))) == 0)
    check_grads(edges, (jnp.asarray(IMAGE[:6, :5], jnp.float32) / 255,), order=1, modes=["rev"], atol=2e-2, rtol=2e-2)


def test_images_of_their_own_size_are_filtered_as_if_alone(padded):
    padded(lambda images, sizes, _: edges(images, sizes=sizes))
    lengths, degrees = np.array([9.0, 7.5, 7.0]), np.array([30.0, 0.0, 213.0])

    def motion(images, sizes, index):
        planned = plan_of(motion_blur)(canvas_of(images, sizes), length=lengths[index], degrees=degrees[index])
        return planned.images(jnp.asarray(images))

    padded(motion, atol=1.0)


@pytest.mark.parametrize("length", [1, 3, 5, 9])
def test_motion_along_an_axis_is_the_mean_of_a_row_or_a_column(length):
    half = length // 2
    around = np.pad(IMAGE.astype(np.float64), ((half, half), (half, half), (0, 0)), mode="edge")
    row = sum(around[half : half + 11, shift : shift + 12] for shift in range(length)) / length
    column = sum(around[shift : shift + 11, half : half + 12] for shift in range(length)) / length
    for degrees, expected in ((0, row), (180, row), (90, column), (-90, column)):
        got = np.asarray(motion_blur(IMAGE, length=length, degrees=degrees)).astype(int)
        assert np.abs(got - np.floor(expected + 0.5)).max() <= (1 if length > 1 else 0)
        unit = motion_blur(IMAGE / np.float32(255), length=length, degrees=degrees)
        np.testing.assert_allclose(unit, expected / 255, atol=2e-6)


def test_motion_up_and_to_the_right_smears_a_point_that_way():
    point = np.zeros((21, 21, 1), np.float32)
    point[10, 10] = 1.0
    got = np.asarray(motion_blur(point, length=9, degrees=45))[..., 0]
    assert got.sum() == pytest.approx(1.0, abs=1e-5)
    assert got[8, 12] > 0.02 and got[12, 8] > 0.02
    assert got[8, 8] == 0 and got[12, 12] == 0


def test_each_image_moves_its_own_way_and_a_constant_stays():
    images = np.stack([IMAGE, IMAGE, np.full_like(IMAGE, 77)])
    got = np.asarray(motion_blur(images, length=[5.0, 7.5, 20.0], degrees=[0.0, 50.0, 123.0])).astype(int)
    for index, (length, degrees) in enumerate([(5.0, 0.0), (7.5, 50.0)]):
        alone = np.asarray(motion_blur(IMAGE, length=length, degrees=degrees)).astype(int)
        assert np.abs(got[index] - alone).max() <= 1
    assert np.all(got[2] == 77)


def test_traced_length_and_angle_agree_with_known_ones_and_have_gradients():
    unit = jnp.asarray(IMAGE, jnp.float32) / 255
    traced = jax.jit(lambda length, degrees: motion_blur(unit, length=length, degrees=degrees))
    np.testing.assert_allclose(traced(6.5, 33.0), motion_blur(unit, length=6.5, degrees=33.0), atol=2e-4)
    slopes = jax.grad(lambda length, degrees: motion_blur(unit, length=length, degrees=degrees)[3].sum(), (0, 1))
    assert np.all(np.isfinite(slopes(6.5, 33.0)))
    check_grads(
        lambda x: motion_blur(x, length=4.0, degrees=20.0), (unit,), order=1, modes=["rev"], atol=2e-2, rtol=2e-2
    )


def test_a_length_below_one_pixel_is_refused():
    with pytest.raises(UserError, match="length is"):
        motion_blur(IMAGE, length=0.5)
