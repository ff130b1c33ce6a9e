"""``gen-jax sample RUN``: make images with a trained model, as a grid, a folder, an array, a strip or a film."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gen_jax.cli import options
from gen_jax.cli.sample_options import SampleCommand

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
    from gen_jax import parallel
    from gen_jax.cli import mixing, sampling
    from gen_jax.compilation import keep_programs
    from gen_jax.io.models import load_model

    keep_programs(command.compilation_cache)
    parallel.start(command.distributed)
    model = load_model(command.run, weights=command.weights, images=command.checkpoint)
    request = request_of(command, model)
    message = mixing.make(model, request, command) if command.mixes else sampling.make(model, request)
    if message:
        print(message)
    return 0


def request_of(command: SampleCommand, model: LoadedModel) -> Request:
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
    )
