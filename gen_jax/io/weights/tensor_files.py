"""Models as safetensors files: one flat table of arrays, and the configuration as text beside it.

Names are the paths in our trees joined by ``/`` (``gen/Conv_0/kernel``), or the official names of the published
snapshots behind ``G_ema.`` and ``D.``. Such a file cannot hold anything that runs.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gen_jax.errors import UserError
from gen_jax.experiment import Experiment, from_json
from gen_jax.io.run_directory import read_info
from gen_jax.io.weights import r3gan, stylegan2
from gen_jax.io.weights.converting import ImportedModel
from gen_jax.types import DatasetInfo, PyTree

SUFFIX = ".safetensors"
_KEY = "gen_jax"
"""Of the metadata: JSON of ``config``, ``info``, ``images``, ``names`` and ``source``."""
_INSTALL = "run `pip install safetensors`"


def write_model(
    path: Path, trees: Mapping[str, PyTree], *, experiment: Experiment, info: DatasetInfo, images: int, official: bool
) -> None:
    """Write the trees of one model: ``gen``, ``disc`` and ``buffers``, or ``enc`` and ``dec``.

    Args:
      path: the file to make; it is whole or absent.
      trees: by name; arrays of any type numpy has.
      experiment: of the run.
      info: of its data.
      images: seen by the training.
      official: write the names of the published snapshots (R3GAN and StyleGAN2 only).

    Raises:
      UserError: safetensors is not installed, or the model has no official names.
    """
    from gen_jax.io import files

    save = _library().save
    arrays = _official(trees, experiment, info) if official else flatten(trees)
    record = {
        "config": dataclasses.asdict(experiment),
        "info": dataclasses.asdict(info),
        "images": images,
        "names": "official" if official else "gen_jax",
    }
    contiguous = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    files.write_bytes(path, save(contiguous, metadata={"format": "np", _KEY: json.dumps(record)}))


def read_model(path: Path, *, name: str) -> ImportedModel:
    """Read a model back; ``name`` is of the run to be.

    Raises:
      UserError: the file cannot be read, is damaged, or was not written here.
    """
    arrays, record = _read(path)
    try:
        experiment = dataclasses.replace(from_json(json.dumps(record["config"]), where=str(path)), name=name)
        info = read_info(record["info"], where=f"info of {path}")
        images, official = int(record["images"]), record["names"] == "official"
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"{path}: its description is damaged ({error!r}); export the model again") from None
    trees = _of_official(arrays, experiment, path) if official else unflatten(arrays)
    _check(trees, experiment, info, path)
    sampled = {part: tree for part, tree in trees.items() if part != "disc"}
    return ImportedModel(
        experiment=experiment,
        info=info,
        params=trees,
        ema=sampled,
        images_seen=images,
        notes=("licence: that of the model which was exported",),
    )


def flatten(tree: PyTree, prefix: str = "") -> dict[str, Any]:
    """Return the leaves of nested dictionaries by their paths joined by ``/``."""
    if not isinstance(tree, Mapping):
        return {prefix: tree}
    found: dict[str, Any] = {}
    for key, entry in tree.items():
        found |= flatten(entry, f"{prefix}/{key}" if prefix else key)
    return found


def unflatten(arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return nested dictionaries; the inverse of ``flatten``."""
    tree: dict[str, Any] = {}
    for name, array in arrays.items():
        *parents, leaf = name.split("/")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[leaf] = array
    return tree


def _library() -> Any:
    try:
        import safetensors.numpy
    except ImportError:
        raise UserError(f"safetensors is not installed; {_INSTALL}") from None
    return safetensors.numpy


def _read(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    load = _library().load
    from safetensors import SafetensorError

    try:
        data = path.read_bytes()
        arrays = load(data)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        text = header.get("__metadata__", {}).get(_KEY)
    except OSError as error:
        raise UserError(f"weights {path}: cannot be read ({error.strerror or error}); check the path") from None
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: not a whole safetensors file ({' '.join(str(error).split())[:200]})") from None
    if text is None:
        raise UserError(
            f"{path}: does not say which model it is of; only files of `gen-jax weights export` are read back"
        )
    return arrays, json.loads(text)


def _check(trees: PyTree, experiment: Experiment, info: DatasetInfo, path: Path) -> None:
    """Refuse arrays that are not those of the model which the file describes."""
    import jax

    from gen_jax.build import build_networks
    from gen_jax.types import GanNetworks, StyleNetworks

    networks = build_networks(experiment, info)
    if isinstance(networks, GanNetworks):
        inits = {"gen": networks.generator.init, "disc": networks.discriminator.init}
        if isinstance(networks, StyleNetworks):
            inits["buffers"] = networks.init_buffers
    else:
        inits = {"enc": networks.encoder.init, "dec": networks.decoder.init}
    shapes = {name: jax.eval_shape(init, jax.random.key(0)) for name, init in inits.items()}
    wanted = {name: leaf.shape for name, leaf in flatten(shapes).items()}
    found = {name: leaf.shape for name, leaf in flatten(trees).items()}
    for name in sorted(wanted.keys() | found.keys()):
        there, here = found.get(name, "absent"), wanted.get(name, "unknown")
        if there != here:
            raise UserError(f"{path}: {name} is {there} there and {here} in a {experiment.model.kind}; export it again")


def _official(trees: Mapping[str, PyTree], experiment: Experiment, info: DatasetInfo) -> dict[str, np.ndarray]:
    config: Any = experiment.model
    if config.kind == "r3gan":
        classes = info.num_classes
        gen = r3gan.generator_state(trees["gen"], config, num_classes=classes)
        disc = r3gan.discriminator_state(trees["disc"], config, num_classes=classes)
    elif config.kind == "stylegan2":
        gen = stylegan2.generator_state(trees["gen"], trees["buffers"], config)
        disc = stylegan2.discriminator_state(trees["disc"], config)
    else:
        raise UserError(f"--names official: a {config.kind} has none; leave it out")
    return {f"G_ema.{name}": array for name, array in gen.items()} | {
        f"D.{name}": array for name, array in disc.items()
    }


def _of_official(arrays: Mapping[str, np.ndarray], experiment: Experiment, path: Path) -> dict[str, PyTree]:
    gen = {name.removeprefix("G_ema."): array for name, array in arrays.items() if name.startswith("G_ema.")}
    disc = {name.removeprefix("D."): array for name, array in arrays.items() if name.startswith("D.")}
    kind = experiment.model.kind
    if kind == "r3gan":
        return {"gen": r3gan.generator_params(gen), "disc": r3gan.discriminator_params(disc)}
    if kind == "stylegan2":
        trees = {"gen": stylegan2.generator_params(gen), "disc": stylegan2.discriminator_params(disc)}
        return trees | {"buffers": stylegan2.buffers(gen)}
    raise UserError(f"{path}: says that its names are official, and a {kind} has none; export it again")
