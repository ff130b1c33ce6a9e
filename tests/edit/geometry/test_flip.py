"""Flips, quarter turns, transpose and transverse against Pillow."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from gen_jax.edit.canvas import canvas_of
from gen_jax.edit.frames import Frames, apply
from gen_jax.edit.geometry.flip import flip_left_right, flip_up_down, rotate90, transpose, transverse
from gen_jax.edit.kernel import plan_of

MOVES = {
    "left_right": (flip_left_right, {}, Image.Transpose.FLIP_LEFT_RIGHT),
    "up_down": (flip_up_down, {}, Image.Transpose.FLIP_TOP_BOTTOM),
    "one": (rotate90, {"turns": 1}, Image.Transpose.ROTATE_90),
    "two": (rotate90, {"turns": -2}, Image.Transpose.ROTATE_180),
    "three": (rotate90, {"turns": -1}, Image.Transpose.ROTATE_270),
    "transpose": (transpose, {}, Image.Transpose.TRANSPOSE),
    "transverse": (transverse, {}, Image.Transpose.TRANSVERSE),
}


def noise(*shape):
    return np.random.default_rng(sum(shape)).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 5, 3), (7, 3, 4)])
def test_a_move_equals_pillow(name, shape):
    edit, parameters, method = MOVES[name]
    image = noise(*shape)
    expected = np.asarray(Image.fromarray(image).transpose(method))
    np.testing.assert_array_equal(edit(image, **parameters), expected)


def test_four_turns_change_nothing():
    image = noise(3, 5, 2)
    np.testing.assert_array_equal(rotate90(image, turns=4), image)
    np.testing.assert_array_equal(rotate90(image, turns=5), rotate90(image))


@pytest.mark.parametrize("name", MOVES)
def test_images_of_different_sizes_move_inside_their_own(name):
    edit, parameters, method = MOVES[name]
    batch, sizes = noise(3, 6, 8, 3), np.array([[6, 8], [1, 5], [4, 3]], np.int32)
    step = plan_of(edit)(canvas_of(batch, sizes), **parameters)
    moved = np.asarray(jax.jit(lambda step, images: step.images(images))(step, batch))
    for image, result, (height, width), (new_height, new_width) in zip(
        batch, moved, sizes, step.canvas.sizes, strict=True
    ):
        expected = np.asarray(Image.fromarray(image[:height, :width]).transpose(method))
        np.testing.assert_array_equal(result[:new_height, :new_width], expected)


@pytest.mark.parametrize("name", MOVES)
def test_points_and_the_matrix_agree_with_where_a_pixel_goes(name):
    edit, parameters, _ = MOVES[name]
    image, sizes = np.zeros((2, 5, 7, 1), np.uint8), np.array([[5, 7], [4, 3]])
    image[:, 1, 2] = 255
    frames = Frames(
        images=jnp.asarray(image),
        masks=jnp.asarray(image[..., 0] > 0),
        boxes=jnp.tile(jnp.array([2.0, 1.0, 3.0, 2.0]), (2, 1, 1)),
        keypoints=jnp.tile(jnp.array([2.5, 1.5]), (2, 1, 1)),
    )
    step = plan_of(edit)(canvas_of(image, sizes), **parameters)
    moved = jax.jit(apply)(step, frames)
    for index in range(2):
        row, column = np.argwhere(np.asarray(moved.images)[index, ..., 0])[0]
        np.testing.assert_array_equal(np.argwhere(np.asarray(moved.masks)[index]), [[row, column]])
        np.testing.assert_allclose(moved.keypoints[index, 0], (column + 0.5, row + 0.5))
        np.testing.assert_allclose(moved.boxes[index, 0], (column, row, column + 1, row + 1))
        back = step.stage().matrix[index] @ (column + 0.5, row + 0.5, 1.0)
        np.testing.assert_allclose(back, (2.5, 1.5, 1.0))
