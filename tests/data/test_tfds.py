"""Sets of TensorFlow Datasets: a tiny real one is prepared on disk and read without TensorFlow."""

import io
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from gen_jax.data.config import TfdsData
from gen_jax.data.dataset import open_dataset
from gen_jax.errors import UserError
from tests.data.pictures import random_array

TRAIN, TEST = random_array(20, 10, 10, seed=1), random_array(6, 10, 10, seed=2)


def encoded(pixels):
    # Bytes rather than an array: TFDS would start TensorFlow to encode an array.
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    buffer.seek(0)
    return buffer


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    import tensorflow_datasets as tfds

    class TinyPictures(tfds.core.GeneratorBasedBuilder):
        __module__ = "__main__"  # TFDS looks a builder's package up, with a library that need not be there
        VERSION = tfds.core.Version("1.0.0")
        BUILDER_CONFIGS = [tfds.core.BuilderConfig(name=name) for name in ("plain", "odd")]  # noqa: RUF012

        def _info(self):
            shape = (10, 10, 3) if self.builder_config.name == "plain" else (None, None, 3)
            features = {
                "image": tfds.features.Image(shape=shape),
                "label": tfds.features.ClassLabel(names=["cat", "dog"]),
                "weight": np.float32,
            }
            return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

        def _split_generators(self, dl_manager):
            if self.builder_config.name == "odd":
                return {"train": self._generate_examples([TRAIN[0], TRAIN[1, :7], TRAIN[2]])}
            return {"train": self._generate_examples(TRAIN), "test": self._generate_examples(TEST)}

        def _generate_examples(self, images):
            for i, pixels in enumerate(images):
                yield i, {"image": encoded(pixels), "label": int(pixels[0, 0, 0]) % 2, "weight": 0.5}

    root = tmp_path_factory.mktemp("tfds")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TQDM_DISABLE", "1")
        for name in ("plain", "odd"):
            builder = TinyPictures(config=name, data_dir=root)
            builder.download_and_prepare(file_format="array_record")
    return root


def as_set(images):
    return {image.tobytes() for image in images}


def test_both_parts_are_read_and_labelled(data_dir):
    config = TfdsData(name="tiny_pictures/plain:1.0.0", data_dir=str(data_dir))
    train = open_dataset(config, size=None)
    images, labels = train.load_all(progress=False)
    assert as_set(images) == as_set(TRAIN) and len(train) == 20  # TFDS shuffles what it writes
    np.testing.assert_array_equal(labels, images[:, 0, 0, 0] % 2)
    assert train.info.class_names == ("cat", "dog") and train.info.image_shape == (10, 10, 3)
    test = open_dataset(config, size=None, split="test")
    assert as_set(test.load_all(progress=False)[0]) == as_set(TEST)
    np.testing.assert_array_equal(test.labels, [int(test.image(i)[0, 0, 0]) % 2 for i in range(6)])


def test_tensorflow_is_never_imported(data_dir, repository):
    code = (
        "import sys; from gen_jax.data.config import TfdsData; from gen_jax.data.dataset import open_dataset; "
        f"d = open_dataset(TfdsData(name='tiny_pictures/plain', data_dir={str(data_dir)!r}), size=8); "
        "assert d.load_all()[0].shape == (20, 8, 8, 3); "
        "assert 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=repository)


def test_versions_and_configs_may_be_left_out(data_dir, tmp_path):
    without_default = shutil.ignore_patterns(".config")
    shutil.copytree(data_dir / "tiny_pictures", tmp_path / "tiny_pictures", ignore=without_default)
    with pytest.raises(UserError, match=r"needs a config.*odd, plain"):
        open_dataset(TfdsData(name="tiny_pictures", data_dir=str(tmp_path)), size=None)
    assert len(open_dataset(TfdsData(name="tiny_pictures", data_dir=str(data_dir)), size=None)) == 20
    shutil.rmtree(tmp_path / "tiny_pictures" / "odd")
    assert len(open_dataset(TfdsData(name="tiny_pictures", data_dir=str(tmp_path)), size=None)) == 20
    assert len(open_dataset(TfdsData(name="tiny_pictures/plain", data_dir=str(data_dir)), size=None)) == 20


def test_the_folder_may_start_at_home_or_come_from_the_environment(data_dir, monkeypatch):
    monkeypatch.setenv("HOME", str(data_dir.parent))
    config = TfdsData(name="tiny_pictures/plain", data_dir=f"~/{data_dir.name}")
    assert len(open_dataset(config, size=None)) == 20
    monkeypatch.setenv("TFDS_DATA_DIR", str(data_dir))
    assert len(open_dataset(TfdsData(name="tiny_pictures/plain"), size=None)) == 20


def test_split_expressions(data_dir):
    def count(**options):
        return len(open_dataset(TfdsData(name="tiny_pictures/plain", data_dir=str(data_dir), **options), size=None))

    assert count(train_split="train[:25%]") == 5
    assert count(train_split="train+test") == 26
    assert count(train_split="train[:80%]", test_split="train[80%:]", split="test") == 4
    assert count(validation=0.25) == 15


def test_labels_can_be_left_out(data_dir):
    config = TfdsData(name="tiny_pictures/plain", data_dir=str(data_dir), labels=False)
    assert open_dataset(config, size=None).labels is None


def test_images_of_many_sizes_are_looked_over_before_training(data_dir):
    config = TfdsData(name="tiny_pictures/odd", data_dir=str(data_dir))
    with pytest.raises(UserError, match=r"image \d of .*smaller than the model's 8x8"):
        open_dataset(config, size=8)
    with pytest.raises(UserError, match="different sizes"):
        open_dataset(config, size=None)
    assert open_dataset(config, size=7).load_all(progress=False)[0].shape == (3, 7, 7, 3)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"train_split": "nothing"}, "data.train_split='nothing'.*train, test"),
        ({"train_split": "train[:"}, "data.train_split"),
        ({"test_split": "nothing"}, "data.test_split='nothing'"),
        ({"image_key": "picture"}, "data.image_key='picture'.*it has image"),
        ({"label_key": "kind"}, "data.label_key='kind'.*image, label, weight"),
        ({"label_key": "weight"}, "data.label_key='weight'.*data.labels=false"),
        ({"name": "../x"}, "must look like"),
        ({"name": "tiny_pictures/plain:2.0.0"}, "holds only version 1.0.0"),
    ],
)
def test_mistakes_are_one_line(data_dir, options, word):
    with pytest.raises(UserError, match=word) as caught:
        open_dataset(TfdsData(**{"name": "tiny_pictures/plain", "data_dir": str(data_dir), **options}), size=None)
    assert "\n" not in str(caught.value)


def test_a_missing_set_says_what_prepares_it(tmp_path):
    with pytest.raises(UserError) as caught:
        open_dataset(TfdsData(name="cifar10", data_dir=str(tmp_path)), size=32)
    message = str(caught.value)
    assert f"tfds.builder('cifar10', data_dir='{tmp_path}')" in message
    assert "download_and_prepare(file_format='array_record')" in message
    assert "pip install tensorflow importlib_resources" in message


def test_a_set_in_tfrecord_format_says_what_to_do(data_dir, tmp_path):
    old = shutil.copytree(data_dir / "tiny_pictures" / "plain", tmp_path / "tiny_pictures" / "plain") / "1.0.0"
    info = old / "dataset_info.json"
    info.write_text(info.read_text().replace("array_record", "tfrecord"))
    for file in list(old.glob("*.array_record*")):
        file.rename(old / file.name.replace("array_record", "tfrecord"))
    with pytest.raises(UserError, match=r"stored as tfrecord.*file_format='array_record'"):
        open_dataset(TfdsData(name="tiny_pictures/plain", data_dir=str(tmp_path)), size=None)
    info.write_text("{")
    with pytest.raises(UserError, match="cannot be read"):
        open_dataset(TfdsData(name="tiny_pictures/plain", data_dir=str(tmp_path)), size=None)
