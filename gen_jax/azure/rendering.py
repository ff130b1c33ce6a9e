"""The final YAML of a file: overrides put in, local references written out, every change named at its top."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gen_jax.azure import overrides, run_key, train_command
from gen_jax.azure.blocks import local_path
from gen_jax.azure.complaint import Complaint
from gen_jax.azure.documents import Document, read
from gen_jax.azure.kinds import kind_of
from gen_jax.errors import UserError

REFERENCES = ("component", "trial")
"""Keys whose value may be the path of another YAML file, or that file written out."""

PATHS = ("path", "code", "conda_file", "environment", "job", *REFERENCES)
"""Keys whose value may be a path on this machine, which starts from the folder of the file."""

MOST_DEPTH = 8


@dataclasses.dataclass(frozen=True)
class Changes:
    """What is to be changed in a file."""

    sets: Sequence[str] = ()
    """``a.b=c`` each."""
    config: str | None = None
    """Another config for the train command."""
    options: Sequence[Sequence[str]] = ()
    """Options for the train command: flag and values each."""
    key: str | None = None
    """The run key."""


@dataclasses.dataclass(frozen=True)
class Rendered:
    """A file as it will be sent."""

    path: Path
    """The file that it comes from."""
    kind: str
    data: dict[str, Any]
    notes: tuple[str, ...]
    """What was changed."""
    folder: Path
    """Where relative paths in it start from."""

    def text(self) -> str:
        """Return it as YAML, with the changes as comments at its top."""
        head = [f"# From {self.path.name} by gen-jax azure render; relative paths start from this folder."]
        head += [f"# {' '.join(note.split())}" for note in self.notes]
        return "\n".join(head) + "\n" + dump(self.data)


def render(path: Path, changes: Changes, *, check: train_command.Check, folder: Path | None = None) -> Rendered:
    """Return a file with its changes.

    Args:
      path: a YAML file of Azure Machine Learning.
      changes: what to change.
      check: looks at config and words of the train command, where the file has one.
      folder: where the result will lie; left out, beside the file.

    Raises:
      UserError: the file or a change is wrong.
    """
    document = _read(path)
    kind = kind_of(document.data)
    if kind is None:
        raise UserError(f"{path}: is no file of Azure Machine Learning: it needs a $schema, or a known type")
    data = copy.deepcopy(document.data)
    # Before the references are written out, so that another component can be named; and after it, to change its parts.
    before = [item for item in changes.sets if item.partition("=")[0].split(".")[-1] in REFERENCES]
    notes = [overrides.apply(data, item) for item in before]
    # Schedules and deployments take their references by path alone.
    whole = kind in ("job", "component")
    data = _Writer(folder or path.parent, whole, notes).write(data, path.parent)
    notes += [overrides.apply(data, item) for item in changes.sets if item not in before]
    notes += _train(data, document, kind, changes, check)
    if kind == "job":
        notes += _give_key(data, changes.key)
    elif changes.key is not None:
        raise UserError(f"--run-key {changes.key}: only a job has one, and {path} is a {kind}")
    return Rendered(path, kind, data, tuple(notes), folder or path.parent)


def _give_key(data: dict[str, Any], key: str | None) -> list[str]:
    key = key or run_key.key_of(data)
    return run_key.resolve_paths(data) if key is None else run_key.give(data, run_key.check(key))


def _read(path: Path) -> Document:
    if not path.is_file():
        raise UserError(f"{path}: there is no such file")
    document = read(path)
    if document.findings:
        finding = document.findings[0]
        raise UserError(f"{path}:{document.line(finding.key)}: {finding.reason}; {finding.remedy}")
    if not isinstance(document.data, dict):
        raise UserError(f"{path}: is no mapping of keys, so it is no file of Azure Machine Learning")
    return document


def _train(
    data: dict[str, Any], document: Document, kind: str, changes: Changes, check: train_command.Check
) -> list[str]:
    found = train_command.find(data, document, kind) if kind == "job" else None
    if found is None:
        if changes.config or changes.options:
            given = f"--config {changes.config}" if changes.config else " ".join(changes.options[0])
            raise UserError(f"{given}: {document.path} does not run `gen-jax train`; change it with --set")
        return []
    notes = [found.set_config(changes.config)] if changes.config else []
    for option in changes.options:
        # The text of the command may have changed: look it up again.
        found = train_command.find(data, document, kind) or found
        notes.append(found.set_option(option))
    found = train_command.find(data, document, kind) or found
    config = found.config()
    if config is not None:
        try:
            check(config, found.words())
        except UserError as error:
            raise UserError(f"{document.path}: {found.where}: {error}") from None
    return notes


@dataclasses.dataclass(frozen=True)
class _Writer:
    """Writes values of files for a file in one folder: references written out, paths rewritten."""

    there: Path
    whole: bool
    notes: list[str]

    def write(self, value: Any, here: Path, depth: int = 0) -> Any:
        if depth > MOST_DEPTH:
            raise UserError(f"{here}: files refer to each other in a circle")
        if isinstance(value, list):
            return [self.write(item, here, depth) for item in value]
        if not isinstance(value, dict):
            return value
        return {key: self._entry(key, item, here, depth) for key, item in value.items()}

    def _entry(self, key: str, item: Any, here: Path, depth: int) -> Any:
        path = local_path(item) if key in PATHS or str(item).startswith("file:") else None
        if path is None:
            return self.write(item, here, depth)
        if not (self.whole and _is_reference(key, item, path)):
            return _rebased(item, path, here, self.there)
        file = here / path
        inner = _read(file).data
        if key == "environment":
            inner.pop("$schema", None)
        self.notes.append(f"{key}: written out from {Path(os.path.relpath(file, self.there)).as_posix()}")
        return self.write(inner, file.parent, depth + 1)


def _is_reference(key: str, item: Any, path: Path) -> bool:
    is_yaml = path.suffix in (".yml", ".yaml")
    return is_yaml and (key in REFERENCES or (str(item).startswith("file:") and key == "environment"))


def _rebased(item: str, path: Path, here: Path, there: Path) -> str:
    if path.is_absolute() or here.resolve() == there.resolve():
        return item
    prefix = "file:" if item.startswith("file:") else ""
    return prefix + Path(os.path.relpath(here.resolve() / path, there.resolve())).as_posix()


def dump(data: Any) -> str:
    """Return a value as YAML: keys in their order, long texts folded over lines."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes long texts as people do."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def represent(dumper: Any, text: str) -> Any:
        style = "|" if "\n" in text.strip() else ">" if len(text) > 100 else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    Dumper.add_representer(str, represent)
    return yaml.dump(data, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110)


def complaints_of(rendered: Rendered) -> list[Complaint]:
    """Return what the linter has to say of a rendered file.

    Raises:
      UserError: the folder of the file cannot be written; the check needs the file where its paths start from.
    """
    from gen_jax.azure.lint import lint

    with written(rendered) as path:
        found = lint([path]).complaints
    return [dataclasses.replace(complaint, file=str(rendered.path)) for complaint in found]


@contextlib.contextmanager
def written(rendered: Rendered) -> Iterator[Path]:
    """Give a file with what was rendered, where its relative paths start from; it is gone afterwards.

    Raises:
      UserError: the folder cannot be written.
    """
    folder = rendered.folder
    try:
        handle, name = tempfile.mkstemp(prefix=".gen_jax_", suffix=".yml", dir=folder)
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error.strerror}); copy the files to where you may") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(rendered.text())
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
