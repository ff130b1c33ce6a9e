"""What a request for images comes to: the stages from latents to images, what they share, and one row an image."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from gen_jax import rng
from gen_jax.io.latents import SavedLatents
from gen_jax.io.models import LoadedModel
from gen_jax.latent import interpolate
from gen_jax.latent.decode import make_decoder
from gen_jax.latent.sample import (
    STREAM,
    Coded,
    Source,
    Wanted,
    WantedBetween,
    make_between,
    make_draw,
    make_entrance,
    make_synthesis,
    shift,
)
from gen_jax.latent.styles import has_styles
from gen_jax.shard import Shard


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
    """Which images, and where to."""

    kind: Literal["sheet", "film", "npz", "folder"]
    out: Path
    count: int
    seed: int
    seeds: tuple[int, ...] | None = None
    """One image each, or one latent to pass through, instead of ``count`` of ``seed``."""
    latents: SavedLatents | None = None
    """Take these instead of drawing any; ``count`` is their number."""
    save_latents: Path | None = None
    label: int | None = None
    """Class of all images; None takes the classes in turn."""
    temperature: float = 1.0
    truncation: float | None = None
    cutoff: int | None = None
    """Styles that the truncation moves; None moves all."""
    shift: np.ndarray | None = None
    """Added to what the synthesis starts from."""
    steps: int | None = None
    """From latent to latent of an interpolation; None makes the images of the latents themselves."""
    curve: interpolate.Curve | None = None
    """None: linear in w, spherical in z."""
    space: Literal["z", "w"] | None = None
    """Where an interpolation runs; None: w where the model has styles."""
    format: Literal["png", "webp"] = "png"
    frames_per_second: float = 25.0
    scale: int | None = None
    """Of the pixels of a film."""
    batch: int = 256
    shard: Shard = dataclasses.field(default_factory=Shard)
    """Which images of a folder are this process's."""


class Plan(NamedTuple):
    """Images to be made: ``make_decoder(*stages)(source, rows)`` makes them."""

    stages: tuple[Any, ...]
    source: Source
    rows: Any
    labels: np.ndarray | None
    """int32, one an image; None of an unconditional model."""
    total: int
    """Images."""


def space_of(model: LoadedModel, request: Request) -> Literal["z", "w"]:
    """Return where an interpolation runs."""
    return request.space or ("w" if has_styles(model.networks) else "z")


def curve_of(model: LoadedModel, request: Request) -> interpolate.Curve:
    """Return the way of an interpolation from one latent to the next."""
    return request.curve or ("linear" if space_of(model, request) == "w" else "spherical")


def plan(model: LoadedModel, request: Request) -> Plan:
    """Return the images of a request."""
    source = source_of(model, request)
    begin, rows, entered = _origin(model, request)
    labels, total = rows.labels, request.count
    enter = () if entered else (make_entrance(model.bind),)
    if request.steps is not None:
        if space_of(model, request) == "w":
            begin, enter = (*begin, *enter), ()
        keys = make_decoder(*begin)(source, rows).latent if begin else rows.latent
        curve = curve_of(model, request)
        slopes = interpolate.slopes(keys) if curve == "smooth" else None
        source = source._replace(way=interpolate.Way(keys, slopes))
        rows = _frames(request, labels)
        begin, labels, total = (make_between(curve),), rows.labels, len(rows.frames.share)
    shifted = () if request.shift is None else (shift,)
    return Plan((*begin, *enter, *shifted, make_synthesis(model.bind)), source, rows, labels, total)


def source_of(model: LoadedModel, request: Request) -> Source:
    """Return what the images of a request share."""
    return Source(
        weights=model.weights,
        key=rng.stream(request.seed, STREAM),
        temperature=np.float32(request.temperature),
        truncation=None if request.truncation is None else np.float32(request.truncation),
        cutoff=None if request.cutoff is None else np.int32(request.cutoff),
        shift=request.shift,  # type: ignore[arg-type]
    )


def latents_of(model: LoadedModel, request: Request) -> SavedLatents:
    """Return the latents of a request, those of an interpolation being what it passes through.

    A model with styles has z and w, and w alone where a direction has moved it.
    """
    source = source_of(model, request)
    begin, rows, entered = _origin(model, request)
    styled = has_styles(model.networks)
    shifted = () if request.shift is None else (shift,)
    stages = (*begin, *(() if entered else (make_entrance(model.bind),)), *shifted)
    last = make_decoder(*stages)(source, rows).latent if stages else rows.latent
    first = None
    if styled and not entered and request.shift is None:
        first = make_decoder(*begin)(source, rows).latent if begin else rows.latent
    drawn = request.latents is None
    seeds = np.array(request.seeds or [request.seed] * request.count, np.int64)
    numbers = np.zeros(request.count, np.int64) if request.seeds else np.arange(request.count, dtype=np.int64)
    return SavedLatents(
        z=first if styled else last,
        w=last if styled else None,
        labels=rows.labels,
        seeds=seeds if drawn else None,
        numbers=numbers if drawn else None,
        run=model.experiment.name,
    )


def _origin(model: LoadedModel, request: Request) -> tuple[tuple[Any, ...], Any, bool]:
    """Return the stages that give latents, their rows, and whether the latents have gone through the entrance."""
    index = np.arange(request.count, dtype=np.int32)
    if request.latents is None:
        seeds = None if request.seeds is None else np.array(request.seeds, np.uint32)
        number = index if seeds is None else np.zeros_like(index)
        labels = _labels(number, request.label, model.networks.num_classes)
        return (make_draw(model.bind),), Wanted(number, labels, seeds), False
    labels = request.latents.labels
    if labels is None:
        labels = _labels(index, request.label, model.networks.num_classes)
    from_z = request.latents.w is None or (request.steps is not None and space_of(model, request) == "z")
    latent = request.latents.z if from_z else request.latents.w
    return (), Coded(latent, labels), not from_z


def _frames(request: Request, labels: np.ndarray | None) -> WantedBetween:
    """Return the frames of an interpolation; each has the class of the nearer of its two ends."""
    assert request.steps is not None
    path = interpolate.rows if request.kind == "sheet" else interpolate.loop
    frames = path(request.count, request.steps)
    nearer = np.where(frames.share < 0.5, frames.start, frames.end)
    return WantedBetween(frames, None if labels is None else labels[nearer])


def _labels(index: np.ndarray, label: int | None, num_classes: int) -> np.ndarray | None:
    if not num_classes:
        return None
    return (index % num_classes if label is None else np.full_like(index, label)).astype(np.int32)
