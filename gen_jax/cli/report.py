"""``gen-jax report RUN`` makes one self-contained HTML page of a run: curves, samples, throughput, configuration."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import tyro

from gen_jax.cli import options
from gen_jax.io.report import write_report
from gen_jax.io.run_directory import find_run


@dataclasses.dataclass(frozen=True, kw_only=True)
class Report:
    """Draw one HTML page that shows a run; it opens in any browser, without a network."""

    run: Annotated[tyro.conf.Positional[str], tyro.conf.arg(metavar="RUN", help="Run directory, or its name in runs/")]
    out: Path | None = None
    """Where to write the page; left out, report.html in the run directory."""


def main(words: Sequence[str], prog: str = "gen-jax report") -> int:
    """Run the command with the words after its name; returns the exit code.

    Raises:
      UserError: there is no such run, or it has no metrics yet.
    """
    command = options.parse(Report, options.positional_first(words, Report), prog=prog)
    path = write_report(find_run(command.run).run, command.out)
    print(f"report: {path} ({path.stat().st_size / 1e6:.1f} MB)")
    return 0
