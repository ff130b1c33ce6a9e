"""fit, contain, cover and letterbox against ImageOps."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image, ImageOps

from gen_jax.edit.canvas import canvas_of
from gen_jax.edit.geometry.fit import contain, cover, fit, letterbox
from gen_jax.edit.kernel import plan_of
from gen_jax.errors import UserError

BILINEAR = Image.Resampling.BILINEAR
EDITS = {"fit": fit, "contain": contain, "cover": cover, "letterbox": letterbox}
ORACLES = {"fit": ImageOps.fit, "contain": ImageOps.contain, "cover": ImageOps.cover, "letterbox": ImageOps.pad}


def noise(*shape):
    return np.random.default_rng(sum(shape)).integers(0, 256, shape, np.uint8)


def expected_of(name, image, size, method=Image.Resampling.BICUBIC, **options):
    return np.asarray(ORACLES[name](Image.fromarray(image), size[::-1], method=method, **options))


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize(
    ("shape", "size"), [((20, 31), (12, 12)), ((31, 20), (12, 12)), ((16, 16), (8, 8)), ((21, 14), (7, 23))]
)
def test_a_frame_equals_pillow(name, shape, size):
    image = noise(*shape, 3)
    np.testing.assert_array_equal(EDITS[name](image, size=size), expected_of(name, image, size))


@pytest.mark.parametrize("name", ["contain", "cover"])
def test_sizes_equal_pillow_for_many_shapes(name):
    for seed in range(200):
        height, width, high, wide = (int(n) for n in np.random.default_rng(seed).integers(20, 90, 4))
        canvas = canvas_of(np.zeros((height, width, 3), np.uint8))
        left = plan_of(EDITS[name])(canvas, size=(high, wide), resample="nearest").canvas
        picture = ORACLES[name](Image.new("L", (width, height)), (wide, high), method=Image.Resampling.NEAREST)
        assert (left.width, left.height) == picture.size


@pytest.mark.parametrize("centering", [(0.0, 0.0), (1.0, 1.0), (0.3, 0.8)])
def test_centering_equals_pillow(centering):
    for image in (noise(20, 31, 3), noise(31, 20, 4)):
        for name in ("fit", "letterbox"):
            result = EDITS[name](image, size=(12, 13), resample="bilinear", centering=centering)
            np.testing.assert_array_equal(result, expected_of(name, image, (12, 13), BILINEAR, centering=centering))


def test_the_rest_of_a_letterbox_has_the_colour():
    image = noise(20, 31, 3)
    result = letterbox(image, size=(30, 20), fill=(200, 100, 50))
    np.testing.assert_array_equal(result, expected_of("letterbox", image, (30, 20), color=(200, 100, 50)))
    step = plan_of(letterbox)(canvas_of(image), size=(30, 20), fill=255)
    np.testing.assert_array_equal(np.asarray(step.labels(jnp.ones((1, 20, 31, 1))))[0, 0], 0)
    np.testing.assert_allclose(step.points(jnp.array([[[0.0, 0.0], [31.0, 20.0]]])), [[[0, 8], [20, 21]]])


@pytest.mark.parametrize("name", EDITS)
def test_images_of_different_sizes_equal_each_alone(name):
    batch = noise(4, 32, 40, 3)
    traces = []

    @jax.jit
    def run(step, images):
        traces.append(None)
        return step.images(images)

    for sizes in ([[32, 40], [20, 31], [31, 20], [16, 16]], [[30, 40], [21, 33], [32, 25], [18, 16]]):
        step = plan_of(EDITS[name])(canvas_of(batch, sizes), size=(12, 15), resample="bilinear")
        results = np.asarray(run(step, batch))
        left = [(12, 15)] * 4 if step.canvas.sizes is None else step.canvas.sizes
        for image, result, (height, width), (high, wide) in zip(batch, results, sizes, left, strict=True):
            alone = np.ascontiguousarray(image[:height, :width])
            np.testing.assert_array_equal(result[:high, :wide], expected_of(name, alone, (12, 15), BILINEAR))
    assert len(traces) == 1


def test_a_wrong_centering_is_refused():
    with pytest.raises(UserError, match="centering"):
        fit(noise(4, 4, 3), size=(2, 2), centering=(2.0, 0.0))
    with pytest.raises(UserError, match="centering"):
        letterbox(noise(4, 4, 3), size=(2, 2), centering=(0.0, -1.0))
