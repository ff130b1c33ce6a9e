"""``gen-jax edit --list``: what every edit does, and what its parameters may be."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Sequence
from typing import Any

import pydantic

import gen_jax.edit  # noqa: F401  declares the operations
from gen_jax.edit.operation import EDITS, OPERATIONS
from gen_jax.registry import lookup


def explain(names: Sequence[str] = ()) -> str:
    """Return one line an edit, or all that is known of those named.

    Raises:
      UserError: a name that is no edit.
    """
    if names:
        return "\n\n".join(_whole(name.partition("=")[0]) for name in names)
    width = max(map(len, OPERATIONS))
    lines, folder = [], ""
    for name, edit in EDITS.items():
        here = edit.__module__.split(".")[2]
        if here != folder:
            lines += ["", here.capitalize()]
            folder = here
        lines.append(f"  {name:{width}}  {_story(edit)}")
    return "\n".join([*lines[1:], "", "`gen-jax edit --list NAME` explains the parameters of one."])


def _story(edit: Any) -> str:
    """Return the first line of the documentation, without markup."""
    return (inspect.getdoc(edit) or "").split("\n")[0].replace("``", "")


def _whole(name: str) -> str:
    made = lookup(OPERATIONS, name, what="edit")
    edit, schema = EDITS[name], pydantic.TypeAdapter(made).json_schema()
    lines = [f"{name}: {_story(edit)}"]
    stories = _arguments(inspect.getdoc(edit) or "")
    for field in dataclasses.fields(made):  # type: ignore[arg-type]
        if field.name != "kind":
            property = schema["properties"][field.name]
            required = field.default is dataclasses.MISSING
            default = "" if required else f" (default {_json(field.default)})"
            lines.append(f"  {field.name}: {_form(property, schema.get('$defs', {}))}{default}")
            lines += [f"      {line}" for line in stories.get(field.name, ())]
    return "\n".join(lines)


def _arguments(documentation: str) -> dict[str, list[str]]:
    """Return the lines about each parameter from the section ``Args:``."""
    section = re.search(r"^Args:\n(.*?)(?:\n\n|\Z)", documentation, re.DOTALL | re.MULTILINE)
    stories: dict[str, list[str]] = {}
    name = ""
    for line in section.group(1).splitlines() if section else ():
        start = re.match(r"  (\w+(?:, \w+)*): (.*)", line)
        if start:
            name, text = start.group(1), start.group(2)
            for each in name.split(", "):
                stories[each] = [text]
        elif name and line.strip():
            for each in name.split(", "):
                stories[each].append(line.strip())
    return stories


def _json(value: Any) -> str:
    if isinstance(value, tuple):
        return "x".join(map(_json, value))
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def _form(property: dict[str, Any], definitions: dict[str, Any]) -> str:
    """Return a JSON schema in words."""
    if "$ref" in property:
        return _form(definitions[property["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in property:
        return " or ".join(dict.fromkeys(_form(each, definitions) for each in property["anyOf"]))
    if "enum" in property:
        return " | ".join(map(str, property["enum"]))
    if "const" in property:
        return str(property["const"])
    if property.get("type") == "array":
        count = property.get("minItems")
        inner = property.get("items") or (property.get("prefixItems") or [{}])[0]
        return f"{count if count and count == property.get('maxItems') else 'several'} of: {_form(inner, definitions)}"
    words = {"number": "number", "integer": "whole number", "boolean": "true | false", "null": "none", "string": "text"}
    form = words.get(property.get("type", ""), str(property.get("type", "value")))
    low, high = property.get("minimum"), property.get("maximum")
    if low is not None and high is not None:
        return f"{form} from {low:g} to {high:g}"
    if low is not None:
        return f"{form} from {low:g}"
    return f"{form} above {property['exclusiveMinimum']:g}" if "exclusiveMinimum" in property else form
