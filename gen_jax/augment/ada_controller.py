"""How probable augmentation is: moved by what the discriminator says of real images, or along a schedule.

The state is arrays only and lives with the training state, so a resumed run goes on bit for bit.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from gen_jax.augment.ada_pipes import AdaConfig
from gen_jax.schedules import cosine_ramp

AdaState = dict[str, Array]
"""``p``; ``signs``, the sum of the mean signs since p last moved; ``count``, how many those are. Float32, shape ()."""


def initial_state(config: AdaConfig) -> AdaState:
    """Return the state before the first step."""
    return {"p": jnp.float32(config.p), "signs": jnp.zeros((), jnp.float32), "count": jnp.zeros((), jnp.float32)}


def adjust(p: ArrayLike, sign_mean: ArrayLike, *, images: float, target: float, speed: float, most: float) -> Array:
    """Move p by one step: ``clip(p + sign(r - target) images / speed, 0, most)``.

    Args:
      p: probability.
      sign_mean: r, the mean of ``sign(D(real))`` since the last step, in [-1, 1]; where it is not a number, p stays.
      images: images since the last step.
      target: r above it means that the discriminator overfits, and p rises.
      speed: images over which p goes from 0 to 1.
      most: largest p.

    Source: Karras et al., arXiv 2006.06676, section 3 (there without the upper limit).
    """
    direction = jnp.nan_to_num(jnp.sign(jnp.asarray(sign_mean, jnp.float32) - target))
    return jnp.clip(jnp.asarray(p, jnp.float32) + direction * (images / speed), 0.0, most)


def update_state(state: AdaState, signs_mean: ArrayLike, config: AdaConfig, *, batch: int, step: Array) -> AdaState:
    """Take in one step's mean sign, and move p after every ``config.every`` steps.

    Args:
      state: before the step.
      signs_mean: mean of ``sign(D(real))`` over the step's real images.
      config: target, speed, most, every.
      batch: images a step.
      step: steps done before this one, int32 [].
    """
    signs, count = state["signs"] + signs_mean, state["count"] + 1.0
    moved = adjust(
        state["p"],
        signs / count,
        images=batch * config.every,
        target=config.target,
        speed=config.speed,
        most=config.most,
    )
    due = (step + 1) % config.every == 0
    return {
        "p": jnp.where(due, moved, state["p"]),
        "signs": jnp.where(due, 0.0, signs),
        "count": jnp.where(due, 0.0, count),
    }


def probability(config: AdaConfig, state: AdaState | None, images: ArrayLike, *, burn_in: float) -> Array:
    """Return p after ``images`` images: the state's (adaptive), or along half a cosine over ``burn_in`` images.

    Raises:
      ValueError: adaptive without a state.
    """
    if config.mode == "adaptive":
        if state is None:
            raise ValueError("an adaptive probability lives in a state; make it with initial_state")
        return state["p"]
    start = config.p if config.p_start is None else config.p_start
    return cosine_ramp(images, start=start, end=config.p, over=burn_in)
