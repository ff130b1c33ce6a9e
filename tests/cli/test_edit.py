"""``gen-jax edit``, as a person types it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from gen_jax.cli.edit import EditCommand, main
from gen_jax.cli.edit_list import explain
from gen_jax.cli.options import positional_first
from gen_jax.edit.operation import OPERATIONS
from gen_jax.errors import UserError


def picture(height: int, width: int, seed: int = 0, channels: int = 3) -> np.ndarray:
    """Return something smooth with noise on it."""
    rows, columns = np.mgrid[0:height, 0:width, 0:channels][:2]
    noise = np.random.default_rng(seed).normal(0, 12, (height, width, channels))
    return np.clip(rows * 2.0 + columns + 40 * np.sin(rows * columns / 90.0 + seed) + noise, 0, 255).astype(np.uint8)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.fromarray(picture(30, 44)).save(path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Images of ten sizes, one of them in a subfolder, one grey, one with alpha."""
    folder = tmp_path / "photos"
    (folder / "trip").mkdir(parents=True)
    for index in range(8):
        Image.fromarray(picture(33 + 3 * index, 47 - index, index)).save(folder / f"{index}.png")
    Image.fromarray(picture(40, 30, 9, 4)).save(folder / "trip" / "alpha.png")
    Image.fromarray(picture(40, 30, 10, 1)[..., 0]).save(folder / "grey.png")
    return folder


def opened(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def test_the_line_does_what_pillow_does(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.png"
    words = [str(photo), "--out", str(out), "rotate=90", "resize=20x24", "brightness=1.2", "gaussian_blur=1.5"]
    assert main(words) == 0
    image = Image.open(photo).rotate(90).resize((24, 20))
    expected = ImageEnhance.Brightness(image).enhance(1.2).filter(ImageFilter.GaussianBlur(1.5))
    np.testing.assert_array_equal(opened(out), np.asarray(expected))
    assert f"{out}: 20 high, 24 wide" in capsys.readouterr().out


def test_a_recipe_is_the_same_edit(photo: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "edits.json"
    recipe.write_text('[{"kind": "posterize", "bits": 3}, {"kind": "solarize", "threshold": 100}]')
    main([str(photo), "--out", str(tmp_path / "a.png"), "--recipe", str(recipe), "invert"])
    main([str(photo), "--out", str(tmp_path / "b.png"), "posterize=3", "solarize=100", "invert"])
    image = ImageOps.invert(ImageOps.solarize(ImageOps.posterize(Image.open(photo), 3), 100))
    np.testing.assert_array_equal(opened(tmp_path / "a.png"), np.asarray(image))
    np.testing.assert_array_equal(opened(tmp_path / "b.png"), np.asarray(image))


def test_a_folder_of_many_sizes_is_edited_as_each_alone(folder: Path, tmp_path: Path) -> None:
    edits = ["autocontrast=2", "gaussian_blur=2", "flip_left_right", "contrast=1.4", "sharpness=2"]
    assert main([str(folder), "--out", str(tmp_path / "out"), *edits]) == 0
    for index in range(8):
        image = ImageOps.autocontrast(Image.open(folder / f"{index}.png"), 2).filter(ImageFilter.GaussianBlur(2))
        image = ImageEnhance.Contrast(ImageOps.mirror(image)).enhance(1.4)
        image = ImageEnhance.Sharpness(image).enhance(2)
        np.testing.assert_array_equal(opened(tmp_path / "out" / f"{index}.png"), np.asarray(image))
    assert opened(tmp_path / "out" / "trip" / "alpha.png").shape == (40, 30, 4)
    assert opened(tmp_path / "out" / "grey.png").shape == (40, 30)


def test_sizes_change_image_by_image(folder: Path, tmp_path: Path) -> None:
    assert main([str(folder), "--out", str(tmp_path / "out"), "contain=24x24", "rotate=90,expand=true"]) == 0
    for index in range(8):
        image = ImageOps.contain(Image.open(folder / f"{index}.png"), (24, 24)).rotate(90, expand=True)
        np.testing.assert_array_equal(opened(tmp_path / "out" / f"{index}.png"), np.asarray(image))


def test_the_same_command_again_makes_only_what_is_missing(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [f"{folder}/*.png", "--out", f"{tmp_path / 'out'}", "invert"]
    main(words)
    (tmp_path / "out" / "3.png").unlink()
    stamps = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.png")}
    assert main(words) == 0
    assert "1 edited, 8 were there" in capsys.readouterr().out
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in stamps.items())
    with pytest.raises(UserError, match="made with other edits"):
        main([*words, "invert"])
    assert main([*words, "invert", "--overwrite"]) == 0
    np.testing.assert_array_equal(opened(tmp_path / "out" / "3.png"), opened(folder / "3.png"))


def test_a_changed_source_is_edited_again(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(folder), "--out", str(tmp_path / "out"), "invert"]
    main(words)
    later = time.time() + 5
    os.utime(folder / "2.png", (later, later))
    main(words)
    assert "1 edited, 9 were there" in capsys.readouterr().out


def test_bad_files_are_named_and_counted(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.png").write_text("no image")
    (folder / "cut.png").write_bytes((folder / "1.png").read_bytes()[:-300])
    assert main([str(folder), "--out", str(tmp_path / "out"), "invert"]) == 1
    captured = capsys.readouterr()
    assert "10 edited, 2 skipped" in captured.out
    assert f"skipped {folder / 'bad.png'}: not an image" in captured.err
    assert f"skipped {folder / 'cut.png'}" in captured.err
    with pytest.raises(UserError, match=r"bad\.png"):
        main([str(folder), "--out", str(tmp_path / "other"), "invert", "--on-bad-image", "stop"])


def test_shares_of_a_folder_make_it_whole(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gen_jax.io.pieces.usual_size", lambda total: 3)
    (folder / "bad.png").write_text("no image")
    words = [str(folder), "--out", str(tmp_path / "out"), "salt_and_pepper=0.2,seed=3", "--format", "webp"]
    assert main([*words, "--shard", "2/2"]) == 0
    assert f"{tmp_path / 'out'}: 5 edited" in capsys.readouterr().out
    assert main([*words, "--verify"]) == 1
    assert "5 of 11 there, 6 missing" in capsys.readouterr().out.splitlines()[-1]
    assert main(words) == 1
    assert "5 edited, 5 were there, 1 skipped" in capsys.readouterr().out
    assert main([*words, "--verify"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("skipped bad.webp: not an image") and "10 of 11 there, 1 skipped" in lines[1]
    main([str(folder), "--out", str(tmp_path / "alone"), *words[3:]])
    for path in (tmp_path / "alone").rglob("*.webp"):
        assert path.read_bytes() == (tmp_path / "out" / path.relative_to(tmp_path / "alone")).read_bytes()


def test_an_output_inside_its_input_is_not_edited_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(folder), "--out", str(folder / "small"), "invert"]
    main(words)
    main(words)
    assert "0 edited, 10 were there" in capsys.readouterr().out


def test_an_image_named_twice_is_edited_once(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(folder), f"{folder}/3.png", "--out", str(tmp_path / "out"), "invert"])
    assert "10 edited" in capsys.readouterr().out
    Image.new("RGB", (8, 8)).save(tmp_path / "3.jpg")
    with pytest.raises(UserError, match=r"3\.png and .*3\.jpg would both become .*3\.webp"):
        main([str(folder), f"{tmp_path}/3.jpg", "--out", str(tmp_path / "w"), "invert", "--format", "webp"])


def test_noise_depends_on_the_image_and_not_on_its_company(folder: Path, tmp_path: Path) -> None:
    main([str(folder), "--out", f"{tmp_path}/all/", "salt_and_pepper=0.2,seed=3"])
    main([f"{folder}/5.png", "--out", f"{tmp_path}/one/", "salt_and_pepper=0.2,seed=3"])
    np.testing.assert_array_equal(opened(tmp_path / "all" / "5.png"), opened(tmp_path / "one" / "5.png"))
    assert (opened(tmp_path / "one" / "5.png") != opened(folder / "5.png")).mean() > 0.05


def test_float_precision_rounds_once(photo: Path, tmp_path: Path) -> None:
    main([str(photo), "--out", str(tmp_path / "out.png"), "brightness=0.1", "brightness=10", "--precision", "float"])
    assert np.abs(opened(tmp_path / "out.png").astype(int) - opened(photo)).max() <= 1


def test_a_picture_is_found_beside_its_recipe(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "recipes").mkdir()
    Image.new("RGB", (5, 4), (9, 8, 7)).save(tmp_path / "recipes" / "stamp.png")
    entry = {"kind": "paste", "image": "stamp.png", "top": 2, "left": 3}
    (tmp_path / "recipes" / "edits.json").write_text(json.dumps([entry]))
    main([str(photo), "--out", str(tmp_path / "out.png"), "--recipe", str(tmp_path / "recipes" / "edits.json")])
    expected = Image.open(photo)
    expected.paste(Image.new("RGB", (5, 4), (9, 8, 7)), (3, 2))
    np.testing.assert_array_equal(opened(tmp_path / "out.png"), np.asarray(expected))


def test_another_picture_in_a_recipe_is_another_recipe(folder: Path, tmp_path: Path) -> None:
    recipe, words = tmp_path / "edits.json", [str(folder), "--out", str(tmp_path / "out"), "--recipe"]
    recipe.write_text('[{"kind": "paste", "image": "stamp.png"}]')
    pixels = np.full((60, 60, 3), 9, np.uint8)
    Image.fromarray(pixels).save(tmp_path / "stamp.png")
    main([*words, str(recipe)])
    pixels[30, 30] = 10
    Image.fromarray(pixels).save(tmp_path / "stamp.png")
    with pytest.raises(UserError, match="made with other edits"):
        main([*words, str(recipe)])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["{photo}", "invert"], "--out"),
        (["{photo}", "--out", "x.png"], "no edit is given"),
        (["invert", "--out", "x.png"], "no image is given"),
        (["{photo}", "--out", "{photo}", "invert"], "is there already"),
        (["{photo}", "--out", "x.gif", "invert"], ".gif"),
        (["{photo}", "nothing.png", "--out", "out/", "invert"], "nothing.png: there is no such file"),
        (["{photo}", "--out", "x.png", "ivert=1"], "Perhaps you meant 'invert'"),
        (["{photo}", "--out", "x.png", "rotate=a"], "rotate.degrees is 'a'"),
        (["{photo}", "--out", "x.png", "invert", "--quality", "101"], "--quality 101"),
        (["{photo}", "--out", "x.png", "invert", "--recipe", "none.json"], "--recipe none.json"),
        (["{photo}", "--out", "x.jpg", "--format", "png", "invert"], "says otherwise"),
        (["{photo}", "--out", "{folder}", "invert"], "over itself"),
        (["{photo}", "--out", "x.png", "invert", "--shard", "1/2"], "--shard and --verify are for folders"),
        (["{photo}", "--out", "x/", "invert", "--shard", "3/2"], "--shard 3/2"),
        (["{photo}", "--out", "x/", "invert", "--shard", "1/2", "--overwrite"], "--overwrite: several processes"),
        (["{photo}", "--ot", "x.png", "invert"], "--ot"),
        (["{photo}", "--out", "x.png", "resize=99999x99999"], "the result would be 99999 x 99999 pixels"),
        (["{photo}", "--out", "/proc/none/x.png", "invert"], "/proc/none"),
        (["{photo}", "--out", "/proc/none/", "invert"], "/proc/none"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(
    words: list[str], says: str, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UserError) as caught:
        main([word.format(photo=photo, folder=tmp_path) for word in words])
    assert says in str(caught.value) and "\n" not in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_options_may_stand_anywhere() -> None:
    words = ["a.png", "--out", "o.png", "rotate=3", "--overwrite", "invert", "--quality=3", "b.png"]
    assert positional_first(words, EditCommand) == [
        "a.png",
        "rotate=3",
        "invert",
        "b.png",
        "--out",
        "o.png",
        "--overwrite",
        "--quality=3",
    ]


def test_the_list_explains_every_edit_and_every_parameter() -> None:
    text = explain()
    for name, made in OPERATIONS.items():
        assert f"  {name} " in text
        whole = explain([name]).splitlines()
        parameters = [line for line in whole if line.startswith("  ") and not line.startswith("   ")]
        assert len(parameters) == len(made.__dataclass_fields__) - 1  # type: ignore[attr-defined]
        explained = sum(line.startswith("      ") for line in whole)
        assert explained >= len(parameters), f"{name}: a parameter has no line in the docstring's Args"


@pytest.mark.slow
def test_a_killed_command_goes_on_where_it_stopped(tmp_path: Path, repository: Path) -> None:
    source, out = tmp_path / "many", tmp_path / "out"
    source.mkdir()
    for index in range(120):
        Image.fromarray(picture(256, 256, index)).save(source / f"{index:03}.png")
    words = [sys.executable, "-m", "gen_jax.cli.main", "edit", str(source), "--out", str(out), "invert"]
    words += ["--most-pixels", str(256 * 256 * 4)]
    process = subprocess.Popen(words, cwd=repository)
    while len(list(out.glob("*.png"))) < 10:
        assert process.poll() is None, "ended before it could be killed"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    made = {path: path.stat().st_mtime_ns for path in out.glob("*.png")}
    assert 10 <= len(made) < 120
    subprocess.run(words, cwd=repository, check=True)
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in made.items())
    assert len(list(out.glob("*.png"))) == 120
    for index in (0, 60, 119):
        np.testing.assert_array_equal(opened(out / f"{index:03}.png"), 255 - opened(source / f"{index:03}.png"))
