"""A classifier learns, repeats itself, and tells good samples from mislabelled and from monotonous ones."""

import jax
import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.evaluate.classifier import _probabilities, synthetic_and_real, train_classifier
from gen_jax.metrics.classification import classification_report


def bars(seed, count, *, shades=64):
    """Four classes, a bright bar at the top, the bottom, the left or the right; noise all over."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 4, count)
    images = random.integers(0, shades, (count, 16, 16, 1))
    for image, label in zip(images, labels, strict=True):
        start = random.integers(1, 5)
        rows = slice(start, start + 2) if label % 2 == 0 else slice(14 - start, 16 - start)
        image[(rows, slice(None)) if label < 2 else (slice(None), rows)] += 120
    return images.astype(np.uint8), labels


OPTIONS = {"num_classes": 4, "epochs": 12, "batch": 32}


@pytest.fixture(scope="module")
def trained():
    return train_classifier(*bars(0, 256), **OPTIONS)


def test_what_was_learnt_holds_for_images_never_seen(trained):
    images, labels = bars(1, 300)
    found = classification_report(trained.predict(images), labels, num_classes=4)
    assert found.accuracy > 0.95
    probabilities = trained.probabilities(images)
    assert probabilities.shape == (300, 4)
    np.testing.assert_allclose(probabilities.sum(axis=1), np.ones(300), rtol=1e-5)


def test_the_seed_decides_everything(trained):
    again, other = (train_classifier(*bars(0, 256), **OPTIONS | {"epochs": 1}, seed=seed) for seed in (0, 1))
    repeated = train_classifier(*bars(0, 256), **OPTIONS | {"epochs": 1}, seed=0)
    jax.tree.map(np.testing.assert_array_equal, again.weights, repeated.weights)
    assert not np.allclose(jax.tree.leaves(again.weights)[1], jax.tree.leaves(other.weights)[1])


def test_fewer_images_than_a_batch_are_enough():
    images, labels = bars(2, 10)
    few = train_classifier(images, labels, num_classes=4, epochs=2, batch=32)
    assert few.predict(images).shape == (10,)


def test_other_numbers_of_images_compile_few_programs(trained):
    _probabilities.clear_cache()
    images, _ = bars(3, 64)
    for count in range(33, 65):
        trained.predict(images[:count])
    assert _probabilities._cache_size() == 1


def test_good_samples_teach_as_much_as_real_ones_and_mislabelled_ones_are_found_out():
    real, test, good = bars(0, 256), bars(1, 200), bars(4, 300)
    found = synthetic_and_real(good, real, test, **OPTIONS)
    assert found.images == 256
    assert min(found.synthetic_to_real.accuracy, found.real_to_real.accuracy, found.real_to_synthetic.accuracy) > 0.95
    assert float(found) == found.synthetic_to_real.accuracy == found.scalars()["synthetic_to_real_accuracy"]
    assert found.real_to_synthetic.samples == 300
    # Classes 0 and 1 exchanged: half of what is real, and half of what is synthetic, is then wrong.
    exchanged = (good[0], np.where(good[1] < 2, 1 - good[1], good[1]))
    found = synthetic_and_real(exchanged, real, test, **OPTIONS)
    assert found.real_to_real.accuracy > 0.95
    assert 0.3 < found.synthetic_to_real.accuracy < 0.7
    assert 0.3 < found.real_to_synthetic.f1 < 0.7
    np.testing.assert_array_less(found.real_to_synthetic.recall_each[:2], 0.1)


def test_a_class_without_samples_shows_in_its_recall():
    images, labels = bars(5, 340)
    kept = labels != 3
    found = synthetic_and_real((images[kept], labels[kept]), bars(0, 256), bars(1, 200), **OPTIONS)
    assert found.synthetic_to_real.recall_each[3] == 0.0
    assert found.real_to_real.recall_each[3] > 0.9


@pytest.mark.parametrize(
    ("images", "labels", "options", "words"),
    [
        (np.zeros((4, 16, 16, 1)), np.zeros(4, int), {}, "images: shape (4, 16, 16, 1) of float64, must be uint8"),
        (np.zeros((4, 16, 16, 1), np.uint8), np.zeros(3, int), {}, "labels: 3 for 4 images"),
        (np.zeros((4, 16, 16, 1), np.uint8), np.full(4, 7), {}, "labels: class 7, must be 0 to 3"),
        (np.zeros((4, 16, 16, 1), np.uint8), np.zeros(4, int), {"epochs": 0}, "epochs: 0, must be 1 or more"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused_in_one_line(images, labels, options, words):
    with pytest.raises(UserError) as error:
        train_classifier(images, labels, num_classes=4, **options)
    assert words in str(error.value) and "\n" not in str(error.value)


def test_sets_of_different_shapes_are_refused(trained):
    with pytest.raises(UserError, match="test images"):
        synthetic_and_real(bars(0, 8), bars(0, 8), (np.zeros((4, 8, 8, 1), np.uint8), np.zeros(4, int)), **OPTIONS)
    with pytest.raises(UserError, match="images: "):
        trained.predict(np.zeros((4, 8, 8, 1), np.uint8))
