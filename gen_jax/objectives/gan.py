"""The two losses of a GAN: an adversarial game plus gradient penalties, from apply functions and arrays."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from gen_jax.objectives import lazy, penalties, piecewise
from gen_jax.objectives.adversarial import LOSSES
from gen_jax.objectives.config import AdversarialObjective
from gen_jax.objectives.styles import Generate
from gen_jax.types import PyTree

Terms = dict[str, Array]
Loss = Callable[..., tuple[Array, Terms]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Critic:
    """The discriminator as a loss sees it: behind the augmentation."""

    apply: Callable[..., Array]
    """``(params, images [b, h, w, c], labels [b] | None) -> logits [b]``."""
    augment: Callable[[Array, PyTree], Array] | None = None
    """``(images, draws) -> images``: what all images go through first; None is nothing."""
    compares_batch: bool = False
    """Whether an image's logit depends on the others of its batch: real and generated ones are then kept apart."""

    piecewise_linear: bool = False
    """Whether ``apply`` takes a unit as its fourth argument, see ``piecewise.logits_and_gradient``."""

    def logits(self, params: PyTree, images: Array, labels: Array | None, draws: PyTree) -> Array:
        """Return the logits [b] of images, augmented as ``draws`` say."""
        return self.apply(params, images if self.augment is None else self.augment(images, draws), labels)


class Pairs(NamedTuple):
    """What a discriminator is shown: real and generated images [b, h, w, c], pair by pair of one class."""

    real: Array
    fake: Array
    labels: Array | None = None
    between: Array | None = None
    """Images of the WGAN-GP penalty (``penalties.interpolate``)."""
    real_draws: PyTree = None
    """What the augmentation does to each real image."""
    fake_draws: PyTree = None


class Attempts(NamedTuple):
    """What a generator is judged on."""

    latent: PyTree
    labels: Array | None
    rows: Array
    """int32 [b]: the numbers of the images in the batch."""
    real: Array | None = None
    """What the relativistic loss compares with."""
    real_draws: PyTree = None
    fake_draws: PyTree = None


class Gammas(NamedTuple):
    """Weights of R1 and R2 at a step."""

    r1: Array | float
    r2: Array | float


def discriminator_loss(
    objective: AdversarialObjective, critic: Critic, *, gammas: Gammas | None = None, due: lazy.Due = True
) -> Loss:
    """Return ``(params, pairs) -> (loss, terms)``: adversarial loss plus penalties.

    Args:
      objective: which game, which penalties.
      critic: the discriminator.
      gammas: weights of R1 and R2 where they are scheduled; left out, those of the objective.
      due: whether penalties that are not computed at every step are at this one.
    """
    adversarial = LOSSES[objective.loss].discriminator
    gammas = gammas or Gammas(objective.r1, objective.r2)
    only_both = objective.uses_r1 and objective.uses_r2 and objective.gradient_penalty == 0
    together = only_both and objective.penalty_share == 1.0 and objective.penalty_every == 1

    def loss(params: PyTree, pairs: Pairs) -> tuple[Array, Terms]:
        real, fake = _sides(pairs)
        if together:
            on_real, on_fake, penalty = _logits_and_penalties(critic, params, real, fake, gammas=gammas)
        else:
            on_real, on_fake = _logits(critic, params, real, fake)
            penalty = _penalties_of_some(objective, critic, params, pairs, gammas=gammas, due=due)
        game = jnp.mean(adversarial(on_real, on_fake))
        terms = {"loss/disc": game, "logits/real": jnp.mean(on_real), "logits/fake": jnp.mean(on_fake)}
        terms["logits/real_sign"] = jnp.mean(jnp.sign(on_real))
        return game + penalty.pop("total"), terms | penalty

    return loss


class _Side(NamedTuple):
    images: Array
    labels: Array | None
    draws: PyTree


def _sides(pairs: Pairs) -> tuple[_Side, _Side]:
    return _Side(pairs.real, pairs.labels, pairs.real_draws), _Side(pairs.fake, pairs.labels, pairs.fake_draws)


def _interleave(first: _Side, second: _Side) -> _Side:
    """Return ``[f0, s0, f1, s1, ...]``; unlike a concatenation it moves no rows between devices."""

    def pair(a: Array, b: Array) -> Array:
        return jnp.stack([a, b], axis=1).reshape(2 * a.shape[0], *a.shape[1:])

    return jax.tree.map(pair, first, second)


def _logits(critic: Critic, params: PyTree, real: _Side, fake: _Side) -> tuple[Array, Array]:
    if critic.compares_batch:
        return critic.logits(params, *real), critic.logits(params, *fake)
    logits = critic.logits(params, *_interleave(real, fake))
    return logits[0::2], logits[1::2]


def _logits_and_squares(critic: Critic, params: PyTree, side: _Side) -> tuple[Array, Array]:
    """Return the logits, and the squared norm of the gradient of each by its image before the augmentation."""
    if critic.piecewise_linear:
        augment = critic.augment
        return piecewise.logits_and_gradient(
            lambda x, unit: critic.apply(params, x, side.labels, unit),
            side.images,
            augment=None if augment is None else lambda x: augment(x, side.draws),
        )
    return penalties.logits_and_gradient(lambda x: critic.logits(params, x, side.labels, side.draws), side.images)


def _logits_and_penalties(
    critic: Critic, params: PyTree, real: _Side, fake: _Side, *, gammas: Gammas
) -> tuple[Array, Array, Terms]:
    """Return all logits, and R1 and R2, from one forward and one backward pass."""
    if critic.compares_batch:
        (on_real, r1), (on_fake, r2) = (_logits_and_squares(critic, params, side) for side in (real, fake))
    else:
        logits, squares = _logits_and_squares(critic, params, _interleave(real, fake))
        on_real, on_fake, r1, r2 = logits[0::2], logits[1::2], squares[0::2], squares[1::2]
    total = jnp.mean(penalties.zero_centered(r1, gamma=gammas.r1))
    total += jnp.mean(penalties.zero_centered(r2, gamma=gammas.r2))
    return on_real, on_fake, {"penalty/r1": jnp.mean(r1), "penalty/r2": jnp.mean(r2), "total": total}


def _penalties_of_some(
    objective: AdversarialObjective,
    critic: Critic,
    params: PyTree,
    pairs: Pairs,
    *,
    gammas: Gammas,
    due: lazy.Due,
) -> Terms:
    """Return the penalties on a share of the images, every so many steps, weighted to the same mean."""
    stride = max(1, round(1.0 / objective.penalty_share))
    some = jax.tree.map(lambda leaf: leaf[::stride], pairs)
    real, fake = _sides(some)

    def compute() -> Terms:
        terms: Terms = {}
        total = jnp.zeros(())
        wanted = (("r1", objective.uses_r1, real, gammas.r1), ("r2", objective.uses_r2, fake, gammas.r2))
        for name, used, side, gamma in wanted:
            if used:
                _, squares = _logits_and_squares(critic, params, side)
                terms[f"penalty/{name}"] = jnp.mean(squares)
                total += jnp.mean(penalties.zero_centered(squares, gamma=gamma))
        if some.between is not None:
            _, squares = _logits_and_squares(critic, params, _Side(some.between, some.labels, None))
            wgan = jnp.mean(penalties.one_centered(squares))
            terms["penalty/gradient"] = wgan
            total += objective.gradient_penalty * wgan
        return terms | {"total": total}

    every = objective.penalty_every
    if every == 1:
        return compute()
    # Times ``every``: the mean over the steps is then that of a penalty at every step, in the loss and in the log.
    return {name: every * value for name, value in lazy.when(due, compute, lazy.zeros_like(compute)).items()}


def generator_loss(objective: AdversarialObjective, generate: Generate, critic: Critic, disc_params: PyTree) -> Loss:
    """Return ``(params, attempts) -> (loss, terms)``, the discriminator held fixed.

    Args:
      objective: which game.
      generate: makes the images, see ``styles.make_generate``; the mean of their styles comes back among the terms.
      critic: the discriminator.
      disc_params: its parameters, not differentiated.
    """
    adversarial = LOSSES[objective.loss].generator

    def loss(params: PyTree, attempts: Attempts) -> tuple[Array, Terms]:
        fake, extra = generate(params, attempts.latent, attempts.labels, attempts.rows)
        on_fake = critic.logits(disc_params, fake, attempts.labels, attempts.fake_draws)
        if attempts.real is None:
            on_real = jnp.zeros_like(on_fake)
        else:
            on_real = critic.logits(disc_params, attempts.real, attempts.labels, attempts.real_draws)
        game = jnp.mean(adversarial(on_real, on_fake))
        return game, {"loss/gen": game} | extra

    return loss
