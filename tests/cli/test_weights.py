"""``gen-jax weights import`` and ``gen-jax weights export``, as a person types them."""

import pytest

from gen_jax.cli.exit import run
from gen_jax.cli.main import dispatch
from gen_jax.errors import UserError
from tests.io.weights.test_pickles import file, module, official, state
from tests.io.written import Named
from tests.saved_run import CONDITIONAL_GAN, save_run


def test_a_run_goes_out_and_comes_back(tmp_path, capsys):
    pytest.importorskip("safetensors")
    saved = save_run(tmp_path / "run", CONDITIONAL_GAN, 64)
    assert dispatch(["weights", "export", str(saved.path), "--format", "safetensors"]) == 0
    written = saved.path / "model.safetensors"
    assert str(written) in capsys.readouterr().out
    assert dispatch(["weights", "import", str(written), "--out", str(tmp_path / "again")]) == 0
    assert f"dcgan, 16x16, 3 classes: {tmp_path / 'again'}" in capsys.readouterr().out


def test_the_licence_is_told(tmp_path, capsys):
    words = ["weights", "import", str(official("r3gan_fake_official")), "--out", str(tmp_path / "run")]
    assert dispatch(words) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("r3gan, 16x16, 5 classes: ") and out[1].startswith("licence: ") and len(out) == 2


def test_a_file_that_asks_for_more_ends_in_one_line_and_code_2(tmp_path, capsys):
    path = tmp_path / "bad.pkl"
    call = Named("os.system", f"touch {tmp_path / 'ran'}")
    path.write_bytes(file({"G_ema": module("training.networks.Generator", **state()), "G": call}))
    code = run(lambda: dispatch(["weights", "import", str(path), "--out", str(tmp_path / "run")]))
    error = capsys.readouterr().err
    assert code == 2 and error.startswith(f"error: {path}: asks for os.system, ") and error.count("\n") == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["bad.pkl"]


def test_the_help_names_what_is_read_and_written(capsys):
    for words, wanted in ((["import"], "StyleGAN2"), (["export"], "safetensors,onnx")):
        with pytest.raises(SystemExit):
            dispatch(["weights", *words, "--help"])
        assert wanted in capsys.readouterr().out


def test_an_unknown_run_is_refused(tmp_path):
    with pytest.raises(UserError, match="does not exist"):
        dispatch(["weights", "export", str(tmp_path / "none"), "--format", "onnx"])
