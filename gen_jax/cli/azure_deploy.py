"""``gen-jax azure deploy DEPLOYMENT.yml --model RUN``: a model behind an endpoint, tried before it gets traffic."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import tyro

from gen_jax.azure.workspace import WorkspaceOptions, connect, find_workspace
from gen_jax.cli import options
from gen_jax.errors import UserError

PATH = "File of an online deployment, or a folder with one; the file of its endpoint lies beside it"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Deploy(WorkspaceOptions):
    """Make a deployment beside the one that serves, try it, and give it the traffic when it has passed.

    A deployment costs as long as it exists, with traffic or without. Where the new one fails, the last lines of its log
    are shown, and the old one goes on serving.
    """

    path: Annotated[str, tyro.conf.Positional, tyro.conf.arg(help=PATH, metavar="DEPLOYMENT.yml|FOLDER")]
    model: str | None = None
    """azureml:NAME:VERSION, or a run here, which is packed and uploaded; left out, the model of the file."""
    licence: str = "LicenseRef-Proprietary"
    """Licence of a run's weights, as `gen-jax azure package` takes it."""
    endpoint: str | None = None
    """Name of the endpoint; left out, that of the file. It must be free in the whole region of Azure."""
    name: str | None = None
    """Name of the deployment; left out, that of the file; where that one serves, green for blue and blue for green."""
    limit: float = 45.0
    """Minutes until the deployment must be ready."""
    lint: bool = True
    """Refuse files that the linter complains of."""
    dry_run: bool = False
    """Check everything, print what would be sent, and send nothing; needs no network."""


def main(words: Sequence[str], prog: str = "gen-jax azure deploy") -> int:
    """Run the command; returns the exit code."""
    command = options.parse(Deploy, options.positional_first(words, Deploy), prog=prog)
    from gen_jax.azure.deployment_files import find_target, with_model

    if not command.limit > 0:
        raise UserError(f"--limit {command.limit}: must be more than 0 minutes")
    target = find_target(Path(command.path), endpoint=command.endpoint, name=command.name)
    if command.lint:
        _lint(target.files)
    name = None if command.dry_run else find_workspace(command)
    with with_model(target, command.model, licence=command.licence) as whole:
        if name is None:
            print(whole.text(), end="")
            print("# Nothing was sent.")
            return 0
        from gen_jax.azure import deploying, smoke

        def tried(scoring_uri: str, deployment: str, token: str) -> None:
            url = smoke.address(scoring_uri, whole.deployment)
            with smoke.DeploymentClient(url, deployment, token=token) as client:
                smoke.smoke_test(client)

        try:
            deploying.deploy(connect(name), whole, tried, waiting=deploying.Waiting(limit=60.0 * command.limit))
        except KeyboardInterrupt:
            print("the traffic is as it was; Azure goes on making what was begun: the same command again waits for it")
            return 130
    return 0


def _lint(paths: Sequence[Path]) -> None:
    from gen_jax.azure.lint import lint

    complaints = lint(paths).complaints
    if complaints:
        print(*complaints, sep="\n", file=sys.stderr)
        raise UserError(f"{paths[0]}: the linter complains; mend it, or deploy it all the same with --no-lint")
