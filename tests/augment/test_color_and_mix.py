"""Colors change within their ranges, operations are Pillow's, rectangles have their area, labels follow the pixels."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from gen_jax.augment.auto import OPERATIONS, do_chosen, rand_augment_table, trivial_augment_table
from gen_jax.augment.color import ColorJitter
from gen_jax.augment.erase import Cutout, RandomErasing
from gen_jax.augment.mix import CutMix, Mixup
from gen_jax.edit.color.enhance import brightness, contrast, saturation
from gen_jax.edit.color.hue import hue


def key():
    return jax.random.key(0)


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize(("span", "low", "high"), [(0.25, 0.75, 1.25), (1.5, 0.0, 2.5), ((0.2, 0.4), 0.2, 0.4)])
def test_factors_fill_their_range(span, low, high):
    images = jnp.full((1000, 1, 1, 3), 0.25)
    factors = np.asarray(ColorJitter(brightness=span).apply(images, key()))[:, 0, 0, 0] / 0.25
    assert low <= factors.min() < low + 0.02 * (high - low) and high >= factors.max() > high - 0.02 * (high - low)
    assert abs(factors.mean() - (low + high) / 2) < 0.05 * (high - low)


def test_the_four_come_in_every_order_one_order_a_batch():
    images = jnp.asarray(noise(2, 6, 6, 3))
    jitter = ColorJitter(brightness=(1.3, 1.3), contrast=(0.5, 0.5), saturation=(1.5, 1.5), hue=(0.2, 0.2))
    edits = {
        "b": lambda x: brightness(x, factor=1.3),
        "c": lambda x: contrast(x, factor=0.5),
        "s": lambda x: saturation(x, factor=1.5),
        "h": lambda x: hue(x, shift=0.2),
    }
    results = {}
    for order in itertools.permutations(edits):
        out = images
        for name in order:
            out = edits[name](out)
        results[np.asarray(out).tobytes()] = order
    seen = {results[np.asarray(jitter.apply(images, jax.random.key(seed))).tobytes()] for seed in range(60)}
    assert len(seen) > 12


def test_grey_images_have_no_hue_to_change():
    images = jnp.asarray(noise(3, 4, 4, 1))
    np.testing.assert_array_equal(ColorJitter(hue=0.5).apply(images, key()), images)


def with_pillow(image, name, strength):
    """Do one operation of RandAugment with Pillow."""
    picture, (height, width) = Image.fromarray(image), image.shape[:2]
    if name in ("shear_x", "shear_y", "translate_x", "translate_y"):
        matrix = [1, 0, 0, 0, 1, 0]
        place = {"shear_x": 1, "shear_y": 3, "translate_x": 2, "translate_y": 5}[name]
        matrix[place] = strength if "shear" in name else -strength
        return picture.transform((width, height), Image.Transform.AFFINE, matrix)
    enhancers = {
        "brightness": ImageEnhance.Brightness,
        "saturation": ImageEnhance.Color,
        "contrast": ImageEnhance.Contrast,
        "sharpness": ImageEnhance.Sharpness,
    }
    if name in enhancers:
        return enhancers[name](picture).enhance(1 + strength)
    return {
        "identity": lambda: picture,
        "rotate": lambda: picture.rotate(strength),
        "posterize": lambda: ImageOps.posterize(picture, int(strength)),
        "solarize": lambda: ImageOps.solarize(picture, strength),
        "autocontrast": lambda: ImageOps.autocontrast(picture),
        "equalize": lambda: ImageOps.equalize(picture),
    }[name]()


def test_each_image_gets_the_operation_that_pillow_does():
    image = np.clip(noise(24, 32, 3) // 2 + np.arange(32, dtype=np.uint8)[None, :, None] * 3, 0, 255).astype(np.uint8)
    table = rand_augment_table(31, (32, 24))[:, 17]
    signs = np.where(np.arange(len(OPERATIONS)) % 2, 1, -1) * np.isin(np.arange(len(OPERATIONS)), range(1, 10))
    strengths = np.where(signs == 0, table, signs * table)
    images = np.broadcast_to(image, (len(OPERATIONS), *image.shape))
    out = np.asarray(
        jax.jit(lambda images, chosen, strength: do_chosen(images, chosen, strength, resample="nearest", fill=0.0))(
            images, jnp.arange(len(OPERATIONS)), jnp.asarray(strengths)
        )
    )
    for index, name in enumerate(OPERATIONS):
        expected = np.asarray(with_pillow(image, name, float(strengths[index])), int)
        wrong = np.abs(out[index].astype(int) - expected).max(axis=-1) > 1
        assert wrong.mean() <= (0.01 if name in ("rotate", "shear_x", "shear_y") else 0), name


def test_strengths_are_those_of_the_papers():
    table = dict(zip(OPERATIONS, rand_augment_table(31, (331, 662)), strict=True))
    assert table["shear_x"][-1] == pytest.approx(0.3) and table["rotate"][-1] == pytest.approx(30)
    assert table["translate_x"][-1] == 150 and table["translate_y"][-1] == 300
    assert table["brightness"][-1] == pytest.approx(0.9) and table["solarize"][[0, -1]].tolist() == [255, 0]
    assert table["posterize"][[0, -1]].tolist() == [8, 4] and table["equalize"].max() == 0
    wide = dict(zip(OPERATIONS, trivial_augment_table(31), strict=True))
    assert wide["rotate"][-1] == pytest.approx(135) and wide["posterize"][-1] == 2 and wide["translate_x"][-1] == 32


def test_erased_rectangles_lie_inside_and_have_their_area():
    images = np.full((1000, 40, 60, 3), 255, np.uint8)
    policy = RandomErasing(probability=0.7, scale=(0.1, 0.2), ratio=(0.5, 2.0), fill=(1, 2, 3))
    out = np.asarray(policy.apply(jnp.asarray(images), key()))
    erased = (out == (1, 2, 3)).all(axis=-1)
    share = erased.mean(axis=(1, 2))
    assert ((out == 255).all(axis=-1) | erased).all()
    assert abs((share > 0).mean() - 0.7) < 0.06
    some = share[share > 0]
    assert some.min() > 0.085 and some.max() < 0.22 and abs(some.mean() - 0.15) < 0.01
    sides = erased.any(axis=2).sum(axis=1) * erased.any(axis=1).sum(axis=1)
    np.testing.assert_array_equal(sides, erased.sum(axis=(1, 2)))  # a rectangle


def test_a_cutout_may_stand_out_and_covers_every_pixel_alike():
    out = np.asarray(Cutout(size=4).apply(jnp.full((4000, 12, 12, 1), 255, jnp.uint8), key()))
    area = (out == 0).sum(axis=(1, 2, 3))
    assert area.max() == 16 and area.min() == 4
    assert abs((out[:, 6, 6] == 0).mean() - 16 / 144) < 0.02


def test_mixup_mixes_images_and_labels_in_one_share():
    images = np.zeros((400, 2, 2, 1), np.float32)
    images[::2] = 1.0
    labels = jnp.asarray(np.arange(400) % 2)
    mixed, shares = Mixup(alpha=1.0, num_classes=2).apply(jnp.asarray(images), labels, key())
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-6)
    np.testing.assert_allclose(mixed[:, 0, 0, 0], shares[:, 0], atol=1e-6)
    own = np.where(np.arange(400) % 2 == 0, shares[:, 0], shares[:, 1])
    assert abs(own.mean() - 0.5) < 0.06 and own.std() == pytest.approx(12**-0.5, abs=0.03)  # Beta(1, 1)
    levels, _ = Mixup(num_classes=2).apply(jnp.asarray(images * 255, jnp.uint8), labels, key())
    np.testing.assert_array_equal(levels, np.round(np.asarray(mixed) * 255))


def test_cutmix_labels_are_the_share_of_pixels():
    images = np.zeros((400, 16, 24, 1), np.uint8)
    images[::2] = 1
    labels = jnp.asarray(np.arange(400) % 2)
    mixed, shares = CutMix(num_classes=2).apply(jnp.asarray(images), labels, key())
    np.testing.assert_allclose(np.asarray(mixed).mean(axis=(1, 2, 3)), shares[:, 0], atol=1e-6)
    own = np.where(np.arange(400) % 2 == 0, shares[:, 0], shares[:, 1])
    assert own.min() < 0.3 and own.max() > 0.95
    again, shares_again = CutMix(num_classes=2).apply(jnp.asarray(images), jax.nn.one_hot(labels, 2), key())
    np.testing.assert_array_equal(mixed, again)
    np.testing.assert_array_equal(shares, shares_again)
