"""Inputs and outputs: their types, literal values, ranges and modes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gen_jax.azure.blocks import Map, component_of, jobs, mapping, pipelines
from gen_jax.azure.complaint import Finding, Key
from gen_jax.azure.documents import Document
from gen_jax.azure.kinds import DATA_TYPES, LITERAL_TYPES, MODEL_TYPES

INPUT_MODES = ("ro_mount", "rw_mount", "download", "direct", "eval_mount", "eval_download", "mount")
OUTPUT_MODES = ("rw_mount", "upload", "direct", "mount")
BUILT_IN = ("name", "self", "type")


def component_inputs(document: Document, kind: str) -> Iterator[Finding]:
    """The SDK does not hold a component's default against its own type, range and choices."""
    for at, component in _components(document, kind):
        for name, declared in mapping(component, "inputs").items():
            if isinstance(declared, dict):
                yield from _range((*at, "inputs", name), declared)
                if "default" in declared:
                    yield from value_findings((*at, "inputs", name, "default"), declared["default"], declared)


def _components(document: Document, kind: str) -> Iterator[tuple[Key, Map]]:
    if kind == "component":
        yield (), document.data
    for at, job in jobs(document, kind):
        if at[-1:] == ("component",):
            yield at, job


def _range(key: Key, declared: Map) -> Iterator[Finding]:
    low, high = _number(declared.get("min")), _number(declared.get("max"))
    if low is not None and high is not None and low > high:
        yield Finding((*key, "min"), f"min {low:g} is above max {high:g}", "exchange them")
    for name in ("min", "max"):
        if name in declared and declared.get("type") in ("string", "boolean", *DATA_TYPES, *MODEL_TYPES):
            yield Finding((*key, name), f"a {declared.get('type')} has no {name}", "take it out, or make it a number")
    if "enum" in declared and declared.get("type") in ("integer", "number", "boolean", *DATA_TYPES, *MODEL_TYPES):
        yield Finding((*key, "enum"), f"a {declared.get('type')} has no choices", "make its type string")
    if declared.get("optional") is True and "default" not in declared:
        return
    if declared.get("type") in (*DATA_TYPES, *MODEL_TYPES) and "default" in declared:
        yield Finding((*key, "default"), "an input of files has no default", "give the path where it is used")


def value_findings(key: Key, value: Any, declared: Map) -> Iterator[Finding]:
    """Yield what is wrong with a literal value for an input that is declared so."""
    kind = declared.get("type")
    if isinstance(value, str) and "${{" in value:
        if kind in (*DATA_TYPES, *MODEL_TYPES) and not re.fullmatch(r"\s*\$\{\{[^{}]*\}\}\s*", value):
            yield Finding(
                key, f"{value!r} is more than one expression", "bind the whole input; join paths in the command"
            )
        return
    if isinstance(value, dict):
        yield from _not_literal(key, value, kind)
        return
    if kind in DATA_TYPES or kind in MODEL_TYPES:
        if not isinstance(value, str):
            yield Finding(key, f"{value!r} is no {kind}", "give a path, or azureml:NAME:VERSION")
        return
    number = _number(value)
    if kind in ("integer", "number") and number is None:
        yield Finding(key, f"{value!r} is no {kind}", "give a number")
    elif kind == "integer" and number is not None and number != int(number):
        yield Finding(key, f"{value!r} is no integer", "give a whole number, or make its type number")
    elif kind == "boolean" and not isinstance(value, bool) and str(value).lower() not in ("true", "false"):
        yield Finding(key, f"{value!r} is no boolean", "write true or false")
    yield from _limits(key, value, declared)


def _limits(key: Key, value: Any, declared: Map) -> Iterator[Finding]:
    number, low, high = _number(value), _number(declared.get("min")), _number(declared.get("max"))
    if number is not None and low is not None and number < low:
        yield Finding(key, f"{value!r} is below the minimum {low:g}", f"give {low:g} or more")
    if number is not None and high is not None and number > high:
        yield Finding(key, f"{value!r} is above the maximum {high:g}", f"give {high:g} or less")
    choices = declared.get("enum")
    if isinstance(choices, list) and str(value) not in map(str, choices):
        yield Finding(key, f"{value!r} is not one of {', '.join(map(str, choices))}", "take one of them")


def _not_literal(key: Key, value: Map, kind: Any) -> Iterator[Finding]:
    given = value.get("type")
    files = (*DATA_TYPES, *MODEL_TYPES)
    if (kind in LITERAL_TYPES and given in files) or (kind in DATA_TYPES and given in LITERAL_TYPES):
        yield Finding((*key, "type"), f"a {given} is given where the component takes a {kind}", f"give a {kind}")


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def step_inputs(document: Document, kind: str) -> Iterator[Finding]:
    """What a step gives a local component is held against what the component takes; the SDK looks at names too late."""
    for pipeline in pipelines(document, kind):
        for key, _, step in pipeline.steps():
            component = component_of(document, step.get("component"))
            if component is None or "component" not in step:
                continue
            declared, given = mapping(component, "inputs"), mapping(step, "inputs")
            for name, value in given.items():
                if name not in declared:
                    known = ", ".join(map(str, declared)) or "nothing"
                    yield Finding((*key, "inputs", name), f"the component has no input {name!r}", f"it takes {known}")
                elif isinstance(declared[name], dict):
                    yield from value_findings((*key, "inputs", name), value, declared[name])
                    yield from _bound((*key, "inputs", name), value, declared[name], pipeline.inputs)
            for name, value in declared.items():
                if name not in given and _is_required(value):
                    yield Finding((*key, "inputs"), f"the component needs {name!r}, which is not given", "give it")
            for name in mapping(step, "outputs"):
                if name not in mapping(component, "outputs"):
                    known = ", ".join(map(str, mapping(component, "outputs"))) or "nothing"
                    yield Finding((*key, "outputs", name), f"the component has no output {name!r}", f"it gives {known}")


def _is_required(declared: Any) -> bool:
    return isinstance(declared, dict) and declared.get("optional") is not True and "default" not in declared


def _bound(key: Key, value: Any, declared: Map, pipeline: Map) -> Iterator[Finding]:
    """Hold the literal that a pipeline's input has by default against the component that receives it."""
    match = re.fullmatch(r"\$\{\{\s*parent\.inputs\.(\w+)\s*\}\}", value) if isinstance(value, str) else None
    source = pipeline.get(match[1]) if match else None
    if source is None or match is None:
        return
    if isinstance(source, dict):
        literal = source.get("default", source.get("value"))
        yield from _not_literal(key, source, declared.get("type"))
        if literal is None:
            return
        source = literal
    for finding in value_findings(key, source, declared):
        yield Finding(key, f"{finding.reason} (the pipeline's input {match[1]!r})", finding.remedy)


def modes(document: Document, kind: str) -> Iterator[Finding]:
    """A mode that is none for this side is refused, or worse, taken for another."""
    for at, job in jobs(document, kind):
        for side, allowed in (("inputs", INPUT_MODES), ("outputs", OUTPUT_MODES)):
            for name, value in mapping(job, side).items():
                mode = value.get("mode") if isinstance(value, dict) else None
                if isinstance(mode, str) and "${{" not in mode and mode not in allowed:
                    yield Finding((*at, side, name, "mode"), f"{mode!r} is no mode of {side}",
                                  f"take one of {', '.join(allowed)}")  # fmt: skip
                yield from _mode_of_type((*at, side, name), value, mode)


def _mode_of_type(key: Key, value: Any, mode: Any) -> Iterator[Finding]:
    if not isinstance(value, dict):
        return
    if mode in ("eval_mount", "eval_download") and value.get("type") not in ("mltable", None):
        yield Finding((*key, "mode"), f"{mode} is for mltable, and this is a {value.get('type')}", "take ro_mount")
    if value.get("type") in LITERAL_TYPES and mode is not None:
        yield Finding((*key, "mode"), f"a {value.get('type')} has no mode", "take it out")


def literal_inputs(document: Document, kind: str) -> Iterator[Finding]:
    """A job takes a value as it is; ``type: integer`` with a value is for components and pipelines."""
    if kind != "job" or document.data.get("type", "command") not in ("command", "sweep"):
        return
    for name, value in mapping(document.data, "inputs").items():
        if isinstance(value, dict) and value.get("type") in LITERAL_TYPES:
            yield Finding(
                ("inputs", name, "type"), f"a job has no input of type {value['type']}", f"write `{name}: VALUE`"
            )
        elif isinstance(value, dict) and "path" not in value and "optional" not in value:
            yield Finding(("inputs", name), "has no path", "add path: azureml:NAME:VERSION, a URI or a local path")
        elif value is None:
            yield Finding(("inputs", name), "has no value", "give one")


def identifiers(document: Document, kind: str) -> Iterator[Finding]:
    """Names of inputs, outputs and steps become names of variables on Azure's side."""
    for at, job in jobs(document, kind):
        for side in ("inputs", "outputs", "jobs"):
            for name in mapping(job, side):
                if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", str(name)):
                    yield Finding((*at, side, name), f"{name!r} is no name for one of the {side}",
                                  "use letters, digits and _, and begin with a letter")  # fmt: skip


RULES = (component_inputs, step_inputs, modes, literal_inputs, identifiers)
