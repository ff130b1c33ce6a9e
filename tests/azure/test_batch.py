"""The driver of the batch endpoint, called as Azure calls it: ``init()``, then ``run`` with paths."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image, ImageOps

from gen_jax.azure import batch
from gen_jax.errors import UserError

SCRIPT = Path(__file__).resolve().parents[2] / "azure" / "endpoints" / "batch" / "driver" / "driver.py"


def photo(path: Path, *, seed: int = 0, size: tuple[int, int] = (20, 16)) -> str:
    """Write a picture of (height, width) and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)).save(path)
    return str(path)


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The shipped script, loaded as Azure's runner loads it."""
    monkeypatch.setenv("GEN_JAX_EDITS", "invert")
    monkeypatch.setenv("AZUREML_BI_OUTPUT_PATH", str(tmp_path / "out"))
    monkeypatch.setattr(batch, "_driver", [])
    spec = importlib.util.spec_from_file_location("driver", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_photo_of_a_mini_batch_is_edited_as_pillow_edits_it(driver: ModuleType, tmp_path: Path) -> None:
    paths = [photo(tmp_path / "in" / f"{number}.png", seed=number) for number in range(3)]
    paths.append(photo(tmp_path / "in" / "wide.png", seed=9, size=(12, 30)))
    driver.init()
    made = driver.run(paths)
    assert sorted(made) == sorted(str(tmp_path / "out" / Path(path).name) for path in paths)
    for path in paths:
        edited = Image.open(tmp_path / "out" / Path(path).name)
        assert np.array_equal(np.asarray(edited), np.asarray(ImageOps.invert(Image.open(path))))


def test_a_file_that_cannot_be_read_is_left_out_so_that_azure_counts_it(
    driver: ModuleType, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("no photo")
    paths = [photo(tmp_path / "good.png"), str(tmp_path / "broken.png"), str(tmp_path / "notes.txt")]
    driver.init()
    assert driver.run(paths) == [str(tmp_path / "out" / "good.png")]
    assert "broken.png" in caplog.text
    assert driver.run([str(tmp_path / "broken.png")]) == []


def test_a_mini_batch_that_is_tried_again_makes_the_same_files(driver: ModuleType, tmp_path: Path) -> None:
    paths = [photo(tmp_path / "a.png")]
    driver.init()
    first = {path: Path(path).read_bytes() for path in driver.run(paths)}
    driver.init()
    assert {path: Path(path).read_bytes() for path in driver.run(paths)} == first


def test_another_format_keeps_the_old_name_so_that_no_photo_is_lost(
    driver: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEN_JAX_FORMAT", "webp")
    paths = [photo(tmp_path / "a.png"), photo(tmp_path / "a.bmp"), photo(tmp_path / "b.webp")]
    driver.init()
    assert {Path(path).name for path in driver.run(paths)} == {"a.png.webp", "a.bmp.webp", "b.webp"}


def test_two_photos_of_one_name_need_their_folders(
    driver: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [photo(tmp_path / "cats" / "1.png"), photo(tmp_path / "dogs" / "1.png")]
    driver.init()
    with pytest.raises(UserError, match="raise GEN_JAX_FOLDERS"):
        driver.run(paths)
    monkeypatch.setenv("GEN_JAX_FOLDERS", "1")
    driver.init()
    assert {Path(path).relative_to(tmp_path / "out").as_posix() for path in driver.run(paths)} == {
        "cats/1.png",
        "dogs/1.png",
    }


def test_the_driver_takes_the_settings_that_are_shipped() -> None:
    """An edit that may take a picture, and is given none, is one of them."""
    yaml = pytest.importorskip("yaml")
    settings = yaml.safe_load((SCRIPT.parents[1] / "edit.yml").read_text())["environment_variables"]
    driver = batch.Driver.open({**settings, "AZUREML_BI_OUTPUT_PATH": "out"})
    assert [operation.kind for operation in driver.chain.operations] == ["autocontrast", "resize"]
    assert driver.suffix == ".webp"


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"GEN_JAX_EDITS": ""}, "GEN_JAX_EDITS: is not set"),
        ({"GEN_JAX_EDITS": "rotat=12"}, "Perhaps you meant 'rotate'"),
        ({"GEN_JAX_EDITS": "watermark=image=logo.png"}, "takes a picture"),
        ({"GEN_JAX_FORMAT": "gif"}, "suffix"),
        ({"GEN_JAX_FOLDERS": "-1"}, "GEN_JAX_FOLDERS"),
        ({"AZUREML_BI_OUTPUT_PATH": ""}, "AZUREML_BI_OUTPUT_PATH"),
    ],
)
def test_a_wrong_setting_ends_it_before_the_first_mini_batch(setting: dict[str, str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        batch.Driver.open({"GEN_JAX_EDITS": "invert", "AZUREML_BI_OUTPUT_PATH": "out", **setting})
