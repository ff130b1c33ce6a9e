"""``gen-jax crossval``: every image is held out once, folds can be jobs of their own, a cut-off command goes on."""

import json
import re

import numpy as np
import pytest

from gen_jax.cli.crossval import main
from gen_jax.data.config import EmbeddedData
from gen_jax.data.dataset import dataset_from_source, open_dataset
from gen_jax.errors import UserError
from gen_jax.evaluate.sets import of_model
from gen_jax.io.models import load_model
from gen_jax.metrics import frechet_distance
from gen_jax.train import crossval, loop

SMALL = (
    *("--model.width", "8", "--train.batch", "16", "--train.images", "32", "--train.num-samples", "0"),
    *("--train.no-tensorboard", "--no-progress", "--folds", "3", "--features", "pixels"),
)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """A set small enough to train on in a moment: 90 garments."""
    rows = np.arange(90) * 100
    everything = open_dataset(EmbeddedData(), size=None)
    folder = tmp_path_factory.mktemp("images")
    np.savez(folder / "some.npz", images=np.stack([everything.image(i) for i in rows]), labels=everything.labels[rows])
    return folder / "some.npz"


@pytest.fixture(scope="module")
def command(images):
    return ["fashion_dcgan", "--data", str(images), *SMALL]


@pytest.fixture(scope="module")
def done(command, tmp_path_factory):
    """A cross-validation in two goes: fold 1 as a job of its own, then all."""
    folder = tmp_path_factory.mktemp("crossval") / "out"
    assert main([*command, "--out", str(folder), "--fold", "1"]) == 0
    alone = json.loads((folder / "crossval.json").read_bytes())
    assert alone["missing"] == [0, 2] and len(alone["each"]) == 1
    assert main([*command, "--out", str(folder)]) == 0
    return folder


def by_key(tree) -> dict[str, dict]:
    return {result["key"]: result for result in tree["results"]}


def test_the_report_holds_every_fold_and_their_mean(done):
    tree = json.loads((done / "crossval.json").read_bytes())
    assert tree["missing"] == [] and len(tree["each"]) == 3
    mean = by_key(tree["mean"])
    assert {"fd", "fd_floor", "fd_excess", "authenticity", "c_t", "closer_to_train"} <= set(mean)
    values = [by_key(fold)["fd_excess"]["value"] for fold in tree["each"]]
    assert mean["fd_excess"]["value"] == pytest.approx(np.mean(values))
    assert mean["fd_excess"]["spread"] == pytest.approx(np.std(values, ddof=1))
    page = (done / "crossval.html").read_text()
    assert "fold 2" in page and "mean of 3" in page


def test_distances_of_a_fold_are_of_equally_many_images_and_above_their_floor(done, images):
    """The same numbers from the parts themselves."""
    fold = by_key(json.loads((done / "crossval.json").read_bytes())["each"][1])
    assert fold["fd"]["num_generated"] == fold["fd"]["num_reference"] == fold["fd_floor"]["num_generated"] == 30
    assert fold["fd_excess"]["value"] == pytest.approx(fold["fd"]["value"] - fold["fd_floor"]["value"])
    model = load_model(done / "fold-1")
    held_out = open_dataset(model.experiment.data, size=28, split="validation").load_all(progress=False)[0]
    generated = of_model(model, count=30).load()
    pixels = [part.reshape(30, -1) / np.float32(255) for part in (generated, held_out)]
    assert fold["fd"]["value"] == pytest.approx(frechet_distance(*pixels).distance, rel=1e-5)


def test_each_image_is_held_out_by_one_fold_and_trains_the_others(done):
    rows = []
    for fold in range(3):
        data = load_model(done / f"fold-{fold}").experiment.data
        assert (data.folds, data.fold, data.split) == (3, fold, "train")
        source = open_dataset(data, size=28).source
        parts = {
            split: dataset_from_source(source, with_split(data, split)).indices for split in ("train", "validation")
        }
        assert not set(parts["train"]) & set(parts["validation"])
        assert len(parts["train"]) + len(parts["validation"]) == 90
        rows += list(parts["validation"])
    assert sorted(rows) == list(range(90))


def with_split(data, split):
    import dataclasses

    return dataclasses.replace(data, split=split)


def test_the_same_command_again_trains_and_measures_nothing(done, command, monkeypatch, capsys):
    monkeypatch.setattr(loop.Loop, "_train", lambda self: pytest.fail("trained again"))
    monkeypatch.setattr(crossval, "_subject", lambda *a, **k: pytest.fail("measured again"))
    before = json.loads((done / "crossval.json").read_bytes())
    assert main([*command, "--out", str(done)]) == 0
    assert json.loads((done / "crossval.json").read_bytes()) == before
    out = capsys.readouterr().out
    assert re.search(r"metric +fold 0 +fold 1 +fold 2 +mean of 3", out)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--folds", "1"], "--folds 1: must be 2 or more"),
        (["--fold", "3"], "--fold 3: must be from 0 to 2 with --folds 3"),
        (["--latents", "0"], "--latents 0: must be 1 or more"),
        (["--fold", "0", "--out", "FILE"], "a file is in the way"),
    ],
)
def test_a_mistake_is_one_line(command, tmp_path, words, message):
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match=message):
        main([*command, *(str(tmp_path / "file") if word == "FILE" else word for word in words)])
