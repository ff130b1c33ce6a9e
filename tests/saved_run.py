"""A run directory as training leaves it, without the training: random weights, saved as checkpoints."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import jax
import numpy as np

from gen_jax.build import build_networks
from gen_jax.data.config import EmbeddedData
from gen_jax.experiment import Experiment
from gen_jax.io.checkpoint import Checkpoints
from gen_jax.io.run_directory import RunDirectory
from gen_jax.models import ConvVaeConfig, DcganConfig
from gen_jax.objectives.config import AdversarialObjective, ElboObjective
from gen_jax.train import program
from gen_jax.types import DatasetInfo, PyTree

GAN = Experiment(
    name="small_gan",
    data=EmbeddedData(),
    model=DcganConfig(size=16, width=8, latent_size=8),
    objective=AdversarialObjective(),
)
CONDITIONAL_GAN = dataclasses.replace(GAN, model=dataclasses.replace(GAN.model, conditional=True, channels=3))
VAE = Experiment(
    name="small_vae",
    data=EmbeddedData(),
    model=ConvVaeConfig(size=16, width=8, latent_size=8),
    objective=ElboObjective(mixtures=2),
)
CLASSES = ("Shirt", "Bag", "7")


def save_run(path: Path, experiment: Experiment, *images: int) -> RunDirectory:
    """Make a run whose checkpoints at these images hold other weights each, raw and averaged; biases are not zero."""
    shape = (experiment.model.size, experiment.model.size, experiment.model.channels)
    info = DatasetInfo(image_shape=shape, num_images=60, class_names=CLASSES, source="nowhere")
    shapes = program.state_shapes(experiment, build_networks(experiment, info))
    run = RunDirectory(path)
    run.create()
    run.write_config(dataclasses.asdict(experiment))
    run.write_data(info)
    metadata = {"config": dataclasses.asdict(experiment), "info": dataclasses.asdict(info)}
    with Checkpoints(run.checkpoints, keep_last=10) as checkpoints:
        for seen in images:
            generator = np.random.default_rng(seen)
            items = {name: _random(generator, getattr(shapes, name)) for name in ("params", "ema")}
            checkpoints.save(seen, items, metadata)
    return run


def _random(generator: np.random.Generator, shapes: PyTree) -> PyTree:
    return jax.tree.map(lambda leaf: generator.normal(0.0, 0.2, leaf.shape).astype(leaf.dtype), shapes)
