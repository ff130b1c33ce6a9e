"""From numbers to uint8 images with any LatentModel: the stages that ``latent/decode.py`` runs in chunks.

``draw -> (move along a way) -> entrance -> (shift) -> synthesis``. Each is compiled on its own, so that a latent
that was saved, or made in another manner, gives the very image that it came from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
from jax import Array
from jax.typing import ArrayLike

from gen_jax import pixels, rng
from gen_jax.latent.draw import draw
from gen_jax.latent.interpolate import Curve, Frames, Way, point
from gen_jax.latent.styles import entrance, has_styles
from gen_jax.types import Latent, LatentModel, PyTree

Bind = Callable[[PyTree], LatentModel]
"""``bind(weights) -> model``, called inside the compiled function."""

STREAM = "sample"
"""Of the latents of ``gen-jax sample --seed``: their key is ``rng.stream(seed, STREAM)``."""


class Source(NamedTuple):
    """What all images of a set share; new values never recompile."""

    weights: PyTree
    key: Array | None = None
    """Latent ``i`` is drawn with ``fold_in(key, i)``."""
    temperature: ArrayLike = 1.0
    truncation: ArrayLike | None = None
    """Of a StyleModel psi of ``truncate_styles``, of any other the threshold of ``draw.truncate``."""
    cutoff: ArrayLike | None = None
    """Styles that the truncation of a StyleModel moves; None moves all."""
    way: Way | None = None
    """What frames lie between."""
    shift: Array | None = None
    """Added to what the synthesis starts from: [n, w] of a StyleModel, else [z]."""


class Wanted(NamedTuple):
    """Which images, one a row."""

    number: Any
    """int32 [b], on the host or a device: which image of the set."""
    labels: Any
    """int32 [b], or None for an unconditional model."""
    seed: Any = None
    """uint32 [b]: the seed of the set that each is an image of; None takes the key of the source for all."""
    temperature: Any = None
    """float32 [b]; None takes that of the source for all, here and below."""
    truncation: Any = None
    """float32 [b]."""
    cutoff: Any = None
    """int32 [b]; of a StyleModel alone."""


class WantedBetween(NamedTuple):
    """Which frames between two latents of a way, one a row."""

    frames: Frames
    labels: Any


class Coded(NamedTuple):
    """Latents on their way to images, one a row."""

    latent: Latent
    """Before the entrance what ``prior`` gives; after it styles [b, n, w] where the model has them."""
    labels: Any
    truncation: Any = None
    """float32 [b], of a StyleModel before the entrance; None takes that of the source for all, here and below."""
    cutoff: Any = None
    """int32 [b]."""


def make_draw(bind: Bind) -> Callable[[Source, Wanted], Coded]:
    """Return ``draw(source, wanted) -> latents``."""

    def drawn(source: Source, wanted: Wanted) -> Coded:
        model, key = bind(source.weights), source.key
        if wanted.seed is not None:
            key = jax.vmap(lambda seed: rng.stream(seed, STREAM))(wanted.seed)
        assert key is not None
        temperature = _own(wanted.temperature, source.temperature)
        if has_styles(model):
            latent = draw(key, model.prior, wanted.number, temperature=temperature)
            return Coded(latent, wanted.labels, wanted.truncation, wanted.cutoff)
        truncation = _own(wanted.truncation, source.truncation)
        return Coded(
            draw(key, model.prior, wanted.number, temperature=temperature, truncation=truncation), wanted.labels
        )

    return drawn


def make_between(curve: Curve) -> Callable[[Source, WantedBetween], Coded]:
    """Return ``between(source, wanted) -> latents`` along ``source.way``."""

    def between(source: Source, wanted: WantedBetween) -> Coded:
        assert source.way is not None
        return Coded(point(source.way, wanted.frames, curve), wanted.labels)

    return between


def make_entrance(bind: Bind) -> Callable[[Source, Coded], Coded]:
    """Return ``enter(source, latents) -> styles``, truncated, where the model has them, else the same latents."""

    def enter(source: Source, coded: Coded) -> Coded:
        model, (latent, labels, truncation, cutoff) = bind(source.weights), coded
        truncation, cutoff = _own(truncation, source.truncation), _own(cutoff, source.cutoff)
        return Coded(entrance(model, latent, labels, truncation=truncation, cutoff=cutoff), labels)

    return enter


def make_mapping(bind: Bind) -> Callable[[Source, Coded], Array]:
    """Return ``mapping(source, latents) -> style [b, w]`` of a StyleModel: one an image, not truncated."""

    def mapping(source: Source, coded: Coded) -> Array:
        model: Any = bind(source.weights)
        return model.map(coded.latent, coded.labels)

    return mapping


def shift(source: Source, coded: Coded) -> Coded:
    """Add ``source.shift`` to what has gone through the entrance."""
    assert source.shift is not None
    return Coded(coded.latent + source.shift[None], coded.labels)


def make_synthesis(bind: Bind) -> Callable[[Source, Coded], Array]:
    """Return ``synthesis(source, coded) -> uint8 images [b, h, w, c]`` of what has gone through the entrance."""

    def synthesis(source: Source, coded: Coded) -> Array:
        model: Any = bind(source.weights)
        if has_styles(model):
            return pixels.from_signed(model.synthesize(coded.latent))
        return pixels.from_signed(model.decode(coded.latent, coded.labels))

    return synthesis


def make_sample(bind: Bind) -> tuple[Callable[[Any, Any], Any], ...]:
    """Return the stages from ``Wanted`` to uint8 images [b, h, w, c]; each takes a ``Source`` first."""
    return make_draw(bind), make_entrance(bind), make_synthesis(bind)


def _own(own: Any, shared: Any) -> Any:
    return shared if own is None else own
