"""Files that belong together: what one of them refers to, and another one registers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from gen_jax.azure.complaint import Finding
from gen_jax.azure.documents import Document

PLACES = {
    "environment": ("environment",),
    "model": ("model", "path"),
    "data": ("path",),
    "component": ("component",),
}
"""Kind of what is registered -> the keys that refer to it."""

Registered = Mapping[tuple[str, str], frozenset[str]]
"""(kind, name) -> the versions that the files give it."""


def registered(documents: Iterable[tuple[Document, str]]) -> Registered:
    """Return what a set of files registers; what has no version is left out, as Azure counts it up."""
    versions: dict[tuple[str, str], frozenset[str]] = {}
    for document, kind in documents:
        name, version = document.data.get("name"), document.data.get("version")
        if kind in PLACES and isinstance(name, str) and version is not None:
            versions[kind, name] = versions.get((kind, name), frozenset()) | {str(version)}
    return versions


def version_findings(document: Document, known: Registered) -> Iterator[Finding]:
    """Yield the references to a version that none of the files registers, though one registers the name."""
    for key, value in document.leaves():
        match = re.fullmatch(r"azureml:([^:@/\s]+):([^:@/\s]+)", value) if isinstance(value, str) else None
        if match is None:
            continue
        for kind, places in PLACES.items():
            versions = known.get((kind, match[1]))
            if versions and key[-1] in places and match[2] not in versions:
                reason = f"{value!r}: the files register {kind} {match[1]} in version {', '.join(sorted(versions))}"
                yield Finding(key, reason, "name that version, or register this one")
