"""``gen-jax weights export``: from a run to a file that other programs read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from gen_jax.errors import UserError
from gen_jax.io.models import LoadedModel, Weights, load_model
from gen_jax.io.weights import onnx_files, tensor_files
from gen_jax.types import PyTree

Format = Literal["safetensors", "onnx"]
Names = Literal["gen_jax", "official"]
_SUFFIXES = {"safetensors": tensor_files.SUFFIX, "onnx": onnx_files.SUFFIX}


def export_weights(
    run: str | os.PathLike[str],
    *,
    kind: Format,
    out: str | os.PathLike[str] | None = None,
    weights: Weights = "ema",
    images: int | None = None,
    names: Names = "gen_jax",
    integers: bool = False,
) -> Path:
    """Write a model to one file.

    Args:
      run: what a user typed: a run directory, its name under ``runs/``, or one of its checkpoints.
      kind: ``safetensors``, all weights, which ``gen-jax weights import`` reads back; ``onnx``, the generator.
      out: the file; left out, ``model.safetensors`` or ``generator.onnx`` in the run.
      weights: ``ema``, the averaged weights; or ``raw``, those of the last step.
      images: the checkpoint, by the images seen; left out, the newest.
      names: of the arrays in a safetensors file: ours, or those of the published snapshots.
      integers: an ONNX generator returns uint8 images.

    Raises:
      UserError: no such run, a package is missing, or the model has no such form.
    """
    if kind == "onnx" and names != "gen_jax":
        raise UserError("--names official: is for --format safetensors; leave it out")
    if kind == "safetensors" and integers:
        raise UserError("--uint8: is for --format onnx; leave it out")
    model = load_model(run, weights=weights, images=images)
    stem = "generator" if kind == "onnx" else "model"
    path = Path(out).expanduser() if out is not None else model.run.path / f"{stem}{_SUFFIXES[kind]}"
    if path.suffix.lower() != _SUFFIXES[kind] or not path.parent.is_dir():
        raise UserError(f"--out {path}: must be a {_SUFFIXES[kind]} file in a folder that exists")
    if kind == "onnx":
        onnx_files.write_generator(path, model, integers=integers)
    else:
        tensor_files.write_model(
            path,
            _trees(model),
            experiment=model.experiment,
            info=model.info,
            images=model.images_seen,
            official=names == "official",
        )
    return path


def _trees(model: LoadedModel) -> dict[str, PyTree]:
    """Return the weights asked for, and the discriminator of the same checkpoint."""
    from gen_jax.io.checkpoint_reading import restore_item
    from gen_jax.io.run_directory import find_run

    trees = dict(model.weights)
    if "gen" in trees:
        params, _ = restore_item(find_run(model.run.path).checkpoints, "params", model.images_seen)
        trees["disc"] = params["disc"]
    return trees
