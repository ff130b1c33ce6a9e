"""References to registered things: ``azureml:NAME:VERSION``, datastore paths, and what is neither."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gen_jax.azure.blocks import jobs, mapping, pipelines
from gen_jax.azure.complaint import Finding, Key
from gen_jax.azure.documents import Document

DATASTORE = re.compile(r"azureml://datastores/[^/]+/paths/.*", re.DOTALL)
LONG = re.compile(
    r"azureml://(?:subscriptions/[^/]+/resource[gG]roups/[^/]+/(?:providers/Microsoft\.MachineLearningServices/)?"
    r"workspaces/[^/]+/.+|registries/[^/]+/\w+/[^/]+/(?:versions|labels)/[^/]+|locations/.+|jobs/[^/]+/outputs/.+)",
    re.DOTALL,
)
VERSIONED = re.compile(r"azureml:[^:@/\s]+(?::[^:@\s]+|@[^:@\s]+)")
ARM = re.compile(r"azureml:/?/?subscriptions/.+", re.DOTALL)


def environments(document: Document, kind: str) -> Iterator[Finding]:
    """``azureml:NAME`` without a version loads, and is refused when it is sent."""
    for key, value in _values(document, kind, "environment"):
        if isinstance(value, str) and not _is_dynamic(value):
            yield from _asset(key, value, "environment")


def assets(document: Document, kind: str) -> Iterator[Finding]:
    """The same for models, components and data that are named by ``azureml:``."""
    for name in ("model", "component", "trial"):
        for key, value in _values(document, kind, name):
            if isinstance(value, str) and value.startswith("azureml:") and not _is_dynamic(value):
                yield from _asset(key, value, name)
    for key, value in _paths(document, kind):
        if isinstance(value, str) and value.startswith("azureml:") and not value.startswith("azureml://"):
            yield from _asset(key, value, "data asset")


def _asset(key: Key, value: str, what: str) -> Iterator[Finding]:
    if value.startswith("azureml://") or ARM.fullmatch(value):
        return
    if value.startswith("azureml:"):
        if value.count(":") == 1 and "@" not in value:
            name = value.removeprefix("azureml:")
            yield Finding(key, f"{value!r} names no version", f"write azureml:{name}:VERSION or azureml:{name}@latest")
        elif not VERSIONED.fullmatch(value):
            yield Finding(key, f"{value!r} is no reference", "write azureml:NAME:VERSION or azureml:NAME@latest")
        elif "@" in value and value.rsplit("@", 1)[1] != "latest":
            yield Finding(key, f"{value!r} has a label that is not latest", "write @latest, or :VERSION")
    elif what == "environment" and re.fullmatch(r"[A-Za-z0-9_.-]+(?:[:@][A-Za-z0-9_.-]+)?", value):
        yield Finding(
            key, f"{value!r} lacks azureml:", f"write azureml:{value if ':' in value else value + ':VERSION'}"
        )


def datastore_paths(document: Document, kind: str) -> Iterator[Finding]:
    """``azureml://datastores/NAME/paths/...``: a word that is missing or misspelt is found when the job starts."""
    for key, value in document.leaves():
        if not isinstance(value, str) or not value.startswith("azureml://") or " " in value.strip():
            continue
        if (
            not DATASTORE.fullmatch(value)
            and not LONG.fullmatch(value)
            and not value.startswith("azureml://registries/")
        ):
            yield Finding(key, f"{value!r} is no address that Azure knows",
                          "write azureml://datastores/NAME/paths/PATH")  # fmt: skip
        elif value.startswith("azureml://registries/") and not LONG.fullmatch(value) and "code" not in key:
            yield Finding(key, f"{value!r} names no version",
                          "write azureml://registries/REGISTRY/environments/NAME/versions/VERSION")  # fmt: skip


def computes(document: Document, kind: str) -> Iterator[Finding]:
    """A compute is ``azureml:NAME``: it has no version, and no path."""
    for key, value in _computes(document, kind):
        if not isinstance(value, str) or _is_dynamic(value) or "/" in value or value in ("local", "serverless"):
            continue
        name = value.removeprefix("azureml:")
        if ":" in name or "@" in name:
            yield Finding(
                key, f"{value!r} has a version, and a compute has none", f"write azureml:{name.split(':')[0]}"
            )
        elif not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
            yield Finding(key, f"{name!r} is no name of a compute", "use letters, digits and -")


def _computes(document: Document, kind: str) -> Iterator[tuple[Key, Any]]:
    for at, job in jobs(document, kind):
        if "compute" in job:
            yield (*at, "compute"), job["compute"]
    for pipeline in pipelines(document, kind):
        settings = mapping(pipeline.data, "settings")
        if "default_compute" in settings:
            yield (*pipeline.at, "settings", "default_compute"), settings["default_compute"]
    if kind == "batch deployment" and "compute" in document.data:
        yield ("compute",), document.data["compute"]


def _values(document: Document, kind: str, name: str) -> Iterator[tuple[Key, Any]]:
    """Yield the values of a key at the places where it is a reference."""
    if kind in ("online deployment", "batch deployment", "schedule") and name in document.data:
        yield (name,), document.data[name]
    for at, _ in jobs(document, kind):
        for path in ((), ("trial",), ("task",)):
            value = document.at((*at, *path))
            if isinstance(value, dict) and name in value:
                yield (*at, *path, name), value[name]
    for pipeline in pipelines(document, kind):
        settings = mapping(pipeline.data, "settings")
        if name in settings:
            yield (*pipeline.at, "settings", name), settings[name]


def _paths(document: Document, kind: str) -> Iterator[tuple[Key, Any]]:
    for at, job in jobs(document, kind):
        for name, value in mapping(job, "inputs").items():
            if isinstance(value, dict) and "path" in value:
                yield (*at, "inputs", name, "path"), value["path"]


def _is_dynamic(value: str) -> bool:
    return "${{" in value or "{{" in value or value.startswith("$")


RULES = (environments, assets, datastore_paths, computes)
