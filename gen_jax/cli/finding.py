"""Directions of the model of a run: from its weights or from samples, and the images along them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gen_jax import rng
from gen_jax.cli.ranges import parse_numbers
from gen_jax.cli.sample_plan import Request, latents_of, source_of
from gen_jax.errors import UserError
from gen_jax.io.models import LoadedModel
from gen_jax.latent.decode import make_decoder
from gen_jax.latent.directions import Directions, deviations, principal, regressed, sefa
from gen_jax.latent.entry import entry_weights
from gen_jax.latent.sample import Coded, Source, Wanted, make_draw, make_mapping, make_synthesis
from gen_jax.latent.styles import has_styles

if TYPE_CHECKING:
    from gen_jax.cli.directions_options import DirectionsCommand


def find(model: LoadedModel, command: DirectionsCommand) -> Directions:
    """Return the directions that a command asks for; strengths are standard deviations of the model's own latents.

    Raises:
      UserError: the model has no styles to choose from, or fewer directions than were asked for.
    """
    networks: Any = model.networks
    styled = has_styles(networks)
    if not styled and (command.layers is not None or command.truncation is not None):
        name = "layers" if command.layers is not None else "truncation"
        kind = model.experiment.model.kind
        raise UserError(f"--{name} {getattr(command, name)}: is for models with styles, and {kind} has none")
    size = networks.style_size if styled else networks.latent_size
    if command.num > size:
        raise UserError(f"--num {command.num}: the space has {size} dimensions; ask for no more")
    styles = None
    if command.layers is not None:
        styles = parse_numbers(command.layers, option="layers", below=networks.num_styles)
    kernels = [kernel[:size] for kernel in entry_weights(model.weights, model.experiment.model.kind)]
    chosen = kernels if styles is None else [kernels[style] for style in styles]
    points = _samples(model, command) if styled or command.method == "ganspace" else None
    if command.method == "sefa":
        vectors = sefa(chosen, num=command.num)
    elif styled:
        vectors = principal(_known(points), num=command.num)
    else:
        if command.num > chosen[0].shape[1]:
            raise UserError(f"--num {command.num}: the first layer has {chosen[0].shape[1]} outputs; ask for no more")
        vectors = regressed(_known(points), _known(points) @ chosen[0], num=command.num)
    # The latents of a model without styles are drawn from a unit Gaussian.
    strengths = deviations(_known(points), vectors) if styled else np.ones(len(vectors))
    return Directions(vectors.astype(np.float32), strengths.astype(np.float32), "w" if styled else "z", styles)


def shown(model: LoadedModel, command: DirectionsCommand, found: Directions) -> np.ndarray:
    """Return the images along the directions, uint8 [k, seeds * steps, h, w, c]."""
    networks: Any = model.networks
    styles = networks.num_styles if has_styles(networks) else None
    request = _request(model, command)
    saved = latents_of(model, request)
    amounts = np.linspace(-command.span, command.span, command.steps)
    shifts = np.stack([found.shift(k, a, num_styles=styles) for k in range(len(found.vectors)) for a in amounts])
    shifts = shifts.reshape(len(found.vectors), 1, command.steps, *shifts.shape[1:])
    moved = saved.latent[None, :, None] + shifts  # [k, seeds, steps, ...]
    labels = saved.labels
    if labels is not None:
        labels = np.broadcast_to(labels[None, :, None], moved.shape[:3]).reshape(-1)
    rows = Coded(moved.reshape(-1, *saved.latent.shape[1:]), labels)
    pictures = make_decoder(make_synthesis(model.bind))(source_of(model, request), rows)
    return pictures.reshape(len(found.vectors), -1, *pictures.shape[1:])


def _samples(model: LoadedModel, command: DirectionsCommand) -> np.ndarray:
    """Return ``--samples`` styles [n, w] of a model that has them, else latents [n, z]."""
    number = np.arange(command.samples, dtype=np.int32)
    classes = model.networks.num_classes
    labels = (number % classes).astype(np.int32) if classes else None
    if command.class_ is not None:
        labels = np.full_like(number, model.class_number(command.class_))
    source = Source(weights=model.weights, key=rng.stream(0, "directions"))
    if has_styles(model.networks):
        return make_decoder(make_draw(model.bind), make_mapping(model.bind))(source, Wanted(number, labels))
    return make_decoder(make_draw(model.bind))(source, Wanted(number, labels)).latent


def _request(model: LoadedModel, command: DirectionsCommand) -> Request:
    seeds = parse_numbers(command.seeds, option="seeds")
    return Request(
        kind="sheet",
        out=Path(),
        count=len(seeds),
        seed=0,
        seeds=seeds,
        label=None if command.class_ is None else model.class_number(command.class_),
        truncation=command.truncation,
    )


def _known(points: np.ndarray | None) -> np.ndarray:
    assert points is not None
    return points
