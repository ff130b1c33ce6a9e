"""Blurs against Pillow, against sums done by hand, and against themselves one image at a time."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads
from PIL import ImageFilter

from gen_jax.edit.filter.blur import box_blur, gaussian_blur, true_gaussian_blur, unsharp_mask
from gen_jax.edit.filter.box import box_passes, prefix_box, running_box
from gen_jax.edit.filter.window import REACHES, radius_of_three_boxes, window_of
from gen_jax.errors import UserError

RADII = ((0, 0.1, 0.5, 1, 2), (3.7, 9.3), (12, 100))
PLAIN, PILLOW = (gaussian_blur, box_blur), (ImageFilter.GaussianBlur, ImageFilter.BoxBlur)


@pytest.mark.parametrize("radii", RADII)
@pytest.mark.parametrize(("ours", "theirs"), list(zip(PLAIN, PILLOW, strict=True)))
def test_gaussian_and_box_equal_pillow_at_every_shape(pictures, pillow, radii, ours, theirs):
    for picture in pictures if ours is gaussian_blur else pictures[3:]:
        got = np.asarray(ours(np.stack([picture] * len(radii)), radius=np.array(radii)))
        for radius, image in zip(radii, got, strict=True):
            np.testing.assert_array_equal(image, pillow(picture, theirs(radius)))


@pytest.mark.parametrize(("low", "high"), [(0, 4), (4, 9), (9, 60)])
def test_two_hundred_radii_in_one_batch_equal_pillow_one_by_one(pillow, low, high):
    random = np.random.default_rng(2)
    picture, radii = random.integers(0, 256, (31, 26, 3), np.uint8), random.uniform(low, high, 200)
    for ours, theirs in zip(PLAIN, PILLOW, strict=True):
        got = np.asarray(ours(np.broadcast_to(picture, (200, 31, 26, 3)), radius=radii))
        for radius, image in zip(radii, got, strict=True):
            np.testing.assert_array_equal(image, pillow(picture, theirs(float(radius))))


def test_a_photograph_sized_picture_equals_pillow_near_and_far(pillow):
    row, column, channel = np.mgrid[0:701, 0:533, 0:3]
    smooth = 127 + 60 * np.sin(row / 40 + channel) + 50 * np.cos(column / 17)
    picture = (smooth + np.random.default_rng(3).normal(0, 5, smooth.shape)).clip(0, 255).astype(np.uint8)
    for radius in (2, 20):
        got = gaussian_blur(picture, radius=radius)
        np.testing.assert_array_equal(got, pillow(picture, ImageFilter.GaussianBlur(radius)))


def test_a_radius_of_its_own_for_each_axis_equals_pillow(pictures, pillow):
    for ours, theirs in zip(PLAIN, PILLOW, strict=True):
        got = ours(pictures[4], radius=3.7, radius_y=0.5)
        np.testing.assert_array_equal(got, pillow(pictures[4], theirs((3.7, 0.5))))


@pytest.mark.parametrize(("percent", "threshold"), [(150, 3), (0, 0), (33, 0), (777, 20), (200, 255)])
def test_unsharp_mask_equals_pillow(pictures, pillow, percent, threshold):
    for picture in pictures[4:6]:
        got = unsharp_mask(picture, radius=2.0, percent=percent, threshold=threshold)
        np.testing.assert_array_equal(got, pillow(picture, ImageFilter.UnsharpMask(2, percent, threshold)))


@pytest.mark.parametrize("radius", [1.7, 14.0])
def test_images_of_their_own_size_and_radius_are_blurred_as_if_alone(padded, radius):
    radii = np.array([radius, radius * 0.9, 0.0])
    padded(lambda images, sizes, index: gaussian_blur(images, radius=radii[index], sizes=sizes))
    padded(lambda images, sizes, index: unsharp_mask(images, radius=radii[index], sizes=sizes))
    padded(lambda images, sizes, index: true_gaussian_blur(images, sigma=radii[index], sizes=sizes))


def test_padding_of_nan_reaches_neither_a_float_image_nor_its_gradient():
    images, sizes = np.full((1, 6, 7, 1), np.nan, np.float32), np.array([[4, 5]], np.int32)
    images[0, :4, :5] = np.random.default_rng(4).random((4, 5, 1))
    for edit in (
        lambda x: gaussian_blur(x, radius=2.0, sizes=sizes),
        lambda x: gaussian_blur(x, radius=30.0, sizes=sizes),
        lambda x: true_gaussian_blur(x, sigma=1.0, sizes=sizes),
    ):
        alone = edit(jnp.asarray(images))[0, :4, :5]
        assert np.isfinite(alone).all()
        gradient = jax.grad(lambda x, edit=edit: edit(x)[0, :4, :5].sum())(jnp.asarray(images))
        assert np.isfinite(gradient).all()


def test_running_sums_and_prefix_sums_and_reading_every_pixel_agree():
    random = np.random.default_rng(5)
    lines = random.integers(0, 256, (29, 12), np.uint8)
    for radius, last in ((0.3, 28), (4.0, 28), (7.9, 20), (500.5, 28), (3.3, 0)):
        window = jax.tree.map(lambda leaf: leaf[0], window_of(np.array([radius], np.float32)))
        running = np.asarray(running_box(jnp.asarray(lines), window, jnp.int32(last)))
        prefix = np.asarray(prefix_box(jnp.asarray(lines), window, jnp.int32(last)))
        np.testing.assert_array_equal(running, prefix)
        unit = jnp.asarray(lines / np.float32(255))
        floats = running_box(unit, window, jnp.int32(last)), prefix_box(unit, window, jnp.int32(last))
        np.testing.assert_allclose(*floats, rtol=0, atol=2e-5)
        if radius + 1 <= REACHES[-1] and last == 28:
            near = window_of(np.array([radius], np.float32))
            read = box_passes(jnp.asarray(lines)[None, :, :, None], near, axis=1, passes=1, sizes=None)
            np.testing.assert_array_equal(read[0, :, :, 0], running)


def test_a_traced_radius_gives_the_known_one_to_a_level(pictures):
    traced = jax.jit(lambda image, radius: gaussian_blur(image, radius=radius))
    for radius in (0.0, 2.0, 9.3, 100.0):
        known = np.asarray(gaussian_blur(pictures[4], radius=radius)).astype(int)
        assert np.abs(np.asarray(traced(pictures[4], radius)) - known).max() <= 1


def test_radii_of_all_sizes_share_four_programs():
    structures = {
        jax.tree.structure(window_of(radius_of_three_boxes(np.array([radius])))) for radius in np.arange(0, 100, 0.1)
    }
    assert len(structures) == len(REACHES) + 1


def test_float_is_the_integer_blur_without_its_rounding(pictures):
    for picture in pictures[4:]:
        for radius in (2.0, 20.0):
            levels = np.asarray(gaussian_blur(picture, radius=radius)).astype(int)
            unit = np.asarray(gaussian_blur(picture / np.float32(255), radius=radius))
            assert np.abs(np.round(unit * 255) - levels).max() <= 1


@pytest.mark.parametrize("radius", [1.3, 12.4])
def test_gradients_of_the_image_and_of_the_radius_are_those_of_finite_differences(radius):
    image = jnp.asarray(np.random.default_rng(6).random((5, 6, 1)), jnp.float32)
    check_grads(lambda x: gaussian_blur(x, radius=radius), (image,), order=1, modes=["rev"], atol=1e-2, rtol=1e-2)
    weights = jnp.asarray(np.random.default_rng(7).normal(size=image.shape), jnp.float32)

    def loss(value):
        return jnp.sum(weights * box_blur(image, radius=value))

    slope = (loss(radius + 0.02) - loss(radius - 0.02)) / 0.04
    np.testing.assert_allclose(jax.grad(loss)(radius), slope, rtol=0.02, atol=1e-4)
    assert np.isfinite(jax.grad(lambda value: gaussian_blur(image, radius=value).sum())(0.0))


def test_the_true_gaussian_of_a_point_is_the_bell_curve():
    image = np.zeros((41, 41, 1), np.float32)
    image[20, 20] = 1.0
    distance = np.arange(-20, 21)
    for sigma in (0.6, 2.0, 4.0):
        line = np.exp(-0.5 * (distance / sigma) ** 2)
        got = np.asarray(true_gaussian_blur(image, sigma=sigma))[..., 0]
        np.testing.assert_allclose(got, np.outer(line, line) / line.sum() ** 2, atol=3e-5)


def test_the_true_gaussian_keeps_constants_and_is_the_identity_at_zero(pictures):
    np.testing.assert_array_equal(true_gaussian_blur(pictures[4], sigma=0.0), pictures[4])
    for picture in pictures[-3:]:
        np.testing.assert_array_equal(true_gaussian_blur(picture, sigma=30.0), picture)
    traced = jax.jit(lambda sigma: true_gaussian_blur(pictures[4], sigma=sigma))(2.0)
    np.testing.assert_allclose(traced, np.asarray(true_gaussian_blur(pictures[4], sigma=2.0)).astype(int), atol=1)


@pytest.mark.parametrize("radius", [-1, float("nan"), 1e9])
def test_a_radius_that_is_none_is_refused_by_name(radius):
    with pytest.raises(UserError, match="radius is"):
        gaussian_blur(np.zeros((2, 2, 3), np.uint8), radius=radius)
