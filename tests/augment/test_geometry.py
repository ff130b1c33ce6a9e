"""Flips, crops and warps move what they say, as often and as far as they say."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from gen_jax.augment.affine import RandomAffine, RandomPerspective, affine_matrix
from gen_jax.augment.crop import RandomCrop, RandomResizedCrop, resized_parts
from gen_jax.augment.erase import random_box
from gen_jax.augment.flip import HorizontalFlip, VerticalFlip

MANY = 2000


def key():
    return jax.random.key(0)


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize(("policy", "axis"), [(HorizontalFlip, 2), (VerticalFlip, 1)])
@pytest.mark.parametrize("probability", [0.0, 0.3, 1.0])
def test_flips_happen_as_often_as_asked(policy, axis, probability):
    images = noise(MANY, 2, 3, 1)
    out = np.asarray(policy(probability=probability).apply(jnp.asarray(images), key()))
    flipped = (out == np.flip(images, axis)).all(axis=(1, 2, 3))
    assert (flipped | (out == images).all(axis=(1, 2, 3))).all()
    assert abs(flipped.mean() - probability) < 4 * math.sqrt(0.25 / MANY)


@pytest.mark.parametrize(("mode", "numpy_mode"), [("constant", "constant"), ("edge", "edge"), ("reflect", "reflect")])
def test_a_random_crop_is_a_window_of_the_padded_image(mode, numpy_mode):
    images = noise(200, 6, 7, 3)
    options = {"constant_values": 9} if mode == "constant" else {}
    padded = np.pad(images, ((0, 0), (3, 3), (3, 3), (0, 0)), numpy_mode, **options)
    out = np.asarray(RandomCrop(padding=3, mode=mode, fill=9).apply(jnp.asarray(images), key()))
    seen = set()
    for image, moved in zip(padded, out, strict=True):
        places = [(t, s) for t in range(7) for s in range(7) if (image[t : t + 6, s : s + 7] == moved).all()]
        assert places
        seen |= set(places[:1])
    assert len(seen) > 40  # of 49


def test_parts_are_resized_as_pillow_does():
    images = noise(5, 40, 33, 3)
    images[3] = np.linspace(0, 255, 40)[:, None, None]
    boxes = np.array([(0, 0, 40, 33), (3, 5, 1, 1), (10, 2, 25, 7), (1, 1, 30, 30), (39, 0, 1, 33)])
    top, left, height, width = jnp.asarray(boxes).T
    for size in ((16, 16), (1, 50)):
        out = resized_parts(jnp.asarray(images), top=(top, left), sides=(height, width), size=size)
        for image, (t, s, h, w), resized in zip(images, boxes, np.asarray(out, int), strict=True):
            part = Image.fromarray(image).crop((s, t, s + w, t + h))
            expected = np.asarray(part.resize(size[::-1], Image.Resampling.BILINEAR), int)
            assert np.abs(resized - expected).max() <= 1


def test_random_parts_have_areas_and_shapes_in_their_ranges():
    heights, widths = (np.asarray(side) for side in random_box(key(), MANY, (200, 300), (0.1, 0.3), (0.5, 2.0)))
    area, ratio = heights * widths / 60000, heights / widths
    assert area.min() > 0.09 and area.max() < 0.31 and abs(area.mean() - 0.2) < 0.01
    assert ratio.min() > 0.48 and ratio.max() < 2.05 and abs(np.log(ratio).mean()) < 0.02


def test_a_resized_crop_shows_a_part_of_the_image_and_never_its_outside():
    ramp = np.broadcast_to(np.arange(64, dtype=np.float32)[None, :, None, None] / 64 + 0.25, (300, 64, 64, 1))
    out = np.asarray(RandomResizedCrop(scale=(0.1, 0.5)).apply(jnp.asarray(ramp), key()))
    assert out.min() >= 0.25 - 1e-5 and out.max() <= 63 / 64 + 0.25 + 1e-5
    share = (out[:, -1, 0, 0] - out[:, 0, 0, 0]) * 64 / 63  # height of the part
    assert share.min() > 0.2 and share.max() < 0.9 and np.std(share) > 0.05
    assert RandomResizedCrop(size=(8, 9)).apply(jnp.asarray(ramp[:2]), key()).shape == (2, 8, 9, 1)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (64, 2)])
def test_images_too_long_for_any_allowed_part_show_their_middle(shape):
    images = noise(4, *shape, 3)
    assert RandomResizedCrop(scale=(0.9, 1.0)).apply(jnp.asarray(images), key()).shape == images.shape


def test_the_matrix_of_a_warp_undoes_slant_turn_size_and_shift():
    degrees, shift, factor, slant = 30.0, (3.0, -2.0), 1.2, (10.0, -5.0)
    turn, x, y = math.radians(degrees), math.tan(math.radians(slant[0])), math.tan(math.radians(slant[1]))
    about = np.array([[1, 0, 8], [0, 1, 5], [0, 0, 1.0]])
    move = np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1.0]])
    rotation = np.array([[math.cos(turn), -math.sin(turn), 0], [math.sin(turn), math.cos(turn), 0], [0, 0, 1 / factor]])
    shear = np.array([[1, 0, 0], [-y, 1, 0], [0, 0, 1.0]]) @ np.array([[1, -x, 0], [0, 1, 0], [0, 0, 1.0]])
    forward = move @ about @ (factor * rotation) @ shear @ np.linalg.inv(about)
    matrix = affine_matrix(
        (16, 10),
        degrees=jnp.array([degrees]),
        shift=jnp.array([[shift[0]], [shift[1]]]),
        factor=jnp.array([factor]),
        slant=jnp.array([[slant[0]], [slant[1]]]),
    )
    np.testing.assert_allclose(matrix[0], np.linalg.inv(forward)[:2].reshape(-1), atol=1e-5)


def test_a_turn_is_clockwise():
    image = noise(1, 9, 9, 3)
    out = RandomAffine(degrees=(90.0, 90.0)).apply(jnp.asarray(image), key())
    np.testing.assert_array_equal(out[0], np.rot90(image[0], -1))


def test_a_shift_is_by_whole_pixels_no_farther_than_asked():
    images = np.zeros((MANY // 4, 20, 40, 1), np.uint8)
    images[:, 10, 20] = 255
    out = np.asarray(RandomAffine(translate=(0.1, 0.25)).apply(jnp.asarray(images), key()))
    assert (out.sum(axis=(1, 2, 3)) == 255).all()
    _, rows, columns, _ = np.nonzero(out)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (5, 15, 16, 24)


def test_a_warp_without_ranges_changes_nothing():
    images = noise(3, 11, 8, 3)
    np.testing.assert_array_equal(RandomAffine().apply(jnp.asarray(images), key()), images)


def test_a_perspective_keeps_the_corners_inside_and_the_fill_outside():
    images = np.full((64, 40, 40, 1), 200, np.uint8)
    out = np.asarray(RandomPerspective(probability=1.0, distortion=0.5, fill=7).apply(jnp.asarray(images), key()))
    assert set(np.unique(out)) == {7, 200}
    covered = (out == 200).mean(axis=(1, 2, 3))
    assert covered.min() > 0.2 and covered.max() < 1.0
    assert (out[:, 20, 20] == 200).all()
    same = RandomPerspective(probability=1.0, distortion=0.0).apply(jnp.asarray(noise(2, 9, 9, 3)), key())
    np.testing.assert_array_equal(same, noise(2, 9, 9, 3))
