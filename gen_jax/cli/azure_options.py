"""What the commands of ``gen-jax azure`` share: a job file's changes from the words of a line, and their check."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import tyro

from gen_jax.azure.rendering import Changes, Rendered, render
from gen_jax.cli import options
from gen_jax.cli.train import TrainCommand
from gen_jax.errors import UserError

FILE = "YAML file of Azure Machine Learning"


@dataclasses.dataclass(frozen=True, kw_only=True)
class FileOptions:
    """A file and its changes."""

    file: Annotated[str, tyro.conf.Positional, tyro.conf.arg(help=FILE, metavar="FILE")]
    set: tyro.conf.UseAppendAction[tuple[str, ...]] = ()
    """KEY=VALUE: a value of the file replaced, such as inputs.images=200000; give it again for another."""
    config: str | None = None
    """Another config for its train command."""
    run_key: str | None = None
    """Name of the run: the same name again goes on with it. Left out, that of the file."""


def split(words: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Return the words of our own, and the options for the train command: those with a point in their name.

    ``--data SOURCE`` is the train command's as well.
    """
    own: list[str] = []
    experiment: list[list[str]] = []
    taking = False
    for word in words:
        flag, equals, value = word.partition("=")
        is_option = word.startswith("--")
        if is_option and ("." in flag or flag == "--data"):
            experiment.append([flag, value] if equals else [flag])
            taking = not equals
        elif taking and not is_option:
            experiment[-1].append(word)
        else:
            own.append(word)
            taking = False
    return own, experiment


def changes_of(command: FileOptions, experiment: Sequence[Sequence[str]], key: str | None = None) -> Changes:
    """Return the changes that a line asks for."""
    key = command.run_key or key
    return Changes(sets=command.set, config=command.config, options=experiment, key=key)


def rendered(command: FileOptions, changes: Changes, folder: Path | None = None) -> Rendered:
    """Return the file with its changes; raises ``UserError`` for what our own train command would refuse."""
    path = Path(command.file)

    def check(config: str, words: Sequence[str]) -> None:
        check_train(config, words, folder=path.parent)

    return render(path, changes, check=check, folder=folder)


def check_train(config: str, words: Sequence[str], *, folder: Path = Path()) -> None:
    """Read a train command as ``gen-jax train`` would, and train nothing.

    Args:
      config: its name, or a Python file.
      words: the words behind it.
      folder: of the job file; a Python file is looked for below it and the folders above.

    Raises:
      UserError: there is no such config, an option is misspelt, or a value is not allowed.
    """
    if config.endswith(".py"):
        places = [place / config for place in (Path(), folder, *folder.resolve().parents)]
        config = str(next((place for place in places if place.is_file()), config))
    experiment, rest = options.choose_kinds(options.load_config(config), words)
    try:
        options.parse(TrainCommand, rest, default=TrainCommand(experiment=experiment), prog="gen-jax train")
    except SystemExit:
        raise UserError("the train command asks for help, and would not train") from None
