"""From the words of a command line to a checked value: config files, overrides, kinds, one-line errors."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import io
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import tyro

from gen_jax.data.dataset import parse_source
from gen_jax.errors import UserError
from gen_jax.experiment import KINDS, Experiment
from gen_jax.registry import lookup

T = TypeVar("T")


def config_directories() -> list[Path]:
    """Return where configs are looked for: here, beside the package, and in the installed package."""
    package = Path(__file__).resolve().parent.parent
    return [path for path in (Path("configs"), package.parent / "configs", package / "configs") if path.is_dir()]


def config_files() -> dict[str, Path]:
    """Return every config by name; one in the current folder goes before one that is shipped."""
    found: dict[str, Path] = {}
    for directory in config_directories():
        for path in sorted(directory.glob("*.py")):
            if not path.stem.startswith("_"):
                found.setdefault(path.stem, path)
    return found


def load_config(name: str) -> Experiment:
    """Return the experiment of a config, by its name in ``configs/`` or by the path of a Python file.

    Raises:
      UserError: there is no such config, or it does not define ``experiment() -> Experiment``.
    """
    path = Path(name) if name.endswith(".py") else lookup(config_files(), name, what="config")
    if not path.is_file():
        raise UserError(f"config {name}: there is no such file; known names: {', '.join(sorted(config_files()))}")
    experiment = load_function(path, "experiment")()
    if not isinstance(experiment, Experiment):
        raise UserError(f"config {path}: experiment() returned {type(experiment).__name__}, not an Experiment")
    return experiment


def load_function(path: Path, name: str) -> Callable[..., Any]:
    """Return the function of that name out of a Python file.

    Raises:
      UserError: the file cannot be imported, or does not define it.
    """
    if not path.is_file():
        raise UserError(f"{path}: there is no such file")
    function = getattr(_import_file(path), name, None)
    if not callable(function):
        raise UserError(f"config {path}: it must define a function {name}()")
    return function


def _import_file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"gen_jax_config_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise UserError(f"config {path}: cannot be imported as Python")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (SyntaxError, ImportError, NameError) as error:
        raise UserError(f"config {path}: {error}") from None
    return module


def choose_kinds(experiment: Experiment, words: Sequence[str]) -> tuple[Experiment, list[str]]:
    """Act on ``--data SOURCE`` and on ``--data.kind``, ``--model.kind``, ``--objective.kind``.

    A new kind starts from its defaults and keeps what it shares with the old one. Fields that a kind
    demands, such as the path of a folder, are taken from the words as well.

    Returns:
      The experiment with the sections chosen, and the words that remain.

    Raises:
      UserError: unknown kind, or a field that the kind demands is missing.
    """
    words = _split_equals(words)
    sections: dict[str, Any] = {}
    source = _take(words, "--data")
    if source is not None:
        sections["data"] = _convert(experiment.data, parse_source(source))
    for section, kinds in KINDS.items():
        kind = _take(words, f"--{section}.kind")
        if kind is None:
            continue
        chosen = lookup(kinds, kind, what=f"--{section}.kind")
        current = sections.get(section, getattr(experiment, section))
        if type(current) is not chosen:
            demanded = _demanded(chosen, section, words)
            sections[section] = _convert(current, chosen(**demanded), keep=frozenset(demanded))
    return _replace_together(experiment, sections), words


def _replace_together(experiment: Experiment, sections: dict[str, Any]) -> Experiment:
    return dataclasses.replace(experiment, **sections) if sections else experiment


def _split_equals(words: Sequence[str]) -> list[str]:
    parts: list[str] = []
    for word in words:
        parts += word.split("=", 1) if word.startswith("--") and "=" in word else [word]
    return parts


def _take(words: list[str], flag: str) -> str | None:
    if flag not in words:
        return None
    place = words.index(flag)
    if place + 1 >= len(words) or words[place + 1].startswith("--"):
        raise UserError(f"{flag}: a value must follow it")
    value = words[place + 1]
    del words[place : place + 2]
    return value


def _demanded(chosen: type, section: str, words: list[str]) -> dict[str, str]:
    values = {}
    for field in dataclasses.fields(chosen):
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            value = _take(words, f"--{section}.{field.name}")
            if value is None:
                kind = next(f.default for f in dataclasses.fields(chosen) if f.name == "kind")
                raise UserError(f"--{section}.kind {kind}: also give --{section}.{field.name}")
            values[field.name] = value
    return values


def _convert(old: Any, new: Any, keep: frozenset[str] = frozenset()) -> Any:
    """Return ``new`` with the fields that it shares with ``old``, kind and demanded ones excepted."""
    shared = {field.name for field in dataclasses.fields(old)} & {field.name for field in dataclasses.fields(new)}
    demanded = {field.name for field in dataclasses.fields(new) if field.default is dataclasses.MISSING}
    taken = {name: getattr(old, name) for name in shared - {"kind"} - keep - demanded}
    return dataclasses.replace(new, **taken)


def parse(cls: type[T], words: Sequence[str], *, default: T | None = None, prog: str, description: str = "") -> T:
    """Read a command line into a dataclass; ``--help`` prints every field with its docstring.

    Raises:
      UserError: an unknown or misspelt option (with the nearest one), or a value that is not allowed.
    """
    complaint = io.StringIO()
    try:
        with contextlib.redirect_stderr(complaint):
            return tyro.cli(  # type: ignore[return-value]
                cls,
                args=list(words),
                default=default,
                prog=prog,
                description=description,
                config=(tyro.conf.AvoidSubcommands,),
            )
    except SystemExit as end:
        if not end.code:
            raise
        raise UserError(one_line(complaint.getvalue()) or "the command line is not understood; try --help") from None


def positional_first(words: Sequence[str], command: type) -> list[str]:
    """Return the words with those that belong to no option in front: a line may name options between them."""
    flags = {_flag(field.name) for field in dataclasses.fields(command) if field.type in ("bool", bool)}
    flags |= {f"--no-{flag[2:]}" for flag in flags} | {"--help"}
    front: list[str] = []
    back: list[str] = []
    takes_value = False
    for word in words:
        is_option = word.startswith("-") and not takes_value
        (back if is_option or takes_value else front).append(word)
        takes_value = (
            is_option and word.startswith("--") and "=" not in word and _flag(word.removeprefix("--")) not in flags
        )
    return [*front, *back]


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def one_line(box: str) -> str:
    """Return the message of a framed complaint as one line, without the pointer to the help."""
    lines = [re.sub(r"^[│|]\s?|\s*[│|]$", "", line) for line in _plain(box).splitlines()]
    lines = [line.strip() for line in lines if line.strip() and not re.match(r"^[╭╰]", line)]
    text = " ".join(line for line in lines if not re.fullmatch(r"[─-]+", line))
    text = re.sub(r"\s*(Argument helptext:|For full helptext,).*$", "", text)
    return re.sub(r"\s+", " ", text).strip()


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def program_name() -> str:
    """Return how the user called us, for the usage line."""
    return Path(sys.argv[0]).name
