"""The two losses of a GAN: an adversarial game plus gradient penalties, from apply functions and arrays."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array

from gen_jax.objectives import penalties
from gen_jax.objectives.adversarial import LOSSES
from gen_jax.objectives.config import AdversarialObjective
from gen_jax.types import PyTree

Terms = dict[str, Array]
Loss = Callable[..., tuple[Array, Terms]]
Apply = Callable[..., Array]


def discriminator_loss(objective: AdversarialObjective, discriminator: Apply, step: Array) -> Loss:
    """Return ``(params, real, fake, labels, between) -> (loss, terms)``: adversarial loss plus penalties.

    Args:
      objective: which game, which penalties.
      discriminator: ``(params, images [b, h, w, c], labels [b] | None) -> logits [b]``.
      step: int32, for penalties that are not computed at every step.

    Returns:
      A function of parameters, real and generated images [b, h, w, c], labels [b] or None, and
      the images of the WGAN-GP penalty (``penalties.interpolate``) or None.
    """
    adversarial = LOSSES[objective.loss].discriminator
    only_both = objective.r1 > 0 and objective.r2 > 0 and objective.gradient_penalty == 0
    every_image = objective.penalty_share == 1.0 and objective.penalty_every == 1

    def loss(
        params: PyTree, real: Array, fake: Array, labels: Array | None, between: Array | None
    ) -> tuple[Array, Terms]:
        def apply(images: Array, labels: Array | None) -> Array:
            return discriminator(params, images, labels)

        pairs = _interleave(real, fake)
        pair_labels = None if labels is None else _interleave(labels, labels)
        if only_both and every_image:
            logits, squares = penalties.logits_and_gradient(lambda x: apply(x, pair_labels), pairs)
            penalty = _r1_r2(objective, squares[0::2], squares[1::2])
        else:
            logits = apply(pairs, pair_labels)
            penalty = _subset_penalty(objective, apply, real, fake, labels=labels, between=between, step=step)
        on_real, on_fake = logits[0::2], logits[1::2]
        game = jnp.mean(adversarial(on_real, on_fake))
        terms = {"loss/disc": game, "logits/real": jnp.mean(on_real), "logits/fake": jnp.mean(on_fake)}
        terms["logits/real_sign"] = jnp.mean(jnp.sign(on_real))
        return game + penalty.pop("total"), terms | penalty

    return loss


def _interleave(first: Array, second: Array) -> Array:
    """Return ``[f0, s0, f1, s1, ...]``; unlike a concatenation it moves no rows between devices."""
    return jnp.stack([first, second], axis=1).reshape(2 * first.shape[0], *first.shape[1:])


def _r1_r2(objective: AdversarialObjective, real_squares: Array, fake_squares: Array | None) -> Terms:
    terms = {"penalty/r1": jnp.mean(real_squares)}
    total = jnp.mean(penalties.zero_centered(real_squares, gamma=objective.r1))
    if fake_squares is not None:
        terms["penalty/r2"] = jnp.mean(fake_squares)
        total += jnp.mean(penalties.zero_centered(fake_squares, gamma=objective.r2))
    return terms | {"total": total}


def _subset_penalty(
    objective: AdversarialObjective,
    apply: Callable[[Array, Array | None], Array],
    real: Array,
    fake: Array,
    *,
    labels: Array | None,
    between: Array | None,
    step: Array,
) -> Terms:
    """Return the penalties on a share of the images, every so many steps, weighted to the same mean."""
    stride = max(1, round(1.0 / objective.penalty_share))
    some = slice(None, None, stride)
    real, fake = real[some], fake[some]
    labels = None if labels is None else labels[some]

    def compute() -> Terms:
        terms: Terms = {}
        total = jnp.zeros(())
        if objective.r1 > 0 or objective.r2 > 0:
            wanted = [images for images, gamma in ((real, objective.r1), (fake, objective.r2)) if gamma > 0]
            squares = [penalties.logits_and_gradient(lambda x: apply(x, labels), images)[1] for images in wanted]
            gammas = [(name, gamma) for name, gamma in (("r1", objective.r1), ("r2", objective.r2)) if gamma > 0]
            for (name, gamma), square in zip(gammas, squares, strict=True):
                terms[f"penalty/{name}"] = jnp.mean(square)
                total += jnp.mean(penalties.zero_centered(square, gamma=gamma))
        if between is not None:
            _, squares = penalties.logits_and_gradient(lambda x: apply(x, labels), between[some])
            wgan = jnp.mean(penalties.one_centered(squares))
            terms["penalty/gradient"] = wgan
            total += objective.gradient_penalty * wgan
        return terms | {"total": total}

    if objective.penalty_every == 1:
        return compute()
    shapes = jax.eval_shape(compute)
    zeros = {name: jnp.zeros(shape.shape, shape.dtype) for name, shape in shapes.items()}
    every = objective.penalty_every
    terms = jax.lax.cond(step % every == 0, compute, lambda: zeros)
    # The mean over the steps is then that of a penalty at every step, in the loss and in the log.
    return {name: every * value for name, value in terms.items()}


def generator_loss(
    objective: AdversarialObjective, generator: Apply, discriminator: Apply, disc_params: PyTree
) -> Loss:
    """Return ``(params, latent, real, labels) -> (loss, terms)``, the discriminator held fixed.

    Args:
      objective: which game.
      generator: ``(params, latent [b, z], labels [b] | None) -> images [b, h, w, c]``.
      discriminator: ``(params, images, labels) -> logits [b]``.
      disc_params: parameters of the discriminator, not differentiated.
    """
    adversarial = LOSSES[objective.loss].generator

    def loss(params: PyTree, latent: Array, real: Array, labels: Array | None) -> tuple[Array, Terms]:
        fake = generator(params, latent, labels)
        on_fake = discriminator(disc_params, fake, labels)
        if objective.loss == "relativistic":
            on_real = discriminator(disc_params, real, labels)
        else:
            on_real = jnp.zeros_like(on_fake)
        game = jnp.mean(adversarial(on_real, on_fake))
        return game, {"loss/gen": game}

    return loss
