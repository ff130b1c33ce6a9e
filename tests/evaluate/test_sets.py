"""Sets of images: every pass gives the same images, a model's are those that sampling gives, hashes follow pixels."""

import dataclasses
import json

import numpy as np
import pytest

from gen_jax.cli.sample import main as sample
from gen_jax.data.config import EmbeddedData
from gen_jax.data.dataset import open_dataset
from gen_jax.errors import UserError
from gen_jax.evaluate import sets
from gen_jax.io.models import load_model
from tests.saved_run import CONDITIONAL_GAN, save_run


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (1100, 4, 5, 3), np.uint8)


def test_a_set_reads_the_same_images_in_every_pass(images):
    found = sets.of_arrays(images, name="here")
    for _ in range(2):
        np.testing.assert_array_equal(np.concatenate(list(found.read())), images)
    assert found.image_shape == (4, 5, 3) and found.count == 1100


def test_take_gives_the_rows_asked_for_in_the_order_asked(images):
    rows = [1099, 3, 3, 600]
    np.testing.assert_array_equal(sets.of_arrays(images, name="here").take(rows), images[rows])


def test_the_digest_follows_the_pixels_and_not_the_name(images):
    digest = sets.of_arrays(images, name="here").digest()
    assert digest == sets.of_arrays(images.copy(), name="elsewhere", split="test").digest()
    other = images.copy()
    other[-1, -1, -1, -1] ^= 1
    assert digest != sets.of_arrays(other, name="here").digest()
    assert digest != sets.of_arrays(images.reshape(1100, 5, 4, 3), name="here").digest()


def test_a_held_set_is_read_once_and_a_large_one_every_time(images):
    passes = []
    plain = sets.of_arrays(images, name="here")

    def read():
        passes.append(1)
        return plain.read()

    counted = dataclasses.replace(plain, read=read)
    held = sets.held(counted)
    assert not passes
    for _ in range(3):
        np.testing.assert_array_equal(held.load(), images)
    assert len(passes) == 1
    large = sets.held(counted, most_bytes=10)
    large.load(), large.load()
    assert len(passes) == 3


def test_a_limit_draws_images_of_the_split_without_repeating_any():
    dataset = open_dataset(EmbeddedData(), size=None)
    some = sets.of_dataset(dataset, split="train", limit=300, seed=3)
    pixels = some.load()
    assert len(pixels) == 300 and len(some.labels) == 300
    assert len({image.tobytes() for image in pixels}) >= 299
    again = sets.of_dataset(dataset, split="train", limit=300, seed=3)
    other = sets.of_dataset(dataset, split="train", limit=300, seed=4)
    assert some.digest() == again.digest() != other.digest()
    assert sets.of_dataset(dataset, split="train", limit=10**6).count == len(dataset)


def test_the_images_of_a_model_are_those_that_sampling_writes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = save_run(tmp_path / "run", CONDITIONAL_GAN, 100)
    assert sample([str(run.path), "--num", "37", "--seed", "5", "--out", "samples.npz"]) == 0
    with np.load("samples.npz") as written:
        made = sets.of_model(load_model(run.path), count=37, seed=5)
        np.testing.assert_array_equal(made.load(), written["images"])
        np.testing.assert_array_equal(made.labels, written["labels"])
    assert made.class_names == ("Shirt", "Bag", "7")


def test_images_that_are_none_are_refused_in_one_line():
    with pytest.raises(UserError, match=r"here: images are float64 \[2, 3\]; give uint8"):
        sets.of_arrays(np.zeros((2, 3)), name="here")


def test_an_evaluation_survives_json_with_infinite_values():
    from gen_jax.evaluate.result import Evaluation, Result, from_json, to_json

    result = Result(key="psnr", name="PSNR", value=float("inf"), better="higher", spread=float("nan"), baseline=1.5)
    evaluation = Evaluation(subject="x", images_seen=3, results=(result,), sets={}, seconds=1.0)
    back = from_json(json.loads(json.dumps(to_json(evaluation), allow_nan=False)))
    assert back.results[0].value == float("inf") and np.isnan(back.results[0].spread)
    assert dataclasses.replace(back, results=()) == dataclasses.replace(evaluation, results=())
    with pytest.raises(ValueError, match="no evaluation"):
        from_json({"results": [{"what": 1}]})
