"""Large sets on disk: arrays that NumPy reads back, folders that stay whole."""

import json

import numpy as np
import pytest
from PIL import Image

from gen_jax.data.config import ArrayData
from gen_jax.data.dataset import open_dataset
from gen_jax.errors import UserError
from gen_jax.io.image_sets import NumberedImages, write_npz


def _images(number):
    return np.random.default_rng(0).integers(0, 256, (number, 16, 16, 3), dtype=np.uint8)


def test_an_array_in_parts_is_read_back_whole_and_is_a_data_set(tmp_path):
    images, labels = _images(7), np.arange(7, dtype=np.int32) % 2
    path = tmp_path / "set.npz"
    write_npz(path, [images[:3], images[3:4], images[4:]], shape=images.shape, labels=labels, class_names=("a", "b"))
    with np.load(path) as arrays:
        np.testing.assert_array_equal(arrays["images"], images)
        assert arrays["labels"].tolist() == labels.tolist()
    dataset = open_dataset(ArrayData(path=str(path)), size=16)
    assert dataset.info.class_names == ("a", "b")
    np.testing.assert_array_equal(dataset.image(5), images[5])


def test_an_array_that_breaks_off_leaves_nothing(tmp_path):
    def parts():
        yield _images(2)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        write_npz(tmp_path / "set.npz", parts(), shape=(4, 16, 16, 3))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format", ["png", "webp"])
def test_numbered_images_are_lossless_and_found_again(tmp_path, format):
    images = _images(5)
    folder = NumberedImages(tmp_path / "set", format=format)
    assert not folder.open({"seed": 1}, total=9).any()
    made = folder.write(enumerate(images))
    assert folder.open({"seed": 1}, total=9).tolist() == [True] * 5 + [False] * 4
    assert folder.inspect(range(5)) == made
    with Image.open(folder.path / f"000004.{format}") as image:
        np.testing.assert_array_equal(np.asarray(image), images[4])


def test_labels_are_one_list_however_many(tmp_path, monkeypatch):
    monkeypatch.setattr("gen_jax.io.image_sets._LABELS_AT_ONCE", 3)
    folder = NumberedImages(tmp_path, format="png")
    assert not folder.has_labels()
    folder.write_labels(np.arange(7, dtype=np.int32) % 2)
    assert folder.has_labels()
    labels = [[f"00000{number}.png", number % 2] for number in range(7)]
    assert json.loads((tmp_path / "dataset.json").read_text()) == {"labels": labels}


def test_a_folder_names_what_differs(tmp_path):
    NumberedImages(tmp_path, format="png").open({"seed": 1, "class": None}, total=9)
    with pytest.raises(UserError, match=r"seed 1 there and 2 now"):
        NumberedImages(tmp_path, format="png").open({"seed": 2, "class": None}, total=9)
    with pytest.raises(UserError, match=r"format png there and webp now"):
        NumberedImages(tmp_path, format="webp").open({"seed": 1, "class": None}, total=9)


def test_an_error_while_writing_is_raised(tmp_path):
    folder = NumberedImages(tmp_path, format="png")
    folder.open({}, total=200)
    with pytest.raises(ValueError, match="an image is uint8"):
        folder.write(enumerate(_images(200).astype(np.float32)))
    assert not list(tmp_path.glob("*.png"))
