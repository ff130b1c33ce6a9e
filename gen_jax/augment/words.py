"""Policies as words of a command line: ``horizontal_flip color_jitter=0.4,hue=0.1``, or a JSON list."""

from __future__ import annotations

import dataclasses
import functools
import json
import re
from collections.abc import Sequence
from typing import Any

import pydantic

from gen_jax.augment.policies import POLICIES, AnyPolicy
from gen_jax.errors import UserError
from gen_jax.registry import lookup


def parse_policies(words: Sequence[str]) -> tuple[AnyPolicy, ...]:
    """Return the policies that words describe; one word that begins with ``[`` is a JSON list of them.

    Raises:
      UserError: an unknown policy or parameter, or a value that is not allowed.
    """
    if len(words) == 1 and words[0].lstrip().startswith("["):
        try:
            entries = json.loads(words[0])
        except ValueError as error:
            raise UserError(f"{words[0]:.60}: not JSON ({error})") from None
        return tuple(read_policy(entry, where=f"[{index}]") for index, entry in enumerate(entries))
    return tuple(parse_policy(word) for word in words)


def parse_policy(word: str) -> AnyPolicy:
    """Return the policy of one word: its name, ``=``, then values by order or as ``key=value``, commas between.

    A tuple is written with colons: ``random_affine=10,scale=0.9:1.1``.

    Raises:
      UserError: an unknown policy or parameter, or a value that is not allowed.
    """
    kind, _, rest = word.partition("=")
    fields = [field.name for field in dataclasses.fields(lookup(POLICIES, kind, what="policy")) if field.name != "kind"]
    entry: dict[str, Any] = {"kind": kind}
    for place, part in enumerate(rest.split(",") if rest else []):
        key, equals, text = part.partition("=")
        if not equals:
            key, text = (fields[place] if place < len(fields) else ""), part
        if key not in fields or key in entry:
            raise UserError(f"{word}: {part!r} is not understood; the parameters of {kind} are {', '.join(fields)}")
        parts = [_value(number) for number in text.split(":")]
        entry[key] = parts if len(parts) > 1 else parts[0]
    return read_policy(entry, where=word)


def _value(text: str) -> Any:
    if re.fullmatch(r"[+-]?\d+", text):
        return int(text)
    try:
        return float(text)
    except ValueError:
        return {"none": None, "true": True, "false": False}.get(text.lower(), text)


def read_policy(entry: Any, *, where: str) -> AnyPolicy:
    """Return the policy that a mapping with a ``kind`` describes.

    Raises:
      UserError: an unknown kind or parameter, or a value that is not allowed; the line begins with ``where``.
    """
    if not isinstance(entry, dict) or not isinstance(entry.get("kind"), str):
        raise UserError(f'{where}: allowed is an object with a kind, such as {{"kind": "horizontal_flip"}}')
    lookup(POLICIES, entry["kind"], what="policy")
    try:
        return _adapter(entry["kind"]).validate_json(json.dumps(entry))
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][:1])
        message = first["msg"].removeprefix("Value error, ")
        raise UserError(f"{where}: {f'{field}: ' if field else ''}{message}") from None


@functools.cache
def _adapter(kind: str) -> pydantic.TypeAdapter[AnyPolicy]:
    return pydantic.TypeAdapter(POLICIES[kind])  # type: ignore[arg-type]


def words_of(policies: Sequence[AnyPolicy]) -> list[str]:
    """Return the words that describe policies; only what differs from the defaults is said."""
    return [_word(policy) for policy in policies]


def _word(policy: AnyPolicy) -> str:
    parts = []
    for field in dataclasses.fields(policy):
        value = getattr(policy, field.name)
        if field.name != "kind" and value != field.default:
            values = value if isinstance(value, tuple | list) else (value,)
            parts.append(f"{field.name}={':'.join(str(part) for part in values)}")
    return f"{policy.kind}={','.join(parts)}" if parts else policy.kind
