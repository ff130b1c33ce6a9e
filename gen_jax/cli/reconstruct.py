"""``gen-jax reconstruct RUN photos/ --out pairs.png``: images through the encoder and decoder of a model."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import tyro

from gen_jax.cli import options
from gen_jax.counts import ImageCount
from gen_jax.errors import UserError

_WORDS = "A run directory, its name under runs/, or one of its checkpoints; then images, folders or 'patterns/*.jpg'."


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReconstructCommand:
    """Send images through a VAE and back: what it keeps of them, and how near that is (PSNR).

    Images are cut and resized as the training data were. The latent is the mean that the encoder gives, so the same
    image has the same reconstruction, whatever the batch.
    """

    words: Annotated[tyro.conf.Positional[tuple[str, ...]], tyro.conf.arg(metavar="RUN INPUT...", help=_WORDS)]
    out: str | None = None
    """A .png, .webp or .jpg file for a sheet of pairs, original and reconstruction; or a folder for the
    reconstructions, one file an image, where those that are there are made again. Left out, a sheet in RUN."""
    class_: Annotated[str | None, tyro.conf.arg(name="class")] = None
    """Class of all images, by number or name (conditional models only, which need it)."""
    weights: Literal["ema", "raw"] = "ema"
    """ema: averaged over the training; raw: those of the last step."""
    checkpoint: ImageCount | None = None
    """Use the checkpoint saved after so many images; left out, the newest."""
    format: Literal["png", "webp"] = "png"
    """Of the files in a folder. Both are lossless."""
    batch: int = 256
    """Images a call, rounded up to a multiple of 16; it changes no bit of them."""
    compilation_cache: str | None = None
    """Folder of compiled programs, for a quick second start; left out, JAX_COMPILATION_CACHE_DIR, else the user's
    cache."""


def main(words: Sequence[str], prog: str = "gen-jax reconstruct") -> int:
    """Run the command; returns the exit code."""
    command = options.parse(ReconstructCommand, options.positional_first(words, ReconstructCommand), prog=prog)
    if len(command.words) < 2:
        raise UserError("name a run and then the images, such as: gen-jax reconstruct photos shots/ --out pairs.png")
    if command.batch < 1:
        raise UserError(f"--batch {command.batch}: must be 1 or more")
    return run(command)


def run(command: ReconstructCommand) -> int:
    """Reconstruct as the command says."""
    from gen_jax.cli import reconstructing
    from gen_jax.compilation import keep_programs
    from gen_jax.io.models import load_model

    keep_programs(command.compilation_cache)
    run, *inputs = command.words
    model = load_model(run, weights=command.weights, images=command.checkpoint)
    label = None if command.class_ is None else model.class_number(command.class_)
    out = Path(command.out).expanduser() if command.out else model.run.path / "reconstructions.png"
    into_folder = command.out is not None and command.out.endswith(("/", "\\"))
    request = reconstructing.Request(
        inputs=tuple(inputs),
        out=out,
        into_folder=into_folder or not out.suffix or out.is_dir(),
        label=label,
        format=command.format,
        batch=command.batch,
    )
    print(reconstructing.make(model, request))
    return 0
