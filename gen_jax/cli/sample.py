"""``gen-jax sample RUN``: make images with a trained model, as a grid, a folder, an array, a strip or a film."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gen_jax.cli import options
from gen_jax.cli.sample_options import SampleCommand
from gen_jax.shard import Shard, find_shard, take_device

if TYPE_CHECKING:
    from gen_jax.cli.sample_plan import Request
    from gen_jax.io.models import LoadedModel


def main(words: Sequence[str], prog: str = "gen-jax sample") -> int:
    """Run the command; returns the exit code."""
    from gen_jax.cli.sample_checks import check

    command = options.parse(SampleCommand, words, prog=prog)
    check(command)
    return run(command)


def run(command: SampleCommand) -> int:
    """Make the images as the command says."""
    from gen_jax.cli import mixing, sample_checks, sample_folder, sample_plan, sampling
    from gen_jax.compilation import keep_programs
    from gen_jax.io.models import load_model

    shard = find_shard(command.shard, os.environ)
    if sample_checks.output_kind(command) != "folder" and not shard.is_first:
        return 0  # one file is made by one process
    take_device(shard)
    keep_programs(command.compilation_cache)
    model = load_model(command.run, weights=command.weights, images=command.checkpoint)
    request = request_of(command, model, shard)
    if command.verify:
        return sample_folder.verify_folder(model, request, sample_plan.plan(model, request))
    print(mixing.make(model, request, command) if command.mixes else sampling.make(model, request))
    return 0


def request_of(command: SampleCommand, model: LoadedModel, shard: Shard) -> Request:
    """Return the request of a command to a model.

    Raises:
      UserError: an option is not for this model, or a file that it names is none or of another model.
    """
    from gen_jax.cli import sample_checks as checks
    from gen_jax.cli.sample_plan import Request

    number = None if command.class_ is None else model.class_number(command.class_)
    seeds = checks.seeds_of(command)
    saved = checks.latents_for(command, model)
    checks.check_model(command, model, saved)
    count = len(saved) if saved is not None else checks.count_of(command)
    checks.check_count(command, count)
    stem = "interpolation" if command.interpolates else "mix" if command.mixes else "samples"
    where = f"{stem}-seed{command.seed}" if seeds is None and saved is None and not command.mixes else stem
    return Request(
        kind=checks.output_kind(command),
        out=Path(command.out).expanduser() if command.out else model.run.path / f"{where}.png",
        count=count,
        seed=command.seed,
        seeds=seeds,
        latents=saved,
        save_latents=Path(command.save_latents).expanduser() if command.save_latents else None,
        label=number,
        temperature=command.temperature,
        truncation=command.truncation,
        cutoff=command.truncation_cutoff,
        shift=checks.shift_for(command, model),
        steps=checks.steps_of(command, count),
        curve=command.interpolation,
        space=command.space,
        format=command.format or "png",
        frames_per_second=command.fps,
        scale=command.scale,
        batch=command.batch,
        shard=shard,
    )
