"""``gen-jax directions`` of models without styles; those with them are in test_sample_styles.py."""

import numpy as np
import pytest
from PIL import Image

from gen_jax.cli.directions import main
from gen_jax.cli.sample import main as sample
from gen_jax.errors import UserError
from gen_jax.io.latents import read_directions
from gen_jax.io.models import load_model
from gen_jax.latent.directions import sefa
from tests.saved_run import CONDITIONAL_GAN, VAE, save_run


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs of a conditional GAN of three classes, and of a VAE."""
    folder = tmp_path_factory.mktemp("runs")
    save_run(folder / "classes", CONDITIONAL_GAN, 100)
    save_run(folder / "vae", VAE, 100)
    return folder


def test_sefa_reads_the_rows_of_the_latent_and_not_of_the_class(runs, tmp_path, capsys):
    save, run = tmp_path / "d.npz", str(runs / "classes")
    assert main([run, "--num", "3", "--seeds", "4,2", "--class", "Bag", "--save", str(save)]) == 0
    out = runs / "classes" / "directions-sefa.png"
    assert f"3 directions of z by sefa, a strip each: {out}; {save}" in capsys.readouterr().out
    found = read_directions(save)
    kernel = load_model(run).weights["gen"]["Dense_0"]["Dense_0"]["kernel"]
    assert kernel.shape[0] == 16  # eight numbers of z, eight of the class
    np.testing.assert_allclose(found.vectors, sefa([kernel[:8]], num=3), atol=1e-6)
    assert found.space == "z" and found.strengths.tolist() == [1.0] * 3
    strip = np.asarray(Image.open(out)).astype(int)
    assert strip.shape == (3 * 34 + 2 * 8, 7 * 18 - 2, 3)
    sheet = tmp_path / "sheet.png"
    assert (
        sample(
            [
                run,
                "--seeds",
                "4,2",
                "--class",
                "Bag",
                "--direction",
                f"{save}:2",
                "--strength",
                "-3",
                "--out",
                str(sheet),
            ]
        )
        == 0
    )
    np.testing.assert_allclose(strip[2 * 42 : 2 * 42 + 16, :16], np.asarray(Image.open(sheet))[:16, :16], atol=1)


def test_ganspace_of_a_linear_first_layer_finds_what_sefa_finds(runs, tmp_path):
    found = {}
    for method in ("sefa", "ganspace"):
        words = ["--method", method, "--num", "2", "--steps", "3", "--seeds", "0", "--samples", "20000"]
        save = tmp_path / f"{method}.npz"
        assert main([str(runs / "vae"), *words, "--save", str(save), "--out", str(tmp_path / "strip.png")]) == 0
        found[method] = read_directions(save).vectors
    alike = np.abs(np.sum(found["sefa"] * found["ganspace"], axis=1))
    assert (alike > 0.95).all()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--num", "0"], "--num 0: must be 1 or more"),
        (["--num", "9"], "--num 9: the space has 8 dimensions"),
        (["--steps", "1"], "--steps 1: must be 2 or more"),
        (["--samples", "1"], "--samples 1: must be 2 or more"),
        (["--span", "0"], "--span 0.0: must be above 0"),
        (["--seeds", "3-1"], "--seeds 3-1: 3-1 runs backwards"),
        (["--seeds", "0-999"], "are 35000 images; 10000 is the most"),
        (["--layers", "0-1"], "--layers 0-1: is for models with styles, and conv_vae has none"),
        (["--truncation", "0.5"], "--truncation 0.5: is for models with styles"),
        (["--out", "a.gif"], "--out a.gif: give a .png, .webp or .jpg file"),
        (["--save", "a.png"], "--save a.png: give an .npz file"),
        (["--class", "Bag"], "--class Bag: the model .* was trained without classes"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(runs, tmp_path, monkeypatch, words, complaint):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=complaint) as error:
        main([str(runs / "vae"), *words])
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []
