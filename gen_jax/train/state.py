"""The state of a training run: arrays only, the same struct for every model."""

from __future__ import annotations

import jax.numpy as jnp
from flax import struct
from jax import Array

from gen_jax.types import PyTree


@struct.dataclass
class TrainState:
    """Everything that a step changes; optimiser, networks and configuration are closed over."""

    step: Array
    """int32: steps done, skipped updates included."""
    params: PyTree
    """Networks by name: ``gen`` and ``disc``, or ``enc`` and ``dec``."""
    ema: PyTree
    """Averaged weights of what is sampled from: ``gen``, or ``enc`` and ``dec``."""
    opt_state: PyTree
    """Optimiser state by the name of what it updates."""
    stats: PyTree
    """Running numbers that survive resume; ``skipped`` and ``skipped_in_row`` by the name of what is updated."""


def guard_stats(*names: str) -> dict[str, dict[str, Array]]:
    """Return the counters of skipped updates, at zero; one array each, for donated buffers must be distinct."""
    return {counter: {name: jnp.zeros((), jnp.int32) for name in names} for counter in ("skipped", "skipped_in_row")}
