"""perspective is Pillow's, from eight numbers or from four points."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from gen_jax.edit.canvas import canvas_of
from gen_jax.edit.geometry.perspective import perspective
from gen_jax.edit.kernel import plan_of
from gen_jax.edit.step import execute
from gen_jax.errors import UserError

from .peers import ALLOWED, RESAMPLES, SIZES, largest_difference, noise, slope, smooth, to_array, to_pillow


def transformed(image, matrix, resample, size):
    method = Image.Transform.PERSPECTIVE
    return to_array(
        to_pillow(image).transform(size[::-1], method, tuple(matrix), RESAMPLES[resample], fillcolor=(9, 8, 7))
    )


def matrices(height, width, count=16):
    """Seen from anywhere, some from behind, some hardly at all."""
    found = np.random.default_rng(width).normal(size=(count, 8))
    found[:, [2, 5]] *= width / 2
    found[:, 6:] *= np.logspace(-3, 0, count)[:, None] / width
    found[0, 6:] = 0.0
    return found


@pytest.mark.parametrize("resample", RESAMPLES)
@pytest.mark.parametrize("size", [*SIZES, (150, 222)])
def test_eight_numbers_are_pillows(size, resample):
    image, every = noise(*size, 3), matrices(*size)
    batch = np.broadcast_to(image, (len(every), *image.shape))
    for left in (size, (50, 61)):
        found = np.asarray(perspective(batch, matrix=every, size=left, resample=resample, fill=(9, 8, 7)))
        for matrix, made in zip(every, found, strict=True):
            assert largest_difference(made, transformed(image, matrix, resample, left)) <= ALLOWED[resample]


CORNERS = np.array([(0.0, 0.0), (40.0, 0.0), (40.0, 30.0), (0.0, 30.0)])
ENDS = np.array([(3.0, 2.0), (35.0, 5.0), (38.0, 28.0), (1.0, 25.0)])


def test_four_points_go_to_four_points():
    batch = noise(2, 30, 40, 3)
    ends = np.stack([ENDS, CORNERS])
    step = plan_of(perspective)(canvas_of(batch), start=CORNERS, end=ends)
    np.testing.assert_allclose(step.points(jnp.asarray(np.stack([CORNERS] * 2), jnp.float32)), ends, atol=1e-4)
    np.testing.assert_array_equal(perspective(batch, start=CORNERS, end=ends)[1], batch[1])


def test_points_go_where_the_picture_goes():
    image = np.zeros((1, 30, 40, 1), np.float32)
    image[0, 12:15, 22:25] = 1.0
    step = plan_of(perspective)(canvas_of(image), start=CORNERS, end=ENDS, resample="bilinear")
    moved = np.asarray(execute(step, image))[0, ..., 0]
    y, x = np.mgrid[:30, :40] + 0.5
    found = np.array([(moved * x).sum(), (moved * y).sum()]) / moved.sum()
    np.testing.assert_allclose(step.points(jnp.array([[[23.5, 13.5]]]))[0, 0], found, atol=0.1)


def test_traced_points_are_the_known_ones_and_have_a_gradient():
    images = smooth(1, 30, 40)
    weights = np.zeros((1, 30, 40, 3), np.float32)
    weights[:, 10:18, 12:24] = np.random.default_rng(0).normal(size=(8, 12, 3))

    @jax.jit
    def run(shift, images, weights):
        def loss(shift):
            ends = jnp.asarray(ENDS, jnp.float32).at[0, 0].add(shift)
            made = perspective(images, start=CORNERS, end=ends, resample="bilinear")
            return jnp.sum(made * weights), made

        return jax.value_and_grad(loss, has_aux=True)(shift)

    (_, made), gradient = run(0.0, images, weights)
    known = perspective(images, start=CORNERS, end=ENDS, resample="bilinear")
    assert (np.abs(made - known) > 1 / 255).mean() < 5e-3
    numeric = slope(lambda shift: run(shift, images, weights)[0][0], 0.0, 0.1)
    np.testing.assert_allclose(gradient, numeric, rtol=0.05, atol=0.01)


def test_images_of_different_sizes_are_each_as_alone():
    sizes = np.array([(20, 12), (31, 33)])
    batch, every = noise(2, 31, 33, 3), matrices(31, 33)[4:6]
    step = plan_of(perspective)(canvas_of(batch, sizes), matrix=every, resample="bilinear")
    found = np.asarray(execute(step, batch))
    for index, (height, width) in enumerate(sizes):
        alone = perspective(batch[index, :height, :width], matrix=every[index], resample="bilinear")
        np.testing.assert_array_equal(found[index, :height, :width], alone)


def test_mistakes_are_named():
    image = noise(4, 4, 3)
    for wrong in ({}, {"start": CORNERS}, {"matrix": np.ones(8), "start": CORNERS, "end": ENDS}):
        with pytest.raises(UserError, match="or start and end"):
            perspective(image, **wrong)
    with pytest.raises(UserError, match="four points"):
        perspective(image, start=CORNERS[:3], end=ENDS[:3])
    with pytest.raises(UserError, match="on a line"):
        perspective(image, start=CORNERS, end=np.stack([np.arange(4.0), np.arange(4.0)], axis=1))
