"""``gen-jax azure render FILE``: the final YAML, with overrides of the file and of the experiment."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

from gen_jax.azure.rendering import complaints_of
from gen_jax.cli import options
from gen_jax.cli.azure_options import FileOptions, changes_of, rendered, split
from gen_jax.errors import UserError
from gen_jax.io import files


@dataclasses.dataclass(frozen=True, kw_only=True)
class Render(FileOptions):
    """Show a file as it would be sent: changes put in, local references written out, then checked.

    Options of `gen-jax train`, such as --model.width 64, change its train command, and are checked as training would.
    Nothing is sent anywhere. The exit code is 1 where the linter complains.
    """

    out: str | None = None
    """File to write; left out, it is printed. Relative paths in it start from the folder of this file."""


def main(words: Sequence[str], prog: str = "gen-jax azure render") -> int:
    """Run the command; returns 1 where the result has mistakes."""
    own, experiment = split(words)
    command = options.parse(Render, options.positional_first(own, Render), prog=prog)
    out = Path(command.out) if command.out else None
    if out is not None and not out.absolute().parent.is_dir():
        raise UserError(f"--out {out}: the folder {out.parent} does not exist; make it first")
    result = rendered(command, changes_of(command, experiment), folder=out.absolute().parent if out else None)
    if out is None:
        print(result.text(), end="")
    else:
        files.write_text(out, result.text())
        print(f"written to {out}")
    complaints = complaints_of(result)
    print(*complaints, sep="\n", end="\n" if complaints else "", file=sys.stderr)
    return 1 if complaints else 0
