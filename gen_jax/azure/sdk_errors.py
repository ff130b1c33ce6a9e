"""What the SDK of Azure says of a file, which is JSON inside a string inside JSON, as one finding a mistake."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from gen_jax.azure.complaint import Finding, Key
from gen_jax.azure.documents import Document
from gen_jax.azure.json_inside import json_inside
from gen_jax.azure.sdk_messages import Message, finding_for

NOT_KEYS = ("_schema", "null", "key")
"""Names in the SDK's answers that are no keys of the file."""

MISSING = "Missing data for required field."
UNKNOWN = "Unknown field."


def findings_of(error: Exception, document: Document) -> list[Finding]:
    """Return the mistakes that an error of the SDK tells of; never none."""
    messages = list(_messages(_tree(error), (), document))
    messages = _misspelt(messages, document)
    words = _vocabulary() if any(message.text == UNKNOWN for message in messages) else ()
    found = [finding_for(message, document, words) for message in messages]
    return list(dict.fromkeys(found)) or [finding_for(Message((), str(error)), document, words)]


def _tree(error: Exception) -> Any:
    """Return the error as nested dictionaries (keys), lists (alternatives, or sentences) and sentences."""
    messages = getattr(error, "messages", None)
    if isinstance(messages, dict):
        return messages
    text = messages[0] if isinstance(messages, list) and len(messages) == 1 else str(error)
    return _parse(str(text))


def _parse(text: str) -> Any:
    if "{" not in text:
        return text
    value = json_inside(text)
    if value is None:
        return _parse_python(text)
    if isinstance(value, dict) and isinstance(value.get("errors"), list):
        return _by_path(value["errors"])
    return value


def _parse_python(text: str) -> Any:
    """Read ``{...}; {...}; sentence``: the alternatives of a value, as Python prints them."""
    branches: list[Any] = []
    for part in re.split(r";\s+(?=[{\[A-Z])", text):
        try:
            branches.append(ast.literal_eval(part.strip()))
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            branches.append({"_schema": [part.strip()]})
    return branches if len(branches) > 1 or not isinstance(branches[0].get("_schema"), list) else text


def _by_path(errors: Iterable[dict[str, Any]]) -> Any:
    """Turn the SDK's list of (path, message) into one tree."""
    tree: dict[Any, Any] = {}
    for entry in errors:
        path = str(entry.get("path") or "*")
        inner = _parse(str(entry.get("message")))
        if path == "*":
            if isinstance(inner, dict):
                tree.update(inner)
            else:
                tree.setdefault("_schema", []).append(inner)
        else:
            tree[tuple(path.split("."))] = inner
    return tree


def _messages(tree: Any, key: Key, document: Document) -> Iterator[Message]:
    if isinstance(tree, str):
        yield Message(key, tree)
    elif isinstance(tree, dict):
        for part, inner in tree.items():
            yield from _messages(inner, _step(key, part, document), document)
    elif isinstance(tree, list) and any(isinstance(item, dict) for item in tree):
        yield from _best([list(_messages(item, key, document)) for item in tree], key)
    elif isinstance(tree, list):
        for item in tree:
            yield from _messages(item, key, document)


def _step(key: Key, part: Any, document: Document) -> Key:
    """Return the key one level down; parts that only the SDK's schema has are left out."""
    if isinstance(part, tuple):
        for inner in part:
            key = _step(key, inner, document)
        return key
    value = document.at(key)
    if part in NOT_KEYS or (part == "value" and isinstance(value, dict) and "value" not in value):
        return key
    if part == "value" and not isinstance(value, dict):
        return key
    index = re.fullmatch(r"(.+)\[(\d+)\]", str(part))
    if index:
        return (*key, index[1], int(index[2]))
    return (*key, int(part)) if str(part).isdigit() and isinstance(value, list) else (*key, str(part))


def _best(branches: list[list[Message]], key: Key) -> list[Message]:
    """Return the alternative that the file comes nearest to; the SDK lists what each one missed."""
    branches = [branch for branch in branches if branch]
    if not branches:
        return []
    kinds = [next((m for m in branch if m.is_wrong_choice and m.key == (*key, "type")), None) for branch in branches]
    if all(kinds):
        allowed = [name for message in kinds if message for name in message.choices]
        return [Message((*key, "type"), f"Value passed is not in set {sorted(dict.fromkeys(allowed))}")]
    if all(len(branch) == 1 and branch[0].key == key for branch in branches):
        return [Message(key, " | ".join(branch[0].text for branch in branches))]
    rest = [branch for branch, kind in zip(branches, kinds, strict=True) if kind is None]
    deep = [branch for branch in rest if any(len(message.key) > len(key) for message in branch)]
    return min(deep or rest, key=len)


def _misspelt(messages: list[Message], document: Document) -> list[Message]:
    """Join "comand is unknown" and "command is missing" into one message."""
    unknown = {message.key: message for message in messages if message.text == UNKNOWN}
    joined: list[Message] = []
    taken: dict[Key, str] = {}
    for message in messages:
        if message.text != MISSING:
            continue
        names = [str(key[-1]) for key in unknown if key[:-1] == message.key[:-1] and key not in taken]
        near = difflib.get_close_matches(str(message.key[-1]), names, n=1)
        if near:
            taken[(*message.key[:-1], near[0])] = str(message.key[-1])
    for message in messages:
        if message.key in taken and message.text == UNKNOWN:
            joined.append(Message(message.key, UNKNOWN, meant=taken[message.key]))
        elif message.text == MISSING and taken.get(_of(taken, message.key)) is not None:
            continue
        else:
            joined.append(_without_command(message, document))
    return joined


def _of(taken: dict[Key, str], missing: Key) -> Key:
    return next((key for key, name in taken.items() if (*key[:-1], name) == missing), ())


def _without_command(message: Message, document: Document) -> Message:
    """A step without ``command`` is taken for one with a ``component``: say which key was meant."""
    if message.text != MISSING or message.key[-1:] != ("component",):
        return message
    step = document.at(message.key[:-1])
    names = [name for name in step if isinstance(name, str)] if isinstance(step, dict) else []
    names = [name for name in names if name not in ("command", "component", "compute")]
    for meant in ("command", "component"):
        near = difflib.get_close_matches(meant, names, n=1, cutoff=0.75)
        if near:
            return Message((*message.key[:-1], near[0]), UNKNOWN, meant=meant)
    if isinstance(step, dict) and {"command", "task"} & step.keys():
        # With a command there is another reason, which the SDK keeps to itself: a code folder that is not there.
        return Message(message.key[:-1], "The step has a value that is not allowed.")
    return Message(message.key[:-1], "The step has neither a command nor a component.")


def _vocabulary() -> tuple[str, ...]:
    """Return every key that a schema of the SDK declares."""
    from marshmallow import Schema

    names: set[str] = set()
    waiting = [Schema]
    while waiting:
        schema = waiting.pop()
        waiting += schema.__subclasses__()
        if schema.__module__.startswith("azure.ai.ml"):
            names |= {field.data_key or name for name, field in schema._declared_fields.items()}
    return tuple(sorted(names))
