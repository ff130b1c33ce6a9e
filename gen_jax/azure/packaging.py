"""The folder of a model as Azure registers it: one checkpoint, what serving needs, a card, the licence, checksums."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from pathlib import Path

from gen_jax.azure.gating import VERDICT, read_evaluation
from gen_jax.azure.model_card import Card, text_of
from gen_jax.errors import UserError
from gen_jax.evaluate.result import Evaluation
from gen_jax.io import files
from gen_jax.io.models import LoadedModel, load_model
from gen_jax.io.run_directory import RunDirectory, find_run

CHECKSUMS = "SHA256SUMS"
_BLOCK = 1 << 20


@dataclasses.dataclass(frozen=True, kw_only=True)
class Packing:
    """What goes along with the weights."""

    licence: str
    """Of the weights: an SPDX identifier, or a file with its text."""
    description: str = ""
    """One sentence on what the model makes."""
    evaluation: Path | None = None
    """What ``gen-jax evaluate`` wrote: a file, or a folder with one."""
    verdict: Path | None = None
    """A folder with ``gate.json``; where it is given, the file must be there."""


def package(run: str, out: Path, packing: Packing) -> LoadedModel:
    """Make the folder, and load it once, as a service will; return the model of the run.

    Args:
      run: a run directory, its name under ``runs/``, or one of its checkpoints; a run stands for its newest one.
      out: the folder to make; it must not exist, or be empty.
      packing: what goes along.

    Raises:
      UserError: no such run, a folder with something in it, or a file that is missing.
    """
    licence = _licence(packing.licence)
    evaluation = None if packing.evaluation is None else read_evaluation(packing.evaluation)
    verdict = None if packing.verdict is None else _verdict(packing.verdict)
    model, found = load_model(run), find_run(run)
    _check_same(evaluation, model)
    _make_empty(out)
    checkpoint = found.checkpoints / str(model.images_seen)
    _copy_tree(checkpoint, out / "checkpoints" / checkpoint.name)
    for file in (found.run.config, found.run.data, found.run.environment):
        if file.is_file():
            shutil.copyfile(file, out / file.name)
    if evaluation is not None:
        _copy_evaluation(packing.evaluation, RunDirectory(out).evaluations)
    card = Card(model=model, licence=packing.licence, description=packing.description)
    files.write_text(out / "LICENSE", licence)
    files.write_text(out / "MODEL_CARD.md", text_of(card, evaluation=evaluation, verdict=verdict))
    files.write_text(out / CHECKSUMS, checksums(out))
    load_model(out)
    return model


def checksums(folder: Path) -> str:
    """Return the SHA-256 of every file in a folder but this list itself, as ``sha256sum --check`` reads them."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return "".join(f"{_sha256(folder / name)}  {name}\n" for name in names if name != CHECKSUMS)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _licence(text: str) -> str:
    """Return the text of the file LICENSE."""
    path = Path(text).expanduser()
    if path.is_file():
        return path.read_text(encoding="utf-8")
    if not text.strip() or "/" in text or len(text.splitlines()) > 1:
        raise UserError(f"--licence {text!r}: give an SPDX identifier, such as CC-BY-4.0, or a file that exists")
    return f"SPDX-License-Identifier: {text}\n"


def _verdict(folder: Path) -> str:
    try:
        told = json.loads((folder / VERDICT).read_bytes())
        return f"{told['metric']} {told['rule']}: {told['value']}"
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(
            f"--verdict {folder}: holds no {VERDICT}; only what passed `gen-jax azure gate` has one"
        ) from None


def _check_same(evaluation: Evaluation | None, model: LoadedModel) -> None:
    if evaluation is not None and evaluation.images_seen not in (None, model.images_seen):
        raise UserError(
            f"--evaluation: is of the checkpoint at {evaluation.images_seen} images, and the one to package is at "
            f"{model.images_seen}; evaluate that one"
        )


def _make_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"--out {folder}: is not empty; choose another folder")
    folder.mkdir(parents=True, exist_ok=True)


def _copy_tree(source: Path, target: Path) -> None:
    """Copy files and nothing of their rights and times, which a mounted data store may refuse to set."""
    target.mkdir(parents=True)
    for entry in sorted(source.iterdir()):
        if entry.is_dir():
            _copy_tree(entry, target / entry.name)
        else:
            shutil.copyfile(entry, target / entry.name)


def _copy_evaluation(source: Path | None, folder: Path) -> None:
    assert source is not None
    folder.mkdir()
    for file in sorted(source.iterdir()) if source.is_dir() else [source]:
        if file.is_file():
            shutil.copyfile(file, folder / file.name)
