"""Exported weights read back are the same arrays, and an ONNX generator makes our images."""

import dataclasses
import json
import sys

import jax
import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.io.models import load_model
from gen_jax.io.weights.exporting import export_weights
from gen_jax.io.weights.importing import import_weights
from gen_jax.models import R3ganConfig, StyleGan2Config
from gen_jax.objectives.config import AdversarialObjective, StyleGan2Objective
from tests.saved_run import CONDITIONAL_GAN, GAN, VAE, save_run

R3GAN = dataclasses.replace(
    CONDITIONAL_GAN,
    model=R3ganConfig(
        size=16,
        latent_size=6,
        widths=(8, 8, 4),
        cardinality=(2, 2, 2),
        blocks=(1, 1, 1),
        conditional=True,
        class_embedding=4,
        disc_class_embedding=4,
    ),
    objective=AdversarialObjective(),
)
STYLEGAN2 = dataclasses.replace(
    GAN,
    model=StyleGan2Config(size=16, channels=3, latent_size=8, style_size=8, channel_base=64, max_width=8),
    objective=StyleGan2Objective(),
)
RUNS = {"dcgan": CONDITIONAL_GAN, "r3gan": R3GAN, "stylegan2": STYLEGAN2, "conv_vae": VAE}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return {kind: save_run(folder / kind, experiment, 640) for kind, experiment in RUNS.items()}


def inputs(model, n):
    draw = np.random.default_rng(5)
    latent = draw.normal(size=(n, model.networks.latent_size)).astype(np.float32)
    labels = (np.arange(n) % model.networks.num_classes).astype(np.int32) if model.networks.num_classes else None
    return latent, labels


@pytest.mark.parametrize("weights", ["ema", "raw"])
@pytest.mark.parametrize(
    ("kind", "names"),
    [(kind, "gen_jax") for kind in RUNS] + [("r3gan", "official"), ("stylegan2", "official")],
)
def test_what_is_exported_comes_back_bit_for_bit(kind, names, weights, runs, tmp_path):
    pytest.importorskip("safetensors")
    path = export_weights(
        runs[kind].path, kind="safetensors", out=tmp_path / "m.safetensors", names=names, weights=weights
    )
    run, imported = import_weights(path, tmp_path / "again")
    before, after = load_model(runs[kind].path, weights=weights), load_model(run.path)
    assert jax.tree.structure(before.weights) == jax.tree.structure(after.weights)
    jax.tree.map(np.testing.assert_array_equal, before.weights, after.weights)
    assert after.experiment.model == before.experiment.model and after.images_seen == 640
    assert after.info == before.info and ("disc" in imported.params) == (kind != "conv_vae")


def test_other_programs_find_our_paths_or_the_official_names(runs, tmp_path):
    safetensors = pytest.importorskip("safetensors")
    for names, wanted in (("gen_jax", "gen/basis"), ("official", "G_ema.Model.MainLayers.0.Layers.0.Basis")):
        path = export_weights(
            runs["r3gan"].path, kind="safetensors", out=tmp_path / f"{names}.safetensors", names=names
        )
        with safetensors.safe_open(str(path), "np") as file:
            assert wanted in list(file.keys())
            assert json.loads(file.metadata()["gen_jax"])["config"]["model"]["kind"] == "r3gan"


def test_files_that_were_not_exported_here_or_are_damaged_are_refused(runs, tmp_path):
    save = pytest.importorskip("safetensors.numpy").save
    path = export_weights(runs["dcgan"].path, kind="safetensors", out=tmp_path / "m.safetensors")
    whole = path.read_bytes()
    cases = {
        "does not say which model": save({"w": np.zeros(3, np.float32)}),
        "not a whole safetensors file": whole[:-5],
        "gen/Conv_0/bia_ is .* and unknown": whole.replace(b"gen/Conv_0/bias", b"gen/Conv_0/bia_"),
        "its description is damaged": whole.replace(b'\\"images\\": 640', b'\\"imagez\\": 640'),
    }
    for message, data in cases.items():
        path.write_bytes(data)
        with pytest.raises(UserError, match=rf"^[^\n]*{message}[^\n]*$"):
            import_weights(path, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("kind", RUNS)
def test_an_onnx_generator_makes_our_images_in_any_batch(kind, runs, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("jax2onnx")
    model = load_model(runs[kind].path)
    path = export_weights(runs[kind].path, kind="onnx", out=tmp_path / "g.onnx")
    session = runtime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    decode = jax.jit(lambda weights, latent, labels: model.bind(weights).decode(latent, labels))
    for n in (1, 5):
        latent, labels = inputs(model, n)
        feeds = {"latent": latent} | ({} if labels is None else {"labels": labels})
        (images,) = session.run(["images"], feeds)
        expected = np.asarray(decode(model.weights, latent, labels))
        np.testing.assert_allclose(images, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())


def test_an_onnx_generator_makes_bytes_where_asked(runs, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("jax2onnx")
    model = load_model(runs["dcgan"].path)
    path = export_weights(runs["dcgan"].path, kind="onnx", out=tmp_path / "g.onnx", integers=True)
    session = runtime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    latent, labels = inputs(model, 4)
    (images,) = session.run(None, {"latent": latent, "labels": labels})
    expected = np.asarray(model.bind(model.weights).decode(latent, labels))
    assert images.dtype == np.uint8
    assert np.abs(images.astype(float) - (expected + 1) * 127.5).max() < 0.51


def test_missing_packages_are_named_with_the_way_to_install_them(runs, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jax2onnx", None)
    with pytest.raises(UserError, match=r"jax2onnx is not installed; run `pip install "):
        export_weights(runs["dcgan"].path, kind="onnx", out=tmp_path / "g.onnx")
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(UserError, match=r"safetensors is not installed; run `pip install safetensors`"):
        export_weights(runs["dcgan"].path, kind="safetensors", out=tmp_path / "m.safetensors")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "onnx", "names": "official"}, "--names official: is for --format safetensors"),
        ({"kind": "safetensors", "integers": True}, "--uint8: is for --format onnx"),
        ({"kind": "onnx", "out": "x.safetensors"}, r"--out x.safetensors: must be a .onnx file"),
        ({"kind": "safetensors", "names": "official"}, "--names official: a dcgan has none"),
    ],
)
def test_what_a_format_cannot_do_is_refused(options, message, runs):
    pytest.importorskip("safetensors")
    with pytest.raises(UserError, match=message):
        export_weights(runs["dcgan"].path, **options)
