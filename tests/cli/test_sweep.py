"""``gen-jax sweep``: variants are runs, the best comes first, a cut-off sweep goes on."""

import json

import pytest

from gen_jax.cli import options, sweep
from gen_jax.errors import UserError
from gen_jax.io.run_directory import RunDirectory

SMALL = (
    *("--model.width", "8", "--train.batch", "16", "--train.images", "32", "--train.num-samples", "0"),
    *("--train.no-tensorboard", "--no-progress", "--evaluate.features", "pixels", "--evaluate.num", "16"),
    *("--evaluate.num-reference", "64", "--evaluate.metrics", "fd", "--data.placement", "stream"),
)


def test_gammas_of_both_penalties_move_together_start_and_end():
    base = options.load_config("stylegan2_rp")
    variants = options.load_function(sweep.sweep_files()["gamma"], "variants")(base)
    assert list(variants) == ["r1-0.6", "r1-3", "r1-15", "r1-75", "r1-375"]
    for name, experiment in variants.items():
        objective = experiment.objective
        assert name == f"r1-{objective.r1:g}" and objective.r2 == objective.r1
        assert objective.r1_start == objective.r2_start == pytest.approx(10 * objective.r1)
    assert variants["r1-15"] == base


def test_a_config_without_gamma_is_refused():
    with pytest.raises(UserError, match="fashion_vae has no R1"):
        sweep.main(["gamma", "fashion_vae", *SMALL])


@pytest.mark.parametrize(
    ("words", "message"),
    [(["gamm", "fashion_dcgan"], "gamma"), (["gamma"], "name of a config follows"), (["gamma", "fashion"], "fashion_")],
)
def test_a_wrong_word_names_what_was_meant(words, message):
    with pytest.raises(UserError, match=message):
        sweep.main(words)


def test_variants_run_one_by_one_and_the_table_has_the_best_first(tmp_path, capsys):
    words = ["gamma", "fashion_dcgan", "--out", str(tmp_path), *SMALL]
    assert sweep.main([*words, "--only", "r1-25", "r1-1"]) == 0
    assert capsys.readouterr().out.count("not measured yet") == 3
    assert sweep.main([*words, "--only", "r1-1"]) == 0  # done already, and shown again
    tree = json.loads((tmp_path / "sweep.json").read_bytes())
    done = [row for row in tree["variants"] if "value" in row]
    assert [row["value"] for row in done] == sorted(row["value"] for row in done) and len(done) == 2
    assert tree["variants"][0]["variant"] in capsys.readouterr().out
    assert RunDirectory(tmp_path / "r1-1").metrics.read_text().count('"images"') == len(
        RunDirectory(tmp_path / "r1-25").metrics.read_text().splitlines()
    )


def test_a_variant_that_diverges_is_told_and_the_others_go_on(tmp_path, capsys, monkeypatch):
    from gen_jax.errors import RunError
    from gen_jax.io.run_directory import RunDirectory
    from gen_jax.train import loop

    seen = []

    def diverge(experiment, path, *, progress, nested):
        seen.append(path.name)
        if path.name == "r1-0.04":
            raise RunError("100 updates in a row were not finite")
        return loop.Outcome(images=0, resumed_from=None, run=RunDirectory(path))

    monkeypatch.setattr(loop, "train", diverge)
    assert sweep.main(["gamma", "fashion_dcgan", "--out", str(tmp_path), *SMALL]) == 1
    assert seen == ["r1-0.04", "r1-0.2", "r1-1", "r1-5", "r1-25"]
    assert "not finite" in capsys.readouterr().out
