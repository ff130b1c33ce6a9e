"""``gen-jax azure fetch RUN_KEY``: a run directory brought home."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import tyro

from gen_jax.azure.workspace import WorkspaceOptions, connect, find_workspace
from gen_jax.cli import options

RUN = "Run key, or name of one of its jobs"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fetch(WorkspaceOptions):
    """Bring a run home from where its jobs keep it; the same command again fetches what is new or missing.

    It works while the run still trains. Needs the role Storage Blob Data Reader on the storage account.
    """

    run: Annotated[str, tyro.conf.Positional, tyro.conf.arg(help=RUN, metavar="RUN_KEY|JOB")]
    out: str | None = None
    """Folder; left out, runs/RUN_KEY."""
    place: str | None = None
    """Where all runs are kept, azureml://datastores/NAME/paths/FOLDER; left out, what the job says."""
    overwrite: bool = False
    """Also over a run here that is newer."""


def main(words: Sequence[str], prog: str = "gen-jax azure fetch") -> int:
    """Run the command; returns the exit code."""
    command = options.parse(Fetch, options.positional_first(words, Fetch), prog=prog)
    from tqdm import tqdm

    from gen_jax.azure import fetching, storage
    from gen_jax.azure.failures import plain

    workspace = connect(find_workspace(command))
    with plain(f"run {command.run}"):
        key, place = fetching.where(workspace, command.run, command.place)
        store = storage.open_store(workspace, place.datastore)
    out = Path(command.out).expanduser() if command.out else Path("runs") / key
    print(f"{place} -> {out}")
    with tqdm(unit="B", unit_scale=True, unit_divisor=1024, disable=None) as bar:
        done = fetching.fetch(store, place, out, overwrite=command.overwrite, progress=bar.update, say=bar.write)
    print(
        f"{done.files} files fetched ({done.bytes / 2**20:.1f} MiB), {done.there} were here; {out} loads: "
        f"{done.images} images seen"
    )
    return 0
