"""``gen-jax data check`` and ``gen-jax data pack``, as a person types them."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from gen_jax.cli.data import main
from gen_jax.data.config import ArrayData
from gen_jax.data.dataset import open_dataset
from gen_jax.errors import UserError


@pytest.fixture
def folder(tmp_path):
    for i in range(12):
        path = tmp_path / "images" / "ab"[i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(i).integers(0, 256, (20, 24, 3), np.uint8)
        Image.fromarray(pixels).save(path)
    return tmp_path / "images"


def test_check_prints_a_report_and_draws_a_sheet(folder, tmp_path, capsys):
    assert main(["check", str(folder), "--sheet", str(tmp_path / "sheet.png")]) == 0
    text = capsys.readouterr().out
    assert "images      12" in text and "24x20 (12)" in text and str(tmp_path / "sheet.png") in text
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (960, 192)
    assert not list(tmp_path.glob(".*"))


def test_check_prints_json(folder, tmp_path, capsys):
    assert main(["check", str(folder), "--json", "--sheet", ""]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["images"] == 12 and report["classes"] == {"a": 6, "b": 6} and report["contact_sheet"] is None


def test_pack_makes_a_file_that_trains(folder, tmp_path, capsys):
    out = tmp_path / "x.npz"
    assert main(["pack", str(folder), str(out), "--size", "16", "--resample", "box", "--channels", "1"]) == 0
    assert "12 images 16x16x1" in capsys.readouterr().out
    dataset = open_dataset(ArrayData(path=str(out)), size=16)
    assert len(dataset) == 12 and dataset.info.class_names == ("a", "b")
    name = sorted(f"{'ab'[i % 2]}/{i}.png" for i in range(12))[0]
    image = Image.open(folder / name).convert("L").crop((2, 0, 22, 20)).resize((16, 16), Image.Resampling.BOX)
    np.testing.assert_array_equal(dataset.image(0)[..., 0], np.asarray(image))


def test_mistakes_are_refused(folder, tmp_path):
    for words, message in [
        (["check", "nothing"], "no source of images"),
        (["check", str(folder), "--data-dir", "x"], "not one"),
        (["check", str(folder), "--sheet", str(tmp_path / "none" / "x.png")], "--sheet"),
        (["pack", str(folder), str(tmp_path / "x.npz"), "--size", "64"], "smaller than the model's 64x64"),
        (["pack", str(folder), str(tmp_path / "x.zip")], "something.npz"),
    ]:
        with pytest.raises(UserError, match=message):
            main(words)
    assert not list(tmp_path.glob("*.npz"))


def test_a_wrong_flag_exits_with_two(folder, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["check", str(folder), "--shet", "x.png"])
    assert caught.value.code == 2
    assert "--sheet" in capsys.readouterr().err


# A shell lets what it starts with "&" ignore Ctrl-C, and tests may be started so.
AS_FROM_A_TERMINAL = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("gen_jax.cli.data", run_name="__main__", alter_sys=True)
"""


def start(words, repository, **options):
    return subprocess.Popen(
        [sys.executable, "-c", AS_FROM_A_TERMINAL, *words],
        cwd=repository, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def test_the_program_says_one_line_and_exits_with_two(repository, tmp_path):
    process = start(["pack", str(tmp_path / "none.zip"), str(tmp_path / "x.npz")], repository)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2 and out == ""
    assert err.startswith("error: ") and err.count("\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="sends signals")
def test_an_interrupted_pack_leaves_nothing(repository, tmp_path):
    root = tmp_path / "images"
    root.mkdir()
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (512, 512, 3), np.uint8)).save(buffer, "PNG")
    for i in range(400):
        (root / f"{i}.png").write_bytes(buffer.getvalue()) if i == 0 else os.link(root / "0.png", root / f"{i}.png")
    process = start(["pack", str(root), str(tmp_path / "x.npz"), "--size", "256"], repository)
    for _ in range(6000):  # until it is writing
        if (tmp_path / ".x.npz.part").exists() or process.poll() is not None:
            break
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, (out, err)
    assert err.strip().endswith("error: interrupted") and "Traceback" not in err
    assert [file.name for file in tmp_path.iterdir()] == ["images"]
    shutil.rmtree(root)
