"""A packed file holds what the source shows, opens mapped, and never appears half-written."""

import errno

import numpy as np
import pytest

from gen_jax.data import pack as pack_module
from gen_jax.data.config import ArrayData, EmbeddedData, FolderData
from gen_jax.data.dataset import open_dataset
from gen_jax.data.pack import pack
from gen_jax.errors import RunError, UserError
from tests.data.pictures import png, write


@pytest.fixture
def dataset(tmp_path):
    files = {f"{'ab'[i % 2]}/{i}.png": png(i, (12, 10)) for i in range(30)}
    return open_dataset(FolderData(path=str(write(tmp_path / "i", files)), split="all"), size=8)


def test_a_packed_file_holds_what_the_source_shows(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(pack_module, "_BYTES_AT_ONCE", 1000)  # several pieces
    path = pack(dataset, str(tmp_path / "x.npz"))
    again = open_dataset(ArrayData(path=str(path)), size=8)
    images, labels = dataset.load_all(progress=False)
    np.testing.assert_array_equal(again.load_all(progress=False)[0], images)
    np.testing.assert_array_equal(again.labels, labels)
    assert again.info.class_names == ("a", "b")
    with np.load(path) as plain:  # numpy alone reads it too
        np.testing.assert_array_equal(plain["images"], images)
    assert [file.name for file in tmp_path.iterdir() if file.name != "i"] == ["x.npz"]


def test_the_official_test_set_stays_apart(tmp_path):
    path = pack(open_dataset(EmbeddedData(split="all"), size=7), str(tmp_path / "x.npz"))
    test = open_dataset(ArrayData(path=str(path), split="test"), size=None)
    assert len(test) == 2000
    np.testing.assert_array_equal(test.labels, open_dataset(EmbeddedData(split="test"), size=7).labels)


def test_the_same_images_give_the_same_bytes(dataset, tmp_path):
    first, second = pack(dataset, str(tmp_path / "x.npz")), pack(dataset, str(tmp_path / "y.npz"))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
def test_an_end_halfway_leaves_the_old_file_and_nothing_else(dataset, tmp_path, monkeypatch, error):
    path = pack(dataset, str(tmp_path / "x.npz"))
    before = path.read_bytes()

    def fail(*args):
        raise error

    monkeypatch.setattr(pack_module, "_write_images", fail)
    expected = RunError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        pack(dataset, str(path))
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["i", "x.npz"]


def test_what_a_killed_run_left_is_cleared_away(dataset, tmp_path):
    (tmp_path / ".x.npz.part").write_bytes(b"half")
    pack(dataset, str(tmp_path / "x.npz"))
    assert not (tmp_path / ".x.npz.part").exists()


def test_wrong_destinations_are_one_line(dataset, tmp_path):
    for name, word in [("x.png", "something.npz"), ("none/x.npz", "no folder")]:
        with pytest.raises(UserError, match=word):
            pack(dataset, f"{tmp_path}/{name}")
