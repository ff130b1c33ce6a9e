"""``--set a.b=c``: one value of a YAML file replaced."""

from __future__ import annotations

import re
from typing import Any

from gen_jax.errors import UserError


def apply(data: dict[str, Any], assignment: str) -> str:
    """Set the value that an assignment names, in place; returns a note of the change.

    Args:
      data: the file.
      assignment: ``inputs.images=200000``; the value is read as YAML, and items of lists have numbers (``values[0]``).

    Raises:
      UserError: it is no assignment, or a part of the key cannot hold others.
    """
    key, equals, text = assignment.partition("=")
    if not equals or not key.strip():
        raise UserError(f"--set {assignment}: write it as KEY=VALUE, such as inputs.images=200000")
    value = _read(text, assignment)
    parts = _parts(key.strip())
    owner: Any = data
    for number, part in enumerate(parts[:-1]):
        owner = _step(owner, part, assignment, parts[: number + 1])
    _put(owner, parts[-1], value, assignment)
    return f"{key.strip()}: {text}"


def _parts(key: str) -> list[str | int]:
    parts: list[str | int] = []
    for name in key.split("."):
        match = re.fullmatch(r"([^\[\]]*)((?:\[\d+\])*)", name)
        if match is None or not name:
            raise UserError(
                f"--set {key}: is no key; write it as jobs.train.inputs.images, items of lists as values[0]"
            )
        parts += [match[1]] if match[1] else []
        parts += [int(index) for index in re.findall(r"\d+", match[2])]
    return parts


def _read(text: str, assignment: str) -> Any:
    import yaml

    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        raise UserError(f"--set {assignment}: the value is not YAML; put it in quotes") from None
    return "" if value is None and text.strip() not in ("null", "~") else value


def _step(owner: Any, part: str | int, assignment: str, seen: list[str | int]) -> Any:
    if isinstance(owner, list) and isinstance(part, int) and part < len(owner):
        return owner[part]
    if isinstance(owner, dict) and isinstance(part, str):
        if owner.get(part) is None:
            owner[part] = {}
        if isinstance(owner[part], dict | list):
            return owner[part]
    where = ".".join(map(str, seen))
    raise UserError(f"--set {assignment}: {where} holds no other keys")


def _put(owner: Any, part: str | int, value: Any, assignment: str) -> None:
    if not _holds(owner, part):
        raise UserError(f"--set {assignment}: there is no such place in the file")
    owner[part] = value


def _holds(owner: Any, part: str | int) -> bool:
    if isinstance(part, str):
        return isinstance(owner, dict)
    return isinstance(owner, list) and part < len(owner)
