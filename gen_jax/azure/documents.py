"""A YAML file as a value, with the line of every key, and with what a plain reading passes over."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gen_jax.azure.complaint import Finding, Key

MOST_VALUES = 100_000
"""Above this many values a file is not one of ours; aliases can make a short file grow without end."""


@dataclasses.dataclass(frozen=True)
class Scalar:
    """A value as it was written, before YAML made a number or a boolean of it."""

    text: str
    quoted: bool


@dataclasses.dataclass(frozen=True)
class Document:
    """One YAML file."""

    path: Path
    data: Any
    """The value, as every YAML 1.1 reader gives it."""
    lines: Mapping[Key, int]
    """Key -> its line, from 1."""
    written: Mapping[Key, Scalar]
    """Key of a value that is no mapping and no list -> how it was written."""
    findings: tuple[Finding, ...] = ()
    """What reading alone shows: broken syntax, keys given twice."""

    @property
    def folder(self) -> Path:
        """The folder that relative paths in the file start from."""
        return self.path.parent

    def line(self, key: Key) -> int:
        """Return the line of a key; of the nearest key above it where it is not in the file."""
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key, 1)

    def at(self, key: Key) -> Any:
        """Return the value of a key, or None."""
        value = self.data
        for part in key:
            if isinstance(value, dict):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                return None
        return value

    def leaves(self, key: Key = ()) -> Iterator[tuple[Key, Any]]:
        """Yield every value below a key that is no mapping and no list."""
        value = self.at(key)
        children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
        if children is None:
            yield key, value
            return
        for part, _ in children:
            yield from self.leaves((*key, part if isinstance(part, int) else str(part)))


def read(path: Path) -> Document:
    """Return a YAML file; a file that is broken has no data and one finding that says where."""
    import yaml

    try:
        text = path.read_text(encoding="utf-8")
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        reading = _Reading()
        if node is not None:
            reading.walk(node, ())
        data = None if node is None else loader.construct_document(node)
    except UnicodeDecodeError:
        return _broken(path, 1, "is not UTF-8 text", "save it as UTF-8")
    except RecursionError:
        return _broken(path, 1, "is nested too deep, or an alias holds itself", "write it out without aliases")
    except yaml.YAMLError as error:
        return _broken(path, *_problem(error))
    except ValueError as error:
        return _broken(path, 1, f"holds a value that YAML cannot read ({error})", "put the value in quotes")
    if isinstance(data, dict):
        data = _with_text_keys(data)
    return Document(path, data, reading.lines, reading.written, tuple(reading.findings))


def _problem(error: Any) -> tuple[int, str, str]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark is not None else 1
    problem = " ".join(str(getattr(error, "problem", None) or error).split())
    if "'\\t'" in problem or "\\t" in problem:
        return line, "is not YAML: a tab stands where spaces must", "indent with spaces"
    return line, f"is not YAML: {problem}", "look at the indentation, colons and quotes of this line and the one before"


def _broken(path: Path, line: int, reason: str, remedy: str) -> Document:
    return Document(path, None, {("syntax",): line}, {}, (Finding(("syntax",), reason, remedy),))


def _with_text_keys(value: Any) -> Any:
    """Return the value with keys as text: ``on:`` and ``1:`` are not text in YAML."""
    if isinstance(value, dict):
        return {
            key if isinstance(key, str | int) and not isinstance(key, bool) else str(key): _with_text_keys(item)
            for key, item in value.items()
        }
    return [_with_text_keys(item) for item in value] if isinstance(value, list) else value


class _Reading:
    """Walks the nodes of a file once, and notes lines, spelling, and keys given twice."""

    def __init__(self) -> None:
        self.lines: dict[Key, int] = {}
        self.written: dict[Key, Scalar] = {}
        self.findings: list[Finding] = []

    def walk(self, node: Any, key: Key) -> None:
        import yaml

        if len(self.lines) > MOST_VALUES:
            raise RecursionError
        if isinstance(node, yaml.MappingNode):
            self._walk_mapping(node, key)
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self.lines[(*key, index)] = item.start_mark.line + 1
                self.walk(item, (*key, index))
        else:
            self.written[key] = Scalar(node.value, node.style is not None)

    def _walk_mapping(self, node: Any, key: Key) -> None:
        seen: dict[str, int] = {}
        for name, value in node.value:
            if name.tag == "tag:yaml.org,2002:merge":
                continue
            text = str(name.value)
            part = int(text) if name.tag == "tag:yaml.org,2002:int" and text.isdigit() else text
            line = name.start_mark.line + 1
            self.lines[(*key, part)] = line
            if text in seen:
                reason = f"is given twice, on lines {seen[text]} and {line}: the first is silently dropped"
                self.findings.append(Finding((*key, part), reason, "keep one of them"))
            seen[text] = line
            self.walk(value, (*key, part))
