"""The models of a service: each under its name, its weights on the devices, and the programs that it runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from gen_jax.errors import UserError
from gen_jax.io.fingerprint import digest
from gen_jax.io.models import LoadedModel, load_model
from gen_jax.latent.decode import Decoder, make_decoder
from gen_jax.latent.reconstruct import make_reconstruct
from gen_jax.latent.sample import Source, make_sample
from gen_jax.serve.problem import Problem
from gen_jax.serve.settings import Settings
from gen_jax.types import PyTree

_FILES = ("folder", "zip", "array")


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class DecoderWork:
    """Rows through a Decoder, which is one program for any number of rows that one call holds."""

    signature: Hashable
    decoder: Decoder
    shared: PyTree
    """What the decoder shares among its rows, on the devices."""

    @property
    def most(self) -> int:
        """Rows a call: a chunk a device."""
        return self.decoder.rows_per_call

    def program(self, rows: int) -> Hashable:
        """Name the one program."""
        return self.signature

    def run(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Return the result of each row, a pytree of arrays or numbers that stand for one row of the decoder's."""
        made = self.decoder(self.shared, jax.tree.map(lambda *leaves: np.stack(leaves), *rows))
        return [jax.tree.map(lambda leaf, place=place: leaf[place], made) for place in range(len(rows))]


class Making(NamedTuple):
    """What a model makes images with; works of two signatures never share a call."""

    whole: DecoderWork
    """Takes ``Wanted`` rows without a truncation."""
    truncated: DecoderWork
    """Takes ``Wanted`` rows with one; it is not bit-equal to the other, whatever the truncation."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class ServedModel:
    """A model that answers requests."""

    name: str
    loaded: LoadedModel
    """Its weights are on the host; the works hold them on the devices."""
    making: Making
    reconstruction: DecoderWork | None
    """Takes ``Shown`` rows; None where the model has no encoder."""
    fingerprint: str
    """Of the weights."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; empty for an unconditional model."""
        return self.loaded.info.class_names if self.loaded.networks.num_classes else ()

    @property
    def abilities(self) -> tuple[str, ...]:
        """What may be asked of it."""
        return ("generate", "reconstruct") if self.reconstruction is not None else ("generate",)

    def class_number(self, label: str | int) -> int:
        """Return the class that a client named, by its name or by its number.

        Raises:
          Problem: the model is not conditional, or has no such class.
        """
        text = str(label)
        try:
            return self.loaded.class_number(text, option="class")
        except UserError as error:
            raise Problem("unprocessable", str(error).replace(text, shortened(text), 1)) from None

    def describe(self) -> dict[str, Any]:
        """Return what GET /models says of it."""
        loaded = self.loaded
        source = loaded.info.source
        weights = {name: tree for name, tree in loaded.weights.items() if name != "buffers"}
        return {
            "name": self.name,
            "kind": loaded.experiment.model.kind,
            "abilities": list(self.abilities),
            "image_shape": list(loaded.networks.image_shape),
            "classes": list(self.classes),
            "images_seen": loaded.images_seen,
            "parameters": sum(leaf.size for leaf in jax.tree.leaves(weights)),
            # Of a folder or a file not the path, which is nobody's business but the operator's.
            "data": Path(source).name if loaded.experiment.data.kind in _FILES else source,
            "weights": self.fingerprint,
        }


def open_models(settings: Settings) -> dict[str, ServedModel]:
    """Load the runs of a service; their weights move to the devices here, once.

    Returns:
      Name -> model, in the order of the settings.

    Raises:
      UserError: no such run, two of one name, or images larger than the limits allow.
    """
    models: dict[str, ServedModel] = {}
    for text in settings.runs:
        name, run = _named(text)
        loaded = load_model(run)
        name = name or loaded.run.name
        if name in models:
            raise UserError(
                f"run {run}: a model named {name} is served already, of {models[name].loaded.run.path}; "
                f"name this one otherwise, as in other={run}"
            )
        height, width, _ = loaded.networks.image_shape
        if height * width > settings.limits.output_pixels:
            raise UserError(
                f"run {run}: its images are {height}x{width}, and limits.output_pixels is "
                f"{settings.limits.output_pixels}; set it to {height * width} or more"
            )
        models[name] = serve_model(loaded, name=name, chunk=settings.batch)
    return models


def serve_model(loaded: LoadedModel, *, name: str, chunk: int) -> ServedModel:
    """Put a model on the devices; nothing is compiled yet.

    Args:
      loaded: the model.
      name: for clients.
      chunk: rows a call and device; CHUNK gives the bits of the commands.
    """
    sampler = _decoder(*make_sample(loaded.bind), chunk=chunk)
    source = sampler.put(Source(weights=loaded.weights))
    reconstruction = None
    if loaded.encodes:
        decoder = _decoder(make_reconstruct(loaded.bind), chunk=chunk)
        reconstruction = DecoderWork(signature=("reconstruct", name), decoder=decoder, shared=source.weights)
    return ServedModel(
        name=name,
        loaded=loaded,
        making=Making(
            whole=DecoderWork(signature=("generate", name), decoder=sampler, shared=source),
            truncated=DecoderWork(signature=("generate", name, "truncated"), decoder=sampler, shared=source),
        ),
        reconstruction=reconstruction,
        fingerprint=digest(loaded.weights),
    )


def _decoder(*stages: Any, chunk: int) -> Decoder:
    devices = jax.local_devices()
    return make_decoder(*stages, batch=chunk * len(devices), chunk=chunk, capacity=1, devices=devices)


def _named(text: str) -> tuple[str, str]:
    """Split ``NAME=RUN``; a run without a name, or whose path holds ``=``, gives an empty one."""
    name, equals, run = text.partition("=")
    return (name, run) if equals and name and "/" not in name else ("", text)


def shortened(text: str) -> str:
    """Return what a refusal repeats of a client's value."""
    return text if len(text) <= 60 else f"{text[:60]}..."
