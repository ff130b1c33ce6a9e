"""What can be asked for, as JSON: every edit, texture, logo and font with its parameters and their ranges."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import Any

import pydantic

import gen_jax.edit  # noqa: F401  declares the operations
from gen_jax.draw.logo import chance
from gen_jax.draw.logo.letters import FONTS
from gen_jax.draw.logo.marks.catalog import FAMILIES
from gen_jax.draw.logo.palette import Scheme
from gen_jax.draw.logo.parameters import Accent, Case, Layout, Variant
from gen_jax.draw.parameter import Choice, Number
from gen_jax.draw.texture.catalog import TEXTURES
from gen_jax.draw.texture.plan import known
from gen_jax.draw.texture.presets import PRESETS
from gen_jax.edit.chain import json_schema
from gen_jax.edit.kernel import roles_of
from gen_jax.edit.operation import EDITS, OPERATIONS
from gen_jax.edit.roles import Pixels

_PICTURE = "name of a picture that comes with the request"


def describe() -> dict[str, Any]:
    """Return everything that the service can do besides its models: values of JSON."""
    return {
        "edits": {name: _edit(name, edit) for name, edit in EDITS.items()},
        "materials": {name: _texture(name, preset.doc, of=preset.texture) for name, preset in PRESETS.items()},
        "textures": {name: _texture(name, texture.doc) for name, texture in TEXTURES.items()},
        "logos": {
            "families": {name: _family(kind) for name, kind in FAMILIES.items()},
            "fonts": {name: font.doc for name, font in FONTS.items()},
            "layouts": list(typing.get_args(Layout)),
            "variants": list(typing.get_args(Variant)),
            "parameters": _LOGO_PARAMETERS,
        },
    }


_LOGO_PARAMETERS: dict[str, Any] = {
    "hue": {"type": "number", "minimum": 0, "maximum": 360},
    "scheme": {"enum": list(typing.get_args(Scheme))},
    "case": {"enum": list(typing.get_args(Case))},
    "accent": {"enum": list(typing.get_args(Accent))},
    "tracking": {"type": "number", "minimum": -0.05, "maximum": 0.6},
    "initials": {"type": "string", "minLength": 1, "maxLength": 3},
}
"""Those that no option of a request has and no family."""


def edits_schema() -> dict[str, Any]:
    """Return the JSON schema of a chain of edits; a picture in it is the name of one that comes with the request."""
    schema = json_schema()
    for name, made in OPERATIONS.items():
        _name_pictures(schema["$defs"][made.__name__], name)
    return schema


def _edit(name: str, edit: Callable[..., Any]) -> dict[str, Any]:
    schema = pydantic.TypeAdapter(OPERATIONS[name]).json_schema()
    _name_pictures(schema, name)
    return {
        "group": edit.__module__.split(".")[2],
        "story": _story(inspect.getdoc(edit)),
        "schema": {key: value for key, value in schema.items() if key != "description"},
    }


def _name_pictures(schema: dict[str, Any], name: str) -> None:
    """Say in the schema of an operation which of its parameters are pictures."""
    for parameter, role in roles_of(EDITS[name]).items():
        if isinstance(role, Pixels):
            schema["properties"][parameter]["description"] = _PICTURE


def _texture(name: str, story: str, **more: str) -> dict[str, Any]:
    return {"story": story, **more, "parameters": {key: _form(spec) for key, spec in known(name).items()}}


def _form(spec: Number | Choice) -> dict[str, Any]:
    if isinstance(spec, Choice):
        return {"enum": list(spec.allowed), "default": spec.default, "description": spec.doc}
    kind = "integer" if spec.whole else "number"
    limits = {"minimum": spec.low, "maximum": spec.high}
    return {"type": kind, **limits, "default": spec.default, "description": spec.doc}


def _family(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind, include_extras=True)
    return {
        "story": _story(kind.__doc__),
        "parameters": {name: pydantic.TypeAdapter(hints[name]).json_schema() for name in chance.names(kind)},
    }


def _story(documentation: str | None) -> str:
    """Return the first line, without markup."""
    return (documentation or "").strip().split("\n")[0].replace("``", "")
