"""Images drawn by rule: without end, each a function of its number, the same on one device and four."""

import dataclasses

import jax
import numpy as np
import pytest
from jax.sharding import AxisType
from PIL import Image

from gen_jax.data.config import LogoData, TextureData
from gen_jax.data.dataset import open_dataset, parse_source
from gen_jax.data.drawn import FIRST_NEW, with_channels
from gen_jax.data.pipeline import make_feed
from gen_jax.data.textures import TextureSource
from gen_jax.errors import UserError

SIZE = 16
TEXTURES = TextureData(names=("checker", "stripes", "gradient"), images=20, test_images=10)
LOGOS = LogoData(families=("rosette", "arcs"), images=8, test_images=4)


def mesh_of(devices):
    return jax.make_mesh((devices,), ("data",), axis_types=(AxisType.Auto,), devices=jax.devices()[:devices])


def feed_of(config, *, devices=1, batch=8, seed=5):
    dataset = open_dataset(config, size=SIZE)
    return make_feed(dataset, batch=batch, seed=seed, mesh=mesh_of(devices), steps_per_call=2, progress=False)


def one_batch(feed, step):
    block = feed.take(step, 1)
    batch = jax.jit(lambda constants, block, step: feed.batch(constants, block, 0, step))
    return jax.tree.map(np.asarray, batch(feed.constants, block, step))


@pytest.fixture(scope="module")
def texture_feed():
    return feed_of(TEXTURES)


@pytest.fixture(scope="module")
def texture_batches(texture_feed):
    return [one_batch(texture_feed, step) for step in range(3)]


def test_textures_take_turns_and_each_is_a_class(texture_batches):
    labels = np.concatenate([batch.labels for batch in texture_batches])
    np.testing.assert_array_equal(labels, np.arange(24) % 3)


def test_a_batch_shows_what_the_source_draws_of_its_numbers(texture_feed, texture_batches):
    source = TextureSource(TEXTURES, SIZE)
    positions = np.arange(8, 16, dtype=np.uint32)
    numbers = np.asarray(texture_feed._numbers(positions))
    for texture in range(3):
        rows = positions % 3 == texture
        images, _ = jax.jit(source.draw, static_argnums=0)(texture, np.resize(numbers[rows], 3))
        np.testing.assert_array_equal(texture_batches[1].images[rows], np.asarray(images)[: rows.sum()])


def test_no_image_that_trains_is_one_of_the_numbered_ones(texture_feed):
    numbers = np.asarray(texture_feed._numbers(np.arange(1000, dtype=np.uint32)))
    assert numbers.min() >= FIRST_NEW
    assert len(set(numbers.tolist())) == 1000


def test_a_run_that_starts_in_the_middle_shows_the_same_textures(texture_batches):
    again = one_batch(feed_of(TEXTURES), 2)
    np.testing.assert_array_equal(again.images, texture_batches[2].images)


@pytest.mark.devices(4)
def test_four_devices_draw_what_one_draws(texture_batches):
    batch = one_batch(feed_of(TEXTURES, devices=4), 1)
    np.testing.assert_array_equal(batch.images, texture_batches[1].images)


def test_another_seed_of_the_run_trains_on_other_images(texture_batches):
    assert (one_batch(feed_of(TEXTURES, seed=6), 0).images != texture_batches[0].images).any()


def test_numbered_images_do_not_depend_on_what_is_asked_with_them():
    source = TextureSource(TEXTURES, SIZE)
    assert source.labels is not None
    many = source.stack(np.arange(12))
    np.testing.assert_array_equal(many[7], source.image(7))
    assert source.official_test == range(20, 30)
    np.testing.assert_array_equal(source.labels[:6], [0, 1, 2, 0, 1, 2])


def test_a_number_of_the_texture_becomes_the_class():
    config = dataclasses.replace(TEXTURES, names=("stripes",), label="scale", bins=3, images=200)
    dataset = open_dataset(config, size=SIZE)
    assert dataset.info.num_classes == 3 and dataset.labels is not None
    assert dataset.info.class_names[0].startswith("scale ")
    assert (np.bincount(dataset.labels, minlength=3) > 20).all()  # a uniform variation fills every bin


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"names": ()}, "names is empty"),
        ({"names": ("stipes",)}, "stripes"),
        ({"names": ("checker", "checker")}, "once"),
        ({"label": "scale"}, "one name alone"),
        ({"names": ("stripes",), "label": "weight"}, "weight"),
        ({"names": ("stripes",), "label": "scale", "vary": 0.0}, "varies"),
        ({"vary": -1.0}, "0 or more"),
        ({"images": 0}, "data.images=0"),
        ({"stacked": 10}, "stacked"),
    ],
)
def test_what_cannot_be_drawn_is_refused(change, message):
    with pytest.raises(UserError, match=message):
        open_dataset(dataclasses.replace(TEXTURES, **change), size=SIZE)


def test_drawn_images_need_a_size():
    with pytest.raises(UserError, match="size"):
        open_dataset(TEXTURES, size=None)


def test_sources_are_named_in_a_word():
    assert parse_source("texture:oak,carrara") == TextureData(names=("oak", "carrara"))
    assert parse_source("logo") == LogoData()
    assert parse_source("logo:rosette") == LogoData(families=("rosette",))


def test_grey_is_pillows_and_transparency_is_laid_over_white():
    colors = np.random.default_rng(0).integers(0, 256, (1, 8, 8, 4), np.uint8)
    grey = np.asarray(with_channels(jax.numpy.asarray(colors[..., :3]), 1))[0, ..., 0]
    np.testing.assert_array_equal(grey, np.asarray(Image.fromarray(colors[0, ..., :3]).convert("L")))
    white = Image.new("RGBA", (8, 8), "white")
    expected = np.asarray(Image.alpha_composite(white, Image.fromarray(colors[0])).convert("RGB")).astype(int)
    laid = np.asarray(with_channels(jax.numpy.asarray(colors), 3))[0].astype(int)
    assert np.abs(laid - expected).max() <= 1


def test_logos_are_designed_ahead_and_drawn_in_the_step():
    feed = feed_of(LOGOS, batch=4)
    try:
        first, second = one_batch(feed, 0), one_batch(feed, 1)
        again = one_batch(feed, 0)
    finally:
        feed.close()
    np.testing.assert_array_equal(again.images, first.images)
    assert (first.images != second.images).any()
    source = open_dataset(LOGOS, size=SIZE).source
    np.testing.assert_array_equal(source.image(3), source.stack(np.arange(5))[3])
    assert source.image(0).min() < 200  # there is a mark on the white ground
