"""``gen-jax evaluate``: runs and other tools' images, what it writes, what it refuses."""

import dataclasses
import json
import re
import zipfile

import numpy as np
import pytest
from PIL import Image

from gen_jax.cli.evaluate import main
from gen_jax.data.config import EmbeddedData, FolderData
from gen_jax.data.dataset import open_dataset
from gen_jax.errors import UserError
from gen_jax.metrics import frechet_distance
from tests.saved_run import CONDITIONAL_GAN, GAN, VAE, save_run

QUICK = ("--features", "pixels", "--no-progress", "--num", "40", "--num-reference", "60")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs with random weights: a GAN, a conditional GAN and a VAE."""
    folder = tmp_path_factory.mktemp("runs")
    for name, experiment in (("gan", GAN), ("classes", CONDITIONAL_GAN), ("vae", VAE)):
        save_run(folder / name, experiment, 100)
    return folder


@pytest.fixture(scope="module")
def real():
    """Test images of Fashion-MNIST at 16x16, as the runs read them."""
    return open_dataset(EmbeddedData(), size=16, split="test").load_all(progress=False)[0]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def results(path) -> dict[str, dict]:
    tree = json.loads(path.read_bytes())
    tree = tree[0] if isinstance(tree, list) else tree
    return {result["key"]: result for result in tree["results"]}


def test_a_run_is_measured_against_its_own_data_and_remembers(runs, capsys):
    assert main([str(runs / "gan"), "--metrics", "fd,prdc", *QUICK]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^Frechet distance +[\d.,]+ +[\d.,]+ \(N=60\) +lower", out, re.M)
    [path] = (runs / "gan" / "evaluations").glob("*.json")
    assert str(path) in out
    found = results(path)
    assert set(found) == {"fd", "precision", "recall", "density", "coverage"}
    fd = found["fd"]
    assert fd["features"].startswith("pixels-") and fd["resize"] == "none" and fd["seed"] == 0
    assert (fd["num_generated"], fd["num_reference"], fd["split"]) == (40, 60, "train")
    assert "FID" not in out
    # Another metric of the same sets joins the record; the old one stays.
    assert main([str(runs / "gan"), "--metrics", "sliced", *QUICK]) == 0
    assert set(results(path)) == {"fd", "precision", "recall", "density", "coverage", "sliced"}


def test_the_distance_is_that_of_the_arrays(runs, real, tmp_path):
    """A peer computes it: numpy on the pixels that ``sample`` and the data set give."""
    from gen_jax.cli.sample import main as sample

    assert main([str(runs / "gan"), "--reference", "data:test", "--metrics", "fd", *QUICK, "--out", "x.json"]) == 0
    assert sample([str(runs / "gan"), "--num", "40", "--seed", "0", "--out", "s.npz"]) == 0
    with np.load("s.npz") as arrays:
        generated = arrays["images"].reshape(40, -1) / np.float32(255)
    found = results(tmp_path / "x.json")["fd"]
    assert found["split"] == "test"
    reference = real.reshape(len(real), -1) / np.float32(255)
    all_rows = main([str(runs / "gan"), "--reference", "data:test", *QUICK[:-2], "--metrics", "fd", "--out", "y.json"])
    assert all_rows == 0
    expected = frechet_distance(generated, reference).distance
    assert results(tmp_path / "y.json")["fd"]["value"] == pytest.approx(expected, rel=1e-5)


def test_folders_zips_and_arrays_of_other_tools_are_one_and_the_same(real, tmp_path):
    images = real[:40]
    np.savez(tmp_path / "made.npz", arr_0=images)
    (tmp_path / "made").mkdir()
    with zipfile.ZipFile("made.zip", "w") as archive:
        for number, image in enumerate(images):
            path = tmp_path / "made" / f"{number:03d}.png"
            Image.fromarray(image[..., 0]).save(path)
            archive.write(path, path.name)
    np.savez(tmp_path / "real.npz", images=real[:100])
    values = []
    for kind in ("made.npz", "made", "made.zip"):
        words = [kind, "--reference", "real.npz", "--metrics", "fd,kid", "--features", "pixels", "--no-progress"]
        assert main([*words, "--out", f"{kind}.json"]) == 0
        found = results(tmp_path / f"{kind}.json")
        assert found["fd"]["num_generated"] == 40 and found["fd"]["num_reference"] == 100
        values.append((found["fd"]["value"], found["kid"]["value"]))
    assert values[0] == values[1] == values[2]


def test_copies_of_training_images_are_found_and_shown(real, tmp_path, capsys):
    """Half of the images are copies: authenticity falls below that of held-out images, and the sheet shows pairs."""
    train = open_dataset(EmbeddedData(), size=16, split="train").load_all(progress=False)[0][:600]
    np.savez("train.npz", images=train)
    np.savez("held.npz", images=real[:300])
    np.savez("copies.npz", images=np.concatenate([train[:75], real[600:675]]))
    np.savez("honest.npz", images=real[600:750])
    authenticity = {}
    for name in ("copies", "honest"):
        words = [f"{name}.npz", "--reference", "train.npz", "--held-out", "held.npz", "--metrics", "memorization"]
        assert main([*words, "--features", "pixels", "--no-progress", "--out", f"out-{name}"]) == 0
        [record] = (tmp_path / f"out-{name}").glob("*.json")
        found = results(record)
        authenticity[name] = found["authenticity"]["value"] / found["authenticity"]["baseline"]
    assert authenticity["copies"] < 0.6 < 0.85 < authenticity["honest"]
    [sheet] = (tmp_path / "out-copies").glob("closest*.png")
    pixels = np.asarray(Image.open(sheet))
    side = 96  # six times the 16 pixels of an image
    np.testing.assert_array_equal(pixels[:side, :side], pixels[:side, side + 2 : 2 * side + 2])


def test_two_subjects_give_a_comparison_page(runs, tmp_path, capsys):
    assert main([str(runs / "gan"), str(runs / "vae"), "--metrics", "fd,vendi", *QUICK]) == 0
    out = capsys.readouterr().out
    assert out.count("*") == 2 and "comparison.html" in out
    page = (tmp_path / "comparison.html").read_text()
    assert page.count("<rect") == 4 and "pixels-" in page
    assert len(json.loads((tmp_path / "comparison.json").read_bytes())) == 2


def test_a_vae_is_measured_by_likelihood_and_reconstruction(runs, tmp_path):
    words = [str(runs / "vae"), "--metrics", "likelihood,reconstruction", *QUICK]
    assert main([*words, "--out", "x.json"]) == 0
    found = results(tmp_path / "x.json")
    assert found["iw_bits_per_dimension"]["value"] < found["bits_per_dimension"]["value"]
    assert {"psnr", "ssim"} <= set(found) and found["ssim"]["num_generated"] == 60
    assert found["psnr"]["features"] is None


def test_class_conditional_samples_are_tested_by_classifiers(runs, tmp_path):
    # The classes of the saved run are three; its own data have ten, so the real sets come from the line.
    images = np.random.default_rng(0).integers(0, 256, (90, 16, 16, 3), np.uint8)
    np.savez("real.npz", images=images, labels=np.arange(90) % 3)
    words = [str(runs / "classes"), "--train", "real.npz", "--held-out", "real.npz", "--metrics", "classifier"]
    assert main([*words, *QUICK, "--out", "x.json"]) == 0
    found = results(tmp_path / "x.json")
    assert set(found) == {f"{way}_{value}" for way in ("tstr", "trts") for value in ("accuracy", "recall", "f1")}
    assert all(0 <= result["value"] <= 1 for result in found.values())


def test_features_of_real_images_are_kept_by_content(runs, monkeypatch):
    from gen_jax.evaluate import cached

    seen = []
    extract = cached.extract
    monkeypatch.setattr(cached, "extract", lambda *a, **k: seen.append(1) or extract(*a, **k))
    words = [str(runs / "gan"), "--metrics", "fd", "--features", "random_convolutions", "--num", "40", "--no-progress"]
    assert main([*words, "--num-reference", "50", "--seed", "9"]) == 0
    first = len(seen)
    assert main([*words, "--num-reference", "50", "--seed", "9"]) == 0
    assert first == 3 and len(seen) - first == 1  # only the generated images are looked at again
    assert main([*words, "--num-reference", "50", "--seed", "9", "--no-cache"]) == 0
    assert len(seen) == 7


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "name what to measure"),
        (("nothing-here",), "nor is it a folder"),
        (("RUN", "--metrics", "fid"), "Perhaps you meant|did you mean|fid"),
        (("RUN", "--metrics", "fd,likelihood"), "this metric needs a VAE, and dcgan has no encoder"),
        (("RUN", "--num", "0"), "--num 0: must be 1 or more"),
        (("RUN", "--reference", "data:validation"), "the validation part of 12000 images is empty"),
        (("RUN", "--reference", "nowhere.npz"), "--reference: 'nowhere.npz' is no source|there is no such file"),
        (("RUN", "--out", "x.csv"), "--out x.csv: give a .json or .html file"),
        (("RUN", "--features", "inception_v3"), "weights of inception_v3: no package carries them"),
        (("IMAGES",), "--reference"),
        (("IMAGES", "--reference", "data:train"), "these images are not of a run"),
        (("RUN", "--metrics", "is"), "gives no probabilities"),
        (("RUN", "--metrics", "classifier"), "have no class labels"),
    ],
)
def test_a_mistake_is_one_line_before_anything_is_written(runs, real, tmp_path, words, message):
    np.savez(tmp_path / "images.npz", images=real[:10])
    before = sorted(path.name for path in tmp_path.iterdir())
    names = {"RUN": str(runs / "gan"), "IMAGES": "images.npz"}
    quick = [word for word in ("--features", "pixels") if "--features" not in words]
    with pytest.raises(UserError, match=message) as caught:
        main([*(names.get(word, word) for word in words), *quick, "--no-progress"])
    assert "\n" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_run_whose_own_data_are_gone_is_measured_against_other_images(real, tmp_path, caplog):
    experiment = dataclasses.replace(GAN, data=FolderData(path=str(tmp_path / "gone")))
    save_run(tmp_path / "run", experiment, 100)
    np.savez("real.npz", images=real[:50])
    words = [str(tmp_path / "run"), "--metrics", "fd", "--features", "pixels", "--num", "40", "--no-progress"]
    assert main([*words, "--reference", "real.npz", "--out", "x.json"]) == 0
    assert results(tmp_path / "x.json")["fd"]["num_reference"] == 50
    assert "without held-out images" in caplog.text
    with pytest.raises(UserError, match="gone"):
        main(words)
