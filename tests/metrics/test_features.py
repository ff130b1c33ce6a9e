"""Extraction: every image once and in order, whatever the chunks and batches; sizes as Pillow makes them."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from gen_jax.errors import UserError
from gen_jax.metrics.features import FeatureNetwork, Outputs, extract, prepare
from gen_jax.metrics.networks import pixels, random_convolutions


def pictures(count, *shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), np.uint8)


def classify(weights, images):
    return Outputs(jnp.mean(images, axis=(1, 2)) * weights, jax.nn.softmax(jnp.mean(images, axis=(1, 2))))


CLASSIFIER = FeatureNetwork(
    name="means", weights=jnp.ones((1, 3)), weights_hash="", size=None, channels=3, apply=classify
)


@pytest.mark.parametrize("lengths", [[23], [1, 2, 20], [16, 7], [0, 5, 0, 18]])
@pytest.mark.parametrize("batch", [1, 8, 23, 40, 100])
def test_every_image_is_taken_once_and_in_order(lengths, batch):
    images = pictures(23, 4, 5, 3)
    chunks = np.split(images, np.cumsum(lengths)[:-1])
    result = extract(pixels.network(), iter(chunks), batch=batch)
    np.testing.assert_allclose(result.features, images.reshape(23, -1) / np.float32(255), rtol=1e-6)
    assert result.count == 23 and result.probabilities is None and result.features.dtype == np.float32


def test_the_batch_changes_rounding_only():
    images = pictures(70, 16, 16, 3)
    network = random_convolutions.network()
    small, large = (extract(network, [images], batch=batch).features for batch in (4, 64))
    np.testing.assert_allclose(small, large, rtol=1e-4, atol=1e-4)


def test_probabilities_come_along():
    images = pictures(9, 4, 4, 3)
    result = extract(CLASSIFIER, [images], batch=4)
    assert result.probabilities.shape == (9, 3)
    np.testing.assert_allclose(result.features, images.mean((1, 2)), rtol=1e-5)
    np.testing.assert_allclose(result.probabilities.sum(1), np.ones(9), rtol=1e-5)


def test_progress_counts_images():
    seen = []
    extract(pixels.network(), [pictures(20, 2, 2, 1)], batch=8, progress=seen.append)
    assert seen == [8, 16, 20]


def test_one_program_serves_all_batches_and_all_calls():
    traces = []

    def counting(weights, images):
        traces.append(images.shape)
        return classify(weights, images)

    network = dataclasses.replace(CLASSIFIER, apply=counting)
    for count in (5, 8, 21):
        extract(network, [pictures(count, 6, 6, 3)], batch=8)
    extract(dataclasses.replace(network, weights=2.0 * jnp.ones((1, 3))), [pictures(3, 6, 6, 3)], batch=8)
    assert len(traces) == 1


def test_reading_goes_on_while_the_device_computes():
    # The second batch is read before the first is waited for, and no chunk is read far ahead of its use.
    order = []

    def chunks():
        for index in range(4):
            order.append(f"read {index}")
            yield pictures(8, 4, 4, 3)

    extract(CLASSIFIER, chunks(), batch=8, progress=lambda count: order.append(f"done {count // 8 - 1}"))
    assert order.index("read 1") < order.index("done 0") < order.index("read 2")
    assert order.index("done 1") < order.index("read 3")


@pytest.mark.parametrize(("height", "width"), [(28, 28), (32, 48), (300, 40), (512, 384), (224, 100), (64, 64)])
def test_resizing_is_pillows_bicubic_in_float(height, width):
    # A checkerboard beside noise: what overshoots between the passes must be kept.
    images = pictures(2, height, width, 3)
    images[0] = 255 * ((np.indices((height, width)).sum(0) // 3) % 2)[..., None]
    result = np.asarray(prepare(jnp.asarray(images), size=64, channels=3))
    for image, ours in zip(images, result, strict=True):
        for channel in range(3):
            plane = Image.fromarray(image[..., channel].astype(np.float32))
            expected = np.asarray(plane.resize((64, 64), Image.Resampling.BICUBIC))
            np.testing.assert_allclose(ours[..., channel], expected, atol=1e-3)


def test_resizing_neither_clips_nor_rounds():
    image = np.zeros((1, 16, 16, 3), np.uint8)
    image[:, :, 8:] = 255
    result = np.asarray(prepare(jnp.asarray(image), size=24, channels=3))
    assert result.min() < -5.0 and result.max() > 260.0


def test_grey_is_repeated_and_alpha_laid_over_white():
    grey = pictures(2, 6, 6, 1)
    rgba = np.concatenate([pictures(2, 6, 6, 3, seed=1), pictures(2, 6, 6, 1, seed=2)], -1)
    white = np.asarray(prepare(jnp.asarray(rgba), size=None, channels=3))
    repeated = np.asarray(prepare(jnp.asarray(grey), size=None, channels=3))
    np.testing.assert_array_equal(repeated, np.repeat(grey, 3, -1))
    alpha = rgba[..., 3:] / 255.0
    np.testing.assert_allclose(white, rgba[..., :3] * alpha + 255 * (1 - alpha), rtol=1e-5, atol=1e-4)
    both = np.concatenate([grey, rgba[..., 3:]], -1)
    expected = np.repeat(grey * alpha + 255 * (1 - alpha), 3, -1)
    np.testing.assert_allclose(prepare(jnp.asarray(both), size=None, channels=3), expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize(
    ("chunks", "message"),
    [
        ([], "no images"),
        ([np.zeros((0, 4, 4, 3), np.uint8)], "no images"),
        ([np.zeros((2, 4, 4, 3), np.float32)], "chunk 0 is float32"),
        ([np.zeros((4, 4, 3), np.uint8)], r"chunk 0 is uint8 \(4, 4, 3\)"),
        ([np.zeros((2, 4, 4, 5), np.uint8)], "1 to 4 channels"),
        ([np.zeros((2, 4, 4, 3), np.uint8), np.zeros((2, 4, 5, 3), np.uint8)], "chunk 1 holds images"),
    ],
)
def test_what_are_no_images_is_refused(chunks, message):
    with pytest.raises(UserError, match=message):
        extract(pixels.network(), chunks)


def test_a_batch_below_one_is_refused():
    with pytest.raises(UserError, match="batch: 0"):
        extract(pixels.network(), [pictures(2, 4, 4, 3)], batch=0)
