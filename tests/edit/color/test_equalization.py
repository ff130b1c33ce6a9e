"""Histograms, autocontrast, equalize: Pillow's to the count and level; matching against its definition."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image, ImageOps

from gen_jax.edit.color.cutoff import cut_counts, stretch_table
from gen_jax.edit.color.equalization import autocontrast, equalize, match_histogram
from gen_jax.edit.color.histogram import _counts, _rows, extremes, histogram
from gen_jax.errors import UserError
from tests.edit.color.pictures import CHANNELS, array, by_pillow, colors_by_pillow, pictures

SIZES = np.array([[31, 44], [30, 1], [1, 1], [5, 44], [2, 2], [3, 3], [31, 43], [7, 9]], np.int32)


def large() -> np.ndarray:
    return array(Image.fromarray(pictures(31, 44, 3)[1]).resize((701, 533)))


@pytest.mark.parametrize(("shape", "channels"), [((1, 1), 3), ((31, 44), 3), ((150, 131), 3), ((300, 301), 1)])
def test_counts_are_exact(shape, channels):
    images = pictures(*shape, channels)
    expected = [[np.bincount(image[..., k].ravel(), minlength=256) for k in range(channels)] for image in images]
    np.testing.assert_array_equal(jax.jit(histogram)(images), expected)
    if channels == 1:
        np.testing.assert_array_equal(jax.jit(histogram)(images.astype(np.float32) / 255), expected)


@pytest.mark.parametrize("shape", [(31, 44), (150, 131)])
def test_counts_leave_out_what_is_masked_and_what_is_no_picture(shape):
    images = pictures(*shape, 3)
    mask = np.random.default_rng(0).integers(0, 2, (8, *shape, 1), np.uint8)
    counts = jax.jit(lambda images, sizes, mask: histogram(images, sizes, mask=mask))(images, SIZES, mask)
    for index, (height, width) in enumerate(SIZES):
        chosen = images[index, :height, :width][mask[index, :height, :width, 0] != 0]
        np.testing.assert_array_equal(counts[index], [np.bincount(chosen[:, k], minlength=256) for k in range(3)])


def test_the_extremes_are_the_ends_of_the_histogram():
    images = pictures(31, 44, 3)
    mask = np.random.default_rng(0).integers(0, 2, (8, 31, 44, 1), np.uint8)
    mask[3] = 0
    counts = histogram(jnp.asarray(images), SIZES, mask=mask)
    low, high = jax.jit(lambda images: extremes(images, SIZES, mask=mask))(images)
    for index in np.ndindex(8, 3):
        used = np.flatnonzero(counts[index])
        assert (low[index], high[index]) == ((used[0], used[-1]) if used.size else (255, 0))


@pytest.mark.parametrize("marked", [False, True])
def test_the_two_ways_of_counting_agree(marked, monkeypatch):
    """A GPU sums in another way than a CPU; on any machine both run."""
    rows = _rows(jnp.asarray(pictures(33, 65, 3)))
    marks = jnp.asarray(np.random.default_rng(0).integers(0, 2, rows.shape, np.uint8)) if marked else None
    in_turn = jax.jit(_counts)(rows, marks)
    monkeypatch.setattr(jax.lax, "platform_dependent", lambda *streams, cpu, default: default(*streams))
    np.testing.assert_array_equal(in_turn, _counts(rows, marks))


@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (31, 44)])
def test_autocontrast_and_equalize_are_those_of_pillow(shape, channels):
    images = pictures(*shape, channels)
    np.testing.assert_array_equal(equalize(images), colors_by_pillow(images, ImageOps.equalize))
    np.testing.assert_array_equal(autocontrast(images), colors_by_pillow(images, ImageOps.autocontrast))
    for cutoffs in ((0, 0.3, 1, 2.5, 49.9, 50, 99.9, 100), (7, 33, 12, 0.1, 60, 50, 3, 4)):
        expected = colors_by_pillow(images, ImageOps.autocontrast, cutoffs)
        np.testing.assert_array_equal(autocontrast(images, cutoff=np.array(cutoffs, float)), expected)
    pairs = [(0, 50), (50, 0), (50, 50), (100, 0), (0, 100), (1, 98), (20, 2.5), (0.5, 0.1)]
    expected = colors_by_pillow(images, ImageOps.autocontrast, pairs)
    np.testing.assert_array_equal(autocontrast(images, cutoff=np.array(pairs)), expected)
    np.testing.assert_array_equal(autocontrast(images, cutoff=(1, 98))[5], expected[5])


def test_autocontrast_keeps_the_tone_ignores_levels_and_asks_a_mask_as_pillow():
    images = pictures(31, 44, 3)
    mask = (np.random.default_rng(0).random((31, 44, 1)) < 0.3).astype(np.uint8) * 255
    stencil = Image.fromarray(mask[..., 0])
    for options in (
        {"preserve_tone": True, "cutoff": 2},
        {"ignore": 0},
        {"ignore": (200, 255), "cutoff": (1, 3)},
        {"ignore": (0, 255), "preserve_tone": True, "cutoff": 10},
    ):
        ours = {**options, "ignore": options.get("ignore")}
        expected = colors_by_pillow(images, lambda image, options=options: ImageOps.autocontrast(image, **options))
        np.testing.assert_array_equal(autocontrast(images, **ours), expected)
        expected = colors_by_pillow(
            images, lambda image, options=options: ImageOps.autocontrast(image, mask=stencil, **options)
        )
        np.testing.assert_array_equal(autocontrast(images, mask=mask, **ours), expected)
    expected = colors_by_pillow(images, lambda image: ImageOps.equalize(image, mask=stencil))
    np.testing.assert_array_equal(equalize(images, mask=mask), expected)
    with pytest.raises(UserError, match=r"equalize\.mask has shape \(3, 4, 1\); allowed is \(31, 44, 1\)"):
        equalize(images, mask=np.ones((3, 4, 1), np.uint8))


def test_a_large_image_is_that_of_pillow():
    image = large()
    np.testing.assert_array_equal(equalize(image), ImageOps.equalize(Image.fromarray(image)))
    for cutoff in (0.7, 13):
        expected = ImageOps.autocontrast(Image.fromarray(image), cutoff)
        np.testing.assert_array_equal(autocontrast(image, cutoff=cutoff), expected)


def test_every_stretch_is_what_float64_makes_of_it():
    low, high = (ends[np.triu_indices(256, 1)] for ends in np.mgrid[0:256, 0:256])
    scale = 255.0 / (high - low)
    exact = np.arange(256) * scale[:, None] + (-low * scale)[:, None]
    tables = jax.jit(stretch_table)(low[:, None].astype(np.int32), high[:, None].astype(np.int32))
    np.testing.assert_array_equal(tables, np.clip(exact.astype(int), 0, 255))


def test_cuts_are_right_where_the_count_of_pixels_is_not_known_beforehand():
    images = pictures(31, 44, 3)
    cutoffs = np.array([0, 1, 2.5, 5, 10, 25, 50, 100.0])
    known = autocontrast(images, cutoff=cutoffs, sizes=SIZES)
    traced = jax.jit(lambda cutoffs, sizes: autocontrast(images, cutoff=cutoffs, sizes=sizes))(cutoffs, SIZES)
    for index, (height, width) in enumerate(SIZES):
        expected = ImageOps.autocontrast(Image.fromarray(images[index, :height, :width]), cutoffs[index])
        np.testing.assert_array_equal(known[index, :height, :width], expected)
        np.testing.assert_array_equal(traced[index, :height, :width], expected)
        alone = equalize(images[index, :height, :width])
        np.testing.assert_array_equal(equalize(images, sizes=SIZES)[index, :height, :width], alone)
    pixels = np.array([1, 99, 100, 12345, 4000000, 4294967295], np.uint32)
    share = np.array([0, 42949673, 2147483648, 4294967295, 123456789, 4294967295], np.uint32)
    expected = (pixels.astype(object) * share.astype(object)) // 2**32
    np.testing.assert_array_equal(jax.jit(cut_counts)(pixels, share), expected.astype(np.uint32))


def matched(source: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Return one channel matched, by the definition: the inverse distribution, interpolated."""
    _, places, counts = np.unique(source.ravel(), return_inverse=True, return_counts=True)
    values, wanted = np.unique(reference.ravel(), return_counts=True)
    shares = np.cumsum(counts) / source.size
    return np.interp(shares, np.cumsum(wanted) / reference.size, values)[places].reshape(source.shape)


@pytest.mark.parametrize("channels", CHANNELS)
def test_a_matched_histogram_is_that_of_the_definition(channels):
    images, references = pictures(31, 44, channels), np.roll(pictures(31, 44, channels), 3, axis=0)[:, :20]
    colors = channels - (channels in (2, 4))
    expected = images.astype(float)
    for index in range(8):
        for k in range(colors):
            expected[index, ..., k] = matched(images[index, ..., k], references[index, ..., k])
    np.testing.assert_allclose(match_histogram(images, reference=references), expected, atol=0.501)
    edited = match_histogram(images.astype(np.float32) / 255, reference=references.astype(np.float32) / 255)
    np.testing.assert_allclose(edited * 255, expected, atol=2e-2)
    np.testing.assert_array_equal(match_histogram(images, reference=images), images)
    one = match_histogram(images, reference=references[0])
    np.testing.assert_array_equal(one[2], match_histogram(images[2], reference=references[0]))


def test_a_grey_image_takes_the_grey_of_a_reference_and_a_grey_reference_serves_all_channels():
    colors = pictures(31, 44, 3)[:2]
    grey = by_pillow(colors, lambda image: image.convert("L"))
    source = pictures(31, 44, 1)[:2]
    np.testing.assert_array_equal(match_histogram(source, reference=colors), match_histogram(source, reference=grey))
    thrice = np.concatenate([source] * 3, axis=-1)
    np.testing.assert_array_equal(match_histogram(colors, reference=source), match_histogram(colors, reference=thrice))


@pytest.mark.parametrize("edit", [autocontrast, equalize, lambda x: match_histogram(x, reference=pictures(3, 7, 3)[0])])
def test_float_is_the_curve_through_the_levels_and_its_gradient_the_slope(edit):
    levels = pictures(31, 44, 3)
    images = jnp.asarray(levels.astype(np.float32) / 255)
    run = jax.jit(edit)
    np.testing.assert_allclose(run(images) * 255, np.asarray(run(levels)), atol=1.01)
    np.testing.assert_allclose(
        jnp.round(run(images) * 255) - np.asarray(run(levels)).astype(float), jnp.zeros(images.shape), atol=1
    )
    gradient = jax.grad(lambda values: run(values).sum())(images)
    assert jnp.isfinite(gradient).all()
    moved = jnp.clip(images + 1e-4, 0, 1)
    change = (run(moved) - run(images)) / 1e-4
    inside = np.asarray(images < 0.999)
    np.testing.assert_allclose(np.asarray(gradient)[inside], np.asarray(change)[inside], rtol=5e-2, atol=2e-2)
