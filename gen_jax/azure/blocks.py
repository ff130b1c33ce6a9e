"""The parts of a file that the rules look at: commands with what they declare, and pipelines with their steps."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeGuard

from gen_jax.azure.complaint import Key
from gen_jax.azure.documents import Document, read
from gen_jax.azure.kinds import kind_of

Map = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Command:
    """Something with a ``command`` line: a job, a component, the trial of a sweep, a step of a pipeline."""

    at: Key
    """Where it stands in the file."""
    data: Map
    inputs: Map
    outputs: Map
    search_space: Map
    is_component: bool
    scope: Key = ()
    """Where its inputs and outputs are declared; for the trial of a sweep, the sweep."""


@dataclasses.dataclass(frozen=True)
class Pipeline:
    """A pipeline job or component."""

    at: Key
    data: Map
    is_component: bool

    @property
    def inputs(self) -> Map:
        """What the pipeline takes."""
        return mapping(self.data, "inputs")

    @property
    def outputs(self) -> Map:
        """What the pipeline gives."""
        return mapping(self.data, "outputs")

    @property
    def jobs(self) -> Map:
        """Its steps, by name."""
        return mapping(self.data, "jobs")

    def steps(self) -> Iterator[tuple[Key, str, Map]]:
        """Yield (key, name, step); steps that are no mapping are the SDK's to complain of."""
        for name, step in self.jobs.items():
            if isinstance(step, dict):
                yield (*self.at, "jobs", name), name, step


def mapping(data: Any, key: str) -> Map:
    """Return a mapping of the file, or an empty one."""
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def commands(document: Document, kind: str) -> Iterator[Command]:
    """Yield everything in a file that has a command line."""
    data = document.data
    if kind == "component":
        yield from _in_component((), data)
    elif kind == "job":
        yield from _in_job((), data)
    for pipeline in pipelines(document, kind):
        for key, _, step in pipeline.steps():
            if isinstance(step.get("component"), dict):
                yield from _in_component((*key, "component"), step["component"])
            elif step.get("type") != "pipeline":
                yield from _in_job(key, step)


def _in_job(key: Key, data: Map) -> Iterator[Command]:
    trial = data.get("trial")
    if data.get("type") == "sweep" and isinstance(trial, dict):
        inputs, outputs, space = (mapping(data, name) for name in ("inputs", "outputs", "search_space"))
        yield Command((*key, "trial"), trial, inputs, outputs, space, is_component=False, scope=key)
    elif "command" in data:
        inputs, outputs = mapping(data, "inputs"), mapping(data, "outputs")
        yield Command(key, data, inputs, outputs, {}, is_component=False, scope=key)


def _in_component(key: Key, data: Map) -> Iterator[Command]:
    if "command" in data:
        yield Command(key, data, mapping(data, "inputs"), mapping(data, "outputs"), {}, is_component=True, scope=key)


def pipelines(document: Document, kind: str) -> Iterator[Pipeline]:
    """Yield the pipelines of a file: itself, and those written out inside it."""
    if kind in ("job", "component"):
        yield from _pipelines((), document.data, kind == "component")


def _pipelines(key: Key, data: Any, is_component: bool) -> Iterator[Pipeline]:
    if not isinstance(data, dict) or not isinstance(data.get("jobs"), dict):
        return
    pipeline = Pipeline(key, data, is_component)
    yield pipeline
    for at, _, step in pipeline.steps():
        yield from _pipelines(at, step, True)
        yield from _pipelines((*at, "component"), step.get("component"), True)


def jobs(document: Document, kind: str) -> Iterator[tuple[Key, Map]]:
    """Yield every job and every step: what has ``resources``, ``compute`` and ``limits``."""
    if kind in ("job", "component") and isinstance(document.data, dict):
        yield (), document.data
    for pipeline in pipelines(document, kind):
        for key, _, step in pipeline.steps():
            yield key, step
            if isinstance(step.get("component"), dict):
                yield (*key, "component"), step["component"]


def component_of(document: Document, reference: Any) -> Map | None:
    """Return the component that a step or trial names by a local path or writes out; None for a registered one."""
    if isinstance(reference, dict):
        return reference
    path = local_path(reference)
    if path is None:
        return None
    file = document.folder / path
    if not file.is_file():
        return None
    data = read(file).data
    return data if kind_of(data) == "component" else None


def is_whole(value: Any) -> TypeGuard[int]:
    """Whether a value is a whole number; YAML's true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a value is a number; YAML's true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def local_path(value: Any) -> Path | None:
    """Return the path of a text that names something on this machine; None for a URI or a registered asset."""
    if not isinstance(value, str) or not value or "${{" in value or "{{" in value:
        return None
    text = value.removeprefix("file:") if value.startswith("file:") else value
    if text.startswith("//"):
        text = text[2:]
    scheme = text.split(":", 1)[0] if ":" in text else ""
    # One letter before a colon is a drive of Windows.
    if len(scheme) > 1 and "/" not in scheme and "\\" not in scheme:
        return None
    return Path(text.replace("\\", "/"))
