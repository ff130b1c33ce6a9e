"""The folder of a model: a service finds it, its checksums hold, and its card says what was measured."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from gen_jax.azure.packaging import Packing, package
from gen_jax.errors import UserError
from gen_jax.io.models import load_model
from gen_jax.serve.settings import runs_below
from tests.azure.test_gating import EVALUATION, write
from tests.saved_run import CLASSES, GAN, save_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_run(tmp_path_factory.mktemp("runs") / "garments", GAN, 3200, 6400).path


@pytest.fixture(scope="module")
def packed(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    (folder / "verdict").mkdir()
    told = {"metric": "fd", "rule": "at most 30", "value": 20.0}
    (folder / "verdict" / "gate.json").write_text(json.dumps(told))
    packing = Packing(
        licence="CC-BY-4.0",
        description="Garments in grey.",
        evaluation=write(folder / "evaluation"),
        verdict=folder / "verdict",
    )
    package(str(run), folder / "model", packing)
    return folder / "model"


def test_a_service_finds_the_model_where_azure_puts_it(packed: Path) -> None:
    """AZUREML_MODEL_DIR is a folder above that of the model."""
    assert runs_below(str(packed.parent)) == (str(packed),)
    assert load_model(packed).images_seen == 6400
    assert [folder.name for folder in (packed / "checkpoints").iterdir()] == ["6400"]


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum")
def test_the_checksums_are_those_of_the_system_and_name_every_file(packed: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=packed, check=True)
    listed = {line.split("  ", 1)[1] for line in (packed / "SHA256SUMS").read_text().splitlines()}
    there = {path.relative_to(packed).as_posix() for path in packed.rglob("*") if path.is_file()}
    assert there - listed == {"SHA256SUMS"} and listed <= there


def test_the_card_says_what_it_is_what_was_measured_and_what_was_asked(packed: Path) -> None:
    card = (packed / "MODEL_CARD.md").read_text()
    for text in ("Garments in grey.", "CC-BY-4.0", "16x16x1", "6,400", "Frechet distance", "fd at most 30: 20.0"):
        assert text in card
    assert (packed / "LICENSE").read_text() == "SPDX-License-Identifier: CC-BY-4.0\n"
    assert (packed / "evaluations" / "evaluation.json").is_file()
    assert not any(name in card for name in CLASSES), "the model has no classes, whatever its images had"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"licence": "licences/none.txt"}, "--licence"),
        ({"licence": " "}, "--licence"),
        ({"verdict": Path("nowhere")}, "holds no gate.json"),
        ({"evaluation": Path("nowhere.json")}, "nowhere.json"),
    ],
)
def test_what_is_missing_is_named_before_anything_is_made(
    change: dict[str, object], said: str, run: Path, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=said):
        package(str(run), tmp_path / "model", Packing(**{"licence": "MIT", **change}))  # type: ignore[arg-type]
    assert not (tmp_path / "model").exists()


def test_numbers_of_another_checkpoint_are_refused(run: Path, tmp_path: Path) -> None:
    packing = Packing(licence="MIT", evaluation=write(tmp_path / "e", EVALUATION))
    with pytest.raises(UserError, match="at 6400 images, and the one to package is at 3200"):
        package(str(run / "checkpoints" / "3200"), tmp_path / "model", packing)


def test_a_folder_with_something_in_it_is_left_alone(run: Path, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(UserError, match="is not empty"):
        package(str(run), tmp_path, Packing(licence="MIT"))
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]
