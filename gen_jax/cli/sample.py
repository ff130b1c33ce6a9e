"""``gen-jax sample RUN``: make images with a trained model, as a grid, a folder, an array, a strip or a film."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import tyro

from gen_jax.cli import options
from gen_jax.counts import ImageCount
from gen_jax.errors import UserError
from gen_jax.parallel import Distributed

OutputKind = Literal["sheet", "film", "npz", "folder"]
_SHEETS = (".png", ".webp", ".jpg", ".jpeg")
_FILMS = (".gif", ".webp")
_MOST_ON_SHEET = 10_000


@dataclasses.dataclass(frozen=True, kw_only=True)
class SampleCommand:
    """Make images with a trained model; the same seed gives the same bytes, whatever the batch."""

    run: Annotated[
        tyro.conf.Positional[str],
        tyro.conf.arg(metavar="RUN", help="A run directory, its name under runs/, or one of its checkpoints."),
    ]
    num: int | None = None
    """Images to make; left out, 64. With --interpolate: latents to pass through; left out, 8."""
    seed: int = 0
    """Image i of a seed is always the same image."""
    out: str | None = None
    """A .png, .webp or .jpg file for a grid; a folder for one file an image (the same command again makes only what
    is missing; several processes share the work); an .npz file for evaluation tools. Left out, a grid in RUN."""
    class_: Annotated[str | None, tyro.conf.arg(name="class")] = None
    """Class of all images, by number or name; left out, the classes in turn (conditional models only)."""
    temperature: float = 1.0
    """Factor of the latent's standard deviation, 0 or more: below 1 less variety, often cleaner images."""
    truncation: float | None = None
    """Draw the latent from a Gaussian cut off at this many standard deviations, above 0 (BigGAN's truncation trick);
    0.5 gives cleaner images that are more alike, 2 nearly the whole variety."""
    weights: Literal["ema", "raw"] = "ema"
    """ema: averaged over the training; raw: those of the last step."""
    checkpoint: ImageCount | None = None
    """Use the checkpoint saved after so many images; left out, the newest."""
    interpolate: int | None = None
    """Steps from each latent to the next: a strip, one row a pair; into .gif or .webp a film that repeats, into a
    folder or .npz its frames."""
    interpolation: Literal["spherical", "linear"] = "spherical"
    """The way from one latent to the next."""
    format: Literal["png", "webp"] | None = None
    """Of the files in a folder; left out, png. Both are lossless."""
    batch: int = 256
    """Images a call, rounded up to a multiple of 16; it changes no bit of them."""
    compilation_cache: str | None = None
    """Folder of compiled programs, for a quick second start; left out, JAX_COMPILATION_CACHE_DIR, else the user's
    cache."""
    distributed: Distributed = dataclasses.field(default_factory=Distributed)

    @property
    def count(self) -> int:
        """Images, or latents to pass through."""
        return (64 if self.interpolate is None else 8) if self.num is None else self.num


def main(words: Sequence[str], prog: str = "gen-jax sample") -> int:
    """Run the command; returns the exit code."""
    command = options.parse(SampleCommand, words, prog=prog)
    check(command)
    return run(command)


def check(command: SampleCommand) -> None:
    """Refuse what cannot be made, before anything is loaded.

    Raises:
      UserError: names the option, its value, and what is allowed.
    """
    least = 1 if command.interpolate is None else 2
    if command.count < least:
        why = "" if least == 1 else " with --interpolate, a latent to go from and one to go to"
        raise UserError(f"--num {command.count}: must be {least} or more{why}")
    for name in ("batch", "interpolate"):
        value = getattr(command, name)
        if value is not None and value < 1:
            raise UserError(f"--{name} {value}: must be 1 or more")
    if not 0 <= command.seed < 2**32:
        raise UserError(f"--seed {command.seed}: must be from 0 to 4294967295")
    if not (math.isfinite(command.temperature) and command.temperature >= 0):
        raise UserError(f"--temperature {command.temperature}: must be 0 or more; 1 is what the model learned")
    if command.truncation is not None and not (math.isfinite(command.truncation) and command.truncation > 0):
        raise UserError(f"--truncation {command.truncation}: must be above 0; leave it out for the whole Gaussian")
    kind = output_kind(command)
    if command.format is not None and kind != "folder":
        raise UserError(f"--format {command.format}: is for folders, and --out {command.out} is a file; leave it out")
    if kind == "sheet" and command.interpolate is None and command.count > _MOST_ON_SHEET:
        raise UserError(f"--num {command.count}: a sheet takes {_MOST_ON_SHEET}; give --out a folder or an .npz file")


def output_kind(command: SampleCommand) -> OutputKind:
    """Return what ``--out`` asks for.

    Raises:
      UserError: a suffix that means nothing here.
    """
    if command.out is None:
        return "sheet"
    suffix = Path(command.out).suffix.lower()
    if command.out.endswith(("/", "\\")) or not suffix or Path(command.out).expanduser().is_dir():
        return "folder"
    if suffix == ".npz":
        return "npz"
    if command.interpolate is not None and suffix in _FILMS:
        return "film"
    if suffix in _SHEETS:
        return "sheet"
    hint = " (.gif is for --interpolate)" if suffix == ".gif" else ""
    raise UserError(
        f"--out {command.out}: suffix {suffix} is unknown here{hint}; "
        "give .png, .webp or .jpg for a picture, .npz for an array, or a folder for one file an image"
    )


def run(command: SampleCommand) -> int:
    """Make the images as the command says."""
    from gen_jax import parallel
    from gen_jax.cli import sampling
    from gen_jax.cli.train import use_compilation_cache
    from gen_jax.io.models import load_model

    use_compilation_cache(command.compilation_cache)
    parallel.start(command.distributed)
    model = load_model(command.run, weights=command.weights, images=command.checkpoint)
    number = None if command.class_ is None else model.class_number(command.class_)
    stem = "samples" if command.interpolate is None else "interpolation"
    out = Path(command.out).expanduser() if command.out else model.run.path / f"{stem}-seed{command.seed}.png"
    request = sampling.Request(
        kind=output_kind(command),
        out=out,
        count=command.count,
        seed=command.seed,
        label=number,
        temperature=command.temperature,
        truncation=command.truncation,
        steps=command.interpolate,
        curve=command.interpolation,
        format=command.format or "png",
        batch=command.batch,
    )
    message = sampling.make(model, request)
    if message:
        print(message)
    return 0
