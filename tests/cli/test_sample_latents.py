"""``gen-jax sample``: seeds, saved latents, smooth films and directions, of models without styles."""

import numpy as np
import pytest
from PIL import Image

from gen_jax.cli.sample import main
from gen_jax.errors import UserError
from gen_jax.io.latents import write_directions
from gen_jax.latent.directions import Directions
from tests.saved_run import CONDITIONAL_GAN, GAN, VAE, save_run


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs of an unconditional GAN, a conditional one of three classes, and a VAE."""
    folder = tmp_path_factory.mktemp("runs")
    for name, experiment in {"gan": GAN, "classes": CONDITIONAL_GAN, "vae": VAE}.items():
        save_run(folder / name, experiment, 100)
    return folder


@pytest.fixture
def sample(runs, tmp_path, monkeypatch):
    """Sample a run and return the array that was written."""
    monkeypatch.chdir(tmp_path)

    def call(run, *words):
        assert main([str(runs / run), "--out", "call.npz", *words]) == 0
        with np.load("call.npz") as arrays:
            return dict(arrays)

    return call


def test_each_seed_gives_the_first_image_of_its_own_set(sample):
    found = sample("classes", "--seeds", "7-9,4294967295")
    assert found["images"].shape == (4, 16, 16, 3) and found["labels"].tolist() == [0] * 4
    for place, seed in {1: "8", 3: "4294967295"}.items():
        alone = sample("classes", "--seed", seed, "--num", "1")["images"]
        np.testing.assert_array_equal(alone[0], found["images"][place])
    bags = sample("classes", "--seeds", "7", "--class", "Bag")
    assert bags["labels"].tolist() == [1] and not np.array_equal(bags["images"][0], found["images"][0])


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ("gan", ["--num", "37", "--truncation", "0.8", "--temperature", "0.9"]),
        ("classes", ["--seeds", "3-8", "--class", "Bag"]),
        ("vae", ["--num", "5", "--seed", "2"]),
    ],
)
def test_saved_latents_give_the_same_bytes(sample, run, words):
    first = sample(run, *words, "--save-latents", "deep/z.npz")
    again = sample(run, "--latents", "deep/z.npz", "--batch", "16")
    assert again["images"].tobytes() == first["images"].tobytes()
    assert again.keys() == first.keys()
    with np.load("deep/z.npz") as saved:
        assert saved["z"].shape == (len(first["images"]), 8)
        assert saved["seeds"][0] == (2 if run == "vae" else 3 if run == "classes" else 0)
        assert str(saved["run"]) == ("small_vae" if run == "vae" else "small_gan")
    if run == "classes":
        assert again["labels"].tolist() == [1] * 6


def test_a_film_passes_through_the_images_of_its_seeds(sample, runs):
    stills = sample("gan", "--seeds", "5,2,9", "--save-latents", "z.npz")["images"]
    for curve, words in {"spherical": ["--seeds", "5,2,9"], "smooth": ["--latents", "z.npz"]}.items():
        frames = sample("gan", *words, "--interpolate", "4", "--interpolation", curve)["images"]
        assert len(frames) == 12
        np.testing.assert_allclose(frames[::4].astype(int), stills.astype(int), atol=1)


def test_seconds_and_frames_a_second_make_the_steps(runs, tmp_path):
    out = tmp_path / "film.gif"
    words = ["--seeds", "0-2", "--seconds", "1.5", "--fps", "10", "--scale", "3"]
    assert main([str(runs / "gan"), *words, "--out", str(out)]) == 0
    with Image.open(out) as film:
        assert film.n_frames == 15 and film.size == (48, 48) and film.info["duration"] == 100


def test_a_video_is_written_and_said(runs, tmp_path, capsys):
    pytest.importorskip("imageio_ffmpeg")
    out = tmp_path / "film.mp4"
    assert main([str(runs / "vae"), "--num", "2", "--interpolate", "3", "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"6 images: {out}\n"
    assert out.read_bytes()[4:8] == b"ftyp"


def test_a_direction_moves_the_latents(sample):
    vectors = np.eye(2, 8, dtype=np.float32)
    write_directions("d.npz", Directions(vectors, np.array([1.0, 2.0], np.float32), "z"))
    sample("gan", "--num", "3", "--save-latents", "a.npz")
    moved = sample("gan", "--num", "3", "--direction", "d.npz:1", "--strength", "-1.5", "--save-latents", "b.npz")
    with np.load("a.npz") as before, np.load("b.npz") as after:
        np.testing.assert_allclose(after["z"] - before["z"], [[0, -3, 0, 0, 0, 0, 0, 0]] * 3, atol=1e-6)
    assert sample("gan", "--latents", "b.npz")["images"].tobytes() == moved["images"].tobytes()


def test_a_folder_is_not_continued_with_other_seeds(runs, tmp_path):
    command = [str(runs / "gan"), "--out", f"{tmp_path}/out", "--seeds"]
    assert main([*command, "1-3"]) == 0
    with pytest.raises(UserError, match=r"holds images made otherwise \(seeds"):
        main([*command, "1-2,4"])


@pytest.mark.parametrize(
    ("run", "words", "complaint"),
    [
        ("gan", ["--seeds", "x"], "--seeds x: 'x' is no number or range"),
        ("gan", ["--seeds", "1", "--num", "3"], "--num does not go with --seeds"),
        ("gan", ["--seeds", "1", "--seed", "3"], "--seed does not go with --seeds"),
        ("gan", ["--seeds", "1", "--latents", "z.npz"], "--latents does not go with --seeds"),
        ("gan", ["--seeds", "1", "--interpolate", "3"], "--seeds 1: must be 2 or more"),
        ("gan", ["--latents", "z.npz", "--temperature", "0.5"], "--temperature does not go with --latents"),
        ("gan", ["--latents", "z.npz", "--truncation", "0.5"], "--truncation 0.5: the latents of --latents z.npz are"),
        ("gan", ["--latents", "wide.npz"], r"holds z \[3, 9\], and the model of .* takes z \[n, 8\]"),
        ("gan", ["--latents", "w.npz"], r"holds w \[3, 2, 4\], and the model of .* takes z \[n, 8\]"),
        ("gan", ["--latents", "labels.npz"], "holds labels, and the model was trained without classes"),
        ("classes", ["--latents", "labels.npz"], "holds labels outside 0 to 2"),
        ("gan", ["--latents", "absent.npz"], "there is no such file"),
        ("gan", ["--seconds", "0"], "--seconds 0.0: must be above 0"),
        ("gan", ["--fps", "0"], "--fps 0.0: must be above 0"),
        ("gan", ["--seconds", "2", "--interpolate", "3"], "--seconds does not go with --interpolate"),
        ("gan", ["--interpolation", "smooth"], "--interpolation smooth: is for --interpolate or --seconds"),
        ("gan", ["--scale", "2"], "--scale 2: is for films"),
        ("gan", ["--out", "a.mp4"], "is for --interpolate"),
        ("gan", ["--space", "w", "--interpolate", "2"], "--space w: dcgan has no styles"),
        ("gan", ["--rows", "1", "--columns", "2"], "--rows 1: dcgan has no styles"),
        ("gan", ["--rows", "1"], "--rows and --columns: style mixing needs both"),
        ("gan", ["--truncation-cutoff", "2", "--truncation", "1"], "--truncation-cutoff 2: dcgan has no styles"),
        ("gan", ["--strength", "2"], "--strength 2.0: is for --direction"),
        ("gan", ["--direction", "d.npz:2"], "there is no direction 2; the file holds 0 to 1"),
        (
            "gan",
            ["--direction", "dw.npz:0"],
            "directions of w of length 8, and the model of .* has z of length 8",
        ),
        ("gan", ["--save-latents", "file/z.npz"], "--save-latents file/z.npz: a file is in the way"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(runs, tmp_path, monkeypatch, run, words, complaint):
    monkeypatch.chdir(tmp_path)
    z = np.zeros((3, 8), np.float32)
    np.savez("z.npz", z=z)
    np.savez("wide.npz", z=np.zeros((3, 9)))
    np.savez("w.npz", w=np.zeros((3, 2, 4)))
    np.savez("labels.npz", z=z, labels=np.array([0, 1, 3]))
    for name, space in {"d.npz": "z", "dw.npz": "w"}.items():
        write_directions(name, Directions(z[:2], z[:2, 0], space))
    (tmp_path / "file").touch()
    there = sorted(tmp_path.iterdir())
    with pytest.raises(UserError, match=complaint) as error:
        main([str(runs / run), *words])
    assert "\n" not in str(error.value)
    assert sorted(tmp_path.iterdir()) == there
