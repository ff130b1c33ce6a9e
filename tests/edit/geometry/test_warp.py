"""The resampler under rotate, affine and perspective: exact fixed point, exact spans, exact alpha."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from gen_jax.edit.canvas import Canvas, canvas_of
from gen_jax.edit.geometry.affine import affine
from gen_jax.edit.geometry.grid import exact_grid
from gen_jax.edit.geometry.sample import pixels, premultiplied, straight
from gen_jax.edit.geometry.spans import inside_spans
from gen_jax.edit.kernel import plan_of
from gen_jax.edit.step import execute

from .peers import noise


def canvas(height, width):
    return Canvas(batch=1, height=height, width=width, channels=3)


def test_sums_are_right_to_2_to_the_minus_32():
    rng = np.random.default_rng(0)
    matrix = np.concatenate(
        [rng.normal(size=(5, 2, 3)) * [1, 1, 300], np.broadcast_to([[[0, 0, 1.0]]], (5, 1, 3))], axis=1
    )
    grid = exact_grid(matrix, canvas(37, 53), projective=False)
    x, y = np.arange(53) + 0.5, np.arange(37)[:, None] + 0.5
    for sums, row in ((grid.x, matrix[:, 0]), (grid.y, matrix[:, 1])):
        exact = row[:, 0, None, None] * x + row[:, 1, None, None] * y + row[:, 2, None, None]
        for less in (0.0, 0.5):
            whole, fraction = (np.asarray(part, np.float64) for part in sums.total(less))
            assert np.abs(whole + fraction / 2**32 - (exact - less)).max() <= 2.0**-31


def brute_force(matrix, height, width, shape):
    """Whether each output pixel is inside, every one in float64 in Pillow's order."""
    x, y = np.arange(shape[1]) + 0.5, np.arange(shape[0])[:, None] + 0.5
    with np.errstate(all="ignore"):
        across, down, depth = (row[0] * x + row[1] * y + row[2] for row in matrix)
        if (matrix[2] != [0, 0, 1]).any():
            across, down = across / depth, down / depth
    return (across >= 0) & (across < width) & (down >= 0) & (down < height)


@pytest.mark.parametrize("projective", [False, True])
def test_spans_are_the_pixels_inside(projective):
    rng = np.random.default_rng(1)
    for trial in range(150):
        height, width, shape = *rng.integers(1, 60, 2), tuple(rng.integers(1, 70, 2))
        matrix = np.concatenate([rng.normal(size=(2, 3)), [[0.0, 0.0, 1.0]]])
        if trial % 3 == 0:  # ties: positions that fall exactly on the border
            matrix[:2] = np.round(matrix[:2] * 2) / 2
        matrix[:2, 2] *= 20
        if projective:
            matrix[2, :2] = rng.normal(size=2) / 30
        spans = inside_spans(matrix[None], canvas(height, width), canvas(*shape), projective=projective)[0]
        columns = np.arange(shape[1])
        found = np.zeros(shape, bool)
        for first in range(0, spans.shape[1], 2):
            found |= (columns >= spans[:, first, None]) & (columns < spans[:, first + 1, None])
        np.testing.assert_array_equal(found, brute_force(matrix, height, width, shape))


def test_spans_hold_where_the_slope_is_all_but_zero():
    matrix = np.array([[1e-16, 1.0, 0.0], [1.0, -1e-15, -3e-15], [0.0, 0.0, 1.0]])
    spans = inside_spans(matrix[None], canvas(50, 40), canvas(45, 61), projective=False)[0]
    columns = np.arange(61)
    found = (columns >= spans[:, :1]) & (columns < spans[:, 1:])
    np.testing.assert_array_equal(found, brute_force(matrix, 50, 40, (45, 61)))


def test_alpha_is_multiplied_and_divided_as_pillow_does():
    every = np.stack(np.meshgrid(np.arange(256), np.arange(256)), axis=-1).astype(np.uint8)
    rgba = np.concatenate([np.repeat(every[..., :1], 3, axis=-1), every[..., 1:]], axis=-1)[None]
    there = np.asarray(Image.fromarray(rgba[0]).convert("RGBa"))
    np.testing.assert_array_equal(premultiplied(jnp.asarray(rgba)), there[None])
    back = np.asarray(Image.frombytes("RGBa", (256, 256), rgba.tobytes()).convert("RGBA"))
    np.testing.assert_array_equal(straight(jnp.asarray(rgba)), back[None])


def test_pixels_of_a_batch_too_large_for_one_index_are_found_too():
    images, row, column = noise(2, 5, 7, 3), np.array([[[4, 0]]]), np.array([[[6, 3]]])
    found = pixels(jnp.asarray(images), jnp.asarray(column), jnp.asarray(row))
    np.testing.assert_array_equal(found, images[:, row[0], column[0]])

    def run(images):
        return pixels(images, jnp.asarray(column), jnp.asarray(row))

    huge = jax.eval_shape(run, jax.ShapeDtypeStruct((600, 2048, 2048, 3), jnp.uint8))
    assert huge.shape == (600, 1, 2, 3)


def test_masks_of_any_dtype_move_without_mixing():
    matrix = np.array([0.93, 0.21, -1.01, -0.12, 1.13, 0.47]) * np.sqrt(1.01)  # no position on a border
    step = plan_of(affine)(canvas_of(noise(2, 9, 12, 3)), matrix=matrix, resample="bilinear")
    levels = noise(2, 9, 12, 2)
    expected = np.asarray(affine(levels[..., :1], matrix=matrix))[..., 0]
    for dtype in (np.uint8, np.int32, np.float32, bool):
        masks = (levels > 128) if dtype is bool else levels.astype(dtype)
        moved = np.asarray(jax.jit(lambda step, masks: step.labels(masks))(step, masks))
        assert moved.dtype == dtype
        np.testing.assert_array_equal(moved[..., 0], expected > 128 if dtype is bool else expected.astype(dtype))


def test_a_matrix_that_cannot_be_undone_still_makes_an_image_and_finite_points():
    step = plan_of(affine)(canvas_of(noise(1, 4, 6, 3)), matrix=(0.0, 0.0, 2.5, 0.0, 0.0, 1.5))
    images = noise(1, 4, 6, 3)
    np.testing.assert_array_equal(execute(step, images), np.broadcast_to(images[:, 1:2, 2:3], images.shape))
    assert np.isfinite(step.points(jnp.ones((1, 2, 2)))).all()
