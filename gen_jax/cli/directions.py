"""``gen-jax directions RUN``: find directions of a latent space, and show what each does as a strip of images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gen_jax.cli import options
from gen_jax.cli.directions_options import DirectionsCommand
from gen_jax.cli.ranges import parse_numbers
from gen_jax.errors import UserError

if TYPE_CHECKING:
    from gen_jax.io.models import LoadedModel
    from gen_jax.latent.directions import Directions

_GAP = 8
"""White pixels between the strips of two directions."""
_MOST_IMAGES = 10_000


def main(words: Sequence[str], prog: str = "gen-jax directions") -> int:
    """Run the command; returns the exit code."""
    command = options.parse(DirectionsCommand, words, prog=prog)
    check(command)
    return run(command)


def check(command: DirectionsCommand) -> None:
    """Refuse what cannot be made, before anything is loaded.

    Raises:
      UserError: names the option, its value, and what is allowed.
    """
    for name, least in {"num": 1, "steps": 2, "samples": 2}.items():
        if getattr(command, name) < least:
            raise UserError(f"--{name} {getattr(command, name)}: must be {least} or more")
    if not 0 < command.span < math.inf:
        raise UserError(f"--span {command.span}: must be above 0, in standard deviations, such as 3")
    if command.truncation is not None and not -1 <= command.truncation <= 2:
        raise UserError(f"--truncation {command.truncation}: must be from -1 to 2; 1 changes nothing")
    seeds = parse_numbers(command.seeds, option="seeds")
    images = command.num * len(seeds) * command.steps
    if images > _MOST_IMAGES:
        raise UserError(
            f"--num {command.num}, {len(seeds)} --seeds and --steps {command.steps} are {images} images; "
            f"{_MOST_IMAGES} is the most"
        )
    if command.out is not None and Path(command.out).suffix.lower() not in (".png", ".webp", ".jpg", ".jpeg"):
        raise UserError(f"--out {command.out}: give a .png, .webp or .jpg file")
    if command.save is not None and Path(command.save).suffix.lower() != ".npz":
        raise UserError(f"--save {command.save}: give an .npz file")


def run(command: DirectionsCommand) -> int:
    """Find and show the directions as the command says."""
    from gen_jax.cli.finding import find
    from gen_jax.cli.sampling import check_place
    from gen_jax.compilation import keep_programs
    from gen_jax.io.images import save_image
    from gen_jax.io.latents import write_directions
    from gen_jax.io.models import load_model

    keep_programs(command.compilation_cache)
    model = load_model(command.run, weights=command.weights, images=command.checkpoint)
    out = Path(command.out).expanduser() if command.out else model.run.path / f"directions-{command.method}.png"
    check_place(out)
    save = Path(command.save).expanduser() if command.save else None
    if save is not None:
        check_place(save, option="--save")
    found = find(model, command)
    if save is not None:
        write_directions(save, found)
    save_image(out, strips(model, command, found))
    where = f"; {save}" if save is not None else ""
    print(f"{len(found.vectors)} directions of {found.space} by {command.method}, a strip each: {out}{where}")
    return 0


def strips(model: LoadedModel, command: DirectionsCommand, found: Directions) -> np.ndarray:
    """Return the strips of all directions below each other, uint8 [H, W, c]: a row a seed, from -span to span."""
    from gen_jax.cli.finding import shown
    from gen_jax.io.images import grid

    pictures = shown(model, command, found)
    rows = [grid(of_one, columns=command.steps) for of_one in pictures]
    gap = np.full((_GAP, *rows[0].shape[1:]), 255, np.uint8)
    return np.concatenate([part for row in rows for part in (row, gap)][:-1])
