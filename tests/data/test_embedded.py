"""The embedded images are the first of the published Fashion-MNIST, unchanged."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gen_jax.data.config import EmbeddedData
from gen_jax.data.dataset import open_dataset
from gen_jax.data.source import EMBEDDED_FILE

DEBIAN = [Path("/usr/share/datasets/fashion-mnist")]


@pytest.fixture(scope="module")
def arrays():
    with np.load(EMBEDDED_FILE, allow_pickle=False) as archive:
        return dict(archive)


def test_counts_shapes_and_names_are_as_published(arrays):
    assert arrays["images"].shape == (12_000, 28, 28) and arrays["images"].dtype == np.uint8
    assert arrays["labels"].shape == (12_000,)
    assert arrays["num_test"] == 2000
    # The table of labels in the data set's own README.
    assert arrays["class_names"].tolist() == [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ]  # fmt: skip


def test_first_labels_and_pixels_are_as_published(arrays):
    assert arrays["labels"][:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]
    assert arrays["labels"][10_000:10_010].tolist() == [9, 2, 1, 1, 6, 1, 4, 6, 5, 7]
    # The mean intensity of the full training set is known to be 0.2860, its deviation 0.3530.
    scaled = arrays["images"][:10_000] / 255.0
    assert scaled.mean() == pytest.approx(0.2860, abs=0.003)
    assert scaled.std() == pytest.approx(0.3530, abs=0.003)


def test_the_file_is_small_and_its_licence_lies_beside_it():
    assert EMBEDDED_FILE.stat().st_size < 6_000_000
    text = (EMBEDDED_FILE.parent / "LICENSE-fashion-mnist.txt").read_text()
    assert "MIT License" in text and "2017 Zalando SE" in text


def test_the_script_makes_the_same_bytes_from_the_published_files(tmp_path, repository):
    folder = next((path for path in DEBIAN if path.is_dir()), None)
    if folder is None:
        pytest.skip("Debian's dataset-fashion-mnist is not installed")
    out = tmp_path / "again.npz"
    script = repository / "scripts" / "make_fashion_mnist.py"
    subprocess.run([sys.executable, str(script), str(folder), "--out", str(out)], check=True)
    with np.load(out) as again, np.load(EMBEDDED_FILE) as shipped:
        assert set(again.files) == set(shipped.files)
        for name in again.files:
            np.testing.assert_array_equal(again[name], shipped[name])


def test_the_script_reads_idx_files(tmp_path, repository):
    import gzip

    images = np.broadcast_to(np.arange(12_500).astype(np.uint8)[:, None, None], (12_500, 28, 28))
    labels = np.arange(12_500, dtype=np.uint8) % 10
    for part in ("train", "t10k"):
        head = b"\0\0\x08\x03" + np.array([12_500, 28, 28], ">i4").tobytes()
        (tmp_path / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(head + images.tobytes(), 0))
        head = b"\0\0\x08\x01" + np.array([12_500], ">i4").tobytes()
        (tmp_path / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(head + labels.tobytes(), 0))
    script, out = repository / "scripts" / "make_fashion_mnist.py", tmp_path / "out.npz"
    subprocess.run([sys.executable, str(script), str(tmp_path), "--out", str(out)], check=True)
    with np.load(out) as made:
        np.testing.assert_array_equal(made["images"][:10_000], images[:10_000])
        np.testing.assert_array_equal(made["images"][10_000:], images[:2000])
        np.testing.assert_array_equal(made["labels"][10_000:], labels[:2000])


def test_the_official_test_images_are_kept_apart(arrays):
    train = open_dataset(EmbeddedData(), size=28)
    test = open_dataset(EmbeddedData(split="test"), size=28)
    assert len(train) == 10_000 and len(test) == 2000
    np.testing.assert_array_equal(train.load_all(progress=False)[0][..., 0], arrays["images"][:10_000])
    images, labels = test.load_all(progress=False)
    np.testing.assert_array_equal(images[..., 0], arrays["images"][10_000:])
    np.testing.assert_array_equal(labels, arrays["labels"][10_000:])
    assert train.info.class_names[9] == "Ankle boot" and train.info.num_images == 10_000
