"""Ways from one latent to another, and the frames along them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.types import Latent

Curve = Literal["spherical", "linear", "smooth"]


class Frames(NamedTuple):
    """Frame ``f`` lies at ``share[f]`` of the way from latent number ``start[f]`` to ``end[f]``.

    Arrays [f], on the host or a device.
    """

    start: Any
    end: Any
    share: Any
    """float32 in [0, 1]."""


class Way(NamedTuple):
    """Latents to pass through in order, and from the last on to the first; leaves [n, ...]."""

    keys: Latent
    slopes: Latent | None = None
    """Of the smooth curve at each of them, a step being the unit of time; see ``slopes``."""


def point(way: Way, frames: Frames, curve: Curve) -> Latent:
    """Return the latents of some frames, leaves [f, ...]; frame 0 of each step is its key bit for bit."""

    def ends(latents: Latent) -> tuple[Latent, Latent]:
        start, end = (jax.tree.map(lambda leaf, at=at: leaf[at], latents) for at in (frames.start, frames.end))
        return start, end

    if curve == "smooth":
        return smooth(*ends(way.keys), frames.share, slopes=ends(way.slopes))
    return CURVES[curve](*ends(way.keys), frames.share)


def linear(start: Latent, end: Latent, share: Array) -> Latent:
    """``(1 - t) a + t b`` for each image.

    Args:
      start: a, a pytree with leaves [b, ...].
      end: b, of the same shapes.
      share: t, float [b].
    """

    def mix(a: Array, b: Array) -> Array:
        t = _column(share, a)
        return (1.0 - t) * a + t * b

    return jax.tree.map(mix, start, end)


def spherical(start: Latent, end: Latent, share: Array) -> Latent:
    """``(sin((1 - t) w) a + sin(t w) b) / sin(w)`` for each image, ``cos(w) = <a, b> / (|a| |b|)``.

    The way along the sphere (Shoemake 1985), on which a Gaussian of many dimensions has its mass; the straight
    way cuts through the inside, where the model has seen nothing (White, arXiv 1609.04468, section 2.1). Where
    the angle w has no sine (a and b parallel, opposite, or zero) the way is straight. A latent of several leaves
    goes its own way in each.

    Args:
      start: a, a pytree with leaves [b, ...].
      end: b, of the same shapes.
      share: t, float [b].
    """

    def mix(a: Array, b: Array) -> Array:
        t = _column(share, a)
        axes = tuple(range(1, a.ndim))
        dot = jnp.sum(a * b, axis=axes, keepdims=True)
        norms = jnp.sqrt(jnp.sum(a * a, axis=axes, keepdims=True) * jnp.sum(b * b, axis=axes, keepdims=True))
        angle = jnp.arccos(jnp.clip(dot / jnp.where(norms > 0, norms, 1.0), -1.0, 1.0))
        sine = jnp.sin(angle)
        straight = (sine < 1e-3) | (norms == 0)
        safe = jnp.where(straight, 1.0, sine)
        of_a = jnp.where(straight, 1.0 - t, jnp.sin((1.0 - t) * angle) / safe)
        of_b = jnp.where(straight, t, jnp.sin(t * angle) / safe)
        return of_a * a + of_b * b

    return jax.tree.map(mix, start, end)


def smooth(start: Latent, end: Latent, share: Array, *, slopes: tuple[Latent, Latent]) -> Latent:
    """``(1 + 2 t) u^2 a + t u^2 a' + (1 + 2 u) t^2 b - u t^2 b'`` for each image, ``u = 1 - t``.

    The cubic of Hermite; with the slopes of ``slopes`` its pieces join into one curve without kinks. Being a weighted
    sum of latents it comes a little inside the sphere on which a Gaussian has its mass, less than a straight way.

    Args:
      start: a, a pytree with leaves [b, ...].
      end: b, of the same shapes.
      share: t, float [b].
      slopes: a' and b', of the same shapes.
    """

    def mix(a: Array, b: Array, a_slope: Array, b_slope: Array) -> Array:
        t = _column(share, a)
        u = 1.0 - t
        values = (1.0 + 2.0 * t) * u * u * a + (1.0 + 2.0 * u) * t * t * b
        return values + t * u * (u * a_slope - t * b_slope)

    return jax.tree.map(mix, start, end, *slopes)


def slopes(keys: Latent) -> Latent:
    """Return the slopes that make the closed curve through the keys twice differentiable: the periodic cubic spline.

    They solve ``m[i-1] + 4 m[i] + m[i+1] = 3 (x[i+1] - x[i-1])``, indices modulo n (de Boor, A Practical Guide to
    Splines, chapter IV, with equal steps).

    Args:
      keys: x, leaves [n, ...] on the host, n at least 2.

    Returns:
      float32 leaves [n, ...].
    """

    def solve(leaf: np.ndarray) -> np.ndarray:
        x, one = np.asarray(leaf, np.float64).reshape(len(leaf), -1), np.eye(len(leaf))
        system = 4.0 * one + np.roll(one, 1, axis=0) + np.roll(one, -1, axis=0)
        rise = 3.0 * (np.roll(x, -1, axis=0) - np.roll(x, 1, axis=0))
        return np.linalg.solve(system, rise).reshape(leaf.shape).astype(np.float32)

    return jax.tree.map(solve, keys)


CURVES: dict[str, Callable[[Latent, Latent, Array], Latent]] = {"spherical": spherical, "linear": linear}
"""Name -> ``curve(start, end, share)``, for the curves that need no more than two latents."""


def rows(count: int, steps: int) -> Frames:
    """Return a row of ``steps + 1`` frames, both ends included, for each pair of neighbours of ``count`` latents.

    Args:
      count: of latents, at least 2.
      steps: from one latent to the next, at least 1.

    Returns:
      ``(count - 1) * (steps + 1)`` frames, row after row.
    """
    share = np.arange(steps + 1, dtype=np.float32) / np.float32(steps)
    start = np.repeat(np.arange(count - 1, dtype=np.int32), steps + 1)
    return Frames(start, start + 1, np.tile(share, count - 1))


def loop(count: int, steps: int) -> Frames:
    """Return frames through ``count`` latents and back to the first, none of them twice: a film that repeats.

    Args:
      count: of latents, at least 2.
      steps: from one latent to the next, at least 1.

    Returns:
      ``count * steps`` frames; frame ``steps * i`` is latent ``i``.
    """
    share = np.arange(steps, dtype=np.float32) / np.float32(steps)
    start = np.repeat(np.arange(count, dtype=np.int32), steps)
    return Frames(start, (start + 1) % count, np.tile(share, count))


def _column(share: Array, leaf: Array) -> Array:
    return share.reshape(-1, *[1] * (leaf.ndim - 1)).astype(leaf.dtype)
