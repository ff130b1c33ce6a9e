"""One step of StyleGAN2: generator, path lengths, discriminator, R1, each an update of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import jax.numpy as jnp
from jax import Array

from gen_jax import rng
from gen_jax.errors import UserError
from gen_jax.experiment import Experiment
from gen_jax.objectives import lazy
from gen_jax.objectives.config import StyleGan2Objective
from gen_jax.pixels import to_signed
from gen_jax.train import gan_parts, schedule
from gen_jax.train import stylegan2_phases as phases
from gen_jax.train.gan_step import Metrics, Step
from gen_jax.train.state import TrainState
from gen_jax.types import Batch, GanNetworks, StyleNetworks


def init_state(experiment: Experiment, networks: GanNetworks) -> TrainState:
    """Return the state before the first step, a function of the seed."""
    state = gan_parts.init_state(experiment, networks)
    return dataclasses.replace(state, stats=state.stats | {"path_length": jnp.zeros(())})


def lazy_terms(experiment: Experiment) -> dict[str, int]:
    """Return what a step does not compute every time: name -> every so many steps."""
    objective = stylegan2(experiment)
    every = {"path_length": objective.path_length_every, "r1": objective.r1_every}
    return {name: steps for name, steps in every.items() if steps > 1 and getattr(objective, name) > 0}


def batches_per_step(experiment: Experiment) -> int:
    """Return how many batches of data one step takes."""
    del experiment
    return 1


def stylegan2(experiment: Experiment) -> StyleGan2Objective:
    """Return the objective of a StyleGAN2 experiment."""
    if not isinstance(experiment.objective, StyleGan2Objective):
        raise UserError(f"--objective.kind {experiment.objective.kind}: this step trains with stylegan2")
    return experiment.objective


def lazy_rate(experiment: Experiment, rate: Array, b2: Array, *, every: int) -> phases.Rate:
    """Return Adam's numbers for ``every + 1`` updates in ``every`` steps: ``c lr, b1^c, b2^c``.

    ``c = k / (k + 1)``, k the steps from one regularisation to the next (Karras et al., arXiv 1912.04958,
    appendix B); with k = 0, no regularisation, c is 1.
    """
    share = every / (every + 1.0) if every else 1.0
    return phases.Rate(lr=share * rate, b1=experiment.optim.b1**share, b2=b2**share)


def make_step(experiment: Experiment, networks: GanNetworks, *, due: Mapping[str, bool] | None = None) -> Step:
    """Return ``step(state, batch, key) -> (state, metrics)``, pure.

    ``due`` says which of ``lazy_terms`` this step computes; left out, the step finds out by its number.
    """
    objective = stylegan2(experiment)
    if not isinstance(networks, StyleNetworks):
        raise UserError(f"--objective.kind stylegan2 does not train --model.kind {experiment.model.kind}")
    path_every = objective.path_length_every if objective.path_length > 0 else 0
    r1_every = objective.r1_every if objective.r1 > 0 else 0

    def step(state: TrainState, batch: Batch, key: Array) -> tuple[TrainState, Metrics]:
        now = schedule.at(experiment, state.step)
        keys = rng.named(key, "gen", "path_length", "disc", "r1")
        context = phases.Context(
            experiment=experiment,
            objective=objective,
            networks=networks,
            state=state,
            real=to_signed(batch.images),
            real_labels=batch.labels,
            augmentation=gan_parts.augmentation(experiment, state, now),
        )
        rate = lazy_rate(experiment, now.lr, now.b2, every=path_every)
        gen, mean_style, metrics = phases.generator(context, keys["gen"], rate)
        mean_length = state.stats["path_length"]
        if path_every:
            is_due = lazy.due_at(state.step, path_every, known=due, name="path_length")
            gen, mean_length, terms = phases.path_lengths(context, keys["path_length"], rate, gen, due=is_due)
            metrics |= terms | {"path_length/mean": mean_length}
        rate = lazy_rate(experiment, now.disc_lr, now.b2, every=r1_every)
        disc, terms = phases.discriminator(context, keys["disc"], rate, gen.params)
        metrics |= terms
        if r1_every:
            is_due = lazy.due_at(state.step, r1_every, known=due, name="r1")
            disc, terms = phases.r1(context, keys["r1"], rate, disc, due=is_due)
            metrics |= terms
        new_state, metrics = gan_parts.next_state(
            experiment,
            state,
            disc=disc,
            gen=gen,
            now=now,
            signs=metrics["logits/real_sign"],
            mean_style=mean_style,
            metrics=metrics,
        )
        stats = new_state.stats | {"path_length": mean_length}
        return dataclasses.replace(new_state, stats=stats), metrics

    return step
