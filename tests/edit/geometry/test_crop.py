"""Windows against Pillow's crop and torchvision's centre crop."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from gen_jax.edit.canvas import canvas_of
from gen_jax.edit.frames import Frames, apply
from gen_jax.edit.geometry.crop import center_crop, crop
from gen_jax.edit.kernel import plan_of
from gen_jax.errors import UserError


def noise(*shape):
    return np.random.default_rng(sum(shape)).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("channels", [3, 4])
def test_a_window_anywhere_equals_pillow(channels):
    image = noise(6, 9, channels)
    for top, left in [(0, 0), (1, 2), (-2, 3), (4, 6), (-9, -9), (50, 0), (-1, -1)]:
        expected = np.asarray(Image.fromarray(image).crop((left, top, left + 5, top + 4)))
        np.testing.assert_array_equal(crop(image, top=top, left=left, height=4, width=5), expected)


def test_a_window_larger_than_the_image_is_filled():
    image = noise(3, 4, 3)
    expected = np.asarray(Image.fromarray(image).crop((-2, -1, 7, 6)))
    np.testing.assert_array_equal(crop(image, top=-1, left=-2, height=7, width=9), expected)
    filled = np.asarray(crop(image, top=-1, left=-2, height=7, width=9, fill=(1, 2, 3)))
    assert filled[0, 0].tolist() == [1, 2, 3]
    as_float = crop((image / np.float32(255)).astype(np.float32), top=-1, left=-2, height=7, width=9, fill=(1, 2, 3))
    np.testing.assert_allclose(as_float * 255, filled, atol=1e-4)


def test_each_image_has_its_own_window_and_new_ones_do_not_compile():
    batch = noise(3, 8, 9, 3)
    traces = []

    @jax.jit
    def run(step, images):
        traces.append(None)
        return step.images(images)

    for tops, lefts in [([0, 1, 2], [3, 4, 0]), ([-3, 7, 2], [3, -4, 20])]:
        step = plan_of(crop)(canvas_of(batch), top=np.array(tops), left=np.array(lefts), height=4, width=5)
        results = run(step, batch)
        for image, result, top, left in zip(batch, np.asarray(results), tops, lefts, strict=True):
            expected = np.asarray(Image.fromarray(image).crop((left, top, left + 5, top + 4)))
            np.testing.assert_array_equal(result, expected)
    assert len(traces) == 1


def test_positions_may_be_traced():
    image = noise(6, 9, 3)
    result = jax.jit(lambda top: crop(image, top=top, left=2, height=4, width=5))(jnp.int32(1))
    np.testing.assert_array_equal(result, image[1:5, 2:7])


def middle_of(image, height, width):
    """What torchvision's center_crop does, in its own order: pad, then cut."""
    over, across = max(height - image.shape[0], 0), max(width - image.shape[1], 0)
    image = np.pad(image, ((over // 2, (over + 1) // 2), (across // 2, (across + 1) // 2), (0, 0)))
    top, left = round((image.shape[0] - height) / 2), round((image.shape[1] - width) / 2)
    return image[top : top + height, left : left + width]


@pytest.mark.parametrize("size", [(4, 4), (3, 6), (8, 9), (5, 5), (10, 3), (9, 12)])
def test_the_middle_is_that_of_torchvision(size):
    image = noise(7, 9, 3)
    np.testing.assert_array_equal(center_crop(image, size=size), middle_of(image, *size))


def test_windows_of_different_images_fill_outside_the_true_size():
    batch, sizes = noise(2, 8, 9, 1), np.array([[8, 9], [3, 5]], np.int32)
    step = plan_of(crop)(canvas_of(batch, sizes), top=1, left=2, height=4, width=5)
    middle = plan_of(center_crop)(canvas_of(batch, sizes), size=(4, 4))
    for image, window, square, (height, width) in zip(
        batch, np.asarray(step.images(batch)), np.asarray(middle.images(jnp.asarray(batch))), sizes, strict=True
    ):
        alone = image[:height, :width]
        expected = np.asarray(Image.fromarray(alone[..., 0]).crop((2, 1, 7, 5)))
        np.testing.assert_array_equal(window[..., 0], expected)
        np.testing.assert_array_equal(square, middle_of(alone, 4, 4))
    assert step.canvas.sizes is None


def test_targets_and_the_matrix_move_with_the_window():
    frames = Frames(
        images=jnp.ones((1, 6, 6, 3)),
        masks=jnp.ones((1, 6, 6), jnp.int32),
        boxes=jnp.array([[[0.0, 0.0, 3.0, 3.0]]]),
        keypoints=jnp.array([[[2.5, 3.5]]]),
    )
    step = plan_of(crop)(canvas_of(frames.images), top=2, left=-1, height=5, width=4, fill=255)
    moved = apply(step, frames)
    np.testing.assert_array_equal(moved.keypoints, [[[3.5, 1.5]]])
    np.testing.assert_array_equal(moved.boxes, [[[1.0, 0.0, 4.0, 1.0]]])
    np.testing.assert_array_equal(moved.masks[0, :, 0], 0)
    np.testing.assert_allclose(step.stage().matrix[0] @ (3.5, 1.5, 1.0), (2.5, 3.5, 1.0))


def test_a_gradient_goes_to_the_pixels_of_the_window_only():
    gradient = jax.grad(lambda image: crop(image, top=-1, left=1, height=3, width=3).sum())(jnp.ones((4, 4, 1)))
    expected = np.zeros((4, 4, 1))
    expected[:2, 1:] = 1
    np.testing.assert_array_equal(gradient, expected)


def test_a_window_without_rows_or_a_half_pixel_is_refused():
    image = noise(4, 4, 3)
    with pytest.raises(UserError, match=r"\(0, 3\)"):
        crop(image, top=0, left=0, height=0, width=3)
    with pytest.raises(UserError, match=r"top is 0.5; allowed are whole numbers"):
        crop(image, top=0.5, left=0, height=2, width=3)
