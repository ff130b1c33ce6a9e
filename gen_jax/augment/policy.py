"""What a random policy is: a frozen description, and a pure function of images and a key.

A policy imports the edits where it does them: data configurations name policies, and are read without them.
"""

from __future__ import annotations

import abc
import functools
import math
from typing import Any, ClassVar, TypeAlias

import jax
import jax.numpy as jnp
from jax import Array

from gen_jax.errors import UserError

Span: TypeAlias = float | tuple[float, float]
"""A range to draw from: one number, whose meaning its field says, or (least, most)."""


class Policy(abc.ABC):
    """A random edit of images; each image of a batch gets a random parameter of its own."""

    kind: Any
    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}

    def apply(self, images: Array, key: Array) -> Array:
        """Return the images edited at random.

        Args:
          images: [b, h, w, c], uint8 in [0, 255] or float32 in [0, 1].
          key: of jax.random; the same key gives the same result.

        Returns:
          The same dtype, and the same shape unless the policy has a size.
        """
        return _applied(self, images, key)

    @abc.abstractmethod
    def edit(self, images: Array, key: Array) -> Array:
        """Do the work of ``apply``, inside a compiled function."""


class LabelPolicy(abc.ABC):
    """A random edit that mixes images, and their labels with them."""

    kind: Any
    num_classes: int
    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}

    def apply(self, images: Array, labels: Array, key: Array) -> tuple[Array, Array]:
        """Return mixed images and their labels.

        Args:
          images: [b, h, w, c], uint8 in [0, 255] or float32 in [0, 1].
          labels: int [b] in [0, num_classes), or shares float [b, num_classes].
          key: of jax.random.

        Returns:
          The images, and float32 [b, num_classes]: the share of each class.

        Raises:
          UserError: whole labels, and ``num_classes`` is 0.
        """
        return _mixed(self, images, labels, key)

    @abc.abstractmethod
    def mix(self, images: Array, shares: Array, key: Array) -> tuple[Array, Array]:
        """Do the work of ``apply``; ``shares`` is [b, k]."""


@functools.partial(jax.jit, static_argnums=0)
def _applied(policy: Policy, images: Array, key: Array) -> Array:
    return policy.edit(images, key)


@functools.partial(jax.jit, static_argnums=0)
def _mixed(policy: LabelPolicy, images: Array, labels: Array, key: Array) -> tuple[Array, Array]:
    if jnp.issubdtype(labels.dtype, jnp.integer):
        if policy.num_classes < 1:
            raise UserError(f"{policy.kind}.num_classes is {policy.num_classes}; whole labels need their number")
        labels = jax.nn.one_hot(labels, policy.num_classes, dtype=jnp.float32)
    return policy.mix(images, labels.astype(jnp.float32), key)


def check_number(name: str, value: Any, low: float, high: float = math.inf) -> None:
    """Raise UserError where a number, or one of several, is not finite or outside [low, high]."""
    for number in value if isinstance(value, tuple | list) else (value,):
        if not (isinstance(number, int | float) and math.isfinite(number) and low <= number <= high):
            limit = f"from {low:g} up" if high == math.inf else f"from {low:g} to {high:g}"
            raise UserError(f"{name} is {value}; allowed are numbers {limit}")


def check_span(name: str, value: Any, low: float, high: float = math.inf) -> None:
    """Raise UserError where (least, most) is no range inside [low, high]."""
    check_number(name, value, low, high)
    if isinstance(value, tuple | list) and (len(value) != 2 or value[0] > value[1]):
        raise UserError(f"{name} is {value}; allowed is (least, most)")


def in_range(images: Array) -> Array:
    """Return float images cut to [0, 1], as whole levels are by their type; between two changes of color."""
    return images if images.dtype == jnp.uint8 else jnp.clip(images, 0.0, 1.0)


def either_way(span: Span) -> tuple[float, float]:
    """Return (least, most): a number ``d`` means from -d to d."""
    return (span[0], span[1]) if isinstance(span, tuple | list) else (-span, span)


def uniform(key: Array, count: int, span: tuple[float, float]) -> Array:
    """Return float32 [count], each drawn evenly from a range."""
    return jax.random.uniform(key, (count,), minval=span[0], maxval=span[1])


def chance(key: Array, count: int, probability: float) -> Array:
    """Return bool [count, 1, 1, 1], each true with a probability."""
    return jax.random.bernoulli(key, probability, (count, 1, 1, 1))
