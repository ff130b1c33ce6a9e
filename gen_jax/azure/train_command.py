"""The one ``gen-jax train`` in a job file: its config and options found, changed, and read as words for a check."""

from __future__ import annotations

import dataclasses
import math
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gen_jax.azure.blocks import Command, commands, mapping
from gen_jax.azure.complaint import dotted
from gen_jax.azure.documents import Document
from gen_jax.counts import parse_count
from gen_jax.errors import UserError

TRAIN = re.compile(
    r"(?:\bgen-jax\s+train|\bpython3?\s+(?:-m\s+gen_jax\.cli\.main\s+train|(?:\S*/)?train\.py))\s+"
    r"(?P<config>\$\{\{[^}]*\}\}|[^\s-]\S*)"
)
EXPRESSION = re.compile(r"\$\{\{\s*(?P<owner>inputs|outputs|search_space)\.(?P<name>[\w-]+)[^}]*\}\}")
PARENT = re.compile(r"\$\{\{\s*parent\.inputs\.(?P<name>[\w-]+)\s*\}\}")
OPTIONAL = re.compile(r"\$\[\[(.*?)\]\]", re.DOTALL)
PIECE = re.compile(r"\$\[\[.*?\]\]|(?:\$\{\{.*?\}\}|[^\s$]|\$)+", re.DOTALL)
UNKNOWN = "\x00"
"""Stands for a value that only Azure knows."""

Check = Callable[[str, Sequence[str]], None]
"""Takes the config and the words behind it; raises ``UserError`` where they are none of the train command's."""


@dataclasses.dataclass(frozen=True)
class TrainCommand:
    """Where a file runs ``gen-jax train``; changes go into the data of the file."""

    data: dict[str, Any]
    command: Command

    @property
    def where(self) -> str:
        """The key of the command line."""
        return dotted((*self.command.at, "command"))

    @property
    def text(self) -> str:
        """The command line."""
        return self.command.data["command"]

    def config(self) -> str | None:
        """Return the name of the config; None where only Azure knows it."""
        word = self._found()["config"]
        value = self._resolved(word)
        return None if UNKNOWN in value else value

    def set_config(self, name: str) -> str:
        """Take another config; returns a note of the change."""
        found = self._found()
        expression = EXPRESSION.fullmatch(found["config"])
        if expression and expression["owner"] == "inputs":
            return self._set_input(expression["name"], name)
        self._write(self.text[: found.start("config")] + shlex.quote(name) + self.text[found.end("config") :])
        return f"{self.where}: config {name}"

    def set_option(self, words: Sequence[str]) -> str:
        """Give an option (``--model.width 64``) to the train command; returns a note of the change.

        It goes where the command has it already, else into the input that takes any other words, else into the text.
        """
        flag, *values = words
        start = self._found().end("config")
        place = re.compile(rf"{re.escape(flag)}(?:=|\s+)(?P<value>\$\{{\{{.*?\}}\}}|[^\s\]]+)").search(self.text, start)
        if place and values:
            expression = EXPRESSION.fullmatch(place["value"])
            if expression and expression["owner"] == "inputs":
                return self._set_input(expression["name"], " ".join(values))
            value = shlex.join(values)
            self._write(self.text[: place.start("value")] + value + self.text[place.end("value") :])
            return f"{self.where}: {shlex.join(words)}"
        slot = self._slot(start)
        if slot is not None:
            return self._set_input(slot, shlex.join(words), behind=True)
        self._write(f"{self.text[:start]} {shlex.join(words)}{self.text[start:]}")
        return f"{self.where}: {shlex.join(words)}"

    def words(self) -> list[str]:
        """Return the words behind the config as the job will have them; options whose value is open are left out."""
        text = OPTIONAL.sub(self._optional, self.text[self._found().end("config") :])
        lexer = shlex.shlex(self._resolved(text), posix=True, punctuation_chars=";&|<>")
        lexer.whitespace_split = True
        words: list[str] = []
        for word in lexer:
            if word and set(word) <= set(";&|<>"):
                break
            if UNKNOWN not in word and "$" not in word:
                words.append(word)
            elif words and words[-1].startswith("--"):
                words.pop()
        return words

    def _found(self) -> re.Match[str]:
        found = TRAIN.search(self.text)
        assert found is not None, "one is made only where there is a train command"
        return found

    def _slot(self, start: int) -> str | None:
        """Return the input that stands alone among the words: it takes any others."""
        before = ""
        for piece in PIECE.findall(self.text[start:]):
            inner = piece[3:-2].strip() if piece.startswith("$[[") else piece
            expression = EXPRESSION.fullmatch(inner)
            if expression and expression["owner"] == "inputs" and not before.startswith("--"):
                return expression["name"]
            before = piece
        return None

    def _set_input(self, name: str, value: str, *, behind: bool = False) -> str:
        """Set an input of the command where its value comes from: the job, the step, or the pipeline's inputs."""
        owner, key = self._owner_of_inputs()
        bound = PARENT.fullmatch(str(mapping(owner, "inputs").get(name, "")))
        if bound:
            owner, key, name = self.data, "", bound["name"]
        inputs = owner.setdefault("inputs", {})
        old = _literal(inputs.get(name), None)
        default = _literal(mapping(self.command.inputs, name).get("default"), None)
        inputs[name] = f"{old} {value}" if behind and old else _like(old or default, value)
        return f"{key}inputs.{name}: {inputs[name]}"

    def _owner_of_inputs(self) -> tuple[dict[str, Any], str]:
        at = self.command.scope
        if at[-1:] == ("component",):
            at = at[:-1]
        if self.command.is_component and not at:
            raise UserError(f"{self.where}: a component's inputs have no values; give the overrides to a job")
        owner: Any = self.data
        for part in at:
            owner = owner[part]
        return owner, f"{dotted(at)}." if at else ""

    def _write(self, text: str) -> None:
        owner: Any = self.data
        for part in self.command.at:
            owner = owner[part]
        owner["command"] = text

    def _optional(self, match: re.Match[str]) -> str:
        names = [found["name"] for found in EXPRESSION.finditer(match[1])]
        return match[1] if all(self._value("inputs", name) is not None for name in names) else ""

    def _resolved(self, text: str) -> str:
        def value(match: re.Match[str]) -> str:
            found = self._value(match["owner"], match["name"])
            return UNKNOWN if found is None else found

        return re.sub(r"\$\{\{.*?\}\}", UNKNOWN, EXPRESSION.sub(value, text))

    def _value(self, owner: str, name: str) -> str | None:
        if owner == "outputs":
            return f"/outputs/{name}"
        if owner == "search_space":
            return _sample(self.command.search_space.get(name))
        holder, _ = self._owner_of_inputs()
        declared = self.command.inputs.get(name)
        given = mapping(holder, "inputs").get(name)
        bound = PARENT.fullmatch(str(given))
        if bound:
            given = mapping(self.data, "inputs").get(bound["name"])
        if isinstance(given, str) and "${{" in given:
            return "/inputs/" + name
        default = declared.get("default") if isinstance(declared, dict) else None
        return _literal(given, _literal(default, None))


def find(data: dict[str, Any], document: Document, kind: str) -> TrainCommand | None:
    """Return the train command of a file; None where it has none.

    Raises:
      UserError: there are several, so that it is open which one is meant.
    """
    seen = dataclasses.replace(document, data=data)
    found = [command for command in commands(seen, kind) if TRAIN.search(str(command.data.get("command")))]
    if len(found) > 1:
        places = ", ".join(dotted((*command.at, "command")) for command in found)
        raise UserError(f"{document.path}: trains in several places ({places}); change them with --set")
    return TrainCommand(data, found[0]) if found else None


def _literal(value: Any, otherwise: str | None) -> str | None:
    if isinstance(value, dict):
        return f"/inputs/{value['path']}" if isinstance(value.get("path"), str) else otherwise
    if value is None or isinstance(value, list):
        return otherwise
    return str(value).lower() if isinstance(value, bool) else str(value)


def _like(old: str | None, value: str) -> Any:
    """Return a value as YAML writes it where the old one was a number; counts such as 200k are written out."""
    for kind, read in ((int, parse_count), (float, float)):
        try:
            kind(old or "")
            return read(value)
        except ValueError:
            continue
    return value


def _sample(space: Mapping[str, Any] | None) -> str | None:
    """Return one value of a sweep's search space."""
    if not isinstance(space, dict):
        return None
    if space.get("values"):
        return str(space["values"][0])
    least = space.get("min_value", space.get("mu"))
    if not isinstance(least, int | float):
        return None
    return repr(math.exp(least)) if str(space.get("type")).endswith(("loguniform", "lognormal")) else str(least)
