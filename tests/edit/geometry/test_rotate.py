"""rotate is Pillow's Image.rotate, at every angle, about every centre, on every canvas."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.edit.canvas import canvas_of
from gen_jax.edit.frames import Frames, apply
from gen_jax.edit.geometry.rotate import rotate
from gen_jax.edit.kernel import plan_of
from gen_jax.edit.step import execute
from gen_jax.errors import UserError

from .peers import ALLOWED, RESAMPLES, SIZES, largest_difference, noise, slope, smooth, to_array, to_pillow

ANGLES = np.array([0, 30, 45, 90, 180, 270, 360, -12.3, 1e-3, 89.999, 359.5, 180.0001, -725.0, 123.4])


@pytest.mark.parametrize("resample", RESAMPLES)
@pytest.mark.parametrize(("size", "channels"), list(zip(SIZES, [3, 1, 3, 1, 3], strict=True)))
def test_every_angle_of_a_batch_is_pillows_at_the_border_too(size, channels, resample):
    image = noise(*size, channels)
    batch = np.broadcast_to(image, (len(ANGLES), *image.shape))
    for center in (None, (0.0, 0.0), (1.5, 2.25)):
        turned = np.asarray(rotate(batch, degrees=ANGLES, resample=resample, center=center, fill=17))
        for angle, found in zip(ANGLES, turned, strict=True):
            fill = (17,) * channels
            expected = to_pillow(image).rotate(angle, RESAMPLES[resample], center=center, fillcolor=fill)
            assert largest_difference(found, to_array(expected)) <= ALLOWED[resample]


@pytest.mark.parametrize("resample", RESAMPLES)
def test_large_noise_is_pillows(resample):
    image = noise(701, 640, 3)
    for angle in (30.0, 211.7):
        turned = rotate(image, degrees=angle, resample=resample)
        expected = to_pillow(image).rotate(angle, RESAMPLES[resample])
        assert largest_difference(turned, to_array(expected)) <= ALLOWED[resample]


@pytest.mark.parametrize("channels", [2, 4])
@pytest.mark.parametrize("resample", RESAMPLES)
def test_alpha_is_blended_as_pillow_blends_it(channels, resample):
    image = noise(32, 48, channels)
    image[..., -1] = np.maximum(image[..., -1], 128)  # a level of difference stays two at most when divided
    image[:8, :, -1], image[8:16, :, -1] = 0, 255
    angles = np.array([0.0, 30.0, 90.0, 180.0, 251.3])
    fill = (200, 10, 90, 128)[-channels:]
    turned = rotate(np.stack([image] * 5), degrees=angles, resample=resample, fill=fill)
    for angle, found in zip(angles, np.asarray(turned), strict=True):
        expected = to_array(to_pillow(image).rotate(angle, RESAMPLES[resample], fillcolor=fill))
        distance = np.abs(found.astype(int) - expected)
        assert (distance > ALLOWED[resample]).mean() < 1e-3
        if angle % 180 == 0:  # Pillow copies these; colours under alpha 0 live on
            assert not distance.any()


@pytest.mark.parametrize("size", [(1, 5), (3, 7), (33, 65), (40, 40)])
@pytest.mark.parametrize("center", [None, (1.5, 2.25)])
def test_expand_makes_pillows_canvas(size, center):
    image = noise(*size, 3)
    batch = np.stack([image] * len(ANGLES))
    step = plan_of(rotate)(canvas_of(batch), degrees=ANGLES, resample="bilinear", expand=True, center=center)
    turned = np.asarray(execute(step, batch))
    assert turned.shape[1:3] == tuple(step.canvas.sizes.max(axis=0))
    for angle, found, (height, width) in zip(ANGLES, turned, step.canvas.sizes, strict=True):
        expected = to_array(to_pillow(image).rotate(angle, RESAMPLES["bilinear"], expand=True, center=center))
        assert largest_difference(found[:height, :width], expected) <= 1


def test_expand_sets_no_sizes_where_all_are_equal():
    step = plan_of(rotate)(canvas_of(noise(3, 9, 12, 1)), degrees=30.0, expand=True)
    assert step.canvas.sizes is None
    two = plan_of(rotate)(canvas_of(noise(2, 9, 12, 1)), degrees=np.array([0.0, 90.0]), expand=True)
    np.testing.assert_array_equal(two.canvas.sizes, [[9, 12], [12, 9]])
    assert (two.canvas.height, two.canvas.width) == (12, 12)


def test_expand_of_a_traced_angle_says_what_to_do():
    with pytest.raises(UserError, match="expand=False"):
        jax.jit(lambda images, degrees: rotate(images, degrees=degrees, expand=True))(noise(4, 4, 3), 30.0)


def test_images_of_different_sizes_turn_each_about_its_own_centre():
    sizes = np.array([(20, 33), (31, 33)])
    batch, angles = noise(2, 31, 33, 3), np.array([30.0, 90.0])
    for expand in (False, True):
        for resample in ("nearest", "bilinear"):
            step = plan_of(rotate)(canvas_of(batch, sizes), degrees=angles, resample=resample, expand=expand)
            turned = np.asarray(execute(step, batch))
            for index, (height, width) in enumerate(sizes):
                alone = rotate(batch[index, :height, :width], degrees=angles[index], resample=resample, expand=expand)
                np.testing.assert_array_equal(turned[index, : alone.shape[0], : alone.shape[1]], alone)
                np.testing.assert_array_equal(step.canvas.sizes[index], alone.shape[:2])


def test_traced_angles_differ_by_a_level_and_a_few_pixels_of_the_border():
    images = (smooth(4, 64, 80) * 255).astype(np.uint8)
    angles = np.array([0.0, 12.0, 90.0, 222.2], np.float32)
    for resample in ("bilinear", "bicubic"):
        traced = jax.jit(lambda images, degrees, how=resample: rotate(images, degrees=degrees, resample=how))
        distance = np.abs(
            np.asarray(traced(images, angles)).astype(int) - rotate(images, degrees=angles, resample=resample)
        )
        assert (distance > 1).mean() < 1e-3


def test_float_images_are_the_levels_before_rounding():
    levels = noise(2, 33, 40, 3)
    for resample in RESAMPLES:
        real = np.asarray(rotate(levels.astype(np.float32) / 255, degrees=33.0, resample=resample, fill=51))
        whole = np.asarray(rotate(levels, degrees=33.0, resample=resample, fill=51))
        assert largest_difference(np.round(np.clip(real, 0, 1) * 255), whole) <= 1
    assert real.max() > 1.0 or real.min() < 0.0  # bicubic overshoots, and is not clipped


@pytest.mark.parametrize("resample", ["bilinear", "bicubic"])
def test_the_gradient_of_the_angle_is_the_slope(resample):
    images = smooth(1, 24, 28)
    weights = np.zeros((1, 24, 28, 3), np.float32)
    weights[:, 8:16, 10:18] = np.random.default_rng(0).normal(size=(8, 8, 3))

    @jax.jit
    @jax.value_and_grad
    def loss(degrees, images, weights):
        return jnp.sum(rotate(images, degrees=degrees, resample=resample) * weights)

    numeric = slope(lambda degrees: loss(degrees, images, weights)[0], 20.0, 0.05)
    np.testing.assert_allclose(loss(20.0, images, weights)[1], numeric, rtol=0.05, atol=0.01)
    for degrees in (0.0, 45.0, 90.0, 180.0):
        assert np.isfinite(loss(degrees, images, weights)[1])


@pytest.mark.parametrize("resample", RESAMPLES)
def test_the_gradient_of_the_pixels_is_the_transpose(resample):
    shape = (2, 9, 12, 3)
    angles = np.array([30.0, 90.0])
    rng = np.random.default_rng(0)
    images, cotangent = (rng.normal(size=shape).astype(np.float32) for _ in range(2))

    @jax.jit
    def both(images, cotangent):
        turned, pull = jax.vjp(lambda images: rotate(images, degrees=angles, resample=resample), images)
        return turned, pull(cotangent)[0]

    turned, pulled = both(images, cotangent)
    np.testing.assert_allclose(np.vdot(turned, cotangent), np.vdot(images, pulled), rtol=1e-4)


@pytest.mark.parametrize("channels", [2, 4])
def test_gradients_through_alpha_are_finite_where_it_is_0_and_1(channels):
    images = smooth(1, 9, 12, channels)
    images[:, :4, :, -1], images[:, 4:7, :, -1] = 0.0, 1.0
    gradient = jax.grad(lambda images: jnp.sum(jnp.square(rotate(images, degrees=31.0, resample="bilinear"))))
    assert np.isfinite(jax.jit(gradient)(images)).all()


def test_new_angles_and_fills_do_not_trace_again():
    traces = []

    @jax.jit
    def run(step, images):
        traces.append(1)
        return step.images(images)

    images = noise(2, 12, 9, 4)
    for angles in (0.0, 90.0, 13.0):
        for fill in (0, 9.0):
            run(plan_of(rotate)(canvas_of(images), degrees=angles, resample="bilinear", fill=fill), images)
    assert len(traces) == 1


def test_a_white_image_stays_white_inside():
    white = np.full((1, 64, 64, 3), 255, np.uint8)
    for resample in RESAMPLES:
        assert set(np.unique(rotate(white, degrees=27.0, resample=resample))) == {0, 255}


def test_masks_boxes_and_points_turn_with_the_image():
    picture = np.zeros((1, 41, 61, 1), np.uint8)
    picture[0, 10:14, 40:46] = 255
    frames = Frames(
        images=picture,
        masks=jnp.asarray(picture[..., 0] > 0),
        boxes=np.array([[[40, 10, 46, 14]]], np.float32),
        keypoints=np.array([[[43, 12]]], np.float32),
    )
    for expand in (False, True):
        step = plan_of(rotate)(canvas_of(picture), degrees=35.0, expand=expand)
        moved = jax.jit(apply)(step, frames)
        np.testing.assert_array_equal(moved.masks, moved.images[..., 0] > 0)
        rows, columns = np.nonzero(np.asarray(moved.masks)[0])
        np.testing.assert_allclose(moved.keypoints[0, 0], [columns.mean() + 0.5, rows.mean() + 0.5], atol=0.5)
        spanned = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        np.testing.assert_allclose(moved.boxes[0, 0], spanned, atol=1.0)


def test_a_wrong_resample_is_named():
    with pytest.raises(UserError, match="lanczos"):
        rotate(noise(4, 4, 3), degrees=3.0, resample="lanczos")
    with pytest.raises(UserError, match="2 images"):
        rotate(noise(2, 4, 4, 3), degrees=np.array([1.0, 2.0, 3.0]))
