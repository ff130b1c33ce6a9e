"""What the steps of all GANs share: the first state, the augmented discriminator, and the state after the updates."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import optax
from jax import Array

from gen_jax import rng
from gen_jax.augment import ada, ada_controller
from gen_jax.augment.ada_pipes import PIPES, AdaPipe
from gen_jax.experiment import Experiment
from gen_jax.objectives.gan import Critic
from gen_jax.objectives.styles import moved_mean
from gen_jax.train import optim
from gen_jax.train.schedule import Now
from gen_jax.train.state import TrainState, guard_stats
from gen_jax.types import GanNetworks, PyTree, StyleNetworks

TRAINED = ("gen", "disc")
"""The networks of a GAN among the parameters; ``buffers`` lie beside them."""


def init_state(experiment: Experiment, networks: GanNetworks) -> TrainState:
    """Return the state before the first step, a function of the seed."""
    keys = rng.named(rng.stream(experiment.train.seed, "init"), "gen", "disc", "buffers")
    params = {"gen": networks.generator.init(keys["gen"]), "disc": networks.discriminator.init(keys["disc"])}
    transform = optim.transform(experiment.optim, 0.0)
    opt_state = {name: transform.init(params[name]) for name in TRAINED}
    ema = {"gen": jax.tree.map(jnp.copy, params["gen"])}
    if isinstance(networks, StyleNetworks):
        params["buffers"] = networks.init_buffers(keys["buffers"])
        ema["buffers"] = jax.tree.map(jnp.copy, params["buffers"])
    stats = guard_stats(*TRAINED)
    if experiment.ada.pipe != "none":
        stats["ada"] = ada_controller.initial_state(experiment.ada)
    return TrainState(step=jnp.zeros((), jnp.int32), params=params, ema=ema, opt_state=opt_state, stats=stats)


def latents(key: Array, count: int, networks: GanNetworks) -> Array:
    """Return fresh latents [count, z] from a unit Gaussian."""
    return jax.random.normal(key, (count, networks.latent_size))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Augmentation:
    """What the discriminator's images go through at one step."""

    pipe: AdaPipe | None
    """None: nothing."""
    p: Array

    def draw(self, key: Array, images: Array) -> PyTree:
        """Return what shall be done to each image of a batch; None for nothing."""
        if self.pipe is None:
            return None
        count, height, width, _ = images.shape
        return ada.draw(self.pipe, key, count, self.p, size=(height, width))

    def apply(self, images: Array, draws: PyTree) -> Array:
        """Return the images after it."""
        return images if self.pipe is None else ada.augment(self.pipe, images, draws)


def augmentation(experiment: Experiment, state: TrainState, now: Now) -> Augmentation:
    """Return the augmentation of this step."""
    config = experiment.ada
    if config.pipe == "none":
        return Augmentation(pipe=None, p=jnp.zeros(()))
    p = ada_controller.probability(config, state.stats["ada"], now.images, burn_in=experiment.train.burn_in)
    return Augmentation(pipe=PIPES[config.pipe], p=p)


def critic(networks: GanNetworks, augmentation: Augmentation) -> Critic:
    """Return the discriminator behind the augmentation."""
    return Critic(
        apply=networks.discriminator.apply,
        augment=None if augmentation.pipe is None else augmentation.apply,
        compares_batch=networks.compares_batch,
        piecewise_linear=networks.piecewise_linear,
    )


def before(state: TrainState, name: str) -> optim.Update:
    """Return a network as the step finds it."""
    return optim.Update(state.params[name], state.opt_state[name], jnp.bool_(True), jnp.zeros(()))


def improved(
    experiment: Experiment,
    network: optim.Update,
    loss: optim.LossFunction,
    inputs: PyTree,
    *,
    rate: Array,
    b2: Array,
    b1: float | None = None,
) -> tuple[optim.Update, dict[str, Array]]:
    """Return a network after one more update of this step, and the terms of its loss.

    Args:
      experiment: of the run.
      network: from ``before``, or after an earlier update; ``applied`` says whether all were.
      loss: ``(params, inputs) -> (loss, terms)``.
      inputs: leaves lead with the batch axis.
      rate: learning rate.
      b2: of Adam, at this step.
      b1: of Adam; None is the configured one.
    """
    value, terms, gradient = optim.value_and_gradient(
        loss, network.params, (inputs,), parts=experiment.train.accumulate
    )
    after = optim.guarded_update(
        experiment.optim, rate, network.params, network.opt_state, loss=value, gradient=gradient, b1=b1, b2=b2
    )
    return after._replace(applied=network.applied & after.applied), terms


def next_state(
    experiment: Experiment,
    state: TrainState,
    *,
    disc: optim.Update,
    gen: optim.Update,
    now: Now,
    signs: Array,
    mean_style: Array | None,
    metrics: dict[str, Array],
) -> tuple[TrainState, dict[str, Array]]:
    """Return the state after both updates, and the metrics with what the state says.

    Args:
      experiment: of the run.
      state: before the step.
      disc: update of the discriminator.
      gen: update of the generator.
      now: the schedules at this step.
      signs: mean sign of the logits of real images, which the adaptive augmentation goes by.
      mean_style: mean of the styles of the batch, of a generator with styles.
      metrics: of the losses.
    """
    updates = {"gen": gen, "disc": disc}
    params = {name: update.params for name, update in updates.items()}
    ema = {"gen": optim.moving_average(state.ema["gen"], gen.params, now.ema_decay, gen.applied)}
    stats = state.stats
    metrics = metrics | {"schedule/lr": now.lr, "schedule/disc_lr": now.disc_lr, "schedule/ema_decay": now.ema_decay}
    for name, update in updates.items():
        stats = optim.count_skips(stats, name, update.applied)
        metrics[f"grad_norm/{name}"] = update.gradient_norm
        metrics[f"param_norm/{name}"] = optax.tree.norm(update.params)
        metrics[f"health/skipped_{name}"] = 1.0 - update.applied.astype(jnp.float32)
    if experiment.optim.b2_start is not None:
        metrics["schedule/b2"] = now.b2
    if mean_style is not None:
        buffers = state.params["buffers"]
        moved = moved_mean(buffers["mean_style"], mean_style)
        params["buffers"] = buffers | {"mean_style": jnp.where(gen.applied, moved, buffers["mean_style"])}
        ema["buffers"] = jax.tree.map(jnp.copy, params["buffers"])
    if experiment.ada.pipe != "none":
        metrics["ada/p"] = augmentation(experiment, state, now).p
        metrics["ada/r_t"] = signs
        new = ada_controller.update_state(
            stats["ada"], signs, experiment.ada, batch=experiment.train.batch, step=state.step
        )
        stats = stats | {"ada": new}
    opt_state = {name: update.opt_state for name, update in updates.items()}
    return TrainState(step=state.step + 1, params=params, ema=ema, opt_state=opt_state, stats=stats), metrics
