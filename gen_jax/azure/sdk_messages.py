"""One sentence of the SDK as a reason and a remedy that a person can act on."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterable
from typing import Any

from gen_jax.azure.complaint import Finding, Key
from gen_jax.azure.documents import Document

CHOICES = re.compile(r"passed is not in set \[(.*?)\]|Must be one of: (.*?)\.?$")
NO_FILE = re.compile(
    r"(?:Can't find directory or file in resolved absolute path|No such file or directory): "
    r"([^'\"\];|]+?)\.?(?=['\"\];|]|$)"
)
PLAIN = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "a text",
    "mapping type": "a set of keys",
    "list": "a list",
    "URL": "a URL",
}
MOST_CHARACTERS = 240


@dataclasses.dataclass(frozen=True)
class Message:
    """A sentence of the SDK, and the key it is about."""

    key: Key
    text: str
    meant: str | None = None
    """The key that was meant, where another sentence of the SDK gives it away."""

    @property
    def is_wrong_choice(self) -> bool:
        """Whether the value is not one of those allowed."""
        return bool(CHOICES.search(self.text))

    @property
    def choices(self) -> list[str]:
        """The values that are allowed."""
        names: list[str] = []
        for match in CHOICES.finditer(self.text):
            names += [name.strip(" '\"") for name in (match[1] or match[2] or "").split(",")]
        return list(dict.fromkeys(name for name in names if name))


def finding_for(message: Message, document: Document, words: Iterable[str]) -> Finding:
    """Return the finding for a sentence.

    Args:
      message: the sentence, and its key.
      document: the file.
      words: every key that Azure knows somewhere, to find what a misspelt one was meant to be.
    """
    key, text = message.key, " ".join(message.text.split())
    value = document.at(key)
    if text == "Unknown field.":
        return _unknown(message, document, words)
    if text == "Missing data for required field.":
        return Finding(key, "is missing", "add it")
    if message.is_wrong_choice:
        return _wrong_choice(message, value)
    number = re.findall(r"Not a valid (integer|number|boolean|string|mapping type|list|URL)", text)
    if number and "In order to" not in text and "find directory" not in text:
        kinds = " or ".join(dict.fromkeys(PLAIN[name] for name in number))
        return Finding(key, f"{_shown(value)} is not {kinds}", f"give {kinds}")
    return _about_files(key, text, value) or _about_kind(key, text, document) or _other(key, text)


def _unknown(message: Message, document: Document, words: Iterable[str]) -> Finding:
    name = str(message.key[-1])
    beside = document.at(message.key[:-1])
    there = beside if isinstance(beside, dict) else {}
    near = (
        [message.meant]
        if message.meant
        else difflib.get_close_matches(name, [word for word in words if word not in there], cutoff=0.7)
    )
    remedy = f"perhaps you meant {near[0]!r}" if near else "take it out"
    if name == "optional":
        remedy = "only components have optional inputs: put the command into a component, or give the input a value"
    return Finding(message.key, f"{name!r} is not a key that Azure knows here", remedy)


def _wrong_choice(message: Message, value: Any) -> Finding:
    choices = [name for name in message.choices if name != "path"]
    begun = [name for name in choices if str(value) and name.startswith(str(value))]
    near = begun or difflib.get_close_matches(str(value), choices, n=1)
    remedy = f"perhaps you meant {near[0]!r}" if near else "take one of them"
    return Finding(message.key, f"{_shown(value)} is not one of {', '.join(choices)}", remedy)


def _about_files(key: Key, text: str, value: Any) -> Finding | None:
    missing = NO_FILE.search(text)
    if missing is not None:
        shown = value if isinstance(value, str) else missing[1].strip()
        return Finding(key, f"{shown!r} does not exist", "correct the path, which starts from the folder of this file")
    if "In order to specify an existing" in text:
        what = match[1] if (match := re.search(r"an existing (\w+?)s?,", text)) else "asset"
        example = f"azureml:NAME:VERSION for a registered {what}" if what != "None" else "azureml:NAME:VERSION"
        return Finding(key, f"{_shown(value)} is no reference that Azure understands", f"write {example}")
    return None


def _about_kind(key: Key, text: str, document: Document) -> Finding | None:
    match = re.search(r"Unsupported (\w+) type: ?(.*?)\.?$", text)
    if match is None:
        return None
    names = ("command", "sweep", "pipeline", "parallel", "spark", "automl", "amlcompute", "computeinstance")
    near = difflib.get_close_matches(match[2], names, n=1)
    remedy = f"perhaps you meant {near[0]!r}" if near else "correct the type"
    return Finding((*key, "type"), f"{match[2]!r} is no type of {match[1]} that Azure knows", remedy)


def _other(key: Key, text: str) -> Finding:
    text = re.split(r"Visit this link|The easiest way to author|If you are trying to configure", text)[0]
    text = re.sub(r"\x1b\[[0-9;]*m", "", text).strip().rstrip(".")
    if len(text) > MOST_CHARACTERS:
        text = f"{text[:MOST_CHARACTERS]}..."
    return Finding(key, f"Azure's SDK refuses it: {text}" if text else "Azure's SDK refuses it", "correct it")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
