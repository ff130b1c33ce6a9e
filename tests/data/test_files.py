"""Folders and zips of images: what is found, how it is labelled, and what happens to bad files."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from gen_jax.data import files as files_module
from gen_jax.data.cache import cache_directory
from gen_jax.data.config import FolderData, ZipData
from gen_jax.data.dataset import open_dataset
from gen_jax.errors import RunError, UserError
from tests.data.pictures import label_file, png, write, write_zip

NESTED = {
    "b/2.png": png(2),
    "b/deep/3.PNG": png(3),
    "a/1.png": png(1),
    "a/.hidden.png": b"x",
    "a/notes.txt": b"x",
    ".git/0.png": b"x",
    "__MACOSX/a/._1.png": b"x",
    ".DS_Store": b"x",
}


@pytest.fixture(params=["folder", "zip"])
def opened(request, tmp_path):
    """Open the same files as a folder or as a zip."""

    def open_(files, *, size=None, **options):
        if request.param == "folder":
            root = write(tmp_path / "images", files) if files else (tmp_path / "images")
            root.mkdir(exist_ok=True)
            return open_dataset(FolderData(path=str(root), **options), size=size)
        return open_dataset(ZipData(path=str(write_zip(tmp_path / "images.zip", files)), **options), size=size)

    return open_


def levels(dataset):
    return [int(dataset.image(i)[0, 0, 0]) for i in range(len(dataset))]


def test_nested_images_are_found_in_order_and_hidden_files_are_not(opened):
    dataset = opened(NESTED)
    assert levels(dataset) == [1, 2, 3]
    assert dataset.info.class_names == ("a", "b")
    assert dataset.labels.tolist() == [0, 1, 1] and dataset.labels.dtype == np.int32
    assert dataset.info.image_shape == (8, 8, 3)


def test_content_decides_where_the_name_does_not_tell_or_lies(opened):
    dataset = opened({"0001": png(1), "0002.jpg": png(2), "README": b"text", "x.csv": png(9)})
    assert levels(dataset) == [1, 2]
    assert dataset.labels is None and dataset.info.num_classes == 0


def test_an_image_beside_the_subfolders_means_no_classes(opened):
    assert opened({"a/1.png": png(1), "b/2.png": png(2), "3.png": png(3)}).labels is None


def test_one_folder_around_everything_is_looked_into(opened):
    assert opened({"set/cat/1.png": png(1), "set/dog/2.png": png(2)}).info.class_names == ("cat", "dog")


def test_a_single_folder_of_images_is_no_class(opened):
    assert opened({"set/1.png": png(1), "set/2.png": png(2)}).labels is None


def test_a_label_file_goes_before_the_folders(opened):
    pairs = [["a/1.png", 3], ["b/2.png", 0], ["gone.png", 4]]
    dataset = opened({"a/1.png": png(1), "b/2.png": png(2), "dataset.json": label_file(pairs)})
    assert dataset.labels.tolist() == [3, 0]
    assert dataset.info.class_names == ("0", "1", "2", "3", "4")


def test_a_label_file_may_say_that_there_are_none(opened):
    assert opened({"a/1.png": png(1), "b/2.png": png(2), "dataset.json": label_file(None)}).labels is None


def test_labels_can_be_left_out(opened):
    assert opened(NESTED, labels=False).labels is None


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (label_file([["a/1.png", 0]]), "no label for 1 images, first 'b/2.png'"),
        (label_file([["a/1.png", [0.5, 1]], ["b/2.png", 1]]), "class numbers"),
        (label_file([["a/1.png", -1], ["b/2.png", 1]]), "labels run from -1"),
        (label_file([["a/1.png", True], ["b/2.png", 1]]), "class numbers"),
        (label_file(5), "must say"),
        (b"{", "not readable JSON"),
    ],
)
def test_a_bad_label_file_is_one_line(opened, content, word):
    with pytest.raises(UserError, match=word) as caught:
        opened({"a/1.png": png(1), "b/2.png": png(2), "dataset.json": content})
    assert "\n" not in str(caught.value) and "data.labels=false" in str(caught.value)
    assert opened({"a/1.png": png(1), "b/2.png": png(2), "dataset.json": content}, labels=False).labels is None


def test_grey_images_stay_grey_and_mixed_ones_become_color(opened):
    assert opened({"1.png": png(1, mode="L")}).info.image_shape == (8, 8, 1)
    assert opened({"1.png": png(1, mode="L"), "2.png": png(2)}).info.image_shape == (8, 8, 3)


def test_mixed_sizes_need_a_size(opened):
    mixed = {"1.png": png(1), "2.png": png(2, (12, 10))}
    with pytest.raises(UserError, match="different sizes"):
        opened(mixed)
    assert opened(mixed, size=8).load_all(progress=False)[0].shape == (2, 8, 8, 3)


def test_a_small_image_is_named_before_training(opened):
    with pytest.raises(UserError, match=r"a/2\.png is 8x8 pixels, smaller than the model's 10x10"):
        opened({"a/1.png": png(1, (12, 12)), "a/2.png": png(2)}, size=10)
    assert len(opened({"a/1.png": png(1, (12, 12)), "a/2.png": png(2)}, size=10, on_small_image="enlarge")) == 2


def test_a_bad_file_stops_and_is_named(opened):
    bad = {"1.png": png(1), "2.png": png(2)[:40], "3.png": b"not an image", "4.png": b""}
    with pytest.raises(UserError, match=r"3 of 4 files .* 2\.png \(.*3\.png \(not a PNG.*4\.png \(the file is empty\)"):
        opened(bad)


def test_bad_files_can_be_skipped_up_to_a_share(opened):
    bad = {f"{i}.png": png(i) for i in range(9)} | {"x.png": b"bad"}
    with pytest.raises(UserError, match=r"max_bad_share=0.01"):
        opened(bad, on_bad_image="skip")
    assert levels(opened(bad, on_bad_image="skip", max_bad_share=0.1)) == list(range(9))


def test_a_skipped_file_does_not_renumber_the_classes(opened):
    bad = {"a/1.png": b"bad", "b/2.png": png(2), "c/3.png": png(3)}
    dataset = opened(bad, on_bad_image="skip", max_bad_share=0.5)
    assert dataset.info.class_names == ("a", "b", "c") and dataset.labels.tolist() == [1, 2]


def test_all_bad_is_not_a_data_set(opened):
    with pytest.raises(UserError, match="No good image"):
        opened({"1.png": b"bad"}, on_bad_image="skip", max_bad_share=1.0)


def test_a_bomb_stops_whatever_is_skipped(opened):
    files = {"1.png": png(1), "2.png": png(2, (50, 50))}
    with pytest.raises(UserError, match=r"2\.png would have 50x50 pixels"):
        opened(files, on_bad_image="skip", max_bad_share=1.0, max_pixels=1000)
    assert len(opened(files, size=8)) == 2
    with pytest.raises(UserError, match=r"2\.png would have 50x50 pixels"):  # also where the cache knows the file
        opened(files, on_bad_image="skip", max_bad_share=1.0, max_pixels=1000)


def test_a_file_too_large_for_its_pixels_is_not_read(opened):
    with pytest.raises(UserError, match=r"2\.png has 20000 bytes"):
        opened({"1.png": png(1), "2.png": b"\0" * 20_000}, max_pixels=1000, on_bad_image="skip", max_bad_share=1.0)


def test_nothing_there_is_one_line(opened):
    with pytest.raises(UserError, match=r"holds no PNG, JPEG or WebP image$"):
        opened({})
    with pytest.raises(UserError, match=r"only 2 \.bmp, 1 \.txt"):
        opened({"1.bmp": b"BM", "2.bmp": b"BM", "a.txt": b""})


def test_missing_and_mistaken_paths_are_one_line(tmp_path):
    (tmp_path / "fake.zip").write_bytes(b"no zip at all")
    for config, word in [
        (FolderData(path=str(tmp_path / "none")), "no such folder"),
        (FolderData(path=str(tmp_path / "fake.zip")), "a file, not a folder"),
        (ZipData(path=str(tmp_path / "none.zip")), "no such file"),
        (ZipData(path=str(tmp_path)), "no such file"),
        (ZipData(path=str(tmp_path / "fake.zip")), "not a readable .zip"),
        (FolderData(path=str(tmp_path), max_bad_share=2.0), "max_bad_share"),
    ]:
        with pytest.raises(UserError, match=word) as caught:
            open_dataset(config, size=8)
        assert "\n" not in str(caught.value)


def test_a_corrupt_zip_entry_is_a_bad_file(tmp_path):
    path = write_zip(tmp_path / "x.zip", {"1.png": png(1), "2.png": png(2)})
    data = bytearray(path.read_bytes())
    data[data.index(b"IDAT") + 6] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(UserError, match=r"1 of 2 files .*1\.png \(cannot be read: Bad CRC"):
        open_dataset(ZipData(path=str(path)), size=None)


def test_an_unreadable_file_is_a_bad_file(tmp_path):
    root = write(tmp_path / "i", {"1.png": png(1)})
    (root / "2.png").symlink_to(root / "gone.png")
    with pytest.raises(UserError, match=r"2\.png \(cannot be read: No such file"):
        open_dataset(FolderData(path=str(root)), size=None)


def test_linked_folders_are_followed_once(tmp_path):
    root = write(tmp_path / "i", {"1.png": png(1)})
    write(tmp_path / "elsewhere", {"2.png": png(2)})
    (root / "more").symlink_to(tmp_path / "elsewhere")
    (root / "loop").symlink_to(root)
    assert levels(open_dataset(FolderData(path=str(root)), size=None)) == [1, 2]


def test_a_second_start_decodes_only_what_has_changed(tmp_path, monkeypatch):
    root = write(tmp_path / "i", {f"{i}.png": png(i) for i in range(6)} | {"bad.png": b"bad"})
    looked, lock, real = [], threading.Lock(), files_module.probe

    def spy(data, max_pixels, name):
        with lock:
            looked.append(os.path.basename(name))
        return real(data, max_pixels, name)

    monkeypatch.setattr(files_module, "probe", spy)
    config = FolderData(path=str(root), on_bad_image="skip", max_bad_share=0.5)
    first = open_dataset(config, size=8)
    assert len(looked) == 7
    looked.clear()
    second = open_dataset(config, size=8)
    assert looked == [] and len(second) == len(first) == 6 and second.info == first.info
    write(root, {"3.png": b"now bad, and of another length"})
    assert len(open_dataset(config, size=8)) == 5 and looked == ["3.png"]


def test_a_broken_or_unwritable_cache_is_as_good_as_none(tmp_path, monkeypatch):
    root = write(tmp_path / "i", {"1.png": png(1)})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    open_dataset(FolderData(path=str(root)), size=8)
    notes = list((cache_directory() / "verified").iterdir())
    assert len(notes) == 1
    for text in ("{", "[1, 2]", '{"1.png": 5}', '{"1.png": [[1, 2], [3]]}'):
        notes[0].write_text(text)
        assert len(open_dataset(FolderData(path=str(root)), size=8)) == 1
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert len(open_dataset(FolderData(path=str(root)), size=8)) == 1


def test_a_file_that_goes_bad_later_is_named(tmp_path):
    root = write(tmp_path / "i", {"1.png": png(1), "2.png": png(2)})
    dataset = open_dataset(FolderData(path=str(root)), size=8)
    (root / "2.png").unlink()
    with pytest.raises(RunError, match=r"2\.png was a good image when the run began"):
        dataset.image(1)


def test_images_can_be_read_from_many_threads(opened):
    dataset = opened({f"{i:03}.png": png(i) for i in range(200)})
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda i: int(dataset.image(i % 200)[0, 0, 0]), range(1000)))
    assert found == [i % 200 for i in range(1000)]
    assert dataset.load_all(progress=False)[0][:, 0, 0, 0].tolist() == list(range(200))
