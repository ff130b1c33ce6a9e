"""Three grey images as one in color: classes that can be counted."""

import numpy as np
import pytest

from gen_jax.data.config import EmbeddedData
from gen_jax.data.dataset import open_dataset
from gen_jax.errors import UserError


@pytest.fixture(scope="module")
def stacked():
    return open_dataset(EmbeddedData(channels=1, stacked=2_000), size=28)


@pytest.fixture(scope="module")
def single():
    return open_dataset(EmbeddedData(channels=1), size=28)


def test_each_color_is_a_training_image_of_the_class_that_the_label_says(stacked, single):
    known = {single.image(i).tobytes(): int(single.labels[i]) for i in range(len(single))}
    for number in (0, 1, 1999):
        image = stacked.image(number)
        classes = [known[image[..., [color]].tobytes()] for color in range(3)]
        assert stacked.labels[number] == classes[0] * 100 + classes[1] * 10 + classes[2]
        names = single.info.class_names
        assert stacked.info.class_names[stacked.labels[number]] == "-".join(names[c] for c in classes)


def test_there_are_a_thousand_classes_and_all_are_about_as_frequent(stacked):
    assert stacked.info.num_classes == 1000 and stacked.info.image_shape == (28, 28, 3) and len(stacked) == 2000
    # 2000 draws of 1000 classes: 1 - exp(-2) of them are seen.
    assert abs(len(np.unique(stacked.labels)) - 865) < 40


def test_the_same_seed_stacks_the_same_images_and_another_one_others(stacked):
    again = open_dataset(EmbeddedData(channels=1, stacked=2_000), size=28)
    np.testing.assert_array_equal(again.labels, stacked.labels)
    other = open_dataset(EmbeddedData(channels=1, stacked=2_000, split_seed=1), size=28)
    assert np.mean(other.labels == stacked.labels) < 0.05


def test_color_images_are_not_stacked():
    with pytest.raises(UserError, match=r"--data\.stacked 10: stacks grey images"):
        open_dataset(EmbeddedData(channels=3, stacked=10), size=28)
