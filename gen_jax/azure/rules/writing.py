"""What YAML makes of a value that was meant otherwise: booleans, numbers and times by accident, empty keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gen_jax.azure.complaint import Finding, Key
from gen_jax.azure.documents import Document

WORDS = ("yes", "no", "on", "off", "y", "n")
NUMERIC = ("number", "integer", "uniform", "loguniform", "quniform", "qloguniform", "normal", "lognormal")
"""Types of inputs and of hyper-parameters whose values are numbers."""
FREE = ("tags", "properties", "environment_variables", "inputs")
NEEDED = ("command", "code", "environment", "compute", "path", "name", "version", "image", "component", "model",
          "primary_metric", "expression", "instance_type", "scoring_script", "size")  # fmt: skip


def versions(document: Document, kind: str) -> Iterator[Finding]:
    """``version: 1.10`` is the number 1.1."""
    for key, value in document.leaves():
        if key[-1:] != ("version",) or not isinstance(value, float) or "environment_variables" in key:
            continue
        text = _text(document, key)
        yield Finding(key, f"{text} is the number {value}", f'write "{text}"')


def accidental_booleans(document: Document, kind: str) -> Iterator[Finding]:
    """``NCCL_DEBUG: on`` is the boolean true, and reaches the program as "True"."""
    for key, value in document.leaves():
        text = _text(document, key)
        if isinstance(value, bool) and text.lower() in WORDS and any(name in key for name in FREE):
            yield Finding(
                key,
                f"{text} is the boolean {str(value).lower()}",
                f'write "{text}" for the word, or {str(value).lower()}',
            )


def environment_values(document: Document, kind: str) -> Iterator[Finding]:
    """Variables are texts: a boolean reaches the program as "True", a list is refused."""
    for key, value in _variables(document):
        if isinstance(value, dict | list):
            yield Finding(key, "a variable is one text", "write it as one text in quotes")
        elif value is None:
            yield Finding(key, "has no value", 'write "" for an empty text')
        elif isinstance(value, bool) and _text(document, key).lower() not in WORDS:
            text = _text(document, key)
            yield Finding(key, f"{text} reaches the program as {str(value)!r}", f'write "{text}" or "1"')


def _variables(document: Document) -> Iterator[tuple[Key, Any]]:
    holders = {
        key[: key.index("environment_variables") + 1] for key in document.lines if "environment_variables" in key
    }
    for holder in sorted(holders, key=str):
        values = document.at(holder)
        for name, value in values.items() if isinstance(values, dict) else ():
            yield (*holder, name), value


def variable_names(document: Document, kind: str) -> Iterator[Finding]:
    """A name with a hyphen or a space cannot be read in a shell."""
    for key, _ in _variables(document):
        name = str(key[-1])
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", name):
            yield Finding(key, f"{name!r} is no name of a variable", "use letters, digits and _")


def accidental_numbers(document: Document, kind: str) -> Iterator[Finding]:
    """``010`` is 8, and ``22:30`` is 1350, in the YAML that Azure reads."""
    for key, value in document.leaves():
        written = document.written.get(key)
        if written is None or written.quoted or not isinstance(value, int | float) or isinstance(value, bool):
            continue
        text = written.text
        if re.fullmatch(r"[-+]?0[0-7_]+", text) and int(text.replace("_", "")) != value:
            yield Finding(key, f"{text} is octal, and the number {value}", f'write "{text}" or {text.lstrip("0")}')
        elif re.fullmatch(r"[-+]?\d+(?::[0-5]?\d)+(?:\.\d*)?", text):
            yield Finding(key, f"{text} is counted in sixties, and the number {value}", f'write "{text}"')
        elif re.fullmatch(r"\d[\d_]*_[\d_]*", text) and key[-1] in ("version", "name"):
            yield Finding(key, f"{text} is the number {value}", f'write "{text}"')


def numbers_as_text(document: Document, kind: str) -> Iterator[Finding]:
    """``1e-4`` is a text in YAML 1.1, and a number in most programs."""
    for key, value in document.leaves():
        written = document.written.get(key)
        holder = document.at(key[:-1])
        if written is None or written.quoted or not isinstance(value, str) or not isinstance(holder, dict):
            continue
        number = holder.get("type") in NUMERIC and key[-1] not in ("type", "description")
        if number and re.fullmatch(r"[-+]?\d+[eE][-+]?\d+", value):
            mantissa, exponent = re.split("[eE]", value)
            yield Finding(key, f"{value} is a text and no number", f"write {mantissa}.0e{exponent}")


def empty_keys(document: Document, kind: str) -> Iterator[Finding]:
    """A key with nothing after it counts as not given."""
    for key, value in document.leaves():
        inside = any(name in key[:-1] for name in ("tags", "properties", "environment_variables", "inputs", "outputs"))
        if value is None and key and key[-1] in NEEDED and not inside:
            yield Finding(key, "has no value", "give one, or take the key out")
        elif isinstance(value, str) and not value.strip() and key and key[-1] in NEEDED and not inside:
            yield Finding(key, "is empty", "give a value, or take the key out")


def _text(document: Document, key: Key) -> str:
    written = document.written.get(key)
    return written.text if written is not None else str(document.at(key))


RULES = (
    versions,
    accidental_booleans,
    environment_values,
    variable_names,
    accidental_numbers,
    numbers_as_text,
    empty_keys,
)
