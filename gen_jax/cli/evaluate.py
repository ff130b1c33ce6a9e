"""``gen-jax evaluate RUN``: measure what a run, or a folder that any tool made, has generated."""

from __future__ import annotations

from collections.abc import Sequence

from gen_jax.cli import options
from gen_jax.cli.evaluate_options import EvaluateCommand, check


def main(words: Sequence[str], prog: str = "gen-jax evaluate") -> int:
    """Run the command; returns the exit code."""
    command = options.parse(EvaluateCommand, options.positional_first(words, EvaluateCommand), prog=prog)
    check(command)
    return run(command)


def run(command: EvaluateCommand) -> int:
    """Measure as the command says."""
    from gen_jax.cli import evaluating
    from gen_jax.compilation import keep_programs

    keep_programs(command.compilation_cache)
    evaluating.evaluate(command)
    return 0
