"""``gen-jax sample`` and ``directions`` of a model with styles: truncation, mixing, ways between styles, edits."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from gen_jax.cli import directions
from gen_jax.cli.sample import main
from gen_jax.errors import UserError
from gen_jax.io import models
from gen_jax.io.latents import read_directions
from gen_jax.latent import entry
from gen_jax.models import StyleGan2Config
from tests.latent.style_model import LATENT, STYLE, STYLES, Styled, loaded, weights
from tests.saved_run import GAN, save_run

MODEL = Styled(weights())


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A folder that is read as a run of the small model with styles."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(models, "load_model", lambda path, **options: loaded(path))
    monkeypatch.setitem(entry.ENTRIES, "dcgan", lambda params: [np.eye(STYLE)[:, : n + 1] for n in range(STYLES)])
    return str(tmp_path)


@pytest.fixture
def sample(run):
    """Sample the run and return the images and the latents that were written."""

    def call(*words):
        assert main([run, "--out", "call.npz", "--save-latents", "latents.npz", *words]) == 0
        with np.load("call.npz") as images, np.load("latents.npz") as latents:
            return images["images"], dict(latents)

    return call


def _images(styles):
    return np.asarray(jnp.clip(jnp.round((MODEL.synthesize(jnp.asarray(styles)) + 1) * 127.5), 0, 255))


def test_images_are_those_of_the_mapped_styles(sample):
    images, saved = sample("--num", "6")
    assert saved["z"].shape == (6, LATENT) and saved["w"].shape == (6, STYLES, STYLE)
    assert saved["labels"].tolist() == [0, 1, 2, 0, 1, 2]
    np.testing.assert_allclose(saved["w"][:, 2], MODEL.map(saved["z"], saved["labels"]), atol=1e-6)
    np.testing.assert_allclose(images, _images(saved["w"]), atol=1)


@pytest.mark.parametrize("psi", ["0.7", "-1"])
def test_truncation_moves_the_styles_and_not_the_latents(sample, psi):
    _, whole = sample("--num", "3")
    images, cut = sample("--num", "3", "--truncation", psi)
    np.testing.assert_array_equal(cut["z"], whole["z"])
    mean = weights()["mean"]
    np.testing.assert_allclose(cut["w"], mean + float(psi) * (whole["w"] - mean), atol=1e-6)
    np.testing.assert_allclose(images, _images(cut["w"]), atol=1)
    _, coarse = sample("--num", "3", "--truncation", psi, "--truncation-cutoff", "1")
    np.testing.assert_array_equal(coarse["w"][:, 0], cut["w"][:, 0])
    np.testing.assert_array_equal(coarse["w"][:, 1:], whole["w"][:, 1:])


def test_saved_styles_give_the_same_bytes_and_saved_latents_may_be_truncated(sample, run, tmp_path):
    images, saved = sample("--num", "18", "--truncation", "0.6", "--truncation-cutoff", "2")
    (tmp_path / "latents.npz").rename("kept.npz")
    assert main([run, "--latents", "kept.npz", "--out", "again.npz"]) == 0
    with np.load("again.npz") as again:
        assert again["images"].tobytes() == images.tobytes()
    np.savez("z.npz", z=saved["z"], labels=saved["labels"])
    words = ["--truncation", "0.6", "--truncation-cutoff", "2"]
    assert main([run, "--latents", "z.npz", "--out", "mapped.npz", *words]) == 0
    with np.load("mapped.npz") as again:
        assert again["images"].tobytes() == images.tobytes()


def test_a_grid_of_mixed_styles_has_its_sources_at_the_top_and_the_left(run, sample, tmp_path):
    _, saved = sample("--seeds", "3,4,10-12", "--truncation", "0.5")
    words = ["--rows", "3,4", "--columns", "10-12", "--mix-styles", "0,2", "--truncation", "0.5"]
    assert main([run, *words, "--out", "mix.png"]) == 0
    grid = np.asarray(Image.open("mix.png")).astype(int)
    assert grid.shape == (3 * 6 - 2, 4 * 6 - 2, 3)

    def cell(row, column):
        return grid[row * 6 : row * 6 + 4, column * 6 : column * 6 + 4]

    assert (cell(0, 0) == 255).all()
    stills = _images(saved["w"])
    for row in range(2):
        np.testing.assert_allclose(cell(row + 1, 0), stills[row], atol=1)
        for column in range(3):
            np.testing.assert_allclose(cell(0, column + 1), stills[2 + column], atol=1)
            mixed = saved["w"][row].copy()
            mixed[[0, 2]] = saved["w"][2 + column][[0, 2]]
            np.testing.assert_allclose(cell(row + 1, column + 1), _images(mixed[None])[0], atol=1)


def test_a_film_goes_straight_between_styles_and_may_go_between_latents(sample):
    still, keys = sample("--seeds", "1,2", "--class", "Bag")
    between, _ = sample("--seeds", "1,2", "--class", "Bag", "--interpolate", "2")
    np.testing.assert_allclose(between[1], _images(keys["w"].mean(0, keepdims=True))[0], atol=1)
    along, saved = sample("--seeds", "1,2", "--class", "Bag", "--interpolate", "2", "--space", "z")
    np.testing.assert_array_equal(saved["w"], keys["w"])
    np.testing.assert_allclose(along[::2].astype(int), still.astype(int), atol=1)
    assert np.abs(along[1].astype(int) - between[1].astype(int)).max() > 2


def test_directions_are_found_shown_and_applied(run, sample, capsys):
    words = ["--method", "ganspace", "--num", "2", "--samples", "500", "--layers", "1-2", "--seeds", "0,5"]
    assert directions.main([run, *words, "--steps", "3", "--span", "2", "--out", "strip.png", "--save", "d.npz"]) == 0
    assert "2 directions of w by ganspace, a strip each: strip.png; d.npz" in capsys.readouterr().out
    found = read_directions("d.npz")
    assert found.space == "w" and found.styles == (1, 2) and found.strengths[0] > found.strengths[1] > 0
    np.testing.assert_allclose(found.vectors @ found.vectors.T, np.eye(2), atol=1e-5)
    strip = np.asarray(Image.open("strip.png")).astype(int)
    assert strip.shape == (2 * 10 + 8, 3 * 6 - 2, 3)
    still, whole = sample("--seeds", "0,5")
    np.testing.assert_allclose(strip[:4, 6:10], still[0], atol=1)
    np.testing.assert_allclose(strip[18 + 6 : 18 + 10, 6:10], still[1], atol=1)
    moved, after = sample("--seeds", "0,5", "--direction", "d.npz:1", "--strength", "-2")
    assert "z" not in after
    expected = whole["w"].copy()
    expected[:, 1:3] -= 2 * found.strengths[1] * found.vectors[1]
    np.testing.assert_allclose(after["w"], expected, atol=1e-5)
    np.testing.assert_allclose(strip[18:22, :4], moved[0], atol=1)


def test_sefa_looks_at_the_chosen_layers(run):
    """The kernel of style n is the first n + 1 axes, so that style 0 knows the first axis alone."""
    assert directions.main([run, "--num", "1", "--layers", "0", "--samples", "50", "--save", "d.npz"]) == 0
    np.testing.assert_allclose(np.abs(read_directions("d.npz").vectors), [[1, 0, 0, 0, 0]], atol=1e-6)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--truncation", "-1.5"], "--truncation -1.5: must be from -1 to 2"),
        (["--truncation-cutoff", "2"], "--truncation-cutoff 2: give --truncation too"),
        (["--temperature", "0.5"], "--temperature 0.5: has no effect"),
        (
            ["--rows", "1", "--columns", "2", "--mix-styles", "2-4"],
            "--mix-styles 2-4: 4 is too large; .* is 3",
        ),
        (["--rows", "1", "--columns", "2", "--out", "a.npz"], "--out a.npz: style mixing makes one picture"),
        (["--rows", "1", "--columns", "2", "--num", "4"], "--num does not go with --rows and --columns"),
        (["--rows", "0-99", "--columns", "0-99"], "100 by 100 is too much for a sheet"),
        (["--interpolate", "2", "--interpolation", "spherical", "--space", "w"], "lie on no sphere"),
        (["--latents", "w.npz", "--interpolate", "2", "--space", "z"], "--space z: --latents w.npz holds w alone"),
        (["--latents", "w.npz", "--truncation", "0.5"], "are final"),
    ],
)
def test_a_mistake_is_one_line(run, words, complaint):
    np.savez("w.npz", w=np.zeros((3, STYLES, STYLE), np.float32))
    with pytest.raises(UserError, match=complaint) as error:
        main([run, *words])
    assert "\n" not in str(error.value)


def test_styles_of_a_stylegan_survive_a_file_bit_for_bit(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = StyleGan2Config(size=8, latent_size=8, style_size=8, mapping_layers=1, channel_base=64, max_width=8)
    run = save_run(tmp_path / "run", dataclasses.replace(GAN, model=dataclasses.replace(model, channels=1)), 100)
    words = [str(run.path), "--seeds", "0-4", "--truncation", "0.7", "--save-latents", "w.npz"]
    assert main([*words, "--out", "a.png"]) == 0
    assert main([str(run.path), "--latents", "w.npz", "--out", "b.png"]) == 0
    picture = np.asarray(Image.open("a.png"))
    np.testing.assert_array_equal(picture, Image.open("b.png"))
    assert picture[:8, :8].std() > 1
