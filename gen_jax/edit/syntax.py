"""An edit in one word: ``rotate=12,expand=true`` is the operation of the same name with the same parameters."""

from __future__ import annotations

import dataclasses
import json
import re
import typing
from typing import Any

from gen_jax.edit.chain import read_operation
from gen_jax.edit.kernel import roles_of
from gen_jax.edit.operation import EDITS, OPERATIONS, Operation
from gen_jax.edit.roles import Levels
from gen_jax.errors import UserError
from gen_jax.registry import lookup

_WORD = re.compile(r"[a-z][a-z0-9_]*(=.*)?", re.DOTALL)
_CONSTANTS = {"true": True, "false": False, "none": None}


def looks_like_edit(word: str) -> bool:
    """Tell whether a word is meant as an edit: ``name=...``, or the bare name of one."""
    return bool(_WORD.fullmatch(word)) and ("=" in word or word in EDITS)


def parse_operation(word: str) -> Operation:
    """Return the operation that a word describes.

    The name comes first, then ``=`` and the parameters with commas between: the first ones by their order, the
    others as ``key=value``. A value is a number, ``true``, ``false``, a word, ``512x384`` for (512, 384),
    numbers with colons (``255:0:0``) or a JSON list for a tuple, and for a color also its name or ``#ff8000``.

    Raises:
      UserError: an unknown name or parameter, a missing one, or a value that is not allowed.
    """
    name, _, rest = word.partition("=")
    made = lookup(OPERATIONS, name, what="edit")
    fields = [field for field in dataclasses.fields(made) if field.name != "kind"]  # type: ignore[arg-type]
    entry: dict[str, Any] = {"kind": name}
    for place, part in enumerate(_split(rest) if rest else []):
        key, equals, text = part.partition("=")
        if not equals:
            if place >= len(fields) or len(entry) != place + 1:
                raise UserError(f"{word}: {part!r} has no name and no place; {_usage(name, fields)}")
            key, text = fields[place].name, part
        field = {field.name: field for field in fields}.get(key)
        if field is None:
            raise UserError(f"{word}: {name} has no parameter {key!r}; {_usage(name, fields)}")
        if key in entry:
            raise UserError(f"{word}: {key} is given twice; {_usage(name, fields)}")
        entry[key] = _value(text, field, word)
    return read_operation(entry, where=word)


def _usage(name: str, fields: list[dataclasses.Field[Any]]) -> str:
    return f"its parameters are {', '.join(field.name for field in fields)}" if fields else f"{name} takes none"


def _split(text: str) -> list[str]:
    """Split at commas that are not inside brackets."""
    depth, parts = 0, [""]
    for letter in text:
        depth += (letter == "[") - (letter == "]")
        if letter == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _value(text: str, field: dataclasses.Field[Any], word: str) -> Any:
    role = roles_of(EDITS[word.partition("=")[0]]).get(field.name)
    if isinstance(role, Levels) and re.fullmatch(r"#[0-9a-fA-F]+|[a-z]+", text):
        return _color(text, word)
    if str in (field.type, *typing.get_args(field.type)):
        return text
    if text.lower() in _CONSTANTS:
        return _CONSTANTS[text.lower()]
    if re.fullmatch(r"\d+x\d+", text):
        return [int(part) for part in text.split("x")]
    if ":" in text and not text.startswith("["):
        return [_scalar(part) for part in text.split(":")]
    return _scalar(text)


def _scalar(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return float(text)  # ".5" and "+3" are no JSON
    except ValueError:
        return text


def _color(text: str, word: str) -> list[int]:
    from PIL import ImageColor

    try:
        return list(ImageColor.getrgb(text))
    except ValueError:
        raise UserError(f"{word}: {text!r} is no color; write a name, #ff8000 or 255:128:0") from None
