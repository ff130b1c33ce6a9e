"""One step of a GAN: the discriminator's update, then the generator's against the new discriminator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax
from jax import Array

from gen_jax import rng
from gen_jax.errors import UserError
from gen_jax.experiment import Experiment
from gen_jax.objectives import gan, penalties
from gen_jax.objectives.config import AdversarialObjective
from gen_jax.pixels import to_signed
from gen_jax.schedules import ema_decay
from gen_jax.train import optim
from gen_jax.train.state import TrainState, guard_stats
from gen_jax.types import Batch, GanNetworks

Metrics = dict[str, Array]
Step = Callable[[TrainState, Batch, Array], tuple[TrainState, Metrics]]


def init_state(experiment: Experiment, networks: GanNetworks) -> TrainState:
    """Return the state before the first step, a function of the seed."""
    keys = rng.named(rng.stream(experiment.train.seed, "init"), "gen", "disc")
    params = {"gen": networks.generator.init(keys["gen"]), "disc": networks.discriminator.init(keys["disc"])}
    transform = optim.transform(experiment.optim, 0.0)
    return TrainState(
        step=jnp.zeros((), jnp.int32),
        params=params,
        ema={"gen": jax.tree.map(jnp.copy, params["gen"])},
        opt_state={name: transform.init(params[name]) for name in params},
        stats=guard_stats("gen", "disc"),
    )


def batches_per_step(experiment: Experiment) -> int:
    """Return how many batches of data one step takes."""
    objective = experiment.objective
    return 2 if isinstance(objective, AdversarialObjective) and objective.separate_batches else 1


def adversarial(experiment: Experiment) -> AdversarialObjective:
    """Return the objective of a GAN experiment."""
    if not isinstance(experiment.objective, AdversarialObjective):
        raise UserError(f"--objective.kind {experiment.objective.kind}: a GAN trains with adversarial")
    return experiment.objective


def make_step(experiment: Experiment, networks: GanNetworks) -> Step:
    """Return ``step(state, batch, key) -> (state, metrics)``, pure.

    The batch holds ``batches_per_step`` times ``train.batch`` images; with two, the second is the generator's.
    """
    config, train, objective = experiment.optim, experiment.train, adversarial(experiment)
    disc_lr = config.lr if config.disc_lr is None else config.disc_lr

    def step(state: TrainState, batch: Batch, key: Array) -> tuple[TrainState, Metrics]:
        images = state.step.astype(jnp.float32) * train.batch
        keys = rng.named(key, "disc", "gen", "penalty")
        real = to_signed(batch.images)
        labels = batch.labels if networks.num_classes else None
        of_disc, of_gen = _shares(real, labels, train.batch)

        rate = optim.learning_rate(config, images, total=train.images, peak=disc_lr)
        latent = jax.random.normal(keys["disc"], (train.batch, networks.latent_size))
        fake = networks.generator.apply(state.params["gen"], latent, of_disc[1])
        between = penalties.interpolate(keys["penalty"], of_disc[0], fake) if objective.gradient_penalty > 0 else None
        loss, terms, gradient = optim.value_and_gradient(
            gan.discriminator_loss(objective, networks.discriminator.apply, state.step),
            state.params["disc"],
            (of_disc[0], fake, of_disc[1], between),
            parts=train.accumulate,
        )
        disc_update = optim.guarded_update(
            config, rate, state.params["disc"], state.opt_state["disc"], loss=loss, gradient=gradient
        )
        metrics = terms | {"grad_norm/disc": disc_update.gradient_norm, "schedule/disc_lr": rate}

        rate = optim.learning_rate(config, images, total=train.images, peak=config.lr)
        latent = jax.random.normal(keys["gen"], (train.batch, networks.latent_size))
        loss, terms, gradient = optim.value_and_gradient(
            gan.generator_loss(objective, networks.generator.apply, networks.discriminator.apply, disc_update.params),
            state.params["gen"],
            (latent, of_gen[0], of_gen[1]),
            parts=train.accumulate,
        )
        gen_update = optim.guarded_update(
            config, rate, state.params["gen"], state.opt_state["gen"], loss=loss, gradient=gradient
        )
        decay = ema_decay(images, batch=train.batch, half_life=train.ema_half_life, ramp_up=train.ema_ramp_up)
        metrics |= terms | {"grad_norm/gen": gen_update.gradient_norm, "schedule/lr": rate, "schedule/ema_decay": decay}

        params = {"gen": gen_update.params, "disc": disc_update.params}
        stats = optim.count_skips(state.stats, "disc", disc_update.applied)
        stats = optim.count_skips(stats, "gen", gen_update.applied)
        new_state = TrainState(
            step=state.step + 1,
            params=params,
            ema={"gen": optim.moving_average(state.ema["gen"], gen_update.params, decay, gen_update.applied)},
            opt_state={"gen": gen_update.opt_state, "disc": disc_update.opt_state},
            stats=stats,
        )
        metrics |= {f"param_norm/{name}": optax.tree.norm(tree) for name, tree in params.items()}
        applied = {"gen": gen_update.applied, "disc": disc_update.applied}
        metrics |= {f"health/skipped_{name}": 1.0 - ok.astype(jnp.float32) for name, ok in applied.items()}
        return new_state, metrics

    return step


def _shares(real: Array, labels: Array | None, batch: int) -> tuple[tuple[Array, Any], tuple[Array, Any]]:
    """Return images and labels of the discriminator's update, and of the generator's."""
    if real.shape[0] == batch:
        return (real, labels), (real, labels)
    # Taken in turn, so that every device keeps rows of both.
    first, second = real[0::2], real[1::2]
    if labels is None:
        return (first, None), (second, None)
    return (first, labels[0::2]), (second, labels[1::2])
