"""``gen-jax azure gate EVALUATION --metric fd --at-most 30``: fails where a run is not good enough."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import tyro

from gen_jax.cli.options import parse, positional_first
from gen_jax.errors import RunError

_EVALUATION = "A .json file that gen-jax evaluate wrote, or a folder with one"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Gate:
    """Compare one number of an evaluation with what is allowed; the exit code is 1 where it is worse."""

    evaluation: Annotated[tyro.conf.Positional[str], tyro.conf.arg(help=_EVALUATION, metavar="EVALUATION")]
    metric: str = "fd"
    """Key of the number: fd, kid, precision, recall, ..."""
    at_most: float | None = None
    """The largest value that passes, for numbers of which lower is better."""
    at_least: float | None = None
    """The smallest value that passes, for numbers of which higher is better."""
    out: str | None = None
    """Folder for gate.json, which says what passed; written only where it did."""


def main(words: Sequence[str], prog: str = "gen-jax azure gate") -> int:
    """Run the command; returns 0 where the run is good enough."""
    return run(parse(Gate, positional_first(words, Gate), prog=prog))


def run(command: Gate) -> int:
    """Compare as the command says.

    Raises:
      RunError: the run is not good enough.
    """
    from gen_jax.azure.gating import judge, read_evaluation, write_verdict

    evaluation = read_evaluation(Path(command.evaluation).expanduser())
    verdict = judge(evaluation, command.metric, at_most=command.at_most, at_least=command.at_least)
    if not verdict.passed:
        raise RunError(f"{verdict}: train longer or otherwise, or ask for less")
    if command.out is not None:
        write_verdict(Path(command.out).expanduser(), verdict)
    print(f"{verdict}: passed")
    return 0
