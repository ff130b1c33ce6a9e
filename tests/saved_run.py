"""A run directory as training leaves it, without the training: first weights, saved as a checkpoint."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import jax

from gen_jax.build import build_networks
from gen_jax.data.config import EmbeddedData
from gen_jax.experiment import Experiment
from gen_jax.io.checkpoint import Checkpoints
from gen_jax.io.run_directory import RunDirectory
from gen_jax.models import ConvVaeConfig, DcganConfig
from gen_jax.objectives.config import AdversarialObjective, ElboObjective
from gen_jax.train import program
from gen_jax.types import DatasetInfo

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
    """Make a run whose checkpoints at these images hold other weights each; raw weights are twice the averaged ones."""
    shape = (experiment.model.size, experiment.model.size, experiment.model.channels)
    info = DatasetInfo(image_shape=shape, num_images=60, class_names=CLASSES, source="nowhere")
    networks = build_networks(experiment, info)
    run = RunDirectory(path)
    run.create()
    run.write_config(dataclasses.asdict(experiment))
    run.write_data(info)
    metadata = {"config": dataclasses.asdict(experiment), "info": dataclasses.asdict(info)}
    with Checkpoints(run.checkpoints, keep_last=10) as checkpoints:
        for seen in images:
            seeded = dataclasses.replace(experiment, train=dataclasses.replace(experiment.train, seed=seen))
            state = program.family(networks).init_state(seeded, networks)
            params = jax.tree.map(lambda leaf: 2 * leaf, state.params)
            items = {"params": params, "ema": state.ema, "opt_state": state.opt_state, "stats": state.stats}
            checkpoints.save(seen, items, metadata)
    return run
