"""``sample.py RUN``: the same seed gives the same bytes, and a mistake gives one line."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from gen_jax.cli.sample import main
from gen_jax.data.config import FolderData
from gen_jax.data.dataset import open_dataset
from gen_jax.errors import UserError
from gen_jax.io.run_directory import RunDirectory
from tests.saved_run import CONDITIONAL_GAN, GAN, VAE, save_run


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs of an unconditional GAN with two checkpoints, a conditional one of three classes, and a VAE."""
    folder = tmp_path_factory.mktemp("runs")
    save_run(folder / "gan", GAN, 100, 200)
    save_run(folder / "classes", CONDITIONAL_GAN, 100)
    save_run(folder / "vae", VAE, 100)
    return folder


@pytest.fixture
def sample(runs, tmp_path, monkeypatch, capsys):
    """Sample a run and return the array that was written; the paths of a test are its own."""
    monkeypatch.chdir(tmp_path)

    def call(run, *words):
        out = tmp_path / "call.npz"
        assert main([str(runs / run), "--out", str(out), *words]) == 0
        assert str(out) in capsys.readouterr().out
        with np.load(out) as arrays:
            return dict(arrays)

    return call


@pytest.mark.parametrize("run", ["gan", "vae"])
def test_equal_seeds_give_equal_bytes_whatever_the_batch(sample, run, tmp_path):
    images = sample(run, "--num", "70")["images"]
    first = (tmp_path / "call.npz").read_bytes()
    assert images.shape == (70, 16, 16, 1) and images.dtype == np.uint8
    for batch in ("1", "17"):
        sample(run, "--num", "70", "--batch", batch)
        assert (tmp_path / "call.npz").read_bytes() == first
    assert sample(run, "--num", "3")["images"].tobytes() == images[:3].tobytes()
    assert not np.array_equal(sample(run, "--num", "70", "--seed", "1")["images"], images)


def test_one_device_and_four_give_equal_bytes(runs, sample, tmp_path, repository):
    """Other devices are another process, so this also runs the script."""
    images = sample("gan", "--num", "40")["images"]
    program = "import jax, sys; jax.config.update('jax_num_cpu_devices', 1); sys.argv[0] = 'sample.py'\n"
    program += "from gen_jax.cli.sample import main; sys.exit(main(sys.argv[1:]))"
    words = [str(runs / "gan"), "--num", "40", "--out", str(tmp_path / "one.npz")]
    subprocess.run([sys.executable, "-c", program, *words], check=True, cwd=repository, capture_output=True)
    with np.load(tmp_path / "one.npz") as arrays:
        assert arrays["images"].tobytes() == images.tobytes()


def test_the_script_ends_a_mistake_with_one_line_and_code_2(repository, tmp_path):
    words = [sys.executable, str(repository / "sample.py"), str(tmp_path / "absent")]
    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("error: ") and ended.stderr.count("\n") == 1


def test_a_grid_holds_the_images_in_order_and_lies_in_the_run(runs, sample, capsys):
    images = sample("gan", "--num", "4", "--seed", "3")["images"]
    assert main([str(runs / "gan"), "--num", "4", "--seed", "3"]) == 0
    path = runs / "gan" / "samples-seed3.png"
    assert capsys.readouterr().out == f"4 images: {path}\n"
    grid = np.asarray(Image.open(path))
    assert grid.shape == (34, 34)  # two by two, two pixels between
    np.testing.assert_array_equal(grid[:16, 18:], images[1, :, :, 0])
    np.testing.assert_array_equal(grid[18:, :16], images[2, :, :, 0])


def test_a_folder_holds_one_file_an_image_and_is_continued(runs, sample, tmp_path, capsys):
    images = sample("classes", "--num", "20")["images"]
    folder = tmp_path / "out"
    command = [str(runs / "classes"), "--num", "20", "--out", f"{folder}/"]
    assert main([*command[:2], "18", *command[3:]]) == 0
    (folder / "000003.png").unlink()
    mine = (folder / "000000.png").read_bytes()
    (folder / "000007.png").write_bytes(mine)
    (folder / "000009.png").write_bytes(mine[:-20])
    capsys.readouterr()
    assert main(command) == 0
    assert f"{folder}: 4 made, 16 were there" in capsys.readouterr().out
    assert (folder / "000007.png").read_bytes() == mine
    for number in (0, 3, 9, 19):
        np.testing.assert_array_equal(np.asarray(Image.open(folder / f"{number:06d}.png")), images[number])
    assert sorted(path.suffix for path in folder.glob("[!.]*")) == [".json"] + [".png"] * 20
    labels = json.loads((folder / "dataset.json").read_text())["labels"]
    assert labels[:4] == [["000000.png", 0], ["000001.png", 1], ["000002.png", 2], ["000003.png", 0]]


def test_a_folder_of_samples_is_a_data_set(runs, tmp_path):
    assert main([str(runs / "classes"), "--num", "9", "--format", "webp", "--out", str(tmp_path / "out")]) == 0
    dataset = open_dataset(FolderData(path=str(tmp_path / "out")), size=16)
    assert len(dataset) == 9
    assert sorted(np.asarray(dataset.labels).tolist()) == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_shares_of_a_folder_make_it_whole(runs, sample, tmp_path, capsys):
    images = sample("gan", "--num", "150")["images"]
    folder = tmp_path / "shared"
    command = [str(runs / "gan"), "--num", "150", "--out", f"{folder}/"]
    for share, made in (("2/3", 64), ("1/3", 64), ("2/3", 0)):
        assert main([*command, "--shard", share]) == 0
        assert f"{folder}: {made} made, {64 - made} were there" in capsys.readouterr().out
    assert main([*command, "--verify"]) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith(f"{folder}: 128 of 150 there, 22 missing")
    assert main(command) == 0
    assert "22 made, 128 were there" in capsys.readouterr().out
    for number in range(150):
        np.testing.assert_array_equal(np.asarray(Image.open(folder / f"{number:06d}.png")), images[number, :, :, 0])


def test_a_launcher_needs_no_address_and_its_later_processes_make_no_file(runs, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "1")
    command = [str(runs / "gan"), "--num", "20", "--out"]
    assert main([*command, f"{tmp_path}/grid.png"]) == 0
    assert not list(tmp_path.iterdir())
    assert main([*command, f"{tmp_path}/all/"]) == 0  # the other has not come
    assert "20 made, 0 were there" in capsys.readouterr().out


def test_what_is_missing_or_broken_is_named(runs, tmp_path, capsys):
    command = [str(runs / "classes"), "--num", "20", "--out", f"{tmp_path}/out"]
    assert main(command) == main([*command, "--verify"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"{tmp_path}/out: 20 of 20 there"
    (tmp_path / "out" / "000003.png").unlink()
    (tmp_path / "out" / "000007.png").write_bytes(b"short")
    (tmp_path / "out" / "000009.png").write_bytes((tmp_path / "out" / "000009.png").read_bytes()[:-1] + b"x")
    assert main([*command, "--verify"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "missing 000003.png: was made, and is gone"
    assert lines[1].startswith("broken 000007.png: has 5 bytes and should have ")
    assert lines[2] == "broken 000009.png: has changed since it was made"
    assert lines[3].startswith(f"{tmp_path}/out: 17 of 20 there, 1 missing, 2 broken")


@pytest.mark.parametrize("changed", [["--seed", "1"], ["--weights", "raw"], ["--checkpoint", "100"], ["--num", "3"]])
def test_a_folder_is_not_continued_with_other_images(runs, tmp_path, changed):
    command = [str(runs / "gan"), "--out", f"{tmp_path}/out", "--num", "4"]
    assert main(command) == 0
    with pytest.raises(UserError, match=r"--out .*out: holds"):
        main([*command, *changed])


def test_numbered_images_of_another_origin_are_left_alone(runs, tmp_path):
    (tmp_path / "000001.png").write_bytes(b"mine")
    with pytest.raises(UserError, match="another origin"):
        main([str(runs / "gan"), "--out", str(tmp_path)])
    assert [path.name for path in tmp_path.iterdir()] == ["000001.png"]


def test_classes_come_in_turn_or_as_asked_by_number_or_name(sample):
    turns = sample("classes", "--num", "6")
    assert turns["labels"].tolist() == [0, 1, 2, 0, 1, 2]
    assert turns["class_names"].tolist() == ["Shirt", "Bag", "7"]
    assert turns["images"].shape == (6, 16, 16, 3)
    bags = sample("classes", "--num", "6", "--class", "1")
    assert bags["labels"].tolist() == [1] * 6
    np.testing.assert_array_equal(bags["images"][[1, 4]], turns["images"][[1, 4]])
    assert not np.array_equal(bags["images"][0], turns["images"][0])
    np.testing.assert_array_equal(sample("classes", "--num", "6", "--class", "bag")["images"], bags["images"])
    assert sample("classes", "--num", "1", "--class", "7")["labels"].tolist() == [2]


def test_an_unconditional_model_writes_no_labels(sample):
    assert sample("gan", "--num", "2").keys() == {"images"}


def test_temperature_0_makes_all_images_the_same_and_truncation_makes_them_alike(sample):
    same = sample("gan", "--num", "4", "--temperature", "0")["images"]
    assert (same == same[0]).all()
    wide, narrow = (sample("gan", "--num", "64", "--truncation", t)["images"].astype(float) for t in ("3", "0.1"))
    assert narrow.std(axis=0).mean() < 0.5 * wide.std(axis=0).mean()


def test_weights_and_checkpoint_are_chosen(runs, sample):
    newest, older = sample("gan", "--num", "2")["images"], sample("gan", "--num", "2", "--checkpoint", "100")["images"]
    raw = sample("gan", "--num", "2", "--weights", "raw")["images"]
    assert len({array.tobytes() for array in (newest, older, raw)}) == 3
    inside = sample(runs / "gan" / "checkpoints" / "100", "--num", "2")["images"]
    assert inside.tobytes() == older.tobytes()


def test_a_strip_has_a_row_a_pair_with_the_samples_at_its_ends(runs, sample, tmp_path):
    images = sample("gan", "--num", "3")["images"]
    out = tmp_path / "strip.png"
    assert main([str(runs / "gan"), "--num", "3", "--interpolate", "4", "--out", str(out)]) == 0
    strip = np.asarray(Image.open(out))
    assert strip.shape == (2 * 16 + 2, 5 * 16 + 4 * 2)
    ends = {(0, 0): 0, (0, 4): 1, (1, 0): 1, (1, 4): 2}
    for (row, column), number in ends.items():
        cell = strip[row * 18 : row * 18 + 16, column * 18 : column * 18 + 16]
        np.testing.assert_allclose(cell.astype(int), images[number, :, :, 0].astype(int), atol=1)


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_a_film_goes_round(runs, tmp_path, suffix):
    out = tmp_path / f"film{suffix}"
    words = ["--num", "3", "--interpolate", "5", "--interpolation", "linear", "--class", "1"]
    assert main([str(runs / "classes"), *words, "--out", str(out)]) == 0
    with Image.open(out) as film:
        assert film.n_frames == 15 and film.size == (16, 16)


@pytest.mark.parametrize(
    ("run", "words", "complaint"),
    [
        ("gan", ["--num", "0"], "--num 0: must be 1 or more"),
        ("gan", ["--num", "1", "--interpolate", "3"], "--num 1: must be 2 or more"),
        ("gan", ["--interpolate", "0"], "--interpolate 0: must be 1 or more"),
        ("gan", ["--batch", "0"], "--batch 0: must be 1 or more"),
        ("gan", ["--seed", "-1"], "--seed -1: must be from 0"),
        ("gan", ["--temperature", "-0.5"], "--temperature -0.5: must be 0 or more"),
        ("gan", ["--temperature", "nan"], "--temperature nan: must be 0 or more"),
        ("gan", ["--truncation", "0"], "--truncation 0.0: must be above 0"),
        ("gan", ["--out", "a.bmp"], "--out a.bmp: suffix .bmp is unknown here"),
        ("gan", ["--out", "a.gif"], "is for --interpolate"),
        ("gan", ["--out", "a.png", "--format", "webp"], "--format webp: is for folders"),
        ("gan", ["--num", "10001"], "--num 10001: a sheet takes 10000"),
        ("gan", ["--interpolate", "1000", "--num", "2"], "--interpolate 1000: the strip would be 18018 pixels"),
        ("gan", ["--interpolate", "1", "--num", "1000"], "--num 1000: the strip would be 17982 pixels"),
        ("gan", ["--class", "1"], "--class 1: the model .* was trained without classes"),
        ("classes", ["--class", "Boot"], "--class Boot: unknown; the classes are 0 Shirt, 1 Bag, 2 7"),
        ("classes", ["--class", "3"], "--class 3: unknown"),
        ("classes", ["--class", "-1"], "--class"),
        ("gan", ["--checkpoint", "150"], "no checkpoint 150 .* 100, 200"),
        ("absent", [], "does not exist"),
        ("gan", ["--nmu", "3"], "(?s)--nmu.*--num"),
        ("gan", ["--out", "file/grid.png"], "--out file/grid.png: a file is in the way"),
        ("gan", ["--out", "file/"], "a file is in the way"),
        ("gan", ["--shard", "1/2"], "--shard 1/2: is for folders"),
        ("gan", ["--verify"], "--verify: is for folders"),
        ("gan", ["--shard", "0/2", "--out", "new/"], "--shard 0/2: must be K/N"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(runs, tmp_path, monkeypatch, run, words, complaint):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=complaint) as error:
        main([str(runs / run), *words])
    assert "\n" not in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_run_without_a_checkpoint_says_so(tmp_path):
    run = RunDirectory(tmp_path / "young")
    run.create()
    run.write_config({})
    with pytest.raises(UserError, match="young has no checkpoint yet"):
        main([str(run.path)])
