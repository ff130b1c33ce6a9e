"""elastic bends by Gaussian-smoothed noise: the picture, its masks and its points all the same way."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.edit.canvas import canvas_of
from gen_jax.edit.frames import Frames, apply
from gen_jax.edit.geometry.elastic import elastic
from gen_jax.edit.kernel import plan_of
from gen_jax.edit.step import execute

from .peers import noise, smooth


def plan(images, **parameters):
    return plan_of(elastic)(canvas_of(images), **parameters)


def test_no_strength_is_no_change():
    images = noise(2, 9, 12, 3)
    for resample in ("nearest", "bicubic"):
        np.testing.assert_array_equal(elastic(images, alpha=0.0, resample=resample), images)


def test_the_field_is_smooth_noise_of_the_said_strength():
    step = plan(noise(2, 96, 96, 1), alpha=30.0, sigma=4.0)
    field = np.asarray(jax.jit(type(step).displacement)(step))[:, 16:-16, 16:-16]
    np.testing.assert_allclose(field.std(), 30 * 0.163 / 4, rtol=0.15)
    steps = np.diff(field, axis=1).std() / field.std()
    np.testing.assert_allclose(steps, 1 / (4 * np.sqrt(2)), rtol=0.15)  # of Gaussian-smoothed white noise
    assert abs(np.corrcoef(field[0].ravel(), field[1].ravel())[0, 1]) < 0.3


def test_seeds_repeat_and_differ():
    images = noise(2, 9, 12, 3)
    first, again, other = (np.asarray(elastic(images, seed=seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    one, two = np.asarray(elastic(np.stack([images[0]] * 2), seed=np.array([5, 5])))
    np.testing.assert_array_equal(one, two)
    one, two = np.asarray(elastic(np.stack([images[0]] * 2), seed=5))
    assert (one != two).any()


def test_an_image_bends_the_same_on_a_larger_canvas():
    batch, sizes = noise(2, 24, 30, 3), np.array([(17, 19), (24, 30)])
    seeds = np.array([7, 8])
    step = plan_of(elastic)(canvas_of(batch, sizes), seed=seeds)
    bent = np.asarray(execute(step, batch))
    for index, (height, width) in enumerate(sizes):
        alone = elastic(batch[index : index + 1, :height, :width], seed=seeds[index : index + 1])[0]
        assert np.abs(bent[index, :height, :width].astype(int) - alone).max() <= 1


def test_points_are_where_the_displacement_leads_back_to_them():
    images = noise(2, 40, 48, 1)
    step = plan(images, alpha=60.0, sigma=6.0, seed=2)
    field = np.asarray(jax.jit(type(step).displacement)(step))
    points = np.random.default_rng(0).uniform(6, 34, (2, 9, 2)).astype(np.float32)
    found = np.asarray(jax.jit(lambda step, points: step.points(points))(step, points))
    assert np.abs(found - points).max() > 0.5
    for image in range(2):
        for there, point in zip(found[image], points[image], strict=True):
            column, row = (int(part) for part in np.floor(there - 0.5))
            across, down = there - 0.5 - (column, row)
            (a, b), (c, d) = field[image, row : row + 2, column : column + 2]
            moved = (a * (1 - across) + b * across) * (1 - down) + (c * (1 - across) + d * across) * down
            np.testing.assert_allclose(there + moved, point, atol=1e-3)


def test_masks_and_points_follow_the_picture():
    centres = np.array([(20.5, 15.5), (40.5, 30.5), (30.5, 40.5)])
    y, x = np.mgrid[:56, :64] + 0.5
    blobs = [np.exp(-((x - u) ** 2 + (y - v) ** 2) / 8) for u, v in centres]
    images = np.stack(blobs, axis=-1)[None].astype(np.float32)
    frames = Frames(images=images, masks=images > 0.5, keypoints=centres[None].astype(np.float32))
    moved = jax.jit(apply)(plan(images, alpha=50.0, sigma=6.0, seed=2), frames)
    for index in range(3):
        bent = np.asarray(moved.images)[0, ..., index]
        column, row = (int(part) for part in np.asarray(moved.keypoints)[0, index])
        assert bent[row, column] > 0.75  # the top of the blob: exp(-1/16) at half a pixel from it, if not squeezed
        assert moved.masks[0, row, column, index]
        assert (np.asarray(moved.masks)[0, ..., index] == (bent > 0.5)).mean() > 0.99


def test_gradients_are_finite_in_strength_width_and_pixels():
    images = smooth(1, 20, 24)

    @jax.jit
    def run(alpha, sigma, images):
        return jax.value_and_grad(lambda a, s, i: jnp.sum(jnp.square(elastic(i, alpha=a, sigma=s))), (0, 1, 2))(
            alpha, sigma, images
        )

    for alpha in (0.0, 8.0):
        assert all(np.isfinite(part).all() for part in run(alpha, 3.0, images)[1])


def test_new_values_do_not_trace_again():
    traces = []

    @jax.jit
    def run(step, images):
        traces.append(1)
        return step.images(images)

    images = noise(2, 12, 9, 3)
    for alpha, sigma, seed in ((1.0, 2.0, 1), (20.0, 9.0, 2)):
        run(plan(images, alpha=alpha, sigma=sigma, seed=seed), images)
    assert len(traces) == 1


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (5, 1)])
def test_tiny_images_bend(size):
    assert elastic(noise(*size, 3)).shape == (*size, 3)
