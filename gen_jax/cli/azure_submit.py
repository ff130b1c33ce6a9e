"""``gen-jax azure submit JOB.yml``: a job, checked and sent."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence

from gen_jax.azure import run_key
from gen_jax.azure.rendering import Rendered, complaints_of
from gen_jax.azure.workspace import WorkspaceOptions, connect, find_workspace
from gen_jax.cli import options
from gen_jax.cli.azure_options import FileOptions, changes_of, rendered, split
from gen_jax.errors import UserError


@dataclasses.dataclass(frozen=True, kw_only=True)
class Submit(FileOptions, WorkspaceOptions):
    """Send a job, checked first: by the linter, and its train command as training would.

    Options of `gen-jax train`, such as --model.width 64, change its train command. Log in with `az login`. The job is
    named after its run key and carries it as a tag; while one job of a run has not ended, no other is sent.
    """

    lint: bool = True
    """Refuse a file that the linter complains of."""
    dry_run: bool = False
    """Print what would be sent, and send nothing; needs no network."""
    stream: bool = False
    """Print the job's log until it ends; the exit code is 0 when it completed. Ctrl-C leaves the job running."""


def main(words: Sequence[str], prog: str = "gen-jax azure submit") -> int:
    """Run the command; returns the exit code."""
    own, experiment = split(words)
    command = options.parse(Submit, options.positional_first(own, Submit), prog=prog)
    result, key = ready(command, experiment)
    if command.dry_run:
        print(result.text(), end="")
        print(f"# Nothing was sent: this would be job {key}-N, N counting the attempts of run {key}.")
        return 0
    from gen_jax.azure import submitting

    name = find_workspace(command)
    workspace = connect(name)
    job = submitting.load(result)
    print(f"workspace {name}, run {key}")
    sent = submitting.submit(workspace, job, key)
    print(f"look after it: gen-jax azure watch {key}    bring it home: gen-jax azure fetch {key}")
    return submitting.stream(workspace, sent.name) if command.stream else 0


def ready(command: Submit, experiment: Sequence[Sequence[str]]) -> tuple[Rendered, str]:
    """Return the job to send and its run key, which is made where neither line nor file gives one.

    Raises:
      UserError: the file is no job, or the linter complains.
    """
    result = rendered(command, changes_of(command, experiment))
    if result.kind != "job":
        raise UserError(f"{command.file}: is a {result.kind}, and a job is sent; see `az ml {_word(result.kind)}`")
    key = run_key.key_of(result.data)
    if key is None:
        key = run_key.make(str(result.data.get("experiment_name") or result.path.stem))
        result = rendered(command, changes_of(command, experiment, key))
    complaints = complaints_of(result) if command.lint else []
    if complaints:
        print(*complaints, sep="\n", file=sys.stderr)
        raise UserError(f"{command.file}: the linter complains; mend it, or send it all the same with --no-lint")
    return result, key


def _word(kind: str) -> str:
    return kind.replace(" ", "-")
