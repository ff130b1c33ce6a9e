"""One step of a GAN: the discriminator's update, then the generator's against the new discriminator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from gen_jax import rng
from gen_jax.errors import UserError
from gen_jax.experiment import Experiment
from gen_jax.objectives import gan, lazy, penalties, styles
from gen_jax.objectives.config import AdversarialObjective
from gen_jax.objectives.diversity import batch_diversity
from gen_jax.pixels import to_signed
from gen_jax.schedules import burn_in
from gen_jax.train import gan_parts, optim, schedule
from gen_jax.train.gan_parts import init_state as init_state
from gen_jax.train.schedule import Now
from gen_jax.train.state import TrainState
from gen_jax.types import Batch, GanNetworks

Metrics = dict[str, Array]
Step = Callable[[TrainState, Batch, Array], tuple[TrainState, Metrics]]


def lazy_terms(experiment: Experiment) -> dict[str, int]:
    """Return what a step does not compute every time: name -> every so many steps."""
    every = adversarial(experiment).penalty_every
    return {"penalty": every} if every > 1 else {}


def batches_per_step(experiment: Experiment) -> int:
    """Return how many batches of data one step takes."""
    objective = experiment.objective
    return 2 if isinstance(objective, AdversarialObjective) and objective.separate_batches else 1


def adversarial(experiment: Experiment) -> AdversarialObjective:
    """Return the objective of a GAN experiment."""
    if not isinstance(experiment.objective, AdversarialObjective):
        raise UserError(f"--objective.kind {experiment.objective.kind}: a GAN trains with adversarial")
    return experiment.objective


class _Reals(NamedTuple):
    images: Array
    labels: Array | None


def make_step(experiment: Experiment, networks: GanNetworks, *, due: Mapping[str, bool] | None = None) -> Step:
    """Return ``step(state, batch, key) -> (state, metrics)``, pure.

    The batch holds ``batches_per_step`` times ``train.batch`` images; with two, the second is the generator's.
    ``due`` says which of ``lazy_terms`` this step computes; left out, the step finds out by its number.
    """
    objective = adversarial(experiment)

    def step(state: TrainState, batch: Batch, key: Array) -> tuple[TrainState, Metrics]:
        now = schedule.at(experiment, state.step)
        keys = rng.named(key, "disc", "gen")
        of_disc, of_gen = _shares(to_signed(batch.images), batch.labels, experiment)
        penalty_due = lazy.due_at(state.step, objective.penalty_every, known=due, name="penalty")
        disc, metrics = _update_disc(
            experiment, networks, state, of_disc, now=now, key=keys["disc"], penalty_due=penalty_due
        )
        gen, mean_style, of_gen_metrics = _update_gen(
            experiment, networks, state, of_gen, now=now, key=keys["gen"], disc=disc
        )
        metrics |= of_gen_metrics
        signs = metrics["logits/real_sign"]
        return gan_parts.next_state(
            experiment, state, disc=disc, gen=gen, now=now, signs=signs, mean_style=mean_style, metrics=metrics
        )

    return step


def _update_disc(
    experiment: Experiment,
    networks: GanNetworks,
    state: TrainState,
    real: _Reals,
    *,
    now: Now,
    key: Array,
    penalty_due: lazy.Due,
) -> tuple[optim.Update, Metrics]:
    objective, batch = adversarial(experiment), experiment.train.batch
    keys = rng.named(key, "latent", "generate", "between", "real", "fake")
    generate = styles.make_generate(
        networks, state.params.get("buffers"), keys["generate"], style_mixing=objective.style_mixing
    )
    latent = gan_parts.latents(keys["latent"], batch, networks)
    labels = real.labels if networks.num_classes else None
    fake, _ = generate(state.params["gen"], latent, labels, jnp.arange(batch))
    augmentation = gan_parts.augmentation(experiment, state, now)
    pairs = gan.Pairs(
        real.images,
        fake,
        labels,
        between=penalties.interpolate(keys["between"], real.images, fake) if objective.gradient_penalty > 0 else None,
        real_draws=augmentation.draw(keys["real"], real.images),
        fake_draws=augmentation.draw(keys["fake"], fake),
    )
    over = experiment.train.burn_in
    gammas = gan.Gammas(
        burn_in(now.images, start=objective.r1_start, final=objective.r1, over=over),
        burn_in(now.images, start=objective.r2_start, final=objective.r2, over=over),
    )
    critic = gan_parts.critic(networks, augmentation)
    update, terms = gan_parts.improved(
        experiment,
        gan_parts.before(state, "disc"),
        gan.discriminator_loss(objective, critic, gammas=gammas, due=penalty_due),
        pairs,
        rate=now.disc_lr,
        b2=now.b2,
    )
    metrics = terms | batch_diversity(real.images, fake, real.labels)
    if objective.r1_start is not None:
        metrics["schedule/r1"] = jnp.asarray(gammas.r1)
    return update, metrics


def _update_gen(
    experiment: Experiment,
    networks: GanNetworks,
    state: TrainState,
    real: _Reals,
    *,
    now: Now,
    key: Array,
    disc: optim.Update,
) -> tuple[optim.Update, Array | None, Metrics]:
    objective, batch = adversarial(experiment), experiment.train.batch
    keys = rng.named(key, "latent", "generate", "real", "fake")
    generate = styles.make_generate(
        networks, state.params.get("buffers"), keys["generate"], style_mixing=objective.style_mixing
    )
    augmentation = gan_parts.augmentation(experiment, state, now)
    compared = real.images if objective.loss == "relativistic" else None
    attempts = gan.Attempts(
        latent=gan_parts.latents(keys["latent"], batch, networks),
        labels=real.labels if networks.num_classes else None,
        rows=jnp.arange(batch),
        real=compared,
        real_draws=None if compared is None else augmentation.draw(keys["real"], compared),
        fake_draws=augmentation.draw(keys["fake"], real.images),
    )
    loss = gan.generator_loss(objective, generate, gan_parts.critic(networks, augmentation), disc.params)
    update, terms = gan_parts.improved(
        experiment, gan_parts.before(state, "gen"), loss, attempts, rate=now.lr, b2=now.b2
    )
    mean_style = terms.pop("mean_style", None)
    return update, mean_style, terms


def _shares(images: Array, labels: Array | None, experiment: Experiment) -> tuple[_Reals, _Reals]:
    """Return images and labels of the discriminator's update, and of the generator's."""
    if batches_per_step(experiment) == 1:
        return _Reals(images, labels), _Reals(images, labels)
    # Taken in turn, so that every device keeps rows of both.
    everything = _Reals(images, labels)
    first: Any = jax.tree.map(lambda leaf: leaf[0::2], everything)
    second: Any = jax.tree.map(lambda leaf: leaf[1::2], everything)
    return first, second
