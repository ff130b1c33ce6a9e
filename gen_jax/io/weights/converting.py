"""From networks under other names to a whole model of ours: experiment, parameters, averaged weights, buffers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gen_jax import models
from gen_jax.data.config import FolderData
from gen_jax.errors import UserError
from gen_jax.experiment import Experiment
from gen_jax.io.weights import dcgan, r3gan, stylegan2
from gen_jax.io.weights.pickles import Snapshot
from gen_jax.objectives.config import AdversarialObjective, StyleGan2Objective
from gen_jax.types import DatasetInfo, PyTree

LICENCES = {
    "stylegan2": "NVIDIA publishes its StyleGAN2 weights under the NVIDIA Source Code License: for research and "
    "evaluation only, not for commercial use",
    "r3gan": "the publisher of R3GAN states no licence for its weights, and its code builds on NVIDIA's, which is for "
    "research and evaluation only: ask before any other use",
    "classic_dcgan": "ask the publisher; those in the package gan-face-generate are under the MIT licence, and were "
    "trained on DigiFace-1M, whose terms allow non-commercial research only",
}
"""Kind of model -> what its publisher says of pretrained weights."""

_PLACE = "set-this-with---data"


@dataclasses.dataclass(frozen=True, kw_only=True)
class ImportedModel:
    """Everything that a run directory needs."""

    experiment: Experiment
    info: DatasetInfo
    params: PyTree
    """``gen`` and ``disc``, or ``enc`` and ``dec``, and ``buffers`` where the generator has some."""
    ema: PyTree
    """The averaged weights of what is sampled from, and their ``buffers``."""
    images_seen: int
    """0 where the file does not say."""
    notes: tuple[str, ...]
    """What a person should know: licence, and what the file lacks."""


def from_snapshot(snapshot: Snapshot, *, name: str) -> ImportedModel:
    """Return the model of a published snapshot.

    Args:
      snapshot: as read.
      name: of the run to be.

    Raises:
      UserError: a tensor is missing, left over or of another shape.
    """
    try:
        config, classes, trees = _CONVERTERS[snapshot.family](snapshot)
    except UserError as error:
        raise UserError(f"{snapshot.name}: {error}") from None
    notes = [f"licence: {LICENCES[snapshot.family]}"]
    if "disc" not in trees["params"]:
        trees["params"]["disc"] = _new_discriminator(config, classes)
        notes.append("the file has no discriminator: a new one was drawn")
    return ImportedModel(
        experiment=_experiment(config, name),
        info=_info(config, classes, snapshot.name),
        params=trees["params"],
        ema=trees["ema"],
        images_seen=snapshot.images_seen or 0,
        notes=tuple(notes),
    )


def from_dcgan(state: Mapping[str, np.ndarray], *, name: str, file: str) -> ImportedModel:
    """Return the model of a DCGAN generator's state dict, with a new discriminator.

    Raises:
      UserError: the state dict is of another layout.
    """
    try:
        config, gen = dcgan.config_of(state), dcgan.generator_params(state)
    except UserError as error:
        raise UserError(f"{file}: {error}") from None
    return ImportedModel(
        experiment=_experiment(config, name),
        info=_info(config, 0, file),
        params={"gen": gen, "disc": _new_discriminator(config, 0)},
        ema={"gen": gen},
        images_seen=0,
        notes=(
            f"licence: {LICENCES[config.kind]}",
            "the file has no discriminator: a new one was drawn",
        ),
    )


def _r3gan(snapshot: Snapshot) -> tuple[Any, int, dict[str, PyTree]]:
    size = snapshot.attributes.get("z_dim")
    config = r3gan.config_of(snapshot.generator, snapshot.discriminator, latent_size=size)
    averaged = r3gan.generator_params(snapshot.generator)
    raw = averaged if snapshot.raw_generator is None else r3gan.generator_params(snapshot.raw_generator)
    params = {"gen": raw}
    if snapshot.discriminator is not None:
        params["disc"] = r3gan.discriminator_params(snapshot.discriminator)
    return config, r3gan.num_classes_of(snapshot.generator), {"params": params, "ema": {"gen": averaged}}


def _stylegan2(snapshot: Snapshot) -> tuple[Any, int, dict[str, PyTree]]:
    averaged, disc = snapshot.generator, snapshot.discriminator
    raw = averaged if snapshot.raw_generator is None else snapshot.raw_generator
    config = stylegan2.config_of(
        averaged, disc, init_kwargs=snapshot.init_kwargs, discriminator_kwargs=snapshot.discriminator_kwargs
    )
    params = {"gen": stylegan2.generator_params(raw), "buffers": stylegan2.buffers(raw)}
    if disc is not None:
        params["disc"] = stylegan2.discriminator_params(disc)
    ema = {"gen": stylegan2.generator_params(averaged), "buffers": stylegan2.buffers(averaged)}
    return config, stylegan2.num_classes_of(averaged), {"params": params, "ema": ema}


_CONVERTERS = {"r3gan": _r3gan, "stylegan2": _stylegan2}


def _new_discriminator(config: Any, classes: int) -> PyTree:
    import jax

    networks = models.GANS[config.kind](config, num_classes=classes)
    key = jax.random.key(0, impl="unsafe_rbg")  # compiles in a fraction of the time that the usual kind takes
    return jax.tree.map(np.asarray, jax.jit(networks.discriminator.init)(key))


def _experiment(config: Any, name: str) -> Experiment:
    objective = StyleGan2Objective() if config.kind == "stylegan2" else AdversarialObjective()
    return Experiment(name=name, data=FolderData(path=_PLACE), model=config, objective=objective)


def _info(config: Any, classes: int, file: str) -> DatasetInfo:
    return DatasetInfo(
        image_shape=(config.size, config.size, config.channels),
        num_images=0,
        class_names=tuple(str(number) for number in range(classes)),
        source=f"weights imported from {Path(file).name}",
    )
