"""``gen-jax weights import``: from a file of weights to a run directory that every command takes."""

from __future__ import annotations

import dataclasses
import os
import secrets
import shutil
from pathlib import Path
from typing import NamedTuple

from gen_jax.errors import UserError
from gen_jax.io.run_directory import RunDirectory
from gen_jax.io.torch_pickle import plain
from gen_jax.io.torch_tensors import BROKEN
from gen_jax.io.weights import dcgan, tensor_files
from gen_jax.io.weights.converting import ImportedModel, from_dcgan, from_snapshot
from gen_jax.io.weights.pickles import is_snapshot, snapshot_of
from gen_jax.io.weights.unpickle import read_pickle


class ImportedRun(NamedTuple):
    """A run directory made of imported weights."""

    run: RunDirectory
    model: ImportedModel


def import_weights(path: str | os.PathLike[str], out: str | os.PathLike[str]) -> ImportedRun:
    """Read weights and write a run directory; nothing in the file is run, and nothing is left where it fails.

    Args:
      path: a StyleGAN2 or R3GAN snapshot (``.pkl``), a DCGAN generator's PyTorch state dict, a wheel or zip with one of
        them inside, or a ``.safetensors`` file of ``gen-jax weights export``.
      out: the run directory; it must not exist, or be empty.

    Raises:
      UserError: the file is none of these, is damaged, or asks for more than is read; or ``out`` is in the way.
    """
    out = Path(out).expanduser().absolute()
    check_free(out)
    model = read_model(path, name=out.name)
    write_run(model, out)
    return ImportedRun(RunDirectory(out), model)


def check_free(out: Path) -> None:
    """Refuse a place that holds something.

    Raises:
      UserError: names what is there.
    """
    if out.is_dir() and not any(out.iterdir()):
        return
    if out.exists():
        what = "holds files" if out.is_dir() else "is a file"
        raise UserError(f"--out {out}: {what}; choose a folder that does not exist yet, or an empty one")


def read_model(path: str | os.PathLike[str], *, name: str) -> ImportedModel:
    """Return the model in a file of weights, as ``import_weights`` says; ``name`` is of the run to be."""
    path = Path(path).expanduser()
    if path.suffix.lower() == tensor_files.SUFFIX:
        return tensor_files.read_model(path, name=name)
    contents, file = read_pickle(path)
    if is_snapshot(contents):
        return from_snapshot(snapshot_of(contents, file), name=name)
    if not isinstance(contents.root, dict):
        kind = type(contents.root).__name__
        raise UserError(f"{file}: holds {kind}, and neither networks nor a dictionary of tensors; give another file")
    try:
        tensors = dcgan.generator_tensors(plain(*contents))
    except BROKEN as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise UserError(f"{file}: holds neither networks nor a dictionary of tensors ({reason})") from None
    return from_dcgan(tensors, name=name, file=file)


def write_run(model: ImportedModel, out: Path) -> None:
    """Write a run directory with one checkpoint: whole, or not at all.

    Raises:
      UserError: the place may not be written.
    """
    part = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _fill(RunDirectory(part), model)
        if out.is_dir():
            out.rmdir()
        part.rename(out)
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise UserError(f"--out {out}: cannot be written ({error.strerror}); choose another folder") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _fill(run: RunDirectory, model: ImportedModel) -> None:
    from gen_jax.io.checkpoint import Checkpoints

    run.create()
    config, info = dataclasses.asdict(model.experiment), dataclasses.asdict(model.info)
    run.write_config(config)
    run.write_data(model.info)
    # What ``gen-jax report`` draws its curves from: there has been no training here, and the page says so.
    run.metrics.write_text(f'{{"images": {model.images_seen}}}\n')
    metadata = {"config": config, "info": info, "logged_step": 0, "seconds": 0.0}
    with Checkpoints(run.checkpoints, keep_last=1) as checkpoints:
        checkpoints.save(model.images_seen, {"params": model.params, "ema": model.ema}, metadata)
