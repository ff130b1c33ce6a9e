"""Arrays in memory and in files, and how people write a source on a command line."""

import numpy as np
import pytest

from gen_jax.data.config import ArrayData, CommonData, EmbeddedData, FolderData, TfdsData, ZipData
from gen_jax.data.dataset import dataset_from_source, open_dataset, parse_source
from gen_jax.data.source import ArraySource
from gen_jax.errors import UserError
from tests.data.pictures import random_array

IMAGES = random_array(20)
LABELS = np.arange(20) % 3


def test_arrays_at_hand_become_a_data_set():
    source = ArraySource.from_arrays(IMAGES, LABELS, ("x", "y", "z"))
    dataset = dataset_from_source(source, CommonData(validation=0.25))
    assert len(dataset) == 15 and dataset.info.class_names == ("x", "y", "z")
    images, labels = dataset.load_all(progress=False)
    np.testing.assert_array_equal(images, IMAGES[dataset.indices])
    np.testing.assert_array_equal(labels, LABELS[dataset.indices])
    assert labels.dtype == np.int32


def test_grey_images_may_lack_the_channel_axis():
    dataset = dataset_from_source(ArraySource.from_arrays(IMAGES[..., 0]))
    assert dataset.info.image_shape == (8, 8, 1) and dataset.labels is None
    np.testing.assert_array_equal(dataset.image(3), IMAGES[3, :, :, :1])


@pytest.mark.parametrize("suffix", ["npy", "npz", "compressed.npz"])
def test_array_files_are_read(tmp_path, suffix):
    path = tmp_path / f"x.{suffix}"
    if suffix == "npy":
        np.save(path, IMAGES)
    else:
        save = np.savez_compressed if "compressed" in suffix else np.savez
        save(path, images=IMAGES, labels=LABELS, class_names=np.array(["x", "y", "z"]), num_test=np.array(4))
    dataset = open_dataset(ArrayData(path=str(path)), size=None)
    images, labels = dataset.load_all(progress=False)
    count = 20 if suffix == "npy" else 16
    np.testing.assert_array_equal(images, IMAGES[:count])
    if suffix != "npy":
        np.testing.assert_array_equal(labels, LABELS[:16])
        assert open_dataset(ArrayData(path=str(path)), size=None, split="test").indices.tolist() == [16, 17, 18, 19]


def test_uncompressed_files_are_mapped_rather_than_read(tmp_path):
    np.save(tmp_path / "x.npy", IMAGES)
    np.savez(tmp_path / "x.npz", labels=LABELS, images=IMAGES)
    for name in ("x.npy", "x.npz"):
        source = open_dataset(ArrayData(path=str(tmp_path / name)), size=None).source
        base = source.image(0)
        while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
            base = base.base
        assert isinstance(base, np.memmap)


def test_an_array_is_resized_and_recolored_as_files_are():
    from PIL import Image

    source = open_array_source(IMAGES, size=4, channels=1)
    expected = Image.fromarray(IMAGES[5]).convert("L").resize((4, 4), Image.Resampling.LANCZOS)
    np.testing.assert_array_equal(source.image(5)[..., 0], np.asarray(expected))
    assert source.image_shape == (4, 4, 1)
    np.testing.assert_array_equal(source.stack(np.array([5]))[0], source.image(5))


def open_array_source(images, **form):
    from gen_jax.data.decode import Form

    return ArraySource(images, form=Form(**form))


def test_an_array_smaller_than_the_model_stops():
    with pytest.raises(UserError, match="8x8 pixels, smaller than the model's 16x16"):
        open_array_source(IMAGES, size=16)


@pytest.mark.parametrize(
    ("images", "labels", "names", "word"),
    [
        (IMAGES.astype(np.float32), None, (), "must be uint8"),
        (IMAGES[0, 0], None, (), "must be uint8"),
        ([[1]], None, (), "must be uint8"),
        (IMAGES[..., :2], None, (), "1, 3 or 4 channels"),
        (IMAGES[:0], None, (), "no images"),
        (IMAGES, LABELS[:5], (), "labels must be integers"),
        (IMAGES, LABELS / 2, (), "labels must be integers"),
        (IMAGES, LABELS - 1, (), "labels run from -1"),
        (IMAGES, LABELS, ("a", "b"), r"must lie in \[0, 2\)"),
    ],
)
def test_wrong_arrays_are_one_line(images, labels, names, word):
    with pytest.raises(UserError, match=word) as caught:
        ArraySource.from_arrays(images, labels, names)
    assert "\n" not in str(caught.value)


def test_wrong_array_files_are_one_line(tmp_path):
    (tmp_path / "junk.npy").write_bytes(b"junk")
    (tmp_path / "junk.npz").write_bytes(b"junk")
    np.savez(tmp_path / "other.npz", x=IMAGES)
    np.save(tmp_path / "objects.npy", np.array([object()]), allow_pickle=True)
    (tmp_path / "x.txt").write_text("")
    for name, word in [
        ("junk.npy", "not a readable array"),
        ("junk.npz", "not a readable array"),
        ("other.npz", "no array named images"),
        ("objects.npy", "not a readable array"),
        ("none.npy", "no such file"),
        ("x.txt", "a .npy or .npz file"),
    ]:
        with pytest.raises(UserError, match=word) as caught:
            open_dataset(ArrayData(path=str(tmp_path / name)), size=None)
        assert "\n" not in str(caught.value)


def test_a_source_is_written_as_people_write_it(tmp_path):
    assert parse_source("embedded") == EmbeddedData()
    assert parse_source(str(tmp_path)) == FolderData(path=str(tmp_path))
    assert parse_source("x.zip") == ZipData(path="x.zip")
    assert parse_source("x.npz") == ArrayData(path="x.npz") and parse_source("x.npy") == ArrayData(path="x.npy")
    assert parse_source("tfds:cifar10") == TfdsData(name="cifar10")
    assert parse_source("cifar10:3.0.2") == TfdsData(name="cifar10:3.0.2")
    assert parse_source("tfds:a/b:1.0.0") == TfdsData(name="a/b:1.0.0") == parse_source("a/b:1.0.0")
    with pytest.raises(UserError, match="no source of images"):
        parse_source(str(tmp_path / "nothing"))
