"""From numbers to uint8 images with any LatentModel: the functions that ``latent/decode.py`` runs in chunks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from jax import Array
from jax.typing import ArrayLike

from gen_jax import pixels
from gen_jax.latent.draw import draw
from gen_jax.latent.interpolate import CURVES, Curve, Frames
from gen_jax.types import LatentModel, PyTree

Bind = Callable[[PyTree], LatentModel]
"""``bind(weights) -> model``, called inside the compiled function."""


class Source(NamedTuple):
    """What all images of a set share; new values never recompile."""

    weights: PyTree
    key: Array
    """Latent ``i`` is drawn with ``fold_in(key, i)``."""
    temperature: ArrayLike = 1.0
    truncation: ArrayLike | None = None
    """See ``draw``."""


class Wanted(NamedTuple):
    """Which images, one a row."""

    number: Any
    """int32 [b], on the host or a device: which image of the set."""
    labels: Any
    """int32 [b], or None for an unconditional model."""


class WantedBetween(NamedTuple):
    """Which frames between two images, one a row."""

    frames: Frames
    labels: Any


def make_sample(bind: Bind) -> Callable[[Source, Wanted], Array]:
    """Return ``sample(source, wanted) -> uint8 images [b, h, w, c]``."""

    def sample(source: Source, wanted: Wanted) -> Array:
        model = bind(source.weights)
        return pixels.from_signed(model.decode(_latents(model, source, wanted.number), wanted.labels))

    return sample


def make_interpolation(bind: Bind, *, curve: Curve = "spherical") -> Callable[[Source, WantedBetween], Array]:
    """Return ``between(source, wanted) -> uint8 images [b, h, w, c]``; the ends are what ``make_sample`` makes."""

    def between(source: Source, wanted: WantedBetween) -> Array:
        model, frames = bind(source.weights), wanted.frames
        start, end = (_latents(model, source, n) for n in (frames.start, frames.end))
        return pixels.from_signed(model.decode(CURVES[curve](start, end, frames.share), wanted.labels))

    return between


def _latents(model: LatentModel, source: Source, numbers: Array) -> PyTree:
    return draw(source.key, model.prior, numbers, temperature=source.temperature, truncation=source.truncation)
