"""What everything that is scheduled by images seen has come to at one step."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from gen_jax.experiment import Experiment, OptimConfig
from gen_jax.schedules import burn_in, cosine_ramp, ema_decay, linear_ramp


class Now(NamedTuple):
    """Scheduled numbers, float32 scalars."""

    images: Array
    """Seen before this step."""
    lr: Array
    disc_lr: Array
    b2: Array
    ema_decay: Array


def at(experiment: Experiment, step: Array) -> Now:
    """Return what the schedules say at a step, a function of the images seen before it."""
    optim, train = experiment.optim, experiment.train
    images = step.astype(jnp.float32) * train.batch
    rate = learning_rate(optim, images, total=train.images, over=train.burn_in)
    disc_share = 1.0 if optim.disc_lr is None else optim.disc_lr / optim.lr
    half_life = burn_in(images, start=train.ema_half_life_start, final=float(train.ema_half_life), over=train.burn_in)
    return Now(
        images=images,
        lr=rate,
        disc_lr=rate * disc_share,
        b2=burn_in(images, start=optim.b2_start, final=optim.b2, over=train.burn_in),
        ema_decay=ema_decay(images, batch=train.batch, half_life=half_life, ramp_up=train.ema_ramp_up),
    )


def learning_rate(config: OptimConfig, images: Array, *, total: int, over: int = 0) -> Array:
    """Return the learning rate after so many images.

    ``lr``, or on the way to it from ``lr_start`` over so many images, times ``min(n / warmup, 1)``, times the decay
    from 1 to ``final_share`` between warm-up and ``total``.
    """
    rate = burn_in(images, start=config.lr_start, final=config.lr, over=over)
    if config.warmup:
        rate = rate * linear_ramp(images, start=0.0, end=1.0, over=config.warmup)
    if config.decay != "constant":
        ramp = cosine_ramp if config.decay == "cosine" else linear_ramp
        rate = rate * ramp(
            images - config.warmup, start=1.0, end=config.final_share, over=max(total - config.warmup, 1)
        )
    return rate
