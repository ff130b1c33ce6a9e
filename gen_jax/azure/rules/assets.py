"""Names and versions of what is registered, the type a file says it has, and the schema it names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from gen_jax.azure.blocks import mapping
from gen_jax.azure.complaint import Finding
from gen_jax.azure.documents import Document
from gen_jax.azure.kinds import OTHER_SCHEMAS, SCHEMAS, schema_name

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")
TYPE_OF_SCHEMA = {
    "commandJob": "command",
    "sweepJob": "sweep",
    "pipelineJob": "pipeline",
    "commandComponent": "command",
    "pipelineComponent": "pipeline",
    "amlCompute": "amlcompute",
    "computeInstance": "computeinstance",
}
"""Name of a schema -> the ``type`` that goes with it; without one, Azure takes ``command``."""


def names(document: Document, kind: str) -> Iterator[Finding]:
    """The service refuses names that the schema takes."""
    if kind not in ("component", "environment", "data", "model", "job", "datastore", "schedule"):
        return
    value = document.data.get("name")
    if isinstance(value, str) and not re.search(r"[${<]", value) and not NAME.fullmatch(value):
        yield Finding(("name",), f"{value!r} is no name for it", "use letters, digits, -, _ and ., without spaces")
    version = document.data.get("version")
    if isinstance(version, str) and not re.search(r"[${<]", version) and not NAME.fullmatch(version):
        yield Finding(("version",), f"{version!r} is no version", "use letters, digits, -, _ and .")


def component_names(document: Document, kind: str) -> Iterator[Finding]:
    """Names of components become names of Python functions."""
    value = document.data.get("name") if kind == "component" else None
    if isinstance(value, str) and NAME.fullmatch(value) and not re.fullmatch(r"[a-z][a-z0-9_]*", value):
        yield Finding(
            ("name",),
            f"{value!r} is no name of a component",
            "use small letters, digits and _, and begin with a letter",
        )


def schema_and_type(document: Document, kind: str) -> Iterator[Finding]:
    """The SDK goes by ``type`` and never looks at ``$schema``; an editor goes by ``$schema``."""
    name = schema_name(document.data)
    if name is None:
        return
    if name.lower() not in SCHEMAS and name.lower() not in OTHER_SCHEMAS:
        near = difflib.get_close_matches(name.lower(), SCHEMAS, n=1)
        remedy = f"perhaps you meant {near[0]}.schema.json" if near else "correct it, or take it out"
        yield Finding(("$schema",), f"{name!r} is no schema of Azure Machine Learning", remedy)
    expected = TYPE_OF_SCHEMA.get(name)
    given = document.data.get("type", "command" if kind in ("job", "component") else expected)
    if expected is not None and isinstance(given, str) and given.lower() != expected and given.isalpha():
        key = ("type",) if "type" in document.data else ("$schema",)
        yield Finding(
            key, f"the type is {given}, and $schema says {name}", f"write type: {expected}, or the other schema"
        )


def registered_outputs(document: Document, kind: str) -> Iterator[Finding]:
    """An output with a version and no name is registered nowhere."""
    for name, value in mapping(document.data, "outputs").items():
        if kind == "job" and isinstance(value, dict) and value.get("version") is not None and not value.get("name"):
            yield Finding(("outputs", name, "version"), "a version without a name registers nothing", "add name")


def one_job(document: Document, kind: str) -> Iterator[Finding]:
    """The name of a job is given once and for all: the same file is refused the second time."""
    if kind == "job" and document.data.get("name"):
        yield Finding(("name",), "a job of this name can be sent once", "take it out: display_name is what people read")


RULES = (names, component_names, schema_and_type, registered_outputs)

ADVICE = (one_job,)
