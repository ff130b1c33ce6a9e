"""Resize, with every filter, against Pillow; its float path, its gradient, its boxes."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from gen_jax.edit.canvas import canvas_of
from gen_jax.edit.frames import Frames, apply
from gen_jax.edit.geometry.resize import resize
from gen_jax.edit.geometry.resize_weights import FILTERS
from gen_jax.edit.kernel import plan_of
from gen_jax.errors import UserError

METHODS = {"nearest": 0, "box": 4, "bilinear": 2, "hamming": 5, "bicubic": 3, "lanczos": 1}
MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def noise(*shape, extreme=False):
    levels = np.random.default_rng(sum(shape)).integers(0, 256, shape, np.uint8)
    return np.where(levels > 127, 255, 0).astype(np.uint8) if extreme else levels


def smooth(height, width):
    """A photograph's kind of content: slow changes, one sharp edge, all channels different."""
    y, x = np.mgrid[:height, :width] / 40.0
    planes = [np.sin(x * (1 + k) + y) * 90 + 120 + (x > y + k) * 40 for k in range(3)]
    return np.clip(np.stack(planes, axis=-1), 0, 255).astype(np.uint8)


def pillow(image, size, resample, box=None):
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    assert picture.mode == MODES[image.shape[-1]]
    result = np.asarray(picture.resize(size[::-1], METHODS[resample], box=box))
    return result[..., None] if result.ndim == 2 else result


@pytest.mark.parametrize("resample", METHODS)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((1, 1), (4, 7)),
        ((5, 1), (2, 9)),
        ((3, 7), (11, 2)),
        ((37, 53), (17, 61)),  # rows first
        ((53, 37), (20, 33)),  # rows first, both less
        ((64, 64), (32, 16)),  # by phases, 2 to 1 and 4 to 1
        ((48, 48), (96, 72)),  # by phases, 1 to 2 and 2 to 3
        ((200, 30), (7, 30)),
    ],
)
def test_a_size_equals_pillow(resample, before, after):
    image = noise(*before, 3, extreme=sum(before) % 2 == 0)
    np.testing.assert_array_equal(resize(image, size=after, resample=resample), pillow(image, after, resample))


@pytest.mark.parametrize("resample", METHODS)
def test_a_large_picture_equals_pillow(resample):
    image = smooth(523, 701)
    np.testing.assert_array_equal(
        resize(image, size=(260, 333), resample=resample), pillow(image, (260, 333), resample)
    )


@pytest.mark.parametrize("channels", [1, 2, 4])
@pytest.mark.parametrize("resample", ["nearest", "bilinear", "lanczos"])
def test_colour_is_weighted_by_alpha_as_in_pillow(channels, resample):
    for size in ((9, 30), (32, 16)):
        for image in (noise(16, 32, channels), noise(16, 32, channels, extreme=True)):
            np.testing.assert_array_equal(resize(image, size=size, resample=resample), pillow(image, size, resample))


def test_the_same_size_is_a_copy_even_of_colour_without_alpha():
    image = noise(5, 6, 4)
    np.testing.assert_array_equal(resize(image, size=(5, 6)), image)


@pytest.mark.parametrize("resample", METHODS)
def test_a_box_equals_pillow_and_a_new_one_does_not_compile(resample):
    image = noise(40, 30, 3)
    traces = []

    @jax.jit
    def run(step, images):
        traces.append(None)
        return step.images(images)

    for box in [(2.3, 4.1, 25.9, 33.3), (0.0, 0.0, 24.0, 30.0), (6.0, 7.5, 29.5, 38.0)]:
        step = plan_of(resize)(canvas_of(image), size=(21, 17), resample=resample, box=box)
        np.testing.assert_array_equal(run(step, image[None])[0], pillow(image, (21, 17), resample, box))
    assert len(traces) == 1


def test_each_image_may_have_its_box():
    batch = noise(2, 24, 24, 3)
    boxes = np.array([[1.5, 2.0, 20.0, 22.0], [0.0, 3.0, 9.0, 24.0]])
    for image, result, box in zip(batch, resize(batch, size=(10, 11), box=boxes), boxes, strict=True):
        np.testing.assert_array_equal(result, pillow(image, (10, 11), "bicubic", tuple(box)))


@pytest.mark.parametrize("resample", METHODS)
def test_a_traced_box_differs_by_at_most_one_level(resample):
    image, box = smooth(24, 24), (2.25, 4.5, 20.75, 21.0)
    result = jax.jit(lambda box: resize(image, size=(10, 11), resample=resample, box=box))(jnp.array(box))
    difference = np.abs(np.asarray(result).astype(int) - pillow(image, (10, 11), resample, box))
    assert difference.max() <= 1


@pytest.mark.parametrize("resample", ["nearest", "bilinear", "lanczos"])
def test_images_of_different_sizes_equal_each_alone(resample):
    batch = noise(4, 40, 36, 4)
    traces = []

    @jax.jit
    def run(step, images):
        traces.append(None)
        return step.images(images)

    for sizes in ([[40, 36], [1, 1], [40, 5], [7, 36]], [[40, 30], [39, 20], [40, 35], [36, 36]]):
        step = plan_of(resize)(canvas_of(batch, sizes), size=(15, 20), resample=resample)
        for image, result, (height, width) in zip(batch, run(step, batch), sizes, strict=True):
            alone = np.ascontiguousarray(image[:height, :width])
            np.testing.assert_array_equal(result, pillow(alone, (15, 20), resample))
    assert len(traces) <= 2  # the second needs fewer taps


@pytest.mark.parametrize("resample", METHODS)
@pytest.mark.parametrize("after", [(16, 16), (9, 50)])
def test_float_is_within_one_level_of_uint8(resample, after):
    for image in (noise(32, 32, 3, extreme=True), smooth(32, 32)):
        levels = resize(image.astype(np.float32) / 255, size=after, resample=resample) * 255
        difference = np.abs(np.clip(np.round(levels), 0, 255) - pillow(image, after, resample))
        assert difference.max() <= 1


def test_float_keeps_what_lies_beyond_white():
    image = np.full((8, 8, 3), 1.3, np.float32)
    np.testing.assert_allclose(resize(image, size=(5, 20), resample="lanczos"), 1.3, rtol=1e-5)


@pytest.mark.parametrize("resample", ["bilinear", "lanczos"])
def test_the_gradient_of_a_flat_picture_is_that_of_finite_differences(resample):
    weights = np.random.default_rng(0).normal(size=(6, 5, 1)).astype(np.float32)
    direction = np.random.default_rng(1).normal(size=(12, 8, 1)).astype(np.float32)

    @jax.jit
    def loss(image):
        return (resize(image, size=(6, 5), resample=resample) * weights).sum()

    slope = jax.jit(jax.grad(loss))
    for level in (0.0, 0.5, 1.0):
        image = jnp.full((12, 8, 1), level)
        step = 1e-3  # less than what the limits between the passes leave
        numeric = (loss(image + step * direction) - loss(image - step * direction)) / (2 * step)
        assert abs(float((slope(image) * direction).sum() - numeric)) < 2e-2


def test_gradients_are_finite_where_alpha_is_zero():
    image = np.zeros((8, 8, 4), np.float32)
    image[2:5, 2:5] = 1.0
    gradient = jax.jit(jax.grad(lambda image: resize(image, size=(5, 11), resample="lanczos").sum()))(
        jnp.asarray(image)
    )
    assert np.isfinite(gradient).all()


def test_many_taps_run_in_a_loop_and_have_a_gradient():
    image = noise(3, 700, 1)
    np.testing.assert_array_equal(resize(image, size=(3, 5), resample="lanczos"), pillow(image, (3, 5), "lanczos"))
    gradient = jax.jit(jax.grad(lambda image: resize(image, size=(3, 5), resample="box").sum()))(jnp.ones((3, 700, 1)))
    np.testing.assert_allclose(gradient.sum(), 15.0, rtol=1e-4)


def test_a_picture_of_many_megabytes_is_resized_in_strips():
    for image, size in ((smooth(1500, 2000), (380, 501)), (smooth(2400, 2400), (1200, 1200))):
        result = resize(image, size=size, resample="bilinear")
        np.testing.assert_array_equal(result, pillow(image, size, "bilinear"))


def test_vmap_over_a_stack_of_batches_gives_the_same():
    stack = noise(2, 3, 16, 16, 3)
    apart = [resize(batch, size=(8, 11)) for batch in stack]
    np.testing.assert_array_equal(jax.vmap(lambda batch: resize(batch, size=(8, 11)))(stack), np.stack(apart))


def test_masks_are_nearest_and_points_scale():
    masks = noise(1, 9, 12, 1)[..., 0]
    frames = Frames(
        images=jnp.zeros((1, 9, 12, 3)),
        masks=jnp.asarray(masks),
        boxes=jnp.array([[[0.0, 0.0, 12.0, 9.0]]]),
        keypoints=jnp.array([[[6.0, 3.0]]]),
    )
    step = plan_of(resize)(canvas_of(frames.images), size=(18, 8), resample="bicubic")
    moved = jax.jit(apply)(step, frames)
    np.testing.assert_array_equal(moved.masks[0], pillow(masks[0][..., None], (18, 8), "nearest")[..., 0])
    np.testing.assert_allclose(moved.keypoints, [[[4.0, 6.0]]])
    np.testing.assert_allclose(moved.boxes, [[[0.0, 0.0, 8.0, 18.0]]])
    part = plan_of(resize)(canvas_of(frames.images), size=(6, 6), box=(6, 3, 12, 9))
    np.testing.assert_allclose(part.points(jnp.array([[[7.0, 4.0]]])), [[[1.0, 1.0]]])


def test_weights_sum_to_one_within_rounding():
    for resample in FILTERS:
        levels = np.asarray(resize(np.full((13, 9, 1), 255, np.uint8), size=(7, 30), resample=resample))
        np.testing.assert_array_equal(levels, 255)


def test_wrong_choices_are_refused_in_one_line():
    image = noise(4, 4, 3)
    with pytest.raises(UserError, match=r"unknown resample 'cubic'.*bicubic"):
        resize(image, size=(2, 2), resample="cubic")
    with pytest.raises(UserError, match=r"allowed is \(height, width\)"):
        resize(image, size=(0, 2))
    with pytest.raises(UserError, match="0 <= left < right <= width"):
        resize(image, size=(2, 2), box=(0, 0, 5, 4))
