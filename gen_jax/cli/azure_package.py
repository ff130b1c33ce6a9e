"""``gen-jax azure package RUN --out FOLDER --licence CC-BY-4.0``: a run as a model that Azure registers."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import tyro

from gen_jax.cli.options import parse, positional_first

_RUN = "A run directory, its name under runs/, or one of its checkpoints; a run stands for its newest checkpoint."


@dataclasses.dataclass(frozen=True, kw_only=True)
class Package:
    """Make the folder of a model: one checkpoint, its configuration, a model card, the licence, checksums.

    `gen-jax serve` and the endpoints take it as it is, and `az ml model create` registers it.
    """

    run: Annotated[tyro.conf.Positional[str], tyro.conf.arg(help=_RUN, metavar="RUN")]
    out: str
    """The folder to make; it must not exist, or be empty."""
    licence: str
    """Of the weights: an SPDX identifier such as CC-BY-4.0, or a file with its text. The images that the model learned
    from decide what it may be."""
    description: str = ""
    """One sentence on what the model makes."""
    evaluation: str | None = None
    """What gen-jax evaluate wrote, a .json file or a folder with one; its numbers stand in the card."""
    verdict: str | None = None
    """The folder that gen-jax azure gate wrote to; without its gate.json nothing is made."""


def main(words: Sequence[str], prog: str = "gen-jax azure package") -> int:
    """Run the command; returns the exit code."""
    return run(parse(Package, positional_first(words, Package), prog=prog))


def run(command: Package) -> int:
    """Make the folder as the command says."""
    from gen_jax.azure.packaging import Packing, package

    packing = Packing(
        licence=command.licence,
        description=command.description,
        evaluation=_path(command.evaluation),
        verdict=_path(command.verdict),
    )
    model = package(command.run, Path(command.out).expanduser(), packing)
    print(f"{command.out}: {model.experiment.model.kind} at {model.images_seen:,} images, ready to register")
    return 0


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text).expanduser()
