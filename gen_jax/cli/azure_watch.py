"""``gen-jax azure watch RUN_KEY``: a run looked after until it is done."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Annotated

import tyro

from gen_jax.azure.workspace import WorkspaceOptions, connect, find_workspace
from gen_jax.cli import options
from gen_jax.errors import UserError

RUN = "Run key, or name of one of its jobs"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Watch(WorkspaceOptions):
    """Follow a run to its end, and send its job again when its machine was taken away.

    The new job is a copy of the old one: the same code, environment and inputs, and the same run key, so that it goes
    on from the newest checkpoint. The exit code is 0 when the run completed. Ctrl-C ends the watching alone.
    """

    run: Annotated[str, tyro.conf.Positional, tyro.conf.arg(help=RUN, metavar="RUN_KEY|JOB")]
    most_restarts: int = 20
    """How often it may be sent again."""
    poll: float = 30.0
    """Seconds between two looks."""
    pause: float = 60.0
    """Seconds before the first restart; twice as long before each further one, at most half an hour."""


def main(words: Sequence[str], prog: str = "gen-jax azure watch") -> int:
    """Run the command; returns the exit code."""
    command = options.parse(Watch, options.positional_first(words, Watch), prog=prog)
    if command.most_restarts < 0 or command.poll < 1 or command.pause < 0:
        raise UserError("--most-restarts and --pause must be at least 0, --poll at least 1 second")
    from gen_jax.azure.watching import Patience, watch

    patience = Patience(poll=command.poll, pause=command.pause, most_restarts=command.most_restarts)
    name = find_workspace(command)
    try:
        return watch(connect(name), command.run, patience=patience)
    except KeyboardInterrupt:
        print(f"run {command.run} goes on unwatched; `{prog} {command.run}` looks after it again")
        return 130
