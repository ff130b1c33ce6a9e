"""Borders against Pillow's expand and numpy's pad."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image, ImageOps

from gen_jax.edit.canvas import canvas_of
from gen_jax.edit.geometry.pad import pad
from gen_jax.edit.kernel import plan_of
from gen_jax.errors import UserError

CONTINUED = ("edge", "reflect", "symmetric", "wrap")


def noise(*shape):
    return np.random.default_rng(sum(shape)).integers(0, 256, shape, np.uint8)


def test_a_colour_equals_pillow():
    image = noise(3, 5, 3)
    expected = ImageOps.expand(Image.fromarray(image), (4, 1, 2, 3), fill=(9, 8, 7))  # left, top, right, bottom
    np.testing.assert_array_equal(pad(image, widths=(1, 2, 3, 4), fill=(9, 8, 7)), expected)
    np.testing.assert_array_equal(pad(image, widths=2), ImageOps.expand(Image.fromarray(image), 2))
    np.testing.assert_array_equal(pad(image, widths=0), image)


@pytest.mark.parametrize("mode", CONTINUED)
@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 5, 3), (3, 4, 3)])
def test_a_continued_image_equals_numpy_however_wide(mode, shape):
    image = noise(*shape)
    expected = np.pad(image, ((1, 10), (9, 7), (0, 0)), mode=mode)
    np.testing.assert_array_equal(pad(image, widths=(1, 7, 10, 9), mode=mode), expected)


@pytest.mark.parametrize("mode", ["constant", *CONTINUED])
def test_images_of_different_sizes_continue_their_own_edge(mode):
    batch, sizes = noise(3, 6, 8, 2), np.array([[6, 8], [1, 5], [4, 3]], np.int32)
    step = plan_of(pad)(canvas_of(batch, sizes), widths=(3, 5), mode=mode)
    padded = np.asarray(jax.jit(lambda step, images: step.images(images))(step, batch))
    for image, result, (height, width), (new_height, new_width) in zip(
        batch, padded, sizes, step.canvas.sizes, strict=True
    ):
        expected = np.pad(image[:height, :width], ((3, 3), (5, 5), (0, 0)), mode=mode)
        np.testing.assert_array_equal(result[:new_height, :new_width], expected)


def test_masks_are_continued_or_empty_and_points_move():
    step = plan_of(pad)(canvas_of(noise(1, 2, 2, 3)), widths=(1, 0, 0, 3))
    framed = step.labels(jnp.full((1, 2, 2, 1), 7))
    assert framed.shape == (1, 3, 5, 1) and int((framed == 7).sum()) == 4
    np.testing.assert_array_equal(step.points(jnp.zeros((1, 1, 2))), [[[3.0, 1.0]]])
    np.testing.assert_allclose(step.stage().matrix[0] @ (3.0, 1.0, 1.0), (0.0, 0.0, 1.0))
    edge = plan_of(pad)(canvas_of(noise(1, 2, 2, 3)), widths=(1, 0, 0, 3), mode="edge")
    assert int((edge.labels(jnp.full((1, 2, 2, 1), 7)) == 7).sum()) == 15
    np.testing.assert_array_equal(edge.points(jnp.zeros((1, 1, 2))), [[[3.0, 1.0]]])


def test_a_gradient_counts_the_copies():
    gradient = jax.grad(lambda image: pad(image, widths=(0, 2), mode="edge").sum())(jnp.ones((1, 3, 1)))
    np.testing.assert_array_equal(gradient[0, :, 0], [3.0, 1.0, 3.0])


def test_a_negative_border_and_an_unknown_mode_are_refused():
    with pytest.raises(UserError, match="widths is -1"):
        pad(noise(2, 2, 3), widths=-1)
    with pytest.raises(UserError, match="allowed are constant, edge"):
        pad(noise(2, 2, 3), widths=1, mode="mirror")
