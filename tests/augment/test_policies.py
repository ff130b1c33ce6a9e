"""Every policy is a pure function of images and key, with a random parameter for each image, and data."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pydantic
import pytest
from jax.sharding import AxisType, NamedSharding, PartitionSpec

from gen_jax.augment.affine import RandomAffine, RandomPerspective
from gen_jax.augment.auto import RandAugment, TrivialAugment
from gen_jax.augment.color import ColorJitter
from gen_jax.augment.crop import RandomCrop, RandomResizedCrop
from gen_jax.augment.erase import Cutout, RandomErasing
from gen_jax.augment.flip import HorizontalFlip, VerticalFlip
from gen_jax.augment.mix import CutMix, Mixup
from gen_jax.augment.policies import POLICIES, PolicyConfig, augment, check_for_training
from gen_jax.augment.policy import LabelPolicy
from gen_jax.augment.words import parse_policies, words_of
from gen_jax.data.config import EmbeddedData
from gen_jax.errors import UserError

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLES = (
    HorizontalFlip(probability=0.3),
    VerticalFlip(),
    ColorJitter(brightness=0.4, contrast=(0.5, 1.0), saturation=0.4, hue=0.1),
    RandomAffine(degrees=(-5.0, 20.0), translate=(0.1, 0.2), scale=(0.9, 1.1), shear=(1.0, 2.0), fill=(1.0, 2.0, 3.0)),
    RandomPerspective(probability=1.0),
    RandomCrop(padding=2, mode="reflect"),
    RandomResizedCrop(),
    RandomErasing(probability=1.0),
    Cutout(size=(3, 5)),
    RandAugment(),
    TrivialAugment(),
    Mixup(num_classes=3),
    CutMix(alpha=0.5, num_classes=3),
)
IMAGES = np.random.default_rng(0).integers(0, 256, (8, 12, 16, 3), dtype=np.uint8)
IMAGES[1:] = IMAGES[0]
"""Eight times the same image: where results differ, the parameters did."""
LABELS = np.arange(8, dtype=np.int32) % 3


def name_of(policy):
    return policy.kind


def run(policy, images, key, labels=LABELS):
    return augment((policy,), jnp.asarray(images), jnp.asarray(labels), key)


def test_every_policy_is_tried_here():
    assert [policy.kind for policy in EXAMPLES] == list(POLICIES)


@pytest.mark.parametrize("policy", EXAMPLES, ids=name_of)
def test_a_key_decides_the_result_and_each_image_has_its_own_parameters(policy):
    images = IMAGES if not isinstance(policy, LabelPolicy) else np.roll(IMAGES, 3, axis=3) + LABELS[:, None, None, None]
    images = images.astype(np.uint8)
    first, again = (run(policy, images, jax.random.key(1))[0] for _ in range(2))
    other = run(policy, images, jax.random.key(2))[0]
    assert first.dtype == jnp.uint8 and first.shape == images.shape
    np.testing.assert_array_equal(first, again)
    assert (np.asarray(first) != np.asarray(other)).any()
    assert len({image.tobytes() for image in np.asarray(first)}) > (1 if "flip" in policy.kind else 3)


@pytest.mark.parametrize("policy", EXAMPLES[2:4] + EXAMPLES[6:7] + EXAMPLES[9:10], ids=name_of)
def test_float_images_stay_float_and_near_their_uint8_results(policy):
    key = jax.random.key(3)
    levels, floats = (np.asarray(run(policy, images, key)[0]) for images in (IMAGES, IMAGES / np.float32(255)))
    assert floats.dtype == np.float32 and np.isfinite(floats).all()
    # Several roundings to whole levels lie between them, and a level can end on either side of a threshold.
    assert np.mean(np.abs(np.clip(floats, 0, 1) * 255 - levels) > 3) < 0.05


@pytest.mark.parametrize("channels", [1, 4])
def test_grey_and_transparent_images_are_welcome(channels):
    images = IMAGES[:4, ..., :1] if channels == 1 else np.concatenate([IMAGES, IMAGES[..., :1]], axis=-1)[:4]
    for policy in EXAMPLES[9:10] if channels == 1 else EXAMPLES[2:8]:
        assert run(policy, images, jax.random.key(0), LABELS[:4])[0].shape == images.shape


@pytest.mark.devices(4)
def test_the_number_of_devices_changes_nothing():
    mesh = jax.make_mesh((4,), ("data",), axis_types=(AxisType.Auto,))
    split = NamedSharding(mesh, PartitionSpec("data"))
    policies = [EXAMPLES[index] for index in (0, 2, 3, 5, 11)]
    whole = jax.jit(lambda images, labels, key: augment(policies, images, labels, key))
    spread = jax.jit(whole, in_shardings=(split, split, None), out_shardings=(split, split))
    one, many = whole(IMAGES, LABELS, jax.random.key(4)), spread(IMAGES, LABELS, jax.random.key(4))
    np.testing.assert_array_equal(one[0], many[0])
    np.testing.assert_allclose(one[1], many[1], atol=1e-6)


def test_a_policy_has_a_key_of_its_own_by_its_place():
    key, flip = jax.random.key(5), HorizontalFlip()
    twice, _ = augment((flip, flip), jnp.asarray(IMAGES), None, key)
    expected = flip.apply(flip.apply(jnp.asarray(IMAGES), jax.random.fold_in(key, 0)), jax.random.fold_in(key, 1))
    np.testing.assert_array_equal(twice, expected)
    assert (np.asarray(twice) != IMAGES).any()


@pytest.mark.parametrize("policy", EXAMPLES, ids=name_of)
def test_a_policy_comes_back_from_json_and_from_its_word(policy):
    read = pydantic.TypeAdapter(PolicyConfig).validate_json(json.dumps(dataclasses.asdict(policy)))
    assert read == policy
    assert parse_policies(words_of([policy])) == (policy,)
    assert parse_policies([json.dumps([dataclasses.asdict(policy)])]) == (policy,)


def test_words_are_values_by_order_and_by_name():
    assert parse_policies(["color_jitter=0.4,0.3,hue=0.1", "horizontal_flip", "random_affine=10,scale=0.9:1.1"]) == (
        ColorJitter(brightness=0.4, contrast=0.3, hue=0.1),
        HorizontalFlip(),
        RandomAffine(degrees=10.0, scale=(0.9, 1.1)),
    )
    assert parse_policies(["random_crop=4,reflect"]) == (RandomCrop(padding=4, mode="reflect"),)
    assert parse_policies([]) == ()


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("flip", "unknown policy 'flip'"),
        ("horizontal_flip=2", "horizontal_flip=2: horizontal_flip.probability is 2.0; allowed are numbers from 0 to 1"),
        ("color_jitter=1,1,1,0.1,1", "'1' is not understood; the parameters of color_jitter are brightness, "),
        ("color_jitter=brightnes=1", "'brightnes=1' is not understood"),
        ("color_jitter=hue=0.7", "color_jitter.hue is 0.7; allowed are numbers from 0 to 0.5"),
        ("color_jitter=2:1", r"color_jitter.brightness is \(2.0, 1.0\); allowed is \(least, most\)"),
        ("random_affine=10,shear=1:2:3", r"random_affine.shear is \(1.0, 2.0, 3.0\); allowed are 1, 2 or 4 numbers"),
        ("random_crop=padding=1.5", "random_crop=padding=1.5: padding: Input should be a valid integer"),
        ("cutout=0", "cutout.size is 0; allowed are numbers from 1 up"),
        ("rand_augment=2,31", "rand_augment.magnitude is 31; allowed are numbers from 0 to 30"),
        ('[{"kind": "cutout", "siz": 3}]', "siz: Unexpected keyword argument"),
        ('[{"size": 3}]', "allowed is an object with a kind"),
        ("[{", "not JSON"),
    ],
)
def test_a_mistake_is_one_line(word, message):
    with pytest.raises(UserError, match=message) as caught:
        parse_policies([word])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (Mixup(num_classes=3), r"data\.augment\[1\] is mixup, which mixes the labels"),
        (CutMix(num_classes=3), r"data\.augment\[1\] is cutmix, which mixes the labels"),
        (RandomResizedCrop(size=8), r"data\.augment\[1\]\.size is 8; leave it out"),
    ],
)
def test_what_training_cannot_use_is_refused_in_data(policy, message):
    with pytest.raises(UserError, match=message):
        EmbeddedData(augment=(HorizontalFlip(), policy))


def test_a_mirrored_border_larger_than_the_images_is_refused():
    with pytest.raises(UserError, match="padding is 16; with mode reflect it must be below"):
        check_for_training([RandomCrop(padding=16, mode="reflect")], where="data.augment", size=16)


def test_labels_are_needed_to_be_mixed():
    with pytest.raises(UserError, match=r"augment\[0\] is mixup, which mixes labels, and there are none"):
        augment((Mixup(),), jnp.asarray(IMAGES), None, jax.random.key(0))
    with pytest.raises(UserError, match=r"mixup\.num_classes is 0; whole labels need their number"):
        run(Mixup(), IMAGES, jax.random.key(0))


def test_a_data_configuration_is_read_without_the_edits():
    program = "import sys, gen_jax.data.config; print(any(name.startswith('gen_jax.edit') for name in sys.modules))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert run.stdout.strip() == "False"
