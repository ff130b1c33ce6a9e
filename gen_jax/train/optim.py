"""Adam, gradients of a batch in parts, and updates that refuse nonsense."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

from gen_jax.experiment import OptimConfig
from gen_jax.types import PyTree

LossFunction = Callable[..., tuple[Array, dict[str, Array]]]
"""``(params, *inputs) -> (loss, named terms)``; inputs lead with the batch axis, or are None."""


def transform(
    config: OptimConfig, rate: Array | float, *, b1: Array | float | None = None, b2: Array | float | None = None
) -> optax.GradientTransformation:
    """Return Adam(W) at one learning rate; the state's structure does not depend on the numbers, which may be traced.

    ``b1`` and ``b2`` stand in for the configured ones: b2 has a burn-in, and lazy regularisation changes both.
    """
    return optax.chain(
        optax.clip_by_global_norm(config.clip_norm) if config.clip_norm > 0 else optax.identity(),
        optax.scale_by_adam(
            b1=config.b1 if b1 is None else b1,  # type: ignore[arg-type]
            b2=config.b2 if b2 is None else b2,  # type: ignore[arg-type]
            eps=config.eps,
        ),
        optax.add_decayed_weights(config.weight_decay) if config.weight_decay > 0 else optax.identity(),
        optax.scale_by_learning_rate(rate),
    )


class Update(NamedTuple):
    """What an update leaves behind."""

    params: PyTree
    opt_state: PyTree
    applied: Array
    """bool: False where the update was skipped."""
    gradient_norm: Array


def guarded_update(
    config: OptimConfig,
    rate: Array,
    params: PyTree,
    opt_state: PyTree,
    *,
    loss: Array,
    gradient: PyTree,
    b1: Array | float | None = None,
    b2: Array | float | None = None,
) -> Update:
    """Update the parameters, or leave everything as it is when loss or gradient are not to be trusted.

    Skipped: a loss or gradient norm that is not finite, and with ``config.skip_norm`` a norm above it
    (before clipping; Child, arXiv 2011.10650, section 4).
    """
    norm = optax.tree.norm(gradient)
    applied = jnp.isfinite(loss) & jnp.isfinite(norm)
    if config.skip_norm > 0:
        applied &= norm <= config.skip_norm
    updates, new_opt_state = transform(config, rate, b1=b1, b2=b2).update(gradient, opt_state, params)
    new_params = optax.apply_updates(params, updates)
    return Update(
        params=keep_where(applied, new_params, params),
        opt_state=keep_where(applied, new_opt_state, opt_state),
        applied=applied,
        gradient_norm=norm,
    )


def keep_where(applied: Array, new: PyTree, old: PyTree) -> PyTree:
    """Return ``new`` where the update was applied, else ``old``."""
    return jax.tree.map(lambda a, b: jnp.where(applied, a, b), new, old)


def moving_average(average: PyTree, params: PyTree, decay: Array, applied: Array) -> PyTree:
    """Return ``decay average + (1 - decay) params``, unchanged where the update was skipped."""
    return keep_where(applied, optax.incremental_update(params, average, 1.0 - decay), average)


def count_skips(stats: dict[str, Any], name: str, applied: Array) -> dict[str, Any]:
    """Return the stats with the counters of ``name`` moved on."""
    skipped = 1 - applied.astype(jnp.int32)
    in_row = stats["skipped_in_row"][name]
    return stats | {
        "skipped": stats["skipped"] | {name: stats["skipped"][name] + skipped},
        "skipped_in_row": stats["skipped_in_row"] | {name: (in_row + 1) * skipped},
    }


def value_and_gradient(
    loss: LossFunction, params: PyTree, inputs: tuple[PyTree, ...], *, parts: int
) -> tuple[Array, dict[str, Array], PyTree]:
    """Return loss, terms and gradient, averaged over ``parts`` of the batch taken one after the other.

    Part j is ``inputs[j::parts]``: a strided cut leaves every device its own rows, and pairs stay pairs.
    """
    gradient_of = jax.value_and_grad(loss, has_aux=True)
    if parts == 1:
        (value, terms), gradient = gradient_of(params, *inputs)
        return value, terms, gradient
    cut = jax.tree.map(lambda x: jnp.moveaxis(x.reshape(x.shape[0] // parts, parts, *x.shape[1:]), 1, 0), inputs)

    def one_part(total: PyTree, part: tuple[PyTree, ...]) -> tuple[PyTree, None]:
        return jax.tree.map(jnp.add, total, _reorder(gradient_of(params, *part))), None

    part = jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape[1:], x.dtype), cut)
    shapes = jax.eval_shape(lambda part: _reorder(gradient_of(params, *part)), part)
    zeros = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shapes)
    # XLA's CPU loops run the gradients of convolutions some thirty times slower than straight code does.
    unroll = parts if jax.default_backend() == "cpu" else 1
    total, _ = jax.lax.scan(one_part, zeros, cut, unroll=unroll)
    return jax.tree.map(lambda x: x / parts, total)


def _reorder(result: tuple[tuple[Array, dict[str, Array]], PyTree]) -> tuple[Array, dict[str, Array], PyTree]:
    (value, terms), gradient = result
    return value, terms, gradient
