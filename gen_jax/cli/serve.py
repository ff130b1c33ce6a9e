"""``gen-jax serve RUN [RUN ...] --port 8080``: models, edits and drawings as a web service."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from typing import Annotated

import tyro

from gen_jax.cli import options
from gen_jax.errors import UserError
from gen_jax.serve.settings import Settings, settings_from

_RUNS = "Runs to serve: a run directory, its name under runs/, or a checkpoint; NAME=RUN names it. None: edits alone."


@dataclasses.dataclass(frozen=True, kw_only=True)
class ServeCommand(Settings):
    """Serve models, edits and drawings over HTTP; GET /docs says how to ask.

    The defaults are those of GEN_JAX_SERVE, where it is set: a JSON object with the fields below, such as
    {"limits": {"images": 8}}. SIGTERM ends it once all that was begun is answered.
    """

    runs: Annotated[tyro.conf.Positional[tuple[str, ...]], tyro.conf.arg(metavar="[RUN ...]", help=_RUNS)] = ()
    warm_edits: tyro.conf.UseAppendAction[tuple[str, ...]] = ()
    """An edit, such as rotate=12, compiled before the service is ready; give the option again for another."""
    warm_sizes: tyro.conf.UseAppendAction[tuple[str, ...]] = ()
    """HEIGHTxWIDTH of images that they are compiled for; give the option again for another."""
    host: str = "127.0.0.1"
    """Address to listen at; 0.0.0.0: all of this machine."""
    port: int = 8080
    """0: a free one, which the log tells."""
    unix_socket: str | None = None
    """File to listen at in place of host and port, for a proxy on this machine."""
    notice: float = 1.0
    """Seconds after SIGTERM in which new requests are still taken, while GET /readyz says 503."""
    drain: float = 30.0
    """Seconds after that in which what was begun is finished."""


def main(words: Sequence[str], prog: str = "gen-jax serve") -> int:
    """Run the command; returns the exit code."""
    given = settings_from(os.environ)
    default = ServeCommand(**{field.name: getattr(given, field.name) for field in dataclasses.fields(Settings)})
    command = options.parse(ServeCommand, options.positional_first(words, ServeCommand), default=default, prog=prog)
    check(command)
    return run(command)


def check(command: ServeCommand) -> None:
    """Refuse what cannot be served, before anything is loaded.

    Raises:
      UserError: names the option, its value, and what is allowed.
    """
    if not 0 <= command.port <= 65535:
        raise UserError(f"--port {command.port}: must be from 0 to 65535")
    for name in ("notice", "drain"):
        if not 0 <= getattr(command, name) <= 3600:
            raise UserError(f"--{name} {getattr(command, name)}: must be from 0 to 3600 seconds")


def run(command: ServeCommand) -> int:
    """Serve as the command says."""
    try:
        from gen_jax.serve.http.server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("gen_jax"):
            raise
        raise UserError(f"serving needs {error.name}: pip install 'gen_jax[serve]'") from None
    serve(
        Settings(**{field.name: getattr(command, field.name) for field in dataclasses.fields(Settings)}),
        host=command.host,
        port=command.port,
        unix_socket=command.unix_socket,
        notice=command.notice,
        drain=command.drain,
    )
    return 0
