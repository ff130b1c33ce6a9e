"""``gen-jax report`` writes the page and says where, or says in one line why not."""

import pytest

from gen_jax.cli.report import main
from gen_jax.errors import UserError
from gen_jax.io.run_directory import RunDirectory
from gen_jax.io.writers import JsonlWriter


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = RunDirectory(tmp_path / "runs" / "fashion")
    run.create()
    run.write_config({"train": {"images": 100}})
    return run


def _measure(run):
    writer = JsonlWriter(run.metrics, None)
    writer.write(64, {"loss/gen": 1.0})
    writer.close()


def test_report_says_where_the_page_is(run, tmp_path, capsys):
    _measure(run)
    assert main(["fashion"]) == 0
    assert capsys.readouterr().out == "report: runs/fashion/report.html (0.0 MB)\n"
    assert run.report.read_text().startswith("<!doctype html>")
    assert main([str(run.path), "--out", str(tmp_path / "deep" / "page.html")]) == 0
    assert (tmp_path / "deep" / "page.html").is_file()


def test_missing_run_and_missing_metrics_are_the_users_mistake(run):
    with pytest.raises(UserError, match=r"'fasion' does not exist: there are runs/fashion"):
        main(["fasion"])
    with pytest.raises(UserError, match="has no metrics yet"):
        main(["fashion"])
    assert not run.report.exists()


def test_misspelt_option_names_the_right_one(run):
    with pytest.raises(UserError, match="Perhaps you meant: --out"):
        main(["fashion", "--ouut", "x"])
