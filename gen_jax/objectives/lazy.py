"""Terms that are computed at some steps only (lazy regularisation, arXiv 1912.04958, section 3.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import jax
import jax.numpy as jnp
from jax import Array

T = TypeVar("T")

Due = bool | Array
"""Whether a term is computed at this step: known while the program is compiled, or only while it runs."""


def due_at(step: Array, every: int, *, known: Mapping[str, bool] | None, name: str) -> Due:
    """Return whether the term ``name`` is due: as ``known`` says, else every so many steps, the first included."""
    if every == 1:
        return True
    return step % every == 0 if known is None else known[name]


def when(due: Due, compute: Callable[[], T], otherwise: T) -> T:
    """Return ``compute()`` where it is due, else ``otherwise``, of the same structure.

    Where that is known while compiling there is no branch in the program: XLA's CPU backend runs the gradients of
    convolutions inside a branch some forty times slower than outside.
    """
    if isinstance(due, bool):
        return compute() if due else otherwise
    return jax.lax.cond(due, compute, lambda: otherwise)


def zeros_like(compute: Callable[[], T]) -> T:
    """Return zeros of what ``compute`` returns, without computing it."""
    return jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), jax.eval_shape(compute))
