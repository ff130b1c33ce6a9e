"""What the words of ``gen-jax draw`` mean: sizes, seeds, parameters, the file of ``--params``."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

from gen_jax.cli.draw_options import DrawOptions
from gen_jax.errors import UserError
from gen_jax.io.drawings import Record, read_record

SIZE = 512
MOST_NUM = 1_000_000


def parse_size(text: str | None, default: tuple[int, int] = (SIZE, SIZE)) -> tuple[int, int]:
    """Return height and width of ``512`` or ``512x1024``.

    Raises:
      UserError: it is neither, or a side is 0.
    """
    if text is None:
        return default
    sides = [int(side) for side in text.split("x")] if re.fullmatch(r"\d{1,7}(x\d{1,7})?", text) else [0]
    if min(sides) < 1:
        raise UserError(f"--size {text}: must be pixels such as 512, or HEIGHTxWIDTH such as 512x1024, each 1 or more")
    return sides[0], sides[-1]


def parse_seeds(command: DrawOptions) -> range:
    """Return the seeds that ``--seed`` and ``--num`` say.

    Raises:
      UserError: out of range.
    """
    seed, num = command.seed or 0, 1 if command.num is None else command.num
    if not 1 <= num <= MOST_NUM:
        raise UserError(f"--num {num}: must be from 1 to {MOST_NUM}")
    if not 0 <= seed <= 2**32 - num:
        raise UserError(f"--seed {seed}: must be from 0 to {2**32 - num}")
    return range(seed, seed + num)


def parse_parameters(words: Sequence[str], kind: str) -> tuple[str | None, dict[str, float | str]]:
    """Return the name among the words, and the parameters ``key=value``, numbers where they can be.

    Raises:
      UserError: two names, or a parameter twice.
    """
    names = [word for word in words if "=" not in word]
    if len(names) > 1:
        raise UserError(f"{' and '.join(map(repr, names))}: name one {kind}; parameters are key=value")
    given: dict[str, float | str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if equals and key in given:
            raise UserError(f"{word}: {key} is given twice")
        if equals:
            given[key] = _number(value)
    return (names[0] if names else None), given


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def record_of(command: DrawOptions, kind: str) -> Record:
    """Return what the file of ``--params`` says.

    Raises:
      UserError: it cannot be read, or is of another kind.
    """
    path = command.params or ""
    record = read_record(path)
    if record.draw != kind:
        raise UserError(f"--params {path}: is of a {record.draw}, not of a {kind}: use gen-jax draw {record.draw}")
    if not record.recipes:
        raise UserError(f"--params {path}: holds no recipe")
    return record


def reseeded(recipes: Sequence[Any], command: DrawOptions) -> list[Any]:
    """Return the recipes of a file, with the seeds of the command where it names any.

    Raises:
      UserError: it does, and there are several recipes.
    """
    if command.seed is None and command.num is None:
        return list(recipes)
    if len(recipes) != 1:
        raise UserError(f"--params {command.params}: holds {len(recipes)} pictures; leave --seed and --num out")
    first = dataclasses.replace(command, seed=recipes[0].seed if command.seed is None else command.seed)
    return [dataclasses.replace(recipes[0], seed=seed) for seed in parse_seeds(first)]


def numbered(name: str, seeds: Sequence[int]) -> list[str]:
    """Return the stems of files: the name, and the seed in as many digits as the largest has, 4 at least."""
    digits = max(4, len(str(max(seeds))))
    stems = [f"{name}_{seed:0{digits}}" for seed in seeds]
    return stems if len(set(stems)) == len(stems) else [f"{name}_{place:0{digits}}" for place in range(len(seeds))]
