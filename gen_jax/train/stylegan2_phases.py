"""The four phases of a StyleGAN2 step: what each computes, and the update it makes."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from gen_jax import rng
from gen_jax.experiment import Experiment
from gen_jax.objectives import gan, lazy, path_length, penalties, styles
from gen_jax.objectives.config import AdversarialObjective, StyleGan2Objective
from gen_jax.objectives.diversity import batch_diversity
from gen_jax.train import gan_parts, optim
from gen_jax.train.state import TrainState
from gen_jax.types import PyTree, StyleNetworks

Terms = dict[str, Array]

GAME = AdversarialObjective(loss="non_saturating", r1=0.0, r2=0.0)
"""What both networks play for between the regularisations."""

PATH_LENGTH_SHARE = 2
"""Path lengths are taken of every second image: they need the most memory of all."""


class Rate(NamedTuple):
    """Adam's numbers at a step."""

    lr: Array
    b1: float
    b2: Array


@dataclasses.dataclass(frozen=True, kw_only=True)
class Context:
    """What all phases of one step know."""

    experiment: Experiment
    objective: StyleGan2Objective
    networks: StyleNetworks
    state: TrainState
    """Before the step."""
    real: Array
    """[b, h, w, c] in [-1, 1]."""
    real_labels: Array | None
    """int32 [b], of data with classes."""
    augmentation: gan_parts.Augmentation

    @property
    def labels(self) -> Array | None:
        """What a conditional model is told of the real images."""
        return self.real_labels if self.networks.num_classes else None

    @property
    def critic(self) -> gan.Critic:
        """The discriminator behind the augmentation."""
        return gan_parts.critic(self.networks, self.augmentation)

    def generate(self, key: Array) -> styles.Generate:
        """Return how this phase makes images."""
        buffers, mixing = self.state.params["buffers"], self.objective.style_mixing
        return styles.make_generate(self.networks, buffers, key, style_mixing=mixing)

    def latents(self, key: Array) -> Array:
        """Return fresh latents, one an image."""
        return gan_parts.latents(key, self.experiment.train.batch, self.networks)

    def update(
        self, network: optim.Update, rate: Rate, loss: optim.LossFunction, inputs: PyTree
    ) -> tuple[optim.Update, Terms]:
        """Return a network after one update, and the terms of its loss."""
        return gan_parts.improved(self.experiment, network, loss, inputs, rate=rate.lr, b1=rate.b1, b2=rate.b2)


def generator(context: Context, key: Array, rate: Rate) -> tuple[optim.Update, Array, Terms]:
    """Return the generator after its main update, the mean style of the batch, and terms."""
    keys = rng.named(key, "latent", "generate", "augment")
    attempts = gan.Attempts(
        latent=context.latents(keys["latent"]),
        labels=context.labels,
        rows=jnp.arange(context.real.shape[0]),
        fake_draws=context.augmentation.draw(keys["augment"], context.real),
    )
    loss = gan.generator_loss(GAME, context.generate(keys["generate"]), context.critic, context.state.params["disc"])
    after, terms = context.update(gan_parts.before(context.state, "gen"), rate, loss, attempts)
    return after, terms.pop("mean_style"), terms


def path_lengths(
    context: Context, key: Array, rate: Rate, gen: optim.Update, *, due: lazy.Due
) -> tuple[optim.Update, Array, Terms]:
    """Return the generator after the path length update, the new mean length, and terms.

    ``weight every mean((|J^T y| - a)^2)``, a the running mean of the lengths (Karras et al., arXiv 1912.04958,
    equation 4).
    """
    objective, networks, mean = context.objective, context.networks, context.state.stats["path_length"]
    every = objective.path_length_every
    keys = rng.named(key, "latent", "generate", "direction")
    generate = styles.make_styles(networks, keys["generate"], style_mixing=objective.style_mixing)

    def loss(params: PyTree, shown: tuple[Array, Array | None, Array, Array]) -> tuple[Array, Terms]:
        latent, labels, rows, direction = shown
        made = generate(params, latent, labels, rows)
        lengths = path_length.path_lengths(
            lambda w: networks.synthesize(params, context.state.params["buffers"], w, made.noise_key),
            made.styles,
            direction,
        )
        penalty, new_mean = path_length.penalty(lengths, mean, decay=objective.path_length_decay)
        terms = {"penalty/path_length": every * jnp.mean(penalty), "mean": new_mean}
        return objective.path_length * every * jnp.mean(penalty), terms

    def compute() -> tuple[optim.Update, Array, Terms]:
        some = slice(None, None, PATH_LENGTH_SHARE)
        height, width, channels = networks.image_shape
        latent = context.latents(keys["latent"])[some]
        direction = jax.random.normal(keys["direction"], (latent.shape[0], height, width, channels))
        direction = direction / jnp.sqrt(float(height * width))
        labels = None if context.labels is None else context.labels[some]
        after, terms = context.update(gen, rate, loss, (latent, labels, jnp.arange(latent.shape[0]), direction))
        return after, terms.pop("mean"), terms

    nothing = lazy.zeros_like(compute)[2]
    after, new_mean, terms = lazy.when(due, compute, (gen, mean, nothing))
    return after._replace(gradient_norm=gen.gradient_norm), new_mean, terms


def discriminator(context: Context, key: Array, rate: Rate, gen_params: PyTree) -> tuple[optim.Update, Terms]:
    """Return the discriminator after its main update against the new generator, and terms."""
    keys = rng.named(key, "latent", "generate", "real", "fake")
    real = context.real
    latent = context.latents(keys["latent"])
    fake, _ = context.generate(keys["generate"])(gen_params, latent, context.labels, jnp.arange(real.shape[0]))
    pairs = gan.Pairs(
        real,
        fake,
        context.labels,
        real_draws=context.augmentation.draw(keys["real"], real),
        fake_draws=context.augmentation.draw(keys["fake"], fake),
    )
    after, terms = context.update(
        gan_parts.before(context.state, "disc"), rate, gan.discriminator_loss(GAME, context.critic), pairs
    )
    return after, terms | batch_diversity(real, fake, context.real_labels)


def r1(context: Context, key: Array, rate: Rate, disc: optim.Update, *, due: lazy.Due) -> tuple[optim.Update, Terms]:
    """Return the discriminator after the R1 update, and terms: ``every gamma / 2 |dD/dx|^2`` at real images."""
    objective, critic = context.objective, context.critic
    every = objective.r1_every

    def loss(params: PyTree, shown: tuple[Array, Array | None, PyTree]) -> tuple[Array, Terms]:
        images, labels, draws = shown
        _, squares = penalties.logits_and_gradient(lambda x: critic.logits(params, x, labels, draws), images)
        penalty = jnp.mean(penalties.zero_centered(squares, gamma=objective.r1))
        return every * penalty, {"penalty/r1": every * jnp.mean(squares)}

    def compute() -> tuple[optim.Update, Terms]:
        draws = context.augmentation.draw(key, context.real)
        return context.update(disc, rate, loss, (context.real, context.labels, draws))

    after, terms = lazy.when(due, compute, (disc, lazy.zeros_like(compute)[1]))
    return after._replace(gradient_norm=disc.gradient_norm), terms
