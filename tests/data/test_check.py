"""The report on a source counts what is there."""

import numpy as np
import pytest

from gen_jax.data.check import check_source, contact_sheet, report_text
from gen_jax.data.config import ArrayData, FolderData
from gen_jax.errors import UserError
from tests.data.pictures import png, random_array, write


@pytest.fixture
def folder(tmp_path):
    files = {
        "a/1.png": png(1),
        "a/2.png": png(2, (20, 10)),
        "a/3.png": png(1),
        "b/4.png": png(4, mode="L"),
        "b/5.png": b"bad",
        "b/notes.txt": b"",
        "list.json": b"{}",
    }
    return FolderData(path=str(write(tmp_path / "i", files)))


def test_the_report_counts_everything(folder):
    report, source = check_source(folder)
    assert report.images == len(source) == 4
    assert report.sizes == {"8x8": 3, "20x10": 1} and report.modes == {"RGB": 3, "L": 1}
    assert report.classes == {"a": 3, "b": 1}
    assert [[name.rsplit("/", 2)[-2:] for name in group] for group in report.duplicates] == [
        [["a", "1.png"], ["a", "3.png"]]
    ]
    assert report.bad == [("b/5.png", "not a PNG, JPEG or WebP image")]
    assert report.ignored == {".txt": 1, ".json": 1}
    assert report.near_duplicates is None
    text = report_text(report)
    for word in ("20x10", "b/5.png: not a PNG", ".txt (1)", "1 images more than needed"):
        assert word in text


def test_pictures_that_look_alike_are_found(tmp_path):
    images = random_array(5, 32, 32)
    images[4] = np.clip(images[1].astype(int) + 1, 0, 255)  # a little brighter
    np.save(tmp_path / "x.npy", images)
    report, _ = check_source(ArrayData(path=str(tmp_path / "x.npy")), near=True)
    assert report.duplicates == []
    assert [[name[-3:] for name in group] for group in report.near_duplicates] == [["[1]", "[4]"]]


def test_the_contact_sheet_shows_the_images(folder, tmp_path):
    sheet = contact_sheet(check_source(folder)[1])
    assert sheet.shape == (96, 4 * 96, 3)
    shown = {int(sheet[48, 96 * i + 48, 0]) for i in range(4)}
    assert shown == {1, 2, 4}
    np.save(tmp_path / "x.npy", random_array(250))
    assert contact_sheet(check_source(ArrayData(path=str(tmp_path / "x.npy")))[1]).shape == (960, 960, 3)


def test_a_folder_of_bad_files_is_one_line(tmp_path):
    root = write(tmp_path / "i", {"1.png": b"bad"})
    with pytest.raises(UserError, match="none of the 1 files"):
        check_source(FolderData(path=str(root)))
