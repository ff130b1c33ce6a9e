"""``gen-jax azure lint [PATH ...]``: every YAML file checked, offline."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Annotated

import tyro

from gen_jax.cli.options import parse, positional_first

PATHS = "Files, and folders that are searched for .yml and .yaml files"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Lint:
    """Check files for Azure Machine Learning: with Azure's own SDK, and with rules for what it lets through.

    Nothing is sent anywhere. The exit code is 1 where there is something to complain of.
    """

    paths: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(help=PATHS, metavar="PATH")] = ("azure",)
    advice: bool = False
    """Also say what Azure accepts and an experienced person would do otherwise."""
    json: bool = False
    """Print the complaints as JSON."""
    verbose: bool = False
    """Name the files that were left alone: YAML that is none of Azure Machine Learning's."""


def main(words: Sequence[str], prog: str = "gen-jax azure lint") -> int:
    """Run the command; returns 1 where there is something to complain of."""
    from gen_jax.azure.lint import lint

    command = parse(Lint, positional_first(words, Lint), prog=prog)
    report = lint(command.paths, advice=command.advice)
    if command.json:
        values = {"files": len(report.checked), "left_alone": report.left_alone}
        values["complaints"] = [dataclasses.asdict(complaint) for complaint in report.complaints]
        print(json.dumps(values, indent=2))
    else:
        print(*report.complaints, *_ends(report, command.verbose), sep="\n")
    return 1 if report.complaints else 0


def _ends(report: object, verbose: bool) -> list[str]:
    checked, alone, complaints = (getattr(report, name) for name in ("checked", "left_alone", "complaints"))
    lines = [f"{name}: left alone: none of Azure Machine Learning's files" for name in alone] if verbose else []
    files = f"{len(checked)} file{'' if len(checked) == 1 else 's'}"
    if not complaints:
        return [*lines, f"{files}, nothing to complain of"]
    bad = len({complaint.file for complaint in complaints})
    return [*lines, f"{files}, {len(complaints)} complaint{'' if len(complaints) == 1 else 's'} in {bad}"]
